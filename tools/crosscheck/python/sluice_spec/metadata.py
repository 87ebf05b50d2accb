"""Section 7: commit metadata."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .inputs import MAX_INT32, MAX_SAFE, Fields, Range, ranges_json

_PREFIX = "slc1."
_MAX_BYTES = 65535
_CRC_BYTES = 4
_BITMAP, _TRUNCATED, _EPOCH = 1, 2, 4
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


def _crc32c_table() -> list[int]:
    table: list[int] = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_CRC32C = _crc32c_table()


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC32C[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


@dataclass(frozen=True)
class Metadata:
    settled: Sequence[Range] = ()
    leader_epoch: int | None = None
    truncated: bool = False


class Rejected(Exception):
    """SLC-CMD-008. Its message is the code."""


def encode(base: int, settled: Sequence[Range], leader_epoch: int | None, max_chars: int) -> str:
    """7.2: the longest sequence of ranges from the base upwards that fits."""
    head = _varint(base) + (b"" if leader_epoch is None else _varint(leader_epoch))
    max_chars = min(max_chars, _MAX_BYTES)
    max_payload = (
        max(0, max_chars - len(_PREFIX) - 1) * 3 // 4
    )  # whole bytes in so many characters of base64url
    max_body = max_payload - 1 - len(head) - _CRC_BYTES

    runs = bytearray()
    fitting, use_bitmap, runs_end = 0, False, 0
    end = base
    for count, (start, to) in enumerate(settled, 1):
        runs += _varint(start - end) + _varint(to - start)
        end = to
        bitmap_size = len(_varint(end - base)) + (end - base + 7) // 8
        if min(len(runs), bitmap_size) > max_body:  # neither becomes shorter with more
            break
        fitting, use_bitmap, runs_end = count, bitmap_size < len(runs), len(runs)
    if not fitting:
        return ""

    kept = settled[:fitting]
    flags = (
        (_BITMAP if use_bitmap else 0)
        | (_TRUNCATED if fitting < len(settled) else 0)
        | (0 if leader_epoch is None else _EPOCH)
    )
    body = _bitmap(base, kept) if use_bitmap else bytes(runs[:runs_end])
    payload = bytes([flags]) + head + body
    crc = crc32c(_PREFIX.encode() + payload).to_bytes(_CRC_BYTES, "big")
    return f"{_PREFIX}{base64.urlsafe_b64encode(payload + crc).decode().rstrip('=')}."


def decode(committed_offset: int, metadata: str) -> Metadata:
    """7.3. Raises Rejected."""
    if not metadata:
        return Metadata()
    if not metadata.startswith(_PREFIX):
        raise Rejected("foreign")
    if len(metadata.encode()) > _MAX_BYTES:
        raise Rejected("too-long")
    payload = _base64url(metadata.removeprefix(_PREFIX).removesuffix("\0").removesuffix("."))
    if len(payload) < 1 + _CRC_BYTES:
        raise Rejected("short")
    content, crc = payload[:-_CRC_BYTES], payload[-_CRC_BYTES:]
    if crc32c(_PREFIX.encode() + content) != int.from_bytes(crc, "big"):
        raise Rejected("checksum")

    flags = content[0]
    if flags & ~(_BITMAP | _TRUNCATED | _EPOCH):
        raise Rejected("flags")
    reader = _Reader(content, 1)
    base = reader.varint()
    if base != committed_offset:
        raise Rejected("base")
    leader_epoch = reader.varint(MAX_INT32) if flags & _EPOCH else None
    settled = reader.bitmap(base) if flags & _BITMAP else reader.runs(base)
    return Metadata(settled, leader_epoch, bool(flags & _TRUNCATED))


def commit_metadata_encode(given: Fields) -> dict[str, Any]:
    """The operation CommitMetadataEncode."""
    base = given.decimal("base")
    settled = given.ranges("settled", above=base)
    epoch = given.nullable(Fields.integer, "leaderEpoch", 0, MAX_INT32)
    metadata = encode(base, settled, epoch, given.integer("maxChars", 0, MAX_SAFE))
    truncated = bool(settled) and (not metadata or len(decode(base, metadata).settled) < len(settled))
    return {"metadata": metadata, "truncated": truncated}


def commit_metadata_decode(given: Fields) -> dict[str, Any]:
    """The operation CommitMetadataDecode."""
    committed_offset, text = given.decimal("committedOffset"), given.text("metadata")
    rejected = None
    try:
        metadata = decode(committed_offset, text)
    except Rejected as reason:
        metadata, rejected = Metadata(), str(reason)  # SLC-CMD-007, -009
    return {
        "settled": ranges_json(metadata.settled),
        "leaderEpoch": metadata.leader_epoch,
        "truncated": metadata.truncated,
        "rejected": rejected,
    }


class _Reader:
    """Reads a payload from left to right; the first failure counts."""

    def __init__(self, data: bytes, position: int) -> None:
        self._data = data
        self._position = position

    def varint(self, high: int = MAX_SAFE) -> int:
        value = shift = 0
        while True:
            if self._position == len(self._data) or shift > 49:  # cut off, or above 8 bytes
                raise Rejected("varint")
            byte = self._data[self._position]
            self._position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
        if (byte == 0 and shift) or value > high:
            raise Rejected("varint")
        return value

    def runs(self, base: int) -> list[Range]:
        settled: list[Range] = []
        end = base
        while self._position < len(self._data) or not settled:
            start = end + self._at_least_one()
            if start > MAX_SAFE:
                raise Rejected("overflow")
            end = start + self._at_least_one()
            if end - 1 > MAX_SAFE:
                raise Rejected("overflow")
            settled.append((start, end))
        return settled

    def _at_least_one(self) -> int:
        value = self.varint() if self._position < len(self._data) else 0
        if value == 0:
            raise Rejected("runs")
        return value

    def bitmap(self, base: int) -> list[Range]:
        n = self.varint()
        if n == 0:
            raise Rejected("bitmap")
        data = self._data[self._position :]
        bits = int.from_bytes(data, "little")
        if len(data) != (n + 7) // 8 or bits & 1 or bits.bit_length() != n:
            raise Rejected("bitmap")
        if base + n - 1 > MAX_SAFE:
            raise Rejected("overflow")
        # As text, bit 0 first: each group of ones is a range.
        return [(base + run.start(), base + run.end()) for run in re.finditer("1+", f"{bits:b}"[::-1])]


def _base64url(text: str) -> bytes:
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise Rejected("alphabet")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).decode().rstrip("=") != text:  # unused bits that are not zero
        raise Rejected("alphabet")
    return data


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _bitmap(base: int, settled: Sequence[Range]) -> bytes:
    n = settled[-1][1] - base
    bits = bytearray((n + 7) // 8)
    for start, end in settled:
        for offset in range(start - base, end - base):
            bits[offset // 8] |= 1 << offset % 8
    return _varint(n) + bytes(bits)
