"""Section 6: which offset may be committed."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import Any

from .inputs import MAX_SAFE, Fields, Range, ranges_json


class Gate:
    """The gate of one epoch. What it does not hold below its position is a gap or has settled."""

    def __init__(self, position: int) -> None:
        self.position = position
        self._unsettled: list[int] = []

    @property
    def frontier(self) -> int:
        return self._unsettled[0] if self._unsettled else self.position

    def fetched(self, offsets: list[int], position: int) -> None:
        self._unsettled += offsets
        self.position = position

    def settle(self, offset: int) -> None:
        i = bisect_left(self._unsettled, offset)
        if i < len(self._unsettled) and self._unsettled[i] == offset:  # SLC-GAT-014
            del self._unsettled[i]

    def settled_above_frontier(self) -> list[Range]:
        held = [*self._unsettled, self.position]
        return [(offset + 1, next_held) for offset, next_held in pairwise(held) if offset + 1 < next_held]


def gate_trace(given: Fields) -> dict[str, Any]:
    """The operation GateTrace."""
    epoch, gate = 0, None
    steps: list[dict[str, Any] | None] = []
    for event in given.objects("events"):
        match event.choice("type", ("assigned", "fetched", "settled", "revoked")):
            case "assigned":
                epoch, gate = epoch + 1, Gate(event.decimal("position"))
            case "fetched":
                offsets, position = event.decimals("offsets"), event.decimal("position")
                if gate is not None:
                    bounds = [gate.position - 1, *offsets, position]
                    if any(a >= b for a, b in pairwise(bounds)):
                        raise event.fail("offsets", "do not ascend from the position on to the next")
                    gate.fetched(offsets, position)
            case "settled":
                offset, of_epoch = event.decimal("offset"), event.integer("epoch", 1, MAX_SAFE)
                if gate is not None and of_epoch == epoch:  # SLC-GAT-007
                    gate.settle(offset)
            case _:
                gate = None
        steps.append(None if gate is None else _step(gate))
    return {"steps": steps}


def _step(gate: Gate) -> dict[str, Any]:
    return {
        "frontier": str(gate.frontier),
        "position": str(gate.position),
        "settled": ranges_json(gate.settled_above_frontier()),
    }
