package spec

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxSafe      = 1<<53 - 1 // SLC-CNV-001
	maxInt32     = 1<<31 - 1
	maxPartition = maxInt32 - 1
)

// Hex is bytes; lower-case hexadecimal in JSON. A *Hex is nullable.
type Hex string

// MarshalJSON writes hexadecimal.
func (h Hex) MarshalJSON() ([]byte, error) {
	return json.Marshal(hex.EncodeToString([]byte(h)))
}

// UnmarshalJSON reads hexadecimal.
func (h *Hex) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	if strings.ContainsAny(text, "ABCDEF") {
		return errors.New("hexadecimal is in lower case")
	}
	bytes, err := hex.DecodeString(text)
	*h = Hex(bytes)
	return err
}

// Header is one header of a record: [name, value] in JSON, both hexadecimal.
type Header struct {
	Name  string
	Value *Hex
}

// MarshalJSON writes the pair.
func (h Header) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{Hex(h.Name), h.Value})
}

// UnmarshalJSON reads the pair.
func (h *Header) UnmarshalJSON(raw []byte) error {
	var pair []*Hex
	if err := json.Unmarshal(raw, &pair); err != nil {
		return err
	}
	if len(pair) != 2 || pair[0] == nil || !utf8.ValidString(string(*pair[0])) {
		return errors.New("a header is [name, value], the name text")
	}
	h.Name, h.Value = string(*pair[0]), pair[1]
	return nil
}

// Decimal is an offset or a time: a decimal string in JSON.
type Decimal int64

// MarshalJSON writes a string.
func (d Decimal) MarshalJSON() ([]byte, error) {
	return json.Marshal(d.String())
}

// UnmarshalJSON reads a string.
func (d *Decimal) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	n, ok := parseInteger(text)
	if !ok {
		return fmt.Errorf("%q is not an integer up to %d", text, maxSafe)
	}
	*d = Decimal(n)
	return nil
}

func (d Decimal) String() string { return strconv.FormatInt(int64(d), 10) }

// topicName has the form `topic` of Appendix C.2.
type topicName string

func (t *topicName) UnmarshalJSON(raw []byte) error {
	if err := json.Unmarshal(raw, (*string)(t)); err != nil {
		return err
	}
	if !isTopic(string(*t)) {
		return fmt.Errorf("%q is no topic", *t)
	}
	return nil
}

// Timestamp is a time, or -1 where Kafka has none.
type Timestamp int64

// UnmarshalJSON reads a string.
func (t *Timestamp) UnmarshalJSON(raw []byte) error {
	if string(raw) == `"-1"` {
		*t = -1
		return nil
	}
	return (*Decimal)(t).UnmarshalJSON(raw)
}

// Range is a run of offsets, To not included.
type Range struct{ From, To int64 }

// MarshalJSON writes ["from", "to"].
func (r Range) MarshalJSON() ([]byte, error) {
	return json.Marshal([]Decimal{Decimal(r.From), Decimal(r.To)})
}

// UnmarshalJSON reads ["from", "to"]. The end of a range may be one above the greatest offset.
func (r *Range) UnmarshalJSON(raw []byte) error {
	var pair []string
	if err := json.Unmarshal(raw, &pair); err != nil {
		return err
	}
	if len(pair) != 2 {
		return errors.New(`a range is ["from", "to"]`)
	}
	from, ok := parseInteger(pair[0])
	to, err := strconv.ParseInt(pair[1], 10, 64)
	if !ok || err != nil || strconv.FormatInt(to, 10) != pair[1] || to <= from || to > maxSafe+1 {
		return fmt.Errorf("%v is no range", pair)
	}
	r.From, r.To = from, to
	return nil
}

// parseInteger reads `0|[1-9][0-9]{0,18}` up to 2^53 - 1 (1.2, SLC-CNV-001).
func parseInteger(text string) (int64, bool) {
	if len(text) == 0 || len(text) > 19 || text[0] == '0' && len(text) > 1 {
		return 0, false
	}
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n <= maxSafe
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
