package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

type laneTraceInput struct {
	Ordering string      `json:"ordering"`
	Events   []laneEvent `json:"events"`
}

type laneEvent struct {
	Type      string       `json:"type"`
	Partition int64        `json:"partition"`
	Records   []laneRecord `json:"records,optional"`
	Offset    *Decimal     `json:"offset,optional"`
	Epoch     *int64       `json:"epoch,optional"`
}

// laneRecord is [offset, key] in JSON.
type laneRecord struct {
	offset Decimal
	key    *Hex
}

func (r *laneRecord) UnmarshalJSON(raw []byte) error {
	var pair []json.RawMessage
	if err := json.Unmarshal(raw, &pair); err != nil {
		return err
	}
	if len(pair) != 2 {
		return errors.New("a record is [offset, key]")
	}
	return errors.Join(json.Unmarshal(pair[0], &r.offset), json.Unmarshal(pair[1], &r.key))
}

type laneTraceAnswer struct {
	Steps [][]begun `json:"steps"`
}

// begun is [partition, offset, epoch] in JSON.
type begun struct {
	partition int64
	offset    Decimal
	epoch     int64
}

func (b begun) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{b.partition, b.offset, b.epoch})
}

func laneTrace(in laneTraceInput) (laneTraceAnswer, error) {
	if !slices.Contains([]string{"key", "partition", "none"}, in.Ordering) {
		return laneTraceAnswer{}, fmt.Errorf("input.ordering %q is not known", in.Ordering)
	}
	answer := laneTraceAnswer{Steps: [][]begun{}}
	epochs := map[int64]int64{}
	assigned := map[int64]*Lanes{}
	for i, event := range in.Events {
		where := fmt.Sprintf("input.events[%d]", i)
		lanes := assigned[event.Partition]
		offsets := []int64{}
		switch event.Type {
		case "assigned":
			epochs[event.Partition]++
			assigned[event.Partition] = &Lanes{ordering: in.Ordering, of: map[int64]*lane{}, named: map[Hex]*lane{}}
		case "fetched":
			if event.Records == nil {
				return answer, fmt.Errorf("%s.records is missing", where)
			}
			for _, record := range event.Records {
				if lanes != nil && lanes.fetched(int64(record.offset), record.key) {
					offsets = append(offsets, int64(record.offset))
				}
			}
		case "settled", "failed", "due":
			if event.Offset == nil || event.Epoch == nil {
				return answer, fmt.Errorf("%s lacks offset or epoch", where)
			}
			if lanes == nil || *event.Epoch != epochs[event.Partition] {
				break
			}
			if offset, begins := lanes.handle(event.Type, int64(*event.Offset)); begins {
				offsets = append(offsets, offset)
			}
		case "revoked": // SLC-ORD-009
			delete(assigned, event.Partition)
		default:
			return answer, fmt.Errorf("%s.type %q is not known", where, event.Type)
		}
		step := []begun{}
		for _, offset := range offsets {
			step = append(step, begun{event.Partition, Decimal(offset), epochs[event.Partition]})
		}
		answer.Steps = append(answer.Steps, step)
	}
	return answer, nil
}

// Lanes are those of one epoch of a partition (9.1).
type Lanes struct {
	ordering string
	of       map[int64]*lane // of each record that is not settled
	named    map[Hex]*lane   // of each key, or "" when the lane is the partition
}

// lane is a queue whose first record is running or waiting, as there is room for every handler (SLC-ORD-008).
type lane struct {
	queue   []int64
	waiting bool
}

// fetched queues a record and tells whether it begins.
func (l *Lanes) fetched(offset int64, key *Hex) bool {
	own := l.lane(key)
	own.queue = append(own.queue, offset)
	l.of[offset] = own
	return len(own.queue) == 1
}

func (l *Lanes) lane(key *Hex) *lane {
	name := Hex("")
	switch {
	case l.ordering == "none" || l.ordering == "key" && key == nil:
		return &lane{}
	case l.ordering == "key":
		name = *key
	}
	if l.named[name] == nil {
		l.named[name] = &lane{}
	}
	return l.named[name]
}

// handle takes what happened to a record and gives the one that begins for it.
func (l *Lanes) handle(what string, offset int64) (begins int64, any bool) {
	own := l.of[offset]
	if own == nil || own.queue[0] != offset || own.waiting != (what == "due") {
		return 0, false
	}
	switch what {
	case "failed":
		own.waiting = true
		return 0, false
	case "due":
		own.waiting = false
		return offset, true
	}
	delete(l.of, offset)
	own.queue = own.queue[1:]
	if len(own.queue) == 0 {
		return 0, false
	}
	return own.queue[0], true
}
