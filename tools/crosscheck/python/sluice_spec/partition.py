"""Section 8: partitioners."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

from .inputs import MAX_INT32, Fields

_U32 = 0xFFFFFFFF
_MURMUR_M = 0x5BD1E995


def partition_for(partitioner: str, key: bytes, count: int) -> int:
    hash_of, fold = PARTITIONERS[partitioner]
    return fold(hash_of(key), count)


def partition(given: Fields) -> dict[str, Any]:
    """The operation Partition."""
    hash_of, fold = PARTITIONERS[given.choice("partitioner", PARTITIONERS)]
    counts = given.integers("counts", 1, MAX_INT32)
    key = given.nullable(Fields.octets, "key")
    if key is None:  # SLC-PRT-001
        return {"hash": None, "partitions": None}
    value = hash_of(key)
    return {"hash": value, "partitions": [fold(value, count) for count in counts]}


def _murmur2(key: bytes) -> int:
    """8.1. The result is signed."""
    h = (0x9747B28C ^ len(key)) & _U32
    whole = len(key) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(key[i : i + 4], "little") * _MURMUR_M & _U32
        k = (k ^ k >> 24) * _MURMUR_M & _U32
        h = h * _MURMUR_M & _U32 ^ k
    if rest := key[whole:]:
        h = (h ^ int.from_bytes(rest, "little")) * _MURMUR_M & _U32
    h = (h ^ h >> 13) * _MURMUR_M & _U32
    return _signed(h ^ h >> 15)


def _fnv1a(key: bytes) -> int:
    h = 0x811C9DC5
    for byte in key:
        h = (h ^ byte) * 0x01000193 & _U32
    return _signed(h)


def _signed(value: int) -> int:
    return value - 2**32 if value >= 2**31 else value


def _mask(value: int, count: int) -> int:
    return (value & 0x7FFFFFFF) % count


def _modulo(value: int, count: int) -> int:
    return value % count


def _absolute_remainder(value: int, count: int) -> int:
    """SLC-PRT-004. The remainder with the sign of the dividend has the absolute value of |h| mod n."""
    return abs(value) % count


PARTITIONERS: dict[str, tuple[Callable[[bytes], int], Callable[[int, int], int]]] = {
    "murmur2": (_murmur2, _mask),
    "crc32": (zlib.crc32, _modulo),
    "fnv1a-abs": (_fnv1a, _absolute_remainder),
    "fnv1a-mask": (_fnv1a, _mask),
}
