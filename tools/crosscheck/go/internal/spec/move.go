package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

type moveInput struct {
	Move           string     `json:"move"`
	Record         record     `json:"record"`
	Trusted        bool       `json:"trusted"`
	Group          string     `json:"group"`
	Attempts       int64      `json:"attempts"`
	Error          moveError  `json:"error"`
	WriteStack     bool       `json:"writeStack"`
	Reason         *string    `json:"reason,optional"`
	RetryAt        *Decimal   `json:"retryAt,optional"`
	RetryPolicy    *string    `json:"retryPolicy,optional"`
	FirstFailedAt  Decimal    `json:"firstFailedAt"`
	FailedAt       Decimal    `json:"failedAt"`
	Now            Decimal    `json:"now"`
	Cluster        *string    `json:"cluster"`
	PartitionCount *int64     `json:"partitionCount"`
	LeaderEpoch    *int64     `json:"leaderEpoch"`
	Target         moveTarget `json:"target"`
	MaxBytes       int64      `json:"maxBytes"`
}

type record struct {
	Topic     topicName `json:"topic"`
	Partition int64     `json:"partition"`
	Offset    Decimal   `json:"offset"`
	Timestamp Timestamp `json:"timestamp"`
	Key       *Hex      `json:"key"`
	Value     *Hex      `json:"value"`
	Headers   []Header  `json:"headers"`
}

type moveError struct {
	Kind    string  `json:"kind"`
	Class   *string `json:"class"`
	Code    *string `json:"code"`
	Message string  `json:"message"`
	Stack   *string `json:"stack"`
}

type moveTarget struct {
	Topic      topicName `json:"topic"`
	Partitions int64     `json:"partitions"`
}

// moveAnswer is that of Move and ReplayPlan: one of the two.
type moveAnswer struct {
	Record  *movedRecord `json:"record,omitempty"`
	Refused string       `json:"refused,omitempty"`
}

type movedRecord struct {
	Topic     string   `json:"topic"`
	Partition int64    `json:"partition"`
	Timestamp Decimal  `json:"timestamp"`
	Key       *Hex     `json:"key"`
	Value     *Hex     `json:"value"`
	Headers   []Header `json:"headers"`
}

const (
	retry      = "retry"
	deadLetter = "dead-letter"
)

func move(in moveInput) (moveAnswer, error) {
	if err := in.check(); err != nil {
		return moveAnswer{}, err
	}
	read := readEnvelope(in.Record.Headers, in.Trusted)
	if read.Disposition == "unsupported" {
		return moveAnswer{}, errors.New("input.record.headers have a sluice-spec that is not supported")
	}
	if in.Move == retry && read.Hops >= maxHops { // SLC-RTY-024
		return moveAnswer{Refused: "hop-limit"}, nil
	}
	partition := in.Record.Partition
	if read.Origin != nil {
		partition = read.Origin.Partition
	}
	moved := movedRecord{
		Topic:     string(in.Target.Topic),
		Partition: partition % in.Target.Partitions, // SLC-DLQ-002
		Timestamp: in.Now,                           // SLC-DLQ-005
		Key:       in.Record.Key,
		Value:     in.Record.Value,
		Headers:   append(in.kept(&read), in.written(&read)...), // SLC-DLQ-010
	}
	if !moved.fit(in.MaxBytes, read.Truncated, in.Move == deadLetter) {
		return moveAnswer{Refused: "too-large"}, nil
	}
	return moveAnswer{Record: &moved}, nil
}

func (in *moveInput) check() error {
	switch {
	case in.Move != retry && in.Move != deadLetter:
		return fmt.Errorf("input.move %q is neither %q nor %q", in.Move, retry, deadLetter)
	case in.Move == deadLetter && in.Reason == nil:
		return errors.New("input.reason is missing")
	case in.Move == retry && in.RetryAt == nil:
		return errors.New("input.retryAt is missing")
	}
	return errors.Join(
		within("record.partition", in.Record.Partition, 0, maxPartition),
		within("attempts", in.Attempts, 1, maxInt32),
		within("target.partitions", in.Target.Partitions, 1, maxInt32),
		within("maxBytes", in.MaxBytes, 0, maxSafe))
}

