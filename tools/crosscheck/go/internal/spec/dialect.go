package spec

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf8"
)

type deadLetterReadInput struct {
	Topic       topicName         `json:"topic"`
	Partition   int64             `json:"partition"`
	Offset      Decimal           `json:"offset"`
	Timestamp   Timestamp         `json:"timestamp"`
	Headers     []Header          `json:"headers"`
	ValueNull   bool              `json:"valueNull"`
	SpringNames map[string]string `json:"springNames"`
}

type deadLetterReadAnswer struct {
	Dialects  []report          `json:"dialects"`
	Origin    *deadLetterOrigin `json:"origin"`
	Payload   string            `json:"payload"`
	Anomalies []string          `json:"anomalies"`
}

// report is the normal form of 11.1.
type report struct {
	Dialect    string            `json:"dialect"`
	Origin     *deadLetterOrigin `json:"origin"`
	Hops       int64             `json:"hops"`
	Group      *string           `json:"group"`
	RetryCount *int64            `json:"retryCount"`
	Reason     *string           `json:"reason"`
	Error      reportedError     `json:"error"`
}

type deadLetterOrigin struct {
	Topic     string  `json:"topic"`
	Partition *int64  `json:"partition"`
	Offset    *string `json:"offset"`
	Timestamp *string `json:"timestamp"`
}

type reportedError struct {
	Kind         *string `json:"kind"`
	Class        *string `json:"class"`
	Code         *string `json:"code"`
	Message      *string `json:"message"`
	Stack        *string `json:"stack"`
	Stage        *string `json:"stage"`
	CauseClass   *string `json:"causeClass"`
	CauseMessage *string `json:"causeMessage"`
}

func deadLetterRead(in deadLetterReadInput) (deadLetterReadAnswer, error) {
	if err := within("partition", in.Partition, 0, maxPartition); err != nil {
		return deadLetterReadAnswer{}, err
	}
	r := dialectReader{headers: map[string][]*Hex{}, renamed: in.SpringNames, anomalies: set{}}
	for _, h := range in.Headers {
		r.headers[h.Name] = append(r.headers[h.Name], h.Value)
	}
	answer := deadLetterReadAnswer{Payload: "present"}
	if in.ValueNull {
		answer.Payload = "null"
	}
	if r.occurs("sluice-spec") {
		e := readEnvelope(in.Headers, true)
		answer.Dialects = append(answer.Dialects, r.sluice(&e))
		if in.ValueNull && slices.Contains(e.Truncated, "value") {
			answer.Payload = "dropped"
		}
	}
	for _, d := range dialects {
		if !r.detects(d) {
			continue
		}
		answer.Dialects = append(answer.Dialects, r.report(d))
		if d.name == "kip1191" && answer.Payload == "null" {
			answer.Payload = "unknown"
		}
	}
	own := in.position()
	if len(answer.Dialects) == 0 { // SLC-INT-003
		answer.Dialects = []report{{Dialect: "plain", Origin: own}}
	}
	answer.Origin = own
	for _, d := range slices.Backward(answer.Dialects) { // SLC-INT-004
		if o := d.Origin; o != nil && o.Partition != nil && o.Offset != nil {
			answer.Origin = o
		}
	}
	answer.Anomalies = r.anomalies.sorted()
	return answer, nil
}

func (in *deadLetterReadInput) position() *deadLetterOrigin {
	offset := in.Offset.String()
	own := deadLetterOrigin{Topic: string(in.Topic), Partition: &in.Partition, Offset: &offset}
	if in.Timestamp >= 0 {
		timestamp := Decimal(in.Timestamp).String()
		own.Timestamp = &timestamp
	}
	return &own
}

// dialect is a row of 11.2 with its table: names of headers and how their bytes are read.
type dialect struct {
	name                     string
	anyOf, allOf             []string
	originAt, restAt         occurrence
	topic                    string
	partition, offset        numeric
	timestamp                numeric
	group                    string
	attempts, retries        numeric // attempts are retries and one
	class, message, stack    string
	stage                    string
	causeClass, causeMessage string
}

type occurrence bool

const (
	first occurrence = false
	last  occurrence = true
)

type numeric struct {
	header string
	read   func(bytes string) (int64, bool)
}

