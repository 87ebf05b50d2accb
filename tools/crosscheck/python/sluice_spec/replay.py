"""Section 10: replays."""

from __future__ import annotations

from typing import Any

from .envelope import WIRE_VERSION, Envelope, read_envelope
from .headers import DEFINED, MAX_HOPS
from .inputs import MAX_INT32, Fields
from .move import Record, record_json
from .partition import PARTITIONERS, partition_for

# SLC-RPL-010 and what SLC-RPL-008 replaces.
_NOT_KEPT = frozenset(
    {
        "sluice-group",
        "sluice-retry-count",
        "sluice-retry-at",
        "sluice-retry-policy",
        "sluice-failed-at",
        "sluice-error-kind",
        "sluice-error-class",
        "sluice-error-code",
        "sluice-error-message",
        "sluice-error-stack",
        "sluice-dlq-reason",
        "sluice-spec",
        "sluice-replay-id",
        "sluice-replay-count",
        "sluice-replayed-at",
        "sluice-replayed-from",
        "sluice-hops",
    }
)


def replay_plan(given: Fields) -> dict[str, Any]:
    """The operation ReplayPlan."""
    record = Record.read(given.object("record"))
    replay_id, now = given.text("replayId"), given.decimal("now")
    if DEFINED["sluice-replay-id"](replay_id) is None:
        raise given.fail("replayId", "is not 1 to 64 visible characters of ASCII")
    max_replays = given.integer("maxReplays", 0, MAX_INT32)
    named = given.nullable(Fields.topic, "destination")
    allowed: dict[str, tuple[int, str]] = {}
    for item in given.objects("destinations"):
        target = (item.integer("partitions", 1, MAX_INT32), item.choice("partitioner", PARTITIONERS))
        allowed.setdefault(item.topic("topic"), target)

    envelope = read_envelope(record.headers, trusted=True)
    origin = envelope.origin
    destination = named if named is not None or origin is None else origin.topic
    refused = _refusal(envelope, destination, allowed, max_replays)
    if refused is not None or destination is None:
        return {"refused": refused}
    partitions, partitioner = allowed[destination]
    headers = [header for header in record.headers if header[0] not in _NOT_KEPT]
    headers += [
        ("sluice-spec", str(WIRE_VERSION).encode()),
        ("sluice-replay-id", replay_id.encode()),
        ("sluice-replay-count", str(envelope.values["sluice-replay-count"] + 1).encode()),
        ("sluice-replayed-at", str(now).encode()),
        ("sluice-replayed-from", f"{record.topic}/{record.partition}/{record.offset}".encode()),
        ("sluice-hops", str(envelope.hops + 1).encode()),
    ]
    partition = _partition(record, envelope, destination, partitions, partitioner)
    return {"record": record_json(destination, partition, now, record.key, record.value, headers)}


def _refusal(
    envelope: Envelope, destination: str | None, allowed: dict[str, Any], max_replays: int
) -> str | None:
    """SLC-RPL-001. A malformed counter reads as its greatest value."""
    if envelope.disposition == "unsupported":
        return "unsupported-version"
    if destination is None:
        return "no-origin"
    if destination not in allowed:
        return "not-allowed"
    if "value" in envelope.truncated:
        return "value-dropped"
    if envelope.values["sluice-replay-count"] >= max_replays:
        return "replay-limit"
    return "hop-limit" if envelope.hops >= MAX_HOPS else None


def _partition(
    record: Record, envelope: Envelope, destination: str, partitions: int, partitioner: str
) -> int:
    origin = envelope.origin
    if origin is not None and origin.topic == destination:  # SLC-RPL-004
        if partitions == origin.partition_count and origin.partition < partitions:
            return origin.partition
    if record.key is not None:  # SLC-RPL-005
        return partition_for(partitioner, record.key, partitions)
    return (record.partition if origin is None else origin.partition) % partitions  # SLC-RPL-006
