package spec

import (
	"regexp"
	"strings"
)

var (
	traceparentForm = regexp.MustCompile(`^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?s:(-.*)?)$`)
	memberForm      = regexp.MustCompile(
		`^((?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13}))=([ -+\--<>-~]{0,255}[!-+\--<>-~])$`)
	isTraceID = pattern(`[!-~]{1,128}`)
)

const (
	maxMembers      = 32
	maxTracestate   = 512
	maxMemberOfLong = 128
)

// traceparent is well-formed by SLC-ENV-025.
type traceparent struct{ version, traceID, parentID, flags string }

func parseTraceparent(text string) (traceparent, bool) {
	m := traceparentForm.FindStringSubmatch(text)
	if m == nil || m[1] == "ff" || m[1] == "00" && m[5] != "" || zeros(m[2]) || zeros(m[3]) {
		return traceparent{}, false
	}
	return traceparent{m[1], m[2], m[3], m[4]}, true
}

func zeros(text string) bool { return strings.Trim(text, "0") == "" }

// String gives it on as version 00.
func (t traceparent) String() string {
	flags := t.flags
	if t.version != "00" {
		flags = "00"
		if strings.ContainsRune("13579bdf", rune(t.flags[1])) {
			flags = "01"
		}
	}
	return "00-" + t.traceID + "-" + t.parentID + "-" + flags
}

// parseTracestate splits a tracestate into its members (SLC-ENV-026).
func parseTracestate(text string) ([]string, bool) {
	var members []string
	keys := set{}
	for member := range strings.SplitSeq(text, ",") {
		member = strings.Trim(member, " \t")
		if member == "" {
			continue
		}
		m := memberForm.FindStringSubmatch(member)
		if m == nil || keys[m[1]] || len(members) == maxMembers {
			return nil, false
		}
		keys.add(m[1])
		members = append(members, member)
	}
	return members, true
}

// joinTracestate gives members on (SLC-ENV-027); nil when none is left.
func joinTracestate(members []string) *string {
	length := -1
	for _, member := range members {
		length += len(member) + 1
	}
	if length > maxTracestate {
		var short []string
		length = -1
		for _, member := range members {
			if len(member) <= maxMemberOfLong {
				short = append(short, member)
				length += len(member) + 1
			}
		}
		for members = short; length > maxTracestate; members = members[:len(members)-1] {
			length -= len(members[len(members)-1]) + 1
		}
	}
	if len(members) == 0 {
		return nil
	}
	text := strings.Join(members, ",")
	return &text
}

// trace reads the headers of 3.6 into the envelope.
func (e *Envelope) trace(r *reader) {
	var parent traceparent
	value, _ := r.read("traceparent", func(text string) (ok bool) {
		parent, ok = parseTraceparent(text)
		return ok
	})
	if value == nil { // SLC-ENV-018, -028
		e.TraceID, _ = r.read("X-Trace-ID", isTraceID)
		return
	}
	given := parent.String()
	e.Traceparent, e.TraceID = &given, &parent.traceID
	r.read("tracestate", func(text string) bool {
		members, ok := parseTracestate(text)
		e.Tracestate = joinTracestate(members)
		return ok
	})
}

type stampTraceIDInput struct {
	Headers []Header `json:"headers"`
}

type stampTraceIDAnswer struct {
	Headers []Header `json:"headers"`
}

// stampTraceID adds `X-Trace-ID` (SLC-ENV-029).
func stampTraceID(in stampTraceIDInput) (stampTraceIDAnswer, error) {
	var e Envelope
	r := newReader(in.Headers, false)
	e.trace(r)
	if e.Traceparent == nil || r.last["X-Trace-ID"] != nil {
		return stampTraceIDAnswer{in.Headers}, nil
	}
	id := Hex(*e.TraceID)
	return stampTraceIDAnswer{append(without(in.Headers, "X-Trace-ID"), Header{"X-Trace-ID", &id})}, nil
}