// dialects are those of 11.2 in order, but for `sluice`, which stands before them.
var dialects = []dialect{
	{ // SLC-INT-008
		name: "kip1191", anyOf: []string{"__dlq.errors.topic"}, originAt: last, restAt: last,
		topic:     "__dlq.errors.topic",
		partition: numeric{"__dlq.errors.partition", parseInteger},
		offset:    numeric{"__dlq.errors.offset", parseInteger},
		group:     "__dlq.errors.group",
		attempts:  numeric{"__dlq.errors.delivery.count", parseInteger},
		message:   "__dlq.errors.message",
	},
	{ // SLC-INT-009
		name: "connect", anyOf: []string{"__connect.errors.topic", "__connect.errors.stage"}, originAt: first, restAt: last,
		topic:     "__connect.errors.topic",
		partition: numeric{"__connect.errors.partition", parseInteger},
		offset:    numeric{"__connect.errors.offset", parseInteger},
		stage:     "__connect.errors.stage",
		class:     "__connect.errors.exception.class.name",
		message:   "__connect.errors.exception.message",
		stack:     "__connect.errors.exception.stacktrace",
	},
	{ // SLC-INT-010
		name: "streams", anyOf: []string{"__streams.errors.topic"}, originAt: first, restAt: last,
		topic:     "__streams.errors.topic",
		partition: numeric{"__streams.errors.partition", parseInteger},
		offset:    numeric{"__streams.errors.offset", parseInteger},
		class:     "__streams.errors.exception",
		message:   "__streams.errors.message",
		stack:     "__streams.errors.stacktrace",
	},
	{ // SLC-INT-011
		name: "spring", anyOf: []string{"kafka_dlt-original-topic"}, originAt: first, restAt: last,
		topic:      "kafka_dlt-original-topic",
		partition:  numeric{"kafka_dlt-original-partition", int32Bytes},
		offset:     numeric{"kafka_dlt-original-offset", int64Bytes},
		timestamp:  numeric{"kafka_dlt-original-timestamp", int64Bytes},
		group:      "kafka_dlt-original-consumer-group",
		attempts:   numeric{springAttempts, int32OrByte},
		class:      "kafka_dlt-exception-fqcn",
		message:    "kafka_dlt-exception-message",
		stack:      "kafka_dlt-exception-stacktrace",
		causeClass: "kafka_dlt-exception-cause-fqcn",
	},
	{ // SLC-INT-012
		name: "scs", anyOf: []string{"x-original-topic"}, originAt: first, restAt: last,
		topic:     "x-original-topic",
		partition: numeric{"x-original-partition", int32OrDecimal},
		offset:    numeric{"x-original-offset", int64OrDecimal},
		timestamp: numeric{"x-original-timestamp", int64OrDecimal},
		class:     "x-exception-fqcn",
		message:   "x-exception-message",
		stack:     "x-exception-stacktrace",
	},
	{ // SLC-INT-013
		name: "smallrye", anyOf: []string{"dead-letter-topic", "delayed-retry-topic"}, originAt: last, restAt: first,
		topic:        "dead-letter-topic",
		partition:    numeric{"dead-letter-partition", parseInteger},
		offset:       numeric{"dead-letter-offset", parseInteger},
		retries:      numeric{"delayed-retry-count", parseInteger},
		class:        "dead-letter-exception-class-name",
		message:      "dead-letter-reason",
		causeClass:   "dead-letter-cause-class-name",
		causeMessage: "dead-letter-cause",
	},
	{ // SLC-INT-014
		name: "karafka", allOf: []string{"source_topic", "source_offset"}, originAt: last, restAt: last,
		topic:     "source_topic",
		partition: numeric{"source_partition", parseInteger},
		offset:    numeric{"source_offset", parseInteger},
		group:     "source_consumer_group",
		attempts:  numeric{"source_attempts", parseInteger},
	},
}

const springAttempts = "retry_topic-attempts"

type dialectReader struct {
	headers   map[string][]*Hex
	renamed   map[string]string
	anomalies set
}

// name is that under which a header of a table is looked up in this record.
func (r *dialectReader) name(standard string) string {
	rest, ofSpring := strings.CutPrefix(standard, "kafka_dlt-")
	if other, renamed := r.renamed[standard]; renamed && (ofSpring || standard == springAttempts) {
		return other
	}
	if older := "kafka_" + rest; ofSpring && !r.has(standard) && r.has(older) { // SLC-INT-011
		return older
	}
	rest, ofSmallRye := strings.CutPrefix(standard, "dead-letter-")
	if ofSmallRye && !r.has("dead-letter-topic") { // SLC-INT-013
		return "delayed-retry-" + rest
	}
	return standard
}

func (r *dialectReader) has(name string) bool { return len(r.headers[name]) > 0 }

func (r *dialectReader) occurs(standard string) bool { return r.has(r.name(standard)) }

func (r *dialectReader) detects(d dialect) bool {
	if d.allOf != nil {
		return !slices.ContainsFunc(d.allOf, func(name string) bool { return !r.occurs(name) })
	}
	return slices.ContainsFunc(d.anyOf, r.occurs)
}

