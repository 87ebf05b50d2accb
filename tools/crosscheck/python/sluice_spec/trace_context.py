"""Section 3.6 and Appendix C.5: trace context."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .headers import readable
from .inputs import Fields, headers_json

X_TRACE_ID = "X-Trace-ID"

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.DOTALL)
_KEY_CHAR = "[a-z0-9_*/-]"
_MEMBER = re.compile(
    rf"((?:[a-z]{_KEY_CHAR}{{0,255}}|[a-z0-9]{_KEY_CHAR}{{0,240}}@[a-z]{_KEY_CHAR}{{0,13}}))"
    r"=[ -+\--<>-~]{0,255}[!-+\--<>-~]"
)
_MAX_MEMBERS = 32
_MAX_TRACESTATE = 512
_LONG_MEMBER = 128


@dataclass(frozen=True)
class TraceParent:
    trace_id: str
    parent_id: str
    flags: str

    @classmethod
    def parse(cls, text: str) -> TraceParent | None:
        """SLC-ENV-025. None when it is malformed."""
        match = _TRACEPARENT.fullmatch(text)
        if match is None:
            return None
        version, trace_id, parent_id, flags, more = match.groups()
        if version == "ff" or not trace_id.strip("0") or not parent_id.strip("0"):
            return None
        if version == "00":
            return None if more else cls(trace_id, parent_id, flags)
        return cls(trace_id, parent_id, "01" if int(flags, 16) & 1 else "00")

    def encode(self) -> str:
        return f"00-{self.trace_id}-{self.parent_id}-{self.flags}"


def parse_tracestate(text: str) -> list[str] | None:
    """SLC-ENV-026: its members, none of them empty. None when it is malformed."""
    members = [member for part in text.split(",") if (member := part.strip(" \t"))]
    if len(members) > _MAX_MEMBERS:
        return None
    keys = set[str]()
    for member in members:
        match = _MEMBER.fullmatch(member)
        if match is None or match[1] in keys:
            return None
        keys.add(match[1])
    return members


def bounded_tracestate(members: list[str]) -> str | None:
    """SLC-ENV-027. None when no member is left."""
    if len(",".join(members)) > _MAX_TRACESTATE:
        members = [member for member in members if len(member) <= _LONG_MEMBER]
        while len(",".join(members)) > _MAX_TRACESTATE:
            members.pop()
    return ",".join(members) or None


def stamp_trace_id(given: Fields) -> dict[str, Any]:
    """The operation StampTraceId: SLC-ENV-029."""
    headers = given.headers("headers")
    last = dict(headers)
    text = readable(last.get("traceparent"))
    parent = None if text is None else TraceParent.parse(text)
    if parent is not None and last.get(X_TRACE_ID) is None:
        headers = [header for header in headers if header[0] != X_TRACE_ID]
        headers.append((X_TRACE_ID, parent.trace_id.encode()))
    return {"headers": headers_json(headers)}
