"""Appendix A: the defined headers with their forms, in the order in which a mover writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .history import History
from .inputs import MAX_INT32, MAX_PARTITION, MAX_SAFE, TOPIC

MAX_VALUE_BYTES = 8192
MAX_HOPS = 64

_INTEGER = re.compile(r"0|[1-9][0-9]{0,18}")
_TOKEN = re.compile(r"[a-z0-9-]{1,64}")
_TOKEN_LIST = re.compile(r"[a-z0-9-]{1,64}(?:,[a-z0-9-]{1,64})*")

Form = Callable[[str], Any]
"""Reads text; None when it is malformed."""


@dataclass(frozen=True)
class Position:
    topic: str
    partition: int
    offset: int

    def json(self) -> dict[str, Any]:
        return {"topic": self.topic, "partition": self.partition, "offset": str(self.offset)}


def readable(value: bytes | None) -> str | None:
    """The text of a header that is interpreted (SLC-ENV-019, SLC-SEC-003); None when it has none."""
    if value is None or len(value) > MAX_VALUE_BYTES:
        return None
    return utf8(value)


def utf8(value: bytes) -> str | None:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return None


def integer(high: int = MAX_SAFE, low: int = 0) -> Form:
    def read(text: str) -> int | None:
        return int(text) if _INTEGER.fullmatch(text) and low <= int(text) <= high else None

    return read


def matching(pattern: re.Pattern[str]) -> Form:
    return lambda text: text if pattern.fullmatch(text) else None


def any_text(text: str) -> str:
    return text


def text(text: str) -> str | None:
    return text or None


def token_list(text: str) -> list[str] | None:
    return text.split(",") if _TOKEN_LIST.fullmatch(text) else None


def position(text: str) -> Position | None:
    parts = text.split("/")
    if len(parts) != 3 or topic(parts[0]) is None:
        return None
    partition, offset = integer(MAX_PARTITION)(parts[1]), integer()(parts[2])
    return None if partition is None or offset is None else Position(parts[0], partition, offset)


token = matching(_TOKEN)
topic = matching(TOPIC)
visible_128 = matching(re.compile(r"[!-~]{1,128}"))
_time = integer()

DEFINED: dict[str, Form] = {
    "sluice-spec": integer(),
    "sluice-message-id": visible_128,
    "sluice-message-type": text,
    "sluice-message-version": integer(),
    "sluice-idempotency-key": text,
    "sluice-group": text,
    "sluice-retry-count": integer(MAX_INT32),
    "sluice-retry-at": _time,
    "sluice-retry-policy": text,
    "sluice-origin-topic": topic,
    "sluice-origin-partition": integer(MAX_PARTITION),
    "sluice-origin-offset": integer(),
    "sluice-origin-timestamp": _time,
    "sluice-origin-cluster": text,
    "sluice-origin-partition-count": integer(MAX_INT32, low=1),
    "sluice-origin-leader-epoch": integer(MAX_INT32),
    "sluice-first-failed-at": _time,
    "sluice-failed-at": _time,
    "sluice-error-kind": token,
    "sluice-error-class": text,
    "sluice-error-code": text,
    "sluice-error-message": any_text,
    "sluice-error-stack": any_text,
    "sluice-history": History.parse,
    "sluice-dlq-reason": token,
    "sluice-replay-id": matching(re.compile(r"[!-~]{1,64}")),
    "sluice-replay-count": integer(MAX_INT32),
    "sluice-replayed-at": _time,
    "sluice-replayed-from": position,
    "sluice-hops": integer(MAX_HOPS),
    "sluice-truncated": token_list,
}

COUNTERS = {"sluice-retry-count": MAX_INT32, "sluice-replay-count": MAX_INT32, "sluice-hops": MAX_HOPS}
"""With their greatest values (SLC-ENV-007)."""

ORIGIN_PREFIX = "sluice-origin-"
_RESERVED_PREFIXES = (ORIGIN_PREFIX, "sluice-retry-", "sluice-replay", "sluice-error-")
_RESERVED = frozenset(
    {
        "sluice-spec",
        "sluice-group",
        "sluice-first-failed-at",
        "sluice-failed-at",
        "sluice-history",
        "sluice-dlq-reason",
        "sluice-hops",
        "sluice-truncated",
    }
)


def is_reserved(name: str) -> bool:
    """Whether SLC-SEC-001 keeps the header for movers."""
    return name in _RESERVED or name.startswith(_RESERVED_PREFIXES)
