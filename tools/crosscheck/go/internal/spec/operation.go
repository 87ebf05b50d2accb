// Package spec reads the Sluice specification: the operations of its Appendix D, written from the text alone.
package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Version is that of the specification.
const Version = "1.0.0"

// ErrUnsupported tells of an operation that this reader does not know. Any other error of Answer is of the input.
var ErrUnsupported = errors.New("unsupported operation")

var operations = map[string]func(json.RawMessage) (any, error){
	"Partition":            operation(partition),
	"RetryPolicyCheck":     operation(retryPolicyCheck),
	"BackoffDelay":         operation(backoffDelay),
	"RetryDecision":        operation(retryDecision),
	"BoundText":            operation(boundText),
	"EnvelopeDecode":       operation(envelopeDecode),
	"Move":                 operation(move),
	"ReplayPlan":           operation(replayPlan),
	"DeadLetterRead":       operation(deadLetterRead),
	"CommitMetadataEncode": operation(commitMetadataEncode),
	"CommitMetadataDecode": operation(commitMetadataDecode),
	"GateTrace":            operation(gateTrace),
	"LaneTrace":            operation(laneTrace),
	"StampTraceId":         operation(stampTraceID),
}

// Operations lists what Answer knows.
func Operations() []string {
	return slices.Sorted(maps.Keys(operations))
}

// Answer runs an operation. What it returns is to be written as JSON.
func Answer(op string, input json.RawMessage) (any, error) {
	run, known := operations[op]
	if !known {
		return nil, fmt.Errorf("%w %q", ErrUnsupported, op)
	}
	return run(input)
}

func operation[In, Out any](run func(In) (Out, error)) func(json.RawMessage) (any, error) {
	return func(raw json.RawMessage) (any, error) {
		var in In
		if err := decode(raw, &in); err != nil {
			return nil, err
		}
		return run(in)
	}
}
