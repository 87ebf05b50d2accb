package spec

import (
	"fmt"
	"slices"
)

type gateTraceInput struct {
	Events []gateEvent `json:"events"`
}

type gateEvent struct {
	Type     string    `json:"type"`
	Position *Decimal  `json:"position,optional"`
	Offsets  []Decimal `json:"offsets,optional"`
	Offset   *Decimal  `json:"offset,optional"`
	Epoch    *int64    `json:"epoch,optional"`
}

type gateTraceAnswer struct {
	Steps []*gateStep `json:"steps"`
}

type gateStep struct {
	Frontier Decimal `json:"frontier"`
	Position Decimal `json:"position"`
	Settled  []Range `json:"settled"`
}

func gateTrace(in gateTraceInput) (gateTraceAnswer, error) {
	answer := gateTraceAnswer{Steps: []*gateStep{}}
	var epoch int64
	var gate *Gate
	for i, event := range in.Events {
		where := fmt.Sprintf("input.events[%d]", i)
		switch event.Type {
		case "assigned":
			if event.Position == nil {
				return answer, fmt.Errorf("%s.position is missing", where)
			}
			epoch++
			gate = &Gate{position: int64(*event.Position)}
		case "fetched":
			if event.Position == nil || event.Offsets == nil {
				return answer, fmt.Errorf("%s lacks offsets or position", where)
			}
			if gate != nil && !gate.fetched(event.Offsets, int64(*event.Position)) {
				return answer, fmt.Errorf("%s does not ascend from the position", where)
			}
		case "settled":
			if event.Offset == nil || event.Epoch == nil {
				return answer, fmt.Errorf("%s lacks offset or epoch", where)
			}
			if gate != nil && *event.Epoch == epoch { // SLC-GAT-007
				gate.settled(int64(*event.Offset))
			}
		case "revoked":
			gate = nil
		default:
			return answer, fmt.Errorf("%s.type %q is not known", where, event.Type)
		}
		answer.Steps = append(answer.Steps, gate.step())
	}
	return answer, nil
}

// Gate knows how far one epoch of a partition has come (6).
type Gate struct {
	position int64
	held     []int64 // offsets that are not settled, ascending
}

func (g *Gate) fetched(offsets []Decimal, position int64) bool {
	next := g.position
	for _, offset := range offsets {
		if int64(offset) < next {
			return false
		}
		g.held = append(g.held, int64(offset))
		next = int64(offset) + 1
	}
	g.position = position
	return next <= position
}

// settled changes nothing when the offset is not held (SLC-GAT-014).
func (g *Gate) settled(offset int64) {
	if i, held := slices.BinarySearch(g.held, offset); held {
		g.held = slices.Delete(g.held, i, i+1)
	}
}

// step tells the frontier and what is settled above it, gaps included (SLC-GAT-002); nil while nothing is assigned.
func (g *Gate) step() *gateStep {
	if g == nil {
		return nil
	}
	step := gateStep{Frontier: Decimal(g.position), Position: Decimal(g.position), Settled: []Range{}}
	if len(g.held) == 0 {
		return &step
	}
	step.Frontier = Decimal(g.held[0])
	for i, offset := range g.held {
		end := g.position
		if i+1 < len(g.held) {
			end = g.held[i+1]
		}
		if offset+1 < end {
			step.Settled = append(step.Settled, Range{offset + 1, end})
		}
	}
	return &step
}
