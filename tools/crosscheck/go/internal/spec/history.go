package spec

import (
	"encoding/json"
	"regexp"
	"strings"
)

// History is `sluice-history` (5.3): the entries, and how many were dropped after the first one.
type History struct {
	Entries []HistoryEntry
	Dropped *int64
}

// HistoryEntry is a move.
type HistoryEntry struct {
	N  int64   `json:"n"`
	At string  `json:"at"`
	K  string  `json:"k"`
	C  *string `json:"c"`
}

// MarshalJSON writes the list of Appendix D.5.
func (h History) MarshalJSON() ([]byte, error) {
	list := make([]any, 0, len(h.Entries)+1)
	for i, entry := range h.Entries {
		list = append(list, entry)
		if i == 0 && h.Dropped != nil {
			list = append(list, map[string]int64{"dropped": *h.Dropped})
		}
	}
	return json.Marshal(list)
}

const (
	historyInteger = `(0|[1-9][0-9]{0,18})`
	historyEntry   = `\{"n":` + historyInteger + `,"at":"` + historyInteger +
		`","k":"([a-z0-9-]{1,64})"(?:,"c":"([ !#-\[\]-~]{1,64})")?\}`
	historyDropped = `\{"dropped":` + historyInteger + `\}`
)

var (
	wholeHistory = regexp.MustCompile(
		`^\[` + historyEntry + `(?:,` + historyDropped + `)?(?:,` + historyEntry + `)*\]$`)
	historyItem = regexp.MustCompile(historyEntry + `|` + historyDropped)
)

// parseHistory reads the grammar of Appendix C.4. No item hides in a code, since that has no quotes.
func parseHistory(text string) (History, bool) {
	var h History
	if !wholeHistory.MatchString(text) {
		return h, false
	}
	for _, item := range historyItem.FindAllStringSubmatch(text, -1) {
		if item[1] == "" {
			dropped, ok := parseInteger(item[5])
			if !ok {
				return h, false
			}
			h.Dropped = &dropped
			continue
		}
		n, okN := parseInteger(item[1])
		_, okAt := parseInteger(item[2])
		if !okN || !okAt {
			return h, false
		}
		entry := HistoryEntry{N: n, At: item[2], K: item[3]}
		if item[4] != "" {
			entry.C = &item[4]
		}
		h.Entries = append(h.Entries, entry)
	}
	return h, true
}

// append adds an entry and keeps the first and the last 9 (SLC-DLQ-015).
func (h History) append(entry HistoryEntry) History {
	const most = 10
	h.Entries = append(h.Entries, entry)
	if over := len(h.Entries) - most; over > 0 {
		dropped := int64(over)
		if h.Dropped != nil {
			dropped = min(dropped+*h.Dropped, maxSafe)
		}
		h.Dropped = &dropped
		h.Entries = append(h.Entries[:1:1], h.Entries[1+over:]...)
	}
	return h
}

// String is the value of the header.
func (h History) String() string {
	var b strings.Builder
	for i, e := range h.Entries {
		b.WriteString(`,{"n":` + decimal(e.N) + `,"at":"` + e.At + `","k":"` + e.K + `"`)
		if e.C != nil {
			b.WriteString(`,"c":"` + *e.C + `"`)
		}
		b.WriteString("}")
		if i == 0 && h.Dropped != nil {
			b.WriteString(`,{"dropped":` + decimal(*h.Dropped) + `}`)
		}
	}
	return "[" + b.String()[1:] + "]"
}

// historyCode makes an error's code fit for a history (SLC-DLQ-014); nil when there is none.
func historyCode(code *string) *string {
	if code == nil || *code == "" {
		return nil
	}
	var c []byte
	for _, r := range *code {
		if len(c) == 64 {
			break
		}
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' {
			r = '_'
		}
		c = append(c, byte(r))
	}
	text := string(c)
	return &text
}
