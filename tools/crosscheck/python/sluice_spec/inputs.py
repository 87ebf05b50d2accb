"""The JSON inputs of operations (Appendix D): typed access that says what is wrong with a field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
Header = tuple[str, bytes | None]
Range = tuple[int, int]

MAX_SAFE = 2**53 - 1
MAX_INT32 = 2**31 - 1
MAX_PARTITION = 2**31 - 2
TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")

_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


class InputError(Exception):
    """The input has not the form that Appendix D gives it; the message names the field."""


class Fields:
    """An object of the input. Every method reads one member and refuses what has another form."""

    def __init__(self, value: Any, path: str = "input") -> None:
        if not isinstance(value, dict):
            raise InputError(f"{path} is not an object")
        self._members = value
        self._path = path

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def fail(self, name: str, problem: str) -> InputError:
        return InputError(f"{self._path}.{name} {problem}")

    def raw(self, name: str) -> Any:
        if name not in self._members:
            raise self.fail(name, "is missing")
        return self._members[name]

    def nullable(self, read: Callable[..., T], name: str, *args: Any) -> T | None:
        return None if self.raw(name) is None else read(self, name, *args)

    def object(self, name: str) -> Fields:
        return Fields(self.raw(name), f"{self._path}.{name}")

    def objects(self, name: str) -> list[Fields]:
        return [Fields(item, f"{self._path}.{name}[{i}]") for i, item in enumerate(self.array(name))]

    def array(self, name: str) -> list[Any]:
        value = self.raw(name)
        if not isinstance(value, list):
            raise self.fail(name, "is not an array")
        return value

    def integer(self, name: str, low: int, high: int) -> int:
        return self._integer(name, self.raw(name), low, high)

    def integers(self, name: str, low: int, high: int) -> list[int]:
        return [self._integer(name, item, low, high) for item in self.array(name)]

    def decimal(self, name: str, high: int = MAX_SAFE) -> int:
        return self._decimal(name, self.raw(name), high)

    def decimals(self, name: str) -> list[int]:
        return [self._decimal(name, item) for item in self.array(name)]

    def text(self, name: str) -> str:
        return self._text(name, self.raw(name))

    def topic(self, name: str) -> str:
        value = self.text(name)
        if not TOPIC.fullmatch(value):
            raise self.fail(name, "is not the name of a topic")
        return value

    def timestamp(self, name: str) -> int | None:
        """None for -1, with which Kafka shows that a record has none."""
        return None if self.raw(name) == "-1" else self.decimal(name)

    def choice(self, name: str, choices: Iterable[str]) -> str:
        value = self.text(name)
        if value not in choices:
            raise self.fail(name, "is none of the values that are defined")
        return value

    def flag(self, name: str) -> bool:
        value = self.raw(name)
        if not isinstance(value, bool):
            raise self.fail(name, "is not true or false")
        return value

    def octets(self, name: str) -> bytes:
        return self._octets(name, self.raw(name))

    def utf8(self, name: str) -> str:
        return self._decode(name, self.octets(name))

    def headers(self, name: str) -> list[Header]:
        return [
            (
                self._decode(name, self._octets(name, key)),
                None if value is None else self._octets(name, value),
            )
            for key, value in self._pairs(name)
        ]

    def records(self, name: str) -> list[tuple[int, bytes | None]]:
        return [
            (self._decimal(name, offset), None if key is None else self._octets(name, key))
            for offset, key in self._pairs(name)
        ]

    def ranges(self, name: str, above: int) -> list[Range]:
        """Ranges that ascend without touching, beginning above an offset. `to` is not included: at most 2^53."""
        ranges: list[Range] = []
        for first, last in self._pairs(name):
            start, end = self._decimal(name, first), self._decimal(name, last, MAX_SAFE + 1)
            if not above < start < end:
                raise self.fail(name, "does not ascend")
            ranges.append((start, end))
            above = end
        return ranges

    def _pairs(self, name: str) -> list[Sequence[Any]]:
        pairs = self.array(name)
        if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
            raise self.fail(name, "is not a list of pairs")
        return pairs

    def _integer(self, name: str, value: Any, low: int, high: int) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # JSON does not tell 1.0 from 1
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.fail(name, f"is not an integer from {low} to {high}")
        return value

    def _decimal(self, name: str, value: Any, high: int = MAX_SAFE) -> int:
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value) or int(value) > high:
            raise self.fail(name, f"is not a decimal string from 0 to {high}")
        return int(value)

    def _octets(self, name: str, value: Any) -> bytes:
        if not isinstance(value, str) or not _HEX.fullmatch(value):
            raise self.fail(name, "is not lower-case hexadecimal")
        return bytes.fromhex(value)

    def _decode(self, name: str, value: bytes) -> str:
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            raise self.fail(name, "is not well-formed UTF-8") from None

    def _text(self, name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise self.fail(name, "is not a string")
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise self.fail(name, "has half a surrogate pair") from None
        return value


def headers_json(headers: Iterable[Header]) -> list[list[str | None]]:
    return [[name.encode().hex(), None if value is None else value.hex()] for name, value in headers]


def ranges_json(ranges: Iterable[Range]) -> list[list[str]]:
    return [[str(start), str(end)] for start, end in ranges]


def octets_json(value: bytes | None) -> str | None:
    return None if value is None else value.hex()
