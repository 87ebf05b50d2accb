package spec

import (
	"slices"
	"strings"
)

// truncatedParts is Appendix B.4.
var truncatedParts = []string{"stack", "history", "message", "headers", "value"}

// fit drops parts of a record while it has more than maxBytes, and tells whether it has no more in the end (5.4).
// `earlier` are the parts that earlier moves dropped.
func (r *movedRecord) fit(maxBytes int64, earlier []string, mayDropValue bool) bool {
	f := fitting{record: r, maxBytes: maxBytes, earlier: earlier, dropped: set{}}
	f.rest = length(r.Key) + length(r.Value)
	for _, h := range r.Headers {
		if h.Name == "sluice-truncated" {
			f.truncated += size(h)
		} else {
			f.rest += size(h)
		}
	}
	f.remove("sluice-error-stack", "stack")
	f.remove("sluice-history", "history")
	f.cutMessage()
	f.removeForeign()
	if mayDropValue && f.tooLarge() && r.Value != nil {
		f.rest -= length(r.Value)
		r.Value = nil
		f.drop("value")
	}
	if len(f.dropped) > 0 {
		r.Headers = append(without(r.Headers, "sluice-truncated"), f.header())
	}
	return !f.tooLarge()
}

// fitting is a record on its way into its budget.
type fitting struct {
	record    *movedRecord
	maxBytes  int64
	earlier   []string
	dropped   set
	rest      int64 // bytes of all but sluice-truncated
	truncated int64 // bytes of sluice-truncated, as it has to be now
}

func (f *fitting) tooLarge() bool { return f.rest+f.truncated > f.maxBytes }

func (f *fitting) drop(part string) {
	if !f.dropped[part] {
		f.dropped.add(part)
		f.truncated = size(f.header())
	}
}

// header lists what this and earlier moves dropped, and what a later version may have dropped (SLC-DLQ-017).
func (f *fitting) header() Header {
	var list []string
	for _, part := range truncatedParts {
		if f.dropped[part] || slices.Contains(f.earlier, part) {
			list = append(list, part)
		}
	}
	for _, part := range f.earlier {
		if !slices.Contains(truncatedParts, part) && !slices.Contains(list, part) {
			list = append(list, part)
		}
	}
	value := Hex(strings.Join(list, ","))
	return Header{"sluice-truncated", &value}
}

func (f *fitting) remove(name, part string) {
	if !f.tooLarge() {
		return
	}
	for _, h := range f.record.Headers {
		if h.Name == name {
			f.rest -= size(h)
			f.drop(part)
		}
	}
	f.record.Headers = without(f.record.Headers, name)
}

func (f *fitting) cutMessage() {
	const limit = 256
	if !f.tooLarge() {
		return
	}
	for i, h := range f.record.Headers {
		if h.Name == "sluice-error-message" && length(h.Value) > limit {
			cut := Hex(bound(string(*h.Value), limit))
			f.record.Headers[i].Value = &cut
			f.rest += length(&cut) - length(h.Value)
			f.drop("message")
		}
	}
}

func (f *fitting) removeForeign() {
	const limit = 1024
	var stay []Header
	for _, h := range f.record.Headers {
		if f.tooLarge() && foreign(h.Name) && !indispensable(h.Name) && size(h) > limit {
			f.rest -= size(h)
			f.drop("headers")
		} else {
			stay = append(stay, h)
		}
	}
	f.record.Headers = stay
}

func indispensable(name string) bool {
	switch name {
	case "traceparent", "tracestate", "X-Trace-ID", "id", "content-type":
		return true
	}
	return strings.HasPrefix(name, "ce_")
}

func size(h Header) int64 { return int64(len(h.Name)) + length(h.Value) }

// length of null is 0.
func length(bytes *Hex) int64 {
	if bytes == nil {
		return 0
	}
	return int64(len(*bytes))
}

// without copies headers but for those of a name.
func without(headers []Header, name string) []Header {
	return slices.DeleteFunc(slices.Clone(headers), func(h Header) bool { return h.Name == name })
}
