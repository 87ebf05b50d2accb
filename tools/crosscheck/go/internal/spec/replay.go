package spec

import (
	"errors"
	"fmt"
	"slices"
)

type replayInput struct {
	Record       record        `json:"record"`
	ReplayID     string        `json:"replayId"`
	Now          Decimal       `json:"now"`
	MaxReplays   int64         `json:"maxReplays"`
	Destination  *topicName    `json:"destination"`
	Destinations []destination `json:"destinations"`
}

type destination struct {
	Topic       topicName `json:"topic"`
	Partitions  int64     `json:"partitions"`
	Partitioner string    `json:"partitioner"`
}

func replayPlan(in replayInput) (moveAnswer, error) {
	if err := in.check(); err != nil {
		return moveAnswer{}, err
	}
	read := readEnvelope(in.Record.Headers, true)
	to, refused := in.refusal(&read)
	if refused != "" {
		return moveAnswer{Refused: refused}, nil
	}
	return moveAnswer{Record: &movedRecord{
		Topic:     string(to.Topic),
		Partition: in.partition(read.Origin, to),
		Timestamp: in.Now,
		Key:       in.Record.Key,
		Value:     in.Record.Value,
		Headers:   in.headers(&read),
	}}, nil
}

func (in *replayInput) check() error {
	for _, to := range in.Destinations {
		if _, known := partitioners[to.Partitioner]; !known {
			return fmt.Errorf("input.destinations has the partitioner %q, which is not of Appendix B.5", to.Partitioner)
		}
		if err := within("destinations.partitions", to.Partitions, 1, maxInt32); err != nil {
			return err
		}
	}
	if !isReplayID(in.ReplayID) {
		return errors.New("input.replayId has not the form replay-id")
	}
	return errors.Join(
		within("record.partition", in.Record.Partition, 0, maxPartition),
		within("maxReplays", in.MaxReplays, 0, maxInt32))
}

// refusal gives where to replay to, or the first reason of SLC-RPL-001 that holds.
func (in *replayInput) refusal(read *Envelope) (to destination, code string) {
	if read.Disposition == "unsupported" {
		return to, "unsupported-version"
	}
	if read.Origin == nil && in.Destination == nil {
		return to, "no-origin"
	}
	topic := topicName("")
	if in.Destination != nil {
		topic = *in.Destination
	} else {
		topic = topicName(read.Origin.Topic)
	}
	listed := slices.IndexFunc(in.Destinations, func(d destination) bool { return d.Topic == topic })
	switch {
	case listed < 0:
		return to, "not-allowed"
	case slices.Contains(read.Truncated, "value"):
		return to, "value-dropped"
	case read.ReplayCount >= in.MaxReplays || read.malformed["sluice-replay-count"]:
		return to, "replay-limit"
	case read.Hops >= maxHops: // also when it is malformed
		return to, "hop-limit"
	}
	return in.Destinations[listed], ""
}

func (in *replayInput) partition(origin *Origin, to destination) int64 {
	sameTopic := origin != nil && origin.Topic == string(to.Topic)
	switch {
	case sameTopic && origin.PartitionCount != nil && *origin.PartitionCount == to.Partitions &&
		origin.Partition < to.Partitions: // SLC-RPL-004
		return origin.Partition
	case in.Record.Key != nil: // SLC-RPL-005
		return partitioners[to.Partitioner].partition([]byte(*in.Record.Key), to.Partitions)
	case origin != nil: // SLC-RPL-006
		return origin.Partition % to.Partitions
	default:
		return in.Record.Partition % to.Partitions
	}
}

// headers are those of the dead letter that no attempt left there (SLC-RPL-007, -010), and the replay's own (-008).
func (in *replayInput) headers(read *Envelope) []Header {
	out := headerWriter(slices.DeleteFunc(slices.Clone(in.Record.Headers), func(h Header) bool {
		switch h.Name {
		case "sluice-spec", "sluice-replay-id", "sluice-replay-count", "sluice-replayed-at", "sluice-replayed-from",
			"sluice-hops":
			return true
		case "sluice-group", "sluice-retry-count", "sluice-retry-at", "sluice-retry-policy", "sluice-failed-at",
			"sluice-error-kind", "sluice-error-class", "sluice-error-code", "sluice-error-message",
			"sluice-error-stack", "sluice-dlq-reason":
			return true
		}
		return false
	}))
	from := string(in.Record.Topic) + "/" + decimal(in.Record.Partition) + "/" + in.Record.Offset.String()
	out.add("sluice-spec", wireVersion)
	out.add("sluice-replay-id", in.ReplayID)
	out.add("sluice-replay-count", decimal(read.ReplayCount+1))
	out.add("sluice-replayed-at", in.Now.String())
	out.add("sluice-replayed-from", from)
	out.add("sluice-hops", decimal(read.Hops+1))
	return out
}
