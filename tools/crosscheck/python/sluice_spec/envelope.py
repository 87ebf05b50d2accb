"""Section 3: what the headers of a record say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .headers import COUNTERS, DEFINED, ORIGIN_PREFIX, Form, any_text, is_reserved, readable, visible_128
from .history import History
from .inputs import MAX_PARTITION, Fields, Header
from .trace_context import X_TRACE_ID, TraceParent, bounded_tracestate, parse_tracestate

WIRE_VERSION = 1
ERROR_KINDS = frozenset(
    {
        "transient",
        "permanent",
        "timeout",
        "deserialization",
        "validation",
        "cancelled",
        "poison",
        "unknown",
    }
)


@dataclass(frozen=True)
class Origin:
    topic: str
    partition: int
    offset: int
    timestamp: int
    cluster: str | None
    partition_count: int | None
    leader_epoch: int | None

    def json(self) -> dict[str, Any]:
        return {
            "topic": self.topic,
            "partition": self.partition,
            "offset": str(self.offset),
            "timestamp": str(self.timestamp),
            "cluster": self.cluster,
            "partitionCount": self.partition_count,
            "leaderEpoch": self.leader_epoch,
        }


@dataclass(frozen=True)
class Envelope:
    """`values` has the defined headers and the foreign ones that are interpreted, read by their forms, or None."""

    values: dict[str, Any]
    disposition: str
    origin: Origin | None
    anomalies: frozenset[str]

    @property
    def hops(self) -> int:
        hops: int = self.values["sluice-hops"]
        return hops

    @property
    def history(self) -> History | None:
        history: History | None = self.values["sluice-history"]
        return history

    @property
    def truncated(self) -> list[str]:
        return self.values["sluice-truncated"] or []


def read_envelope(headers: Iterable[Header], trusted: bool, id_header: bool = False) -> Envelope:
    reader = _HeaderReader(headers, trusted)
    values = {name: reader.defined(name, form) for name, form in DEFINED.items()}

    kind = values["sluice-error-kind"]
    if kind is not None and kind not in ERROR_KINDS:  # SLC-REG-001
        values["sluice-error-kind"] = "unknown"
        reader.anomalies.add("unknown-value:sluice-error-kind")

    for name in ("ce_source", "ce_id", "ce_type"):
        values[name] = reader.interpreted(name, any_text)
    values["id"] = reader.interpreted("id", any_text) if id_header else None
    if values["ce_type"] and values["sluice-message-type"] not in (None, values["ce_type"]):  # SLC-ENV-023
        reader.anomalies.add("conflict:sluice-message-type")

    parent = values["traceparent"] = reader.interpreted("traceparent", TraceParent.parse)
    # SLC-ENV-018, SLC-ENV-028: each is interpreted only when it counts.
    values["tracestate"] = None if parent is None else reader.interpreted("tracestate", parse_tracestate)
    values[X_TRACE_ID] = reader.interpreted(X_TRACE_ID, visible_128) if parent is None else None

    origin = _origin(values, reader.anomalies)
    return Envelope(values, _disposition(reader, values["sluice-spec"]), origin, frozenset(reader.anomalies))


def envelope_decode(given: Fields) -> dict[str, Any]:
    """The operation EnvelopeDecode."""
    topic = given.topic("topic")
    partition, offset = given.integer("partition", 0, MAX_PARTITION), given.decimal("offset")
    cluster = given.nullable(Fields.text, "cluster")
    envelope = read_envelope(given.headers("headers"), given.flag("trusted"), given.flag("idHeader"))
    values, origin, history = envelope.values, envelope.origin, envelope.history

    message_id, source = _message_id(envelope, topic, partition, offset, cluster)
    idempotency_key = values["sluice-idempotency-key"]
    replayed_from = values["sluice-replayed-from"]
    parent, members = values["traceparent"], values["tracestate"]
    return {
        "disposition": envelope.disposition,
        "wireVersion": _decimal(values["sluice-spec"]),
        "messageId": message_id,
        "messageIdSource": source,
        "messageType": values["ce_type"] or values["sluice-message-type"],
        "messageVersion": _decimal(values["sluice-message-version"]),
        "idempotencyKey": message_id if idempotency_key is None else idempotency_key,
        "origin": None if origin is None else origin.json(),
        "group": values["sluice-group"],
        "retryCount": values["sluice-retry-count"],
        "retryAt": _decimal(values["sluice-retry-at"]),
        "retryPolicy": values["sluice-retry-policy"],
        "firstFailedAt": _decimal(values["sluice-first-failed-at"]),
        "failedAt": _decimal(values["sluice-failed-at"]),
        "errorKind": values["sluice-error-kind"],
        "errorClass": values["sluice-error-class"],
        "errorCode": values["sluice-error-code"],
        "errorMessage": values["sluice-error-message"],
        "errorStack": values["sluice-error-stack"],
        "history": None if history is None else history.json(),
        "dlqReason": values["sluice-dlq-reason"],
        "replayId": values["sluice-replay-id"],
        "replayCount": values["sluice-replay-count"],
        "replayedAt": _decimal(values["sluice-replayed-at"]),
        "replayedFrom": None if replayed_from is None else replayed_from.json(),
        "hops": envelope.hops,
        "truncated": envelope.truncated,
        "traceparent": None if parent is None else parent.encode(),
        "tracestate": None if members is None else bounded_tracestate(members),
        "traceId": values[X_TRACE_ID] if parent is None else parent.trace_id,
        "anomalies": sorted(envelope.anomalies),
    }


class _HeaderReader:
    """Reads headers by 3.1 and collects anomalies."""

    def __init__(self, headers: Iterable[Header], trusted: bool) -> None:
        self.trusted = trusted
        self.anomalies = set[str]()
        self._last = dict[str, bytes | None]()
        self._repeated = set[str]()
        for name, value in headers:
            if name in self._last:
                self._repeated.add(name)
            self._last[name] = value
        if not trusted:
            self.anomalies.update(f"forged:{name}" for name in self._last if self._is_forged(name))

    def defined(self, name: str, form: Form) -> Any:
        """The value of a defined header, of a counter always a number."""
        absent = 0 if name in COUNTERS else None
        if self._is_forged(name):
            return absent
        if name in self._repeated:
            self.anomalies.add(f"repeated:{name}")
        if self._last.get(name) is None:
            return absent
        value = self.interpreted(name, form)
        return COUNTERS.get(name) if value is None else value  # SLC-ENV-007

    def interpreted(self, name: str, form: Form) -> Any:
        """The last value of a header, read by its form; None when it is absent or malformed."""
        value = self._last.get(name)
        if value is None:  # SLC-ENV-005
            return None
        decoded = readable(value)
        read = None if decoded is None else form(decoded)
        if read is None:
            self.anomalies.add(f"malformed:{name}")
        return read

    def is_absent(self, name: str) -> bool:
        return self._last.get(name) is None

    def _is_forged(self, name: str) -> bool:
        return not self.trusted and is_reserved(name) and self._last.get(name) is not None


def _disposition(reader: _HeaderReader, wire_version: int | None) -> str:
    if not reader.trusted or reader.is_absent("sluice-spec"):
        return "fresh"
    return "moved" if wire_version == WIRE_VERSION else "unsupported"


def _origin(values: dict[str, Any], anomalies: set[str]) -> Origin | None:
    """SLC-ENV-013."""
    required = [values[ORIGIN_PREFIX + part] for part in ("topic", "partition", "offset", "timestamp")]
    if None in required:
        if any(value is not None for value in required):
            anomalies.add("incomplete:sluice-origin")
        return None
    companions = [values[ORIGIN_PREFIX + part] for part in ("cluster", "partition-count", "leader-epoch")]
    return Origin(*required, *companions)


def _message_id(
    envelope: Envelope, topic: str, partition: int, offset: int, cluster: str | None
) -> tuple[str, str]:
    """SLC-ENV-011."""
    values, origin = envelope.values, envelope.origin
    if values["sluice-message-id"] is not None:
        return values["sluice-message-id"], "sluice"
    if values["ce_source"] and values["ce_id"]:
        return f"{values['ce_source']}\n{values['ce_id']}", "cloudevents"
    if values["id"]:
        return values["id"], "debezium"
    if origin is not None:
        cluster = cluster if origin.cluster is None else origin.cluster
        return f"{cluster or ''}:{origin.topic}:{origin.partition}:{origin.offset}", "origin"
    return f"{cluster or ''}:{topic}:{partition}:{offset}", "position"


def _decimal(value: int | None) -> str | None:
    return None if value is None else str(value)
