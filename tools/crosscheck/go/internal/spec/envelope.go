package spec

import (
	"slices"
	"strings"
)

type envelopeDecodeInput struct {
	Topic     topicName `json:"topic"`
	Partition int64     `json:"partition"`
	Offset    Decimal   `json:"offset"`
	Headers   []Header  `json:"headers"`
	Trusted   bool      `json:"trusted"`
	Cluster   *string   `json:"cluster"`
	IDHeader  bool      `json:"idHeader"`
}

func envelopeDecode(in envelopeDecodeInput) (Envelope, error) {
	if err := within("partition", in.Partition, 0, maxPartition); err != nil {
		return Envelope{}, err
	}
	e := readEnvelope(in.Headers, in.Trusted)
	e.identify(in)
	e.Anomalies = e.reader.anomalies.sorted()
	return e, nil
}

const wireVersion = "1"

// Envelope is what section 3 reads from headers.
type Envelope struct {
	reader                    *reader
	malformed                 set // defined headers
	messageID, idempotencyKey *string

	Disposition     string    `json:"disposition"`
	WireVersion     *string   `json:"wireVersion"`
	MessageID       string    `json:"messageId"`
	MessageIDSource string    `json:"messageIdSource"`
	MessageType     *string   `json:"messageType"`
	MessageVersion  *string   `json:"messageVersion"`
	IdempotencyKey  string    `json:"idempotencyKey"`
	Origin          *Origin   `json:"origin"`
	Group           *string   `json:"group"`
	RetryCount      int64     `json:"retryCount"`
	RetryAt         *string   `json:"retryAt"`
	RetryPolicy     *string   `json:"retryPolicy"`
	FirstFailedAt   *string   `json:"firstFailedAt"`
	FailedAt        *string   `json:"failedAt"`
	ErrorKind       *string   `json:"errorKind"`
	ErrorClass      *string   `json:"errorClass"`
	ErrorCode       *string   `json:"errorCode"`
	ErrorMessage    *string   `json:"errorMessage"`
	ErrorStack      *string   `json:"errorStack"`
	History         *History  `json:"history"`
	DlqReason       *string   `json:"dlqReason"`
	ReplayID        *string   `json:"replayId"`
	ReplayCount     int64     `json:"replayCount"`
	ReplayedAt      *string   `json:"replayedAt"`
	ReplayedFrom    *Position `json:"replayedFrom"`
	Hops            int64     `json:"hops"`
	Truncated       []string  `json:"truncated"`
	Traceparent     *string   `json:"traceparent"`
	Tracestate      *string   `json:"tracestate"`
	TraceID         *string   `json:"traceId"`
	Anomalies       []string  `json:"anomalies"`
}

// Origin is where a record was first written (3.4).
type Origin struct {
	Topic          string  `json:"topic"`
	Partition      int64   `json:"partition"`
	Offset         string  `json:"offset"`
	Timestamp      string  `json:"timestamp"`
	Cluster        *string `json:"cluster"`
	PartitionCount *int64  `json:"partitionCount"`
	LeaderEpoch    *int64  `json:"leaderEpoch"`
}

// Position is a place in a log.
type Position struct {
	Topic     string `json:"topic"`
	Partition int64  `json:"partition"`
	Offset    string `json:"offset"`
}

// readEnvelope reads everything but the message id, which needs the record's position.
func readEnvelope(headers []Header, trusted bool) Envelope {
	r := newReader(headers, trusted)
	e := Envelope{reader: r, malformed: set{}}
	values := map[string]*string{}
	for _, h := range defined {
		value, malformed := r.read(h.name, h.form)
		values[h.name] = value
		if malformed {
			e.malformed.add(h.name)
		}
	}
	// A counter is its greatest value when it is malformed, and 0 when it is absent (SLC-ENV-007).
	counter := func(name string, greatest int64) int64 {
		if e.malformed[name] {
			return greatest
		}
		if n := number(values[name]); n != nil {
			return *n
		}
		return 0
	}

	e.WireVersion = values["sluice-spec"]
	e.Disposition = e.disposition(trusted)
	e.messageID = values["sluice-message-id"]
	e.MessageType = e.messageType(values["sluice-message-type"])
	e.MessageVersion = values["sluice-message-version"]
	e.idempotencyKey = values["sluice-idempotency-key"]
	e.Group = values["sluice-group"]
	e.RetryCount = counter("sluice-retry-count", maxInt32)
	e.RetryAt = values["sluice-retry-at"]
	e.RetryPolicy = values["sluice-retry-policy"]
	e.Origin = e.origin(values)
	e.FirstFailedAt = values["sluice-first-failed-at"]
	e.FailedAt = values["sluice-failed-at"]
	e.ErrorKind = e.errorKind(values["sluice-error-kind"])
	e.ErrorClass = values["sluice-error-class"]
	e.ErrorCode = values["sluice-error-code"]
	e.ErrorMessage = values["sluice-error-message"]
	e.ErrorStack = values["sluice-error-stack"]
	if value := values["sluice-history"]; value != nil {
		history, _ := parseHistory(*value)
		e.History = &history
	}
	e.DlqReason = values["sluice-dlq-reason"]
	e.ReplayID = values["sluice-replay-id"]
	e.ReplayCount = counter("sluice-replay-count", maxInt32)
	e.ReplayedAt = values["sluice-replayed-at"]
	if value := values["sluice-replayed-from"]; value != nil {
		position, _ := parsePosition(*value)
		e.ReplayedFrom = &position
	}
	e.Hops = counter("sluice-hops", maxHops)
	e.Truncated = []string{}
	if value := values["sluice-truncated"]; value != nil {
		e.Truncated = strings.Split(*value, ",")
	}
	e.trace(r)
	return e
}

