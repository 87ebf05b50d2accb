"""Section 5.3 and Appendix C.4: the history of a record's failures."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from .inputs import MAX_SAFE

MAX_ENTRIES = 10

_INTEGER = "(?:0|[1-9][0-9]{0,18})"
_ENTRY = (
    rf'\{{"n":({_INTEGER}),"at":"({_INTEGER})","k":"([a-z0-9-]{{1,64}})"(?:,"c":"([ !#-\[\]-~]{{1,64}})")?\}}'
)
_DROPPED = rf',\{{"dropped":({_INTEGER})\}}'
_FIRST = re.compile(rf"\[{_ENTRY}(?:{_DROPPED})?")
_NEXT = re.compile(rf",{_ENTRY}")
_NOT_CODE = re.compile(r"[^ !#-\[\]-~]")


@dataclass(frozen=True)
class Entry:
    n: int
    at: int
    kind: str
    code: str | None

    def encode(self) -> str:
        code = "" if self.code is None else f',"c":"{self.code}"'
        return f'{{"n":{self.n},"at":"{self.at}","k":"{self.kind}"{code}}}'

    def json(self) -> dict[str, Any]:
        return {"n": self.n, "at": str(self.at), "k": self.kind, "c": self.code}


@dataclass(frozen=True)
class History:
    entries: tuple[Entry, ...]
    dropped: int | None = None
    """How many entries once stood after the first one."""

    @classmethod
    def parse(cls, text: str) -> History | None:
        """None when it is malformed."""
        match = _FIRST.match(text)
        if match is None:
            return None
        dropped = match[5]
        if dropped is not None and int(dropped) > MAX_SAFE:
            return None
        entries: list[Entry] = []
        while match is not None:
            entry = Entry(int(match[1]), int(match[2]), match[3], match[4])
            if entry.n > MAX_SAFE or entry.at > MAX_SAFE:
                return None
            entries.append(entry)
            end = match.end()
            match = _NEXT.match(text, end)
        if text[end:] != "]":
            return None
        return cls(tuple(entries), None if dropped is None else int(dropped))

    def append(self, entry: Entry) -> History:
        """SLC-DLQ-013, -015."""
        entries = (*self.entries, entry)
        excess = len(entries) - MAX_ENTRIES
        if excess <= 0:
            return replace(self, entries=entries)
        dropped = min((self.dropped or 0) + excess, MAX_SAFE)
        return History((entries[0], *entries[-(MAX_ENTRIES - 1) :]), dropped)

    def encode(self) -> str:
        first, *rest = (entry.encode() for entry in self.entries)
        mark = [] if self.dropped is None else [f'{{"dropped":{self.dropped}}}']
        return f"[{','.join([first, *mark, *rest])}]"

    def json(self) -> list[dict[str, Any]]:
        first, *rest = (entry.json() for entry in self.entries)
        mark = [] if self.dropped is None else [{"dropped": self.dropped}]
        return [first, *mark, *rest]


def history_code(code: str) -> str:
    """SLC-DLQ-014."""
    return _NOT_CODE.sub("_", code)[:64]