// kept are the headers that stay, in their places: foreign ones, what producers write and what no mover replaces.
func (in *moveInput) kept(read *Envelope) []Header {
	return slices.DeleteFunc(slices.Clone(in.Record.Headers), func(h Header) bool {
		switch {
		case !in.Trusted:
			return reserved(h.Name) // SLC-SEC-001
		case strings.HasPrefix(h.Name, "sluice-origin-"):
			return read.Origin == nil // SLC-ENV-008, -014
		case h.Name == "sluice-first-failed-at":
			return read.FirstFailedAt == nil // SLC-DLQ-011
		default:
			return replaced[h.Name]
		}
	})
}

// replaced are the headers of an earlier move that a move writes anew or leaves out.
var replaced = set{
	"sluice-spec":          true,
	"sluice-group":         true,
	"sluice-retry-count":   true,
	"sluice-retry-at":      true,
	"sluice-retry-policy":  true,
	"sluice-failed-at":     true,
	"sluice-error-kind":    true,
	"sluice-error-class":   true,
	"sluice-error-code":    true,
	"sluice-error-message": true,
	"sluice-error-stack":   true,
	"sluice-history":       true,
	"sluice-dlq-reason":    true,
	"sluice-hops":          true,
}

// written are the headers of this move, in the order of Appendix A.
func (in *moveInput) written(read *Envelope) []Header {
	var out headerWriter
	out.add("sluice-spec", wireVersion)
	out.add("sluice-group", bound(in.Group, 1024))
	if in.Move == retry {
		out.add("sluice-retry-count", decimal(in.Attempts)) // SLC-RTY-020
		out.add("sluice-retry-at", in.RetryAt.String())
		out.addText("sluice-retry-policy", in.RetryPolicy, 128)
	} else {
		out.add("sluice-retry-count", decimal(in.Attempts-1)) // SLC-DLQ-004
	}
	if read.Origin == nil { // SLC-ENV-014
		out.add("sluice-origin-topic", string(in.Record.Topic))
		out.add("sluice-origin-partition", decimal(in.Record.Partition))
		out.add("sluice-origin-offset", in.Record.Offset.String())
		out.add("sluice-origin-timestamp", decimal(max(int64(in.Record.Timestamp), 0)))
		if in.Cluster != nil && len(*in.Cluster) <= 256 {
			out.addText("sluice-origin-cluster", in.Cluster, 256)
		}
		out.addNumber("sluice-origin-partition-count", in.PartitionCount)
		out.addNumber("sluice-origin-leader-epoch", in.LeaderEpoch)
	}
	if read.FirstFailedAt == nil {
		out.add("sluice-first-failed-at", in.FirstFailedAt.String())
	}
	out.add("sluice-failed-at", in.FailedAt.String())
	kind := tokenOr(in.Error.Kind, unknown)
	out.add("sluice-error-kind", kind)
	out.addErrorText("sluice-error-class", in.Error.Class, 256)
	out.addErrorText("sluice-error-code", in.Error.Code, 64)
	out.add("sluice-error-message", bound(neutralise(in.Error.Message), 1024))
	if in.WriteStack && in.Error.Stack != nil && *in.Error.Stack != "" { // SLC-SEC-004
		out.add("sluice-error-stack", bound(neutralise(*in.Error.Stack), 8192))
	}
	var history History
	if read.History != nil { // SLC-DLQ-013
		history = *read.History
	}
	entry := HistoryEntry{N: in.Attempts, At: in.FailedAt.String(), K: kind, C: historyCode(in.Error.Code)}
	out.add("sluice-history", history.append(entry).String())
	if in.Move == deadLetter { // SLC-DLQ-012
		out.add("sluice-dlq-reason", tokenOr(*in.Reason, "manual"))
	}
	out.add("sluice-hops", decimal(min(read.Hops+1, maxHops))) // SLC-DLQ-007
	return out
}

func tokenOr(text, otherwise string) string {
	if isToken(text) {
		return text
	}
	return otherwise
}

type headerWriter []Header

func (w *headerWriter) add(name, value string) {
	bytes := Hex(value)
	*w = append(*w, Header{name, &bytes})
}

// addText leaves out what is not there or empty, since the form `text` has at least one character.
func (w *headerWriter) addText(name string, value *string, limit int64) {
	if value != nil && *value != "" {
		w.add(name, bound(*value, limit))
	}
}

func (w *headerWriter) addErrorText(name string, value *string, limit int64) {
	if value != nil {
		safe := neutralise(*value)
		w.addText(name, &safe, limit)
	}
}

func (w *headerWriter) addNumber(name string, value *int64) {
	if value != nil {
		w.add(name, decimal(*value))
	}
}
