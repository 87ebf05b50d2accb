"""Section 5: retries and dead letters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .envelope import WIRE_VERSION, Envelope, read_envelope
from .headers import DEFINED, MAX_HOPS, ORIGIN_PREFIX, is_reserved, token
from .history import Entry, History, history_code
from .inputs import (
    MAX_INT32,
    MAX_PARTITION,
    MAX_SAFE,
    Fields,
    Header,
    headers_json,
    octets_json,
)
from .text import bound, neutralise

PARTS = ("stack", "history", "message", "headers", "value")
"""Appendix B.4, in the order in which they are dropped."""

_SHORT_MESSAGE = 256
_LARGE_HEADER = 1024
_NEVER_DROPPED = frozenset({"traceparent", "tracestate", "X-Trace-ID", "id", "content-type"})

# What a move replaces or, where it does not apply, removes; what it keeps is decided one by one.
_REPLACED = frozenset(
    {
        "sluice-spec",
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
        "sluice-history",
        "sluice-dlq-reason",
        "sluice-hops",
    }
)


@dataclass(frozen=True)
class Record:
    topic: str
    partition: int
    offset: int
    timestamp: int | None
    key: bytes | None
    value: bytes | None
    headers: list[Header]

    @classmethod
    def read(cls, given: Fields) -> Record:
        return cls(
            topic=given.topic("topic"),
            partition=given.integer("partition", 0, MAX_PARTITION),
            offset=given.decimal("offset"),
            timestamp=given.timestamp("timestamp"),
            key=given.nullable(Fields.octets, "key"),
            value=given.nullable(Fields.octets, "value"),
            headers=given.headers("headers"),
        )


def record_json(
    topic: str,
    partition: int,
    timestamp: int,
    key: bytes | None,
    value: bytes | None,
    headers: Iterable[Header],
) -> dict[str, Any]:
    return {
        "topic": topic,
        "partition": partition,
        "timestamp": str(timestamp),
        "key": octets_json(key),
        "value": octets_json(value),
        "headers": headers_json(headers),
    }


def move(given: Fields) -> dict[str, Any]:
    """The operation Move."""
    retry = given.choice("move", ("retry", "dead-letter")) == "retry"
    record = Record.read(given.object("record"))
    target = given.object("target")
    target_topic, partitions = target.topic("topic"), target.integer("partitions", 1, MAX_INT32)
    budget = given.integer("maxBytes", 0, MAX_SAFE)
    now = given.decimal("now")

    # Of a source topic the envelope reads as if nothing of a mover were there (SLC-SEC-001).
    trusted = given.flag("trusted")
    envelope = read_envelope(record.headers, trusted)
    if envelope.disposition == "unsupported":
        raise given.fail("record.headers", "are of another wire version")
    written = _written_headers(given, record, envelope, retry)
    if retry and envelope.hops >= MAX_HOPS:  # SLC-RTY-024
        return {"refused": "hop-limit"}

    kept = [header for header in record.headers if _is_kept(header[0], trusted, written)]
    draft = _Draft(record.key, record.value, kept, written, envelope.truncated)
    if not draft.fit(budget, may_drop_value=not retry):
        return {"refused": "too-large"}
    partition = (record.partition if envelope.origin is None else envelope.origin.partition) % partitions
    return {"record": record_json(target_topic, partition, now, draft.key, draft.value, draft.headers())}


def _is_kept(name: str, trusted: bool, written: dict[str, bytes]) -> bool:
    if not trusted and is_reserved(name):
        return False
    if name.startswith(ORIGIN_PREFIX):  # SLC-ENV-008, -014: all or none
        return ORIGIN_PREFIX + "topic" not in written
    return name not in _REPLACED and name not in written


def _written_headers(given: Fields, record: Record, envelope: Envelope, retry: bool) -> dict[str, bytes]:
    """In the order of Appendix A. `sluice-truncated` is not among them: it grows while the record is made to fit."""
    error = _Error.read(given.object("error"))
    attempts = given.integer("attempts", 1, MAX_INT32)
    failed_at, first_failed_at = given.decimal("failedAt"), given.decimal("firstFailedAt")
    entry = Entry(attempts, failed_at, error.kind, error.history_code)
    history = History((entry,)) if envelope.history is None else envelope.history.append(entry)

    values: dict[str, bytes | str | int | None] = {
        "sluice-spec": WIRE_VERSION,
        "sluice-group": bound(_not_empty(given, "group"), 1024),
        "sluice-retry-count": attempts if retry else attempts - 1,  # SLC-RTY-020, SLC-DLQ-004
        "sluice-failed-at": failed_at,
        "sluice-error-kind": error.kind,
        "sluice-error-class": _bounded(error.class_, 256),
        "sluice-error-code": _bounded(error.code, 64),
        "sluice-error-message": bound(error.message, 1024),
        "sluice-error-stack": _bounded(error.stack, 8192) if given.flag("writeStack") else None,
        "sluice-history": history.encode(),
        "sluice-hops": min(envelope.hops + 1, MAX_HOPS),  # SLC-DLQ-007
    }
    if retry:
        values["sluice-retry-at"] = given.decimal("retryAt")
        values["sluice-retry-policy"] = _bounded(given.nullable(Fields.text, "retryPolicy"), 128)
    else:
        reason = given.text("reason")
        values["sluice-dlq-reason"] = reason if token(reason) else "manual"
    if envelope.values["sluice-first-failed-at"] is None:  # else SLC-DLQ-011
        values["sluice-first-failed-at"] = first_failed_at
    if envelope.origin is None:  # SLC-ENV-014
        cluster = given.nullable(Fields.text, "cluster")
        values |= {
            "sluice-origin-topic": record.topic,
            "sluice-origin-partition": record.partition,
            "sluice-origin-offset": record.offset,
            "sluice-origin-timestamp": record.timestamp or 0,
            # An id that was cut would be another one's.
            "sluice-origin-cluster": cluster if cluster and len(cluster.encode()) <= 256 else None,
            "sluice-origin-partition-count": given.nullable(Fields.integer, "partitionCount", 1, MAX_INT32),
            "sluice-origin-leader-epoch": given.nullable(Fields.integer, "leaderEpoch", 0, MAX_INT32),
        }
    return {
        name: value if isinstance(value, bytes) else str(value).encode()
        for name in DEFINED
        if (value := values.get(name)) is not None
    }


@dataclass(frozen=True)
class _Error:
    """Its texts as they go into headers, but not cut."""

    kind: str
    class_: str | None
    code: str | None
    message: str
    stack: str | None
    history_code: str | None

    @classmethod
    def read(cls, given: Fields) -> _Error:
        def neutral(name: str) -> str | None:
            text = given.nullable(Fields.text, name)
            return None if text is None else neutralise(text)

        kind = given.text("kind")
        code = given.nullable(Fields.text, "code")
        return cls(
            kind=kind if token(kind) else "unknown",
            class_=neutral("class"),
            code=neutral("code"),
            message=neutralise(given.text("message")),
            stack=neutral("stack"),
            history_code=history_code(code) if code else None,
        )


@dataclass
class _Draft:
    """A move that is made to fit (5.4)."""

    key: bytes | None
    value: bytes | None
    kept: list[Header]
    written: dict[str, bytes]
    dropped_before: list[str]
    dropped: set[str] = field(default_factory=set)

    def headers(self) -> list[Header]:
        if not self.dropped:
            return [*self.kept, *self.written.items()]
        kept = [header for header in self.kept if header[0] != "sluice-truncated"]
        return [*kept, *self.written.items(), ("sluice-truncated", self._truncated().encode())]

    def fit(self, budget: int, may_drop_value: bool) -> bool:
        """SLC-DLQ-016. Whether it fits."""
        self._drop_header("stack", "sluice-error-stack", budget)
        self._drop_header("history", "sluice-history", budget)
        self._shorten_message(budget)
        self._drop_large_headers(budget)
        if may_drop_value and self.value is not None and self.size() > budget:
            self.value = None
            self.dropped.add("value")
        return self.size() <= budget

    def size(self) -> int:
        return len(self.key or b"") + len(self.value or b"") + sum(map(_header_size, self.headers()))

    def _drop_header(self, part: str, name: str, budget: int) -> None:
        if name in self.written and self.size() > budget:
            del self.written[name]
            self.dropped.add(part)

    def _shorten_message(self, budget: int) -> None:
        message = self.written["sluice-error-message"]
        if len(message) > _SHORT_MESSAGE and self.size() > budget:
            self.written["sluice-error-message"] = bound(message.decode(), _SHORT_MESSAGE)
            self.dropped.add("message")

    def _drop_large_headers(self, budget: int) -> None:
        if self.size() <= budget or not any(map(_is_droppable, self.kept)):
            return
        self.dropped.add("headers")
        excess = self.size() - budget  # above 0, since the list of dropped parts has grown
        kept: list[Header] = []
        for header in self.kept:
            if excess > 0 and _is_droppable(header):
                excess -= _header_size(header)
            else:
                kept.append(header)
        self.kept = kept

    def _truncated(self) -> str:
        """SLC-DLQ-017."""
        known = [part for part in PARTS if part in self.dropped or part in self.dropped_before]
        return ",".join(dict.fromkeys([*known, *self.dropped_before]))


def _header_size(header: Header) -> int:
    name, value = header
    return len(name.encode()) + len(value or b"")


def _is_droppable(header: Header) -> bool:
    name = header[0]
    foreign = not name.startswith("sluice-")
    return (
        foreign
        and name not in _NEVER_DROPPED
        and not name.startswith("ce_")
        and _header_size(header) > _LARGE_HEADER
    )


def _bounded(text: str | None, max_bytes: int) -> bytes | None:
    """A header that is written when there is one and it is not empty."""
    return bound(text, max_bytes) if text else None


def _not_empty(given: Fields, name: str) -> str:
    text = given.text(name)
    if not text:
        raise given.fail(name, "is empty")
    return text
