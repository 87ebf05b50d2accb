"""Section 9: in which order records are handled."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from .inputs import MAX_PARTITION, MAX_SAFE, Fields


@dataclass
class _Lane:
    queued: deque[int] = field(default_factory=deque)
    head: Literal["idle", "running", "waiting"] = "idle"
    """Of the first unsettled record, `queued[0]`."""


class LaneSet:
    """The lanes of one epoch of a partition."""

    def __init__(self, epoch: int, ordering: str) -> None:
        self.epoch = epoch
        self._ordering = ordering
        self._lanes: dict[Hashable, _Lane] = {}
        self._lane_of: dict[int, Hashable] = {}

    def fetched(self, records: list[tuple[int, bytes | None]]) -> list[int]:
        """The offsets that begin."""
        begun: list[int] = []
        for offset, key in records:
            name = self._name(offset, key)
            self._lane_of[offset] = name
            lane = self._lanes.setdefault(name, _Lane())
            lane.queued.append(offset)
            begun += self._begin(lane)
        return begun

    def settled(self, offset: int) -> list[int]:
        lane = self._lane_headed(offset, "running")
        if lane is None:
            return []
        lane.queued.popleft()
        lane.head = "idle"
        name = self._lane_of.pop(offset)
        if not lane.queued:
            del self._lanes[name]
            return []
        return self._begin(lane)

    def failed(self, offset: int) -> list[int]:
        lane = self._lane_headed(offset, "running")
        if lane is not None:
            lane.head = "waiting"
        return []

    def due(self, offset: int) -> list[int]:
        lane = self._lane_headed(offset, "waiting")
        if lane is None:
            return []
        lane.head = "running"
        return [offset]

    def _begin(self, lane: _Lane) -> list[int]:
        """SLC-ORD-008."""
        if lane.head != "idle":
            return []
        lane.head = "running"
        return [lane.queued[0]]

    def _lane_headed(self, offset: int, state: str) -> _Lane | None:
        lane = self._lanes.get(self._lane_of.get(offset))
        return lane if lane is not None and lane.queued[0] == offset and lane.head == state else None

    def _name(self, offset: int, key: bytes | None) -> Hashable:
        if self._ordering == "partition":
            return "partition"
        return offset if self._ordering == "none" or key is None else key


def lane_trace(given: Fields) -> dict[str, Any]:
    """The operation LaneTrace."""
    ordering = given.choice("ordering", ("key", "partition", "none"))
    epochs: dict[int, int] = {}
    assigned: dict[int, LaneSet] = {}
    steps: list[list[list[Any]]] = []
    for event in given.objects("events"):
        partition = event.integer("partition", 0, MAX_PARTITION)
        lanes = assigned.get(partition)
        begun: list[int] = []
        match event.choice("type", ("assigned", "fetched", "settled", "failed", "due", "revoked")):
            case "assigned":
                epochs[partition] = epochs.get(partition, 0) + 1
                assigned[partition] = LaneSet(epochs[partition], ordering)
            case "revoked":
                assigned.pop(partition, None)  # SLC-ORD-009
            case "fetched":
                records = event.records("records")
                offsets = [offset for offset, _ in records]
                if any(a >= b for a, b in pairwise(offsets)):
                    raise event.fail("records", "do not ascend")
                begun = lanes.fetched(records) if lanes is not None else []
            case what:
                offset, epoch = event.decimal("offset"), event.integer("epoch", 1, MAX_SAFE)
                if lanes is not None and lanes.epoch == epoch:
                    change = {"settled": lanes.settled, "failed": lanes.failed, "due": lanes.due}[what]
                    begun = change(offset)
        current = epochs.get(partition, 0)
        steps.append([[partition, str(offset), current] for offset in sorted(begun)])
    return {"steps": steps}
