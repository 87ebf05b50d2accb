"""Section 11: dead letters of other systems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import headers as forms
from .envelope import read_envelope
from .headers import utf8
from .inputs import MAX_INT32, MAX_PARTITION, MAX_SAFE, Fields, Header

Form = Callable[[bytes], Any]
"""Reads the bytes of a header; None when they are malformed."""

_ERROR_FIELDS = ("kind", "class", "code", "message", "stack", "stage", "causeClass", "causeMessage")


def _as_text(form: forms.Form) -> Form:
    def read(value: bytes) -> Any:
        text = utf8(value)
        return None if text is None else form(text)

    return read


def _binary(size: int, high: int, low: int = 0) -> Form:
    """int32 and int64. What is negative is below every range, so that no sign has to be read."""

    def read(value: bytes) -> int | None:
        number = int.from_bytes(value, "big")
        return number if len(value) == size and low <= number <= high else None

    return read


def _binary_or(other: Form, size: int, high: int, low: int = 0) -> Form:
    binary = _binary(size, high, low)
    return lambda value: binary(value) if len(value) == size else other(value)


def _less_one(form: Form) -> Form:
    """Systems that count attempts: the retries are one less."""

    def read(value: bytes) -> int | None:
        count = form(value)
        return None if count is None else count - 1

    return read


_TEXT = _as_text(forms.text)
_ANY_TEXT = _as_text(forms.any_text)
_PARTITION = _as_text(forms.integer(MAX_PARTITION))
_OFFSET = _as_text(forms.integer())
_ATTEMPTS = _less_one(_as_text(forms.integer(MAX_INT32, low=1)))


@dataclass(frozen=True)
class Dialect:
    """One table of 11.2. `fields` names the header and the form of each field of the normal form."""

    name: str
    fields: Mapping[str, tuple[str, Form]]
    detected_by: tuple[frozenset[str], ...]
    """It is detected when all headers of one of these sets occur, under whichever name they are read."""
    origin_first: bool = False
    others_first: bool = False
    older_names: Mapping[str, str] = field(default_factory=dict)
    """Each is read in place of a header that does not occur."""
    other_names: tuple[str, str] | None = None
    """When the header with the topic does not occur, all are read with the second prefix in place of the first."""


_SPRING_FIELDS: dict[str, tuple[str, Form]] = {
    "topic": ("kafka_dlt-original-topic", _TEXT),
    "partition": ("kafka_dlt-original-partition", _binary(4, MAX_PARTITION)),
    "offset": ("kafka_dlt-original-offset", _binary(8, MAX_SAFE)),
    "timestamp": ("kafka_dlt-original-timestamp", _binary(8, MAX_SAFE)),
    "group": ("kafka_dlt-original-consumer-group", _TEXT),
    "retryCount": (
        "retry_topic-attempts",
        _less_one(_binary_or(_binary(1, 255, low=1), 4, MAX_INT32, low=1)),
    ),
    "class": ("kafka_dlt-exception-fqcn", _TEXT),
    "message": ("kafka_dlt-exception-message", _ANY_TEXT),
    "stack": ("kafka_dlt-exception-stacktrace", _ANY_TEXT),
    "causeClass": ("kafka_dlt-exception-cause-fqcn", _TEXT),
}

# In the order of 11.2, after `sluice`, which section 3 reads.
DIALECTS = (
    Dialect(
        name="kip1191",
        detected_by=(frozenset({"__dlq.errors.topic"}),),
        fields={
            "topic": ("__dlq.errors.topic", _TEXT),
            "partition": ("__dlq.errors.partition", _PARTITION),
            "offset": ("__dlq.errors.offset", _OFFSET),
            "group": ("__dlq.errors.group", _TEXT),
            "retryCount": ("__dlq.errors.delivery.count", _ATTEMPTS),
            "message": ("__dlq.errors.message", _ANY_TEXT),
        },
    ),
    Dialect(
        name="connect",
        detected_by=(frozenset({"__connect.errors.topic"}), frozenset({"__connect.errors.stage"})),
        origin_first=True,
        fields={
            "topic": ("__connect.errors.topic", _TEXT),
            "partition": ("__connect.errors.partition", _PARTITION),
            "offset": ("__connect.errors.offset", _OFFSET),
            "stage": ("__connect.errors.stage", _TEXT),
            "class": ("__connect.errors.exception.class.name", _TEXT),
            "message": ("__connect.errors.exception.message", _ANY_TEXT),
            "stack": ("__connect.errors.exception.stacktrace", _ANY_TEXT),
        },
    ),
    Dialect(
        name="streams",
        detected_by=(frozenset({"__streams.errors.topic"}),),
        origin_first=True,
        fields={
            "topic": ("__streams.errors.topic", _TEXT),
            "partition": ("__streams.errors.partition", _PARTITION),
            "offset": ("__streams.errors.offset", _OFFSET),
            "class": ("__streams.errors.exception", _TEXT),
            "message": ("__streams.errors.message", _ANY_TEXT),
            "stack": ("__streams.errors.stacktrace", _ANY_TEXT),
        },
    ),
    Dialect(
        name="spring",
        detected_by=(frozenset({"kafka_dlt-original-topic"}),),
        origin_first=True,
        fields=_SPRING_FIELDS,
        older_names={
            name: name.replace("kafka_dlt-", "kafka_", 1)
            for name, _ in _SPRING_FIELDS.values()
            if name.startswith("kafka_dlt-")
        },
    ),
    Dialect(
        name="scs",
        detected_by=(frozenset({"x-original-topic"}),),
        origin_first=True,
        fields={
            "topic": ("x-original-topic", _TEXT),
            "partition": ("x-original-partition", _binary_or(_PARTITION, 4, MAX_PARTITION)),
            "offset": ("x-original-offset", _binary_or(_OFFSET, 8, MAX_SAFE)),
            "timestamp": ("x-original-timestamp", _binary_or(_OFFSET, 8, MAX_SAFE)),
            "class": ("x-exception-fqcn", _TEXT),
            "message": ("x-exception-message", _ANY_TEXT),
            "stack": ("x-exception-stacktrace", _ANY_TEXT),
        },
    ),
    Dialect(
        name="smallrye",
        detected_by=(frozenset({"dead-letter-topic"}),),
        others_first=True,
        fields={
            "topic": ("dead-letter-topic", _TEXT),
            "partition": ("dead-letter-partition", _PARTITION),
            "offset": ("dead-letter-offset", _OFFSET),
            "retryCount": ("delayed-retry-count", _as_text(forms.integer(MAX_INT32))),
            "class": ("dead-letter-exception-class-name", _TEXT),
            "message": ("dead-letter-reason", _ANY_TEXT),
            "causeClass": ("dead-letter-cause-class-name", _TEXT),
            "causeMessage": ("dead-letter-cause", _ANY_TEXT),
        },
        other_names=("dead-letter-", "delayed-retry-"),
    ),
    Dialect(
        name="karafka",
        detected_by=(frozenset({"source_topic", "source_offset"}),),
        fields={
            "topic": ("source_topic", _TEXT),
            "partition": ("source_partition", _PARTITION),
            "offset": ("source_offset", _OFFSET),
            "group": ("source_consumer_group", _TEXT),
            "retryCount": ("source_attempts", _ATTEMPTS),
        },
    ),
)

_ORIGIN_FIELDS = ("topic", "partition", "offset", "timestamp")


def dead_letter_read(given: Fields) -> dict[str, Any]:
    """The operation DeadLetterRead."""
    timestamp = given.timestamp("timestamp")
    own = _origin_json(
        given.topic("topic"), given.integer("partition", 0, MAX_PARTITION), given.decimal("offset"), timestamp
    )
    headers = given.headers("headers")
    occurrences: dict[str, list[bytes | None]] = {}
    for name, value in headers:
        occurrences.setdefault(name, []).append(value)
    renamed = given.object("springNames")
    spring_names = {name: renamed.text(name) for name, _ in _SPRING_FIELDS.values() if name in renamed}

    read: list[dict[str, Any]] = []
    anomalies = set[str]()
    value_dropped = False
    if "sluice-spec" in occurrences:
        entry, sluice_anomalies, value_dropped = _read_sluice(headers, occurrences)
        read.append(entry)
        anomalies |= sluice_anomalies
    for dialect in DIALECTS:
        names = spring_names if dialect.name == "spring" else {}
        reader = _DialectReader(dialect, occurrences, names, anomalies)
        if reader.detected():
            read.append(reader.read())

    origins = [entry["origin"] for entry in read]
    told = (o for o in origins if o is not None and o["partition"] is not None and o["offset"] is not None)
    if given.flag("valueNull"):
        known = "unknown" if any(entry["dialect"] == "kip1191" for entry in read) else "null"
        payload = "dropped" if value_dropped else known
    else:
        payload = "present"
    return {
        "dialects": read or [_entry("plain", own, hops=0)],
        "origin": next(told, own),
        "payload": payload,
        "anomalies": sorted(anomalies),
    }


class _DialectReader:
    def __init__(
        self,
        dialect: Dialect,
        occurrences: Mapping[str, list[bytes | None]],
        renamed: Mapping[str, str],
        anomalies: set[str],
    ) -> None:
        self._dialect = dialect
        self._occurrences = occurrences
        self._renamed = renamed
        self._anomalies = anomalies

    def detected(self) -> bool:
        return any(
            all(self._name(name) in self._occurrences for name in names)
            for names in self._dialect.detected_by
        )

    def read(self) -> dict[str, Any]:
        values = {name: self._field(name) for name in self._dialect.fields}
        topic, partition, offset, timestamp = (values.get(name) for name in _ORIGIN_FIELDS)
        origin = None if topic is None else _origin_json(topic, partition, offset, timestamp)
        topic_header = self._name(self._dialect.fields["topic"][0])
        return _entry(
            self._dialect.name,
            origin,
            hops=len(self._occurrences.get(topic_header, ())),
            group=values.get("group"),
            retry_count=values.get("retryCount"),
            error={name: values.get(name) for name in _ERROR_FIELDS},
        )

    def _field(self, field_name: str) -> Any:
        """SLC-INT-005."""
        default_name, form = self._dialect.fields[field_name]
        name = self._name(default_name)
        first = self._dialect.origin_first if field_name in _ORIGIN_FIELDS else self._dialect.others_first
        values = self._occurrences.get(name, [None])
        value = values[0 if first else -1]
        if value is None:
            return None
        read = form(value)
        if read is None:
            self._anomalies.add(f"malformed:{name}")
        return read

    def _name(self, default: str) -> str:
        """Under which name a header occurs: as it was renamed, its newer or its older one."""
        if default in self._renamed:
            return self._renamed[default]
        older = self._dialect.older_names.get(default)
        if older is not None and default not in self._occurrences:
            return older
        other = self._dialect.other_names
        if other is not None and self._dialect.fields["topic"][0] not in self._occurrences:
            return default.replace(*other, 1) if default.startswith(other[0]) else default
        return default


def _read_sluice(
    headers: list[Header], occurrences: Mapping[str, list[bytes | None]]
) -> tuple[dict[str, Any], frozenset[str], bool]:
    """SLC-INT-007. With the anomalies, and whether the value was dropped."""
    envelope = read_envelope(headers, trusted=True)
    values, origin = envelope.values, envelope.origin
    entry = _entry(
        "sluice",
        None
        if origin is None
        else _origin_json(origin.topic, origin.partition, origin.offset, origin.timestamp),
        hops=len(occurrences.get("sluice-origin-topic", ())),
        group=values["sluice-group"],
        retry_count=values["sluice-retry-count"],
        reason=values["sluice-dlq-reason"],
        error={
            "kind": values["sluice-error-kind"] or "unknown",
            **{name: values[f"sluice-error-{name}"] for name in ("class", "code", "message", "stack")},
        },
    )
    return entry, envelope.anomalies, "value" in envelope.truncated


def _entry(
    dialect: str,
    origin: dict[str, Any] | None,
    hops: int,
    group: str | None = None,
    retry_count: int | None = None,
    reason: str | None = None,
    error: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:
    return {
        "dialect": dialect,
        "origin": origin,
        "hops": hops,
        "group": group,
        "retryCount": retry_count,
        "reason": reason,
        "error": dict.fromkeys(_ERROR_FIELDS) | dict(error or {}),
    }


def _origin_json(
    topic: str, partition: int | None, offset: int | None, timestamp: int | None
) -> dict[str, Any]:
    return {
        "topic": topic,
        "partition": partition,
        "offset": None if offset is None else str(offset),
        "timestamp": None if timestamp is None else str(timestamp),
    }
