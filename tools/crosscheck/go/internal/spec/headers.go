package spec

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A form is what Appendix A or C asks of a header's value, which is known to be well-formed UTF-8.
type form func(value string) bool

// Go's regexp is linear, and its $ without flags matches only at the end of the text.
var (
	isToken     = pattern(`[a-z0-9-]{1,64}`)
	isTokenList = pattern(`[a-z0-9-]{1,64}(,[a-z0-9-]{1,64})*`)
	isMessageID = pattern(`[!-~]{1,128}`)
	isReplayID  = pattern(`[!-~]{1,64}`)
	isTopic     = pattern(`[A-Za-z0-9._-]{1,249}`)
)

func pattern(expression string) form {
	return regexp.MustCompile(`^(?:` + expression + `)$`).MatchString
}

func isText(value string) bool { return value != "" }

func isAnyText(string) bool { return true }

func isHistory(value string) bool {
	_, ok := parseHistory(value)
	return ok
}

func isPosition(value string) bool {
	_, ok := parsePosition(value)
	return ok
}

// isInteger is for an integer from least to greatest.
func isInteger(least, greatest int64) form {
	return func(value string) bool {
		n, ok := parseInteger(value)
		return ok && least <= n && n <= greatest
	}
}

var (
	isTime   = isInteger(0, maxSafe)
	isOffset = isInteger(0, maxSafe)
)

const maxHops = 64

type definedHeader struct {
	name string
	form form
}

// defined is Appendix A, in the order in which a mover writes.
var defined = []definedHeader{
	{"sluice-spec", isInteger(0, maxSafe)},
	{"sluice-message-id", isMessageID},
	{"sluice-message-type", isText},
	{"sluice-message-version", isInteger(0, maxSafe)},
	{"sluice-idempotency-key", isText},
	{"sluice-group", isText},
	{"sluice-retry-count", isInteger(0, maxInt32)},
	{"sluice-retry-at", isTime},
	{"sluice-retry-policy", isText},
	{"sluice-origin-topic", isTopic},
	{"sluice-origin-partition", isInteger(0, maxPartition)},
	{"sluice-origin-offset", isOffset},
	{"sluice-origin-timestamp", isTime},
	{"sluice-origin-cluster", isText},
	{"sluice-origin-partition-count", isInteger(1, maxInt32)},
	{"sluice-origin-leader-epoch", isInteger(0, maxInt32)},
	{"sluice-first-failed-at", isTime},
	{"sluice-failed-at", isTime},
	{"sluice-error-kind", isToken},
	{"sluice-error-class", isText},
	{"sluice-error-code", isText},
	{"sluice-error-message", isAnyText},
	{"sluice-error-stack", isAnyText},
	{"sluice-history", isHistory},
	{"sluice-dlq-reason", isToken},
	{"sluice-replay-id", isReplayID},
	{"sluice-replay-count", isInteger(0, maxInt32)},
	{"sluice-replayed-at", isTime},
	{"sluice-replayed-from", isPosition},
	{"sluice-hops", isInteger(0, maxHops)},
	{"sluice-truncated", isTokenList},
}

// reserved tells the headers that a producer may not write (SLC-SEC-001).
func reserved(name string) bool {
	switch name {
	case "sluice-spec", "sluice-group", "sluice-first-failed-at", "sluice-failed-at", "sluice-history",
		"sluice-dlq-reason", "sluice-hops", "sluice-truncated":
		return true
	}
	return slices.ContainsFunc(
		[]string{"sluice-origin-", "sluice-retry-", "sluice-replay", "sluice-error-"},
		func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// foreign tells the headers that are not Sluice's (2).
func foreign(name string) bool { return !strings.HasPrefix(name, "sluice-") }

// reader finds headers by 3.1 and collects the anomalies of Appendix B.3.
type reader struct {
	last      map[string]*Hex // of each name that occurs, the last value
	count     map[string]int
	trusted   bool
	anomalies set
}

func newReader(headers []Header, trusted bool) *reader {
	r := &reader{map[string]*Hex{}, map[string]int{}, trusted, set{}}
	for _, h := range headers {
		r.last[h.Name] = h.Value
		r.count[h.Name]++
	}
	for name, value := range r.last {
		if r.forbidden(name) && value != nil {
			r.anomalies.add("forged:" + name)
		}
	}
	for _, h := range defined {
		if r.count[h.name] > 1 && !r.anomalies["forged:"+h.name] {
			r.anomalies.add("repeated:" + h.name)
		}
	}
	return r
}

func (r *reader) forbidden(name string) bool { return !r.trusted && reserved(name) }

// read gives the value of a header, nil when it is absent. A malformed one is absent (SLC-ENV-020).
func (r *reader) read(name string, has form) (value *string, malformed bool) {
	raw := r.last[name]
	if raw == nil || r.forbidden(name) { // SLC-ENV-005
		return nil, false
	}
	text := string(*raw)
	if len(text) > 8192 || !utf8.ValidString(text) || !has(text) { // SLC-SEC-003, -ENV-019, -ENV-006
		r.anomalies.add("malformed:" + name)
		return nil, true
	}
	return &text, false
}

// nonEmpty gives the value of a header that counts only when it is not empty.
func (r *reader) nonEmpty(name string) *string {
	if value, _ := r.read(name, isAnyText); value != nil && *value != "" {
		return value
	}
	return nil
}

// set is of texts, and [] rather than null in JSON when it is empty.
type set map[string]bool

func (s set) add(text string) { s[text] = true }

// sorted is in ascending order of bytes.
func (s set) sorted() []string {
	list := make([]string, 0, len(s))
	for text := range s {
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}