// disposition is that of 3.3.
func (e *Envelope) disposition(trusted bool) string {
	switch {
	case !trusted || e.WireVersion == nil && !e.malformed["sluice-spec"]:
		return "fresh"
	case e.WireVersion != nil && *e.WireVersion == wireVersion:
		return "moved"
	default:
		return "unsupported"
	}
}

// messageType prefers that of CloudEvents (SLC-ENV-023).
func (e *Envelope) messageType(own *string) *string {
	event := e.reader.nonEmpty("ce_type")
	if event == nil {
		return own
	}
	if own != nil && *own != *event {
		e.reader.anomalies.add("conflict:sluice-message-type")
	}
	return event
}

// origin is there only as a whole (SLC-ENV-013).
func (e *Envelope) origin(values map[string]*string) *Origin {
	there := 0
	for _, name := range originHeaders {
		if values[name] != nil {
			there++
		}
	}
	if there < len(originHeaders) {
		if there > 0 {
			e.reader.anomalies.add("incomplete:sluice-origin")
		}
		return nil
	}
	return &Origin{
		Topic:          *values["sluice-origin-topic"],
		Partition:      *number(values["sluice-origin-partition"]),
		Offset:         *values["sluice-origin-offset"],
		Timestamp:      *values["sluice-origin-timestamp"],
		Cluster:        values["sluice-origin-cluster"],
		PartitionCount: number(values["sluice-origin-partition-count"]),
		LeaderEpoch:    number(values["sluice-origin-leader-epoch"]),
	}
}

var originHeaders = []string{
	"sluice-origin-topic", "sluice-origin-partition", "sluice-origin-offset", "sluice-origin-timestamp",
}

var errorKinds = []string{
	"transient", "permanent", "timeout", "deserialization", "validation", "cancelled", "poison", unknown,
}

const unknown = "unknown"

// errorKind takes one that is not registered for unknown (SLC-REG-001).
func (e *Envelope) errorKind(kind *string) *string {
	if kind == nil || slices.Contains(errorKinds, *kind) {
		return kind
	}
	e.reader.anomalies.add("unknown-value:sluice-error-kind")
	other := unknown
	return &other
}

// identify finds the message id (SLC-ENV-011) and the idempotency key (SLC-ENV-024).
func (e *Envelope) identify(in envelopeDecodeInput) {
	source, id := e.reader.nonEmpty("ce_source"), e.reader.nonEmpty("ce_id")
	var outbox *string
	if in.IDHeader {
		outbox = e.reader.nonEmpty("id")
	}
	switch {
	case e.messageID != nil:
		e.MessageID, e.MessageIDSource = *e.messageID, "sluice"
	case source != nil && id != nil:
		e.MessageID, e.MessageIDSource = *source+"\n"+*id, "cloudevents"
	case outbox != nil:
		e.MessageID, e.MessageIDSource = *outbox, "debezium"
	case e.Origin != nil:
		cluster := in.Cluster
		if e.Origin.Cluster != nil {
			cluster = e.Origin.Cluster
		}
		e.MessageID = positionID(cluster, e.Origin.Topic, e.Origin.Partition, e.Origin.Offset)
		e.MessageIDSource = "origin"
	default:
		e.MessageID = positionID(in.Cluster, string(in.Topic), in.Partition, in.Offset.String())
		e.MessageIDSource = "position"
	}
	e.IdempotencyKey = e.MessageID
	if e.idempotencyKey != nil {
		e.IdempotencyKey = *e.idempotencyKey
	}
}

func positionID(cluster *string, topic string, partition int64, offset string) string {
	id := ":" + topic + ":" + decimal(partition) + ":" + offset
	if cluster != nil {
		id = *cluster + id
	}
	return id
}

// parsePosition reads `topic/partition/offset`.
func parsePosition(text string) (Position, bool) {
	parts := strings.Split(text, "/")
	if len(parts) != 3 || !isTopic(parts[0]) || !isOffset(parts[2]) {
		return Position{}, false
	}
	partition, ok := parseInteger(parts[1])
	return Position{parts[0], partition, parts[2]}, ok && partition <= maxPartition
}

// number is the integer in a value that has been found well-formed.
func number(value *string) *int64 {
	if value == nil {
		return nil
	}
	n, _ := parseInteger(*value)
	return &n
}