func (r *dialectReader) report(d dialect) report {
	out := report{
		Dialect: d.name,
		Hops:    int64(len(r.headers[r.name(d.topic)])),
		Group:   r.text(d.group, d.restAt, 1),
		Error: reportedError{
			Class:        r.text(d.class, d.restAt, 1),
			Message:      r.text(d.message, d.restAt, 0),
			Stack:        r.text(d.stack, d.restAt, 0),
			Stage:        r.text(d.stage, d.restAt, 1),
			CauseClass:   r.text(d.causeClass, d.restAt, 1),
			CauseMessage: r.text(d.causeMessage, d.restAt, 0),
		},
		RetryCount: r.number(d.retries, d.restAt, 0, maxInt32),
	}
	if attempts := r.number(d.attempts, d.restAt, 1, maxInt32); attempts != nil {
		*attempts--
		out.RetryCount = attempts
	}
	origin := deadLetterOrigin{
		Partition: r.number(d.partition, d.originAt, 0, maxPartition),
		Offset:    r.decimal(d.offset, d.originAt),
		Timestamp: r.decimal(d.timestamp, d.originAt),
	}
	if topic := r.text(d.topic, d.originAt, 1); topic != nil {
		origin.Topic = *topic
		out.Origin = &origin
	}
	return out
}

// sluice is the report of what section 3 has read (SLC-INT-007).
func (r *dialectReader) sluice(e *Envelope) report {
	e.identify(envelopeDecodeInput{})
	for anomaly := range e.reader.anomalies {
		r.anomalies.add(anomaly)
	}
	kind := unknown
	if e.ErrorKind != nil {
		kind = *e.ErrorKind
	}
	out := report{
		Dialect:    "sluice",
		Hops:       int64(len(r.headers["sluice-origin-topic"])),
		Group:      e.Group,
		RetryCount: &e.RetryCount,
		Reason:     e.DlqReason,
		Error: reportedError{
			Kind:    &kind,
			Class:   e.ErrorClass,
			Code:    e.ErrorCode,
			Message: e.ErrorMessage,
			Stack:   e.ErrorStack,
		},
	}
	if o := e.Origin; o != nil {
		out.Origin = &deadLetterOrigin{o.Topic, &o.Partition, &o.Offset, &o.Timestamp}
	}
	return out
}

// occurrence gives the value that a dialect looks at; nil when it is null, or there is no such header.
func (r *dialectReader) occurrence(name string, at occurrence) *Hex {
	values := r.headers[name]
	switch {
	case len(values) == 0:
		return nil
	case at == first:
		return values[0]
	default:
		return values[len(values)-1]
	}
}

func (r *dialectReader) text(standard string, at occurrence, leastBytes int) *string {
	if standard == "" {
		return nil
	}
	name := r.name(standard)
	value := r.occurrence(name, at)
	if value == nil {
		return nil
	}
	if len(*value) < leastBytes || !utf8.ValidString(string(*value)) {
		r.anomalies.add("malformed:" + name)
		return nil
	}
	text := string(*value)
	return &text
}

func (r *dialectReader) number(of numeric, at occurrence, least, greatest int64) *int64 {
	if of.read == nil {
		return nil
	}
	name := r.name(of.header)
	value := r.occurrence(name, at)
	if value == nil {
		return nil
	}
	n, ok := of.read(string(*value))
	if !ok || n < least || n > greatest {
		r.anomalies.add("malformed:" + name)
		return nil
	}
	return &n
}

func (r *dialectReader) decimal(of numeric, at occurrence) *string {
	n := r.number(of, at, 0, maxSafe)
	if n == nil {
		return nil
	}
	text := decimal(*n)
	return &text
}

func int32Bytes(bytes string) (int64, bool) {
	if len(bytes) != 4 {
		return 0, false
	}
	return int64(int32(binary.BigEndian.Uint32([]byte(bytes)))), true
}

func int64Bytes(bytes string) (int64, bool) {
	if len(bytes) != 8 {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64([]byte(bytes))), true
}

func int32OrDecimal(bytes string) (int64, bool) {
	if len(bytes) == 4 {
		return int32Bytes(bytes)
	}
	return parseInteger(bytes)
}

func int64OrDecimal(bytes string) (int64, bool) {
	if len(bytes) == 8 {
		return int64Bytes(bytes)
	}
	return parseInteger(bytes)
}

func int32OrByte(bytes string) (int64, bool) {
	if len(bytes) == 1 {
		return int64(bytes[0]), true
	}
	return int32Bytes(bytes)
}
