"""Section 3.7: text that came from data."""

from __future__ import annotations

import re
from typing import Any

from .inputs import MAX_INT32, Fields

_ELLIPSIS = "…".encode()
_NEUTRALISED = re.compile("[\u0000-\u001f\u007f-\u009f\u2028\u2029]")


def neutralise(text: str) -> str:
    """SLC-SEC-002."""
    return _NEUTRALISED.sub(" ", text)


def bound(text: str, max_bytes: int) -> bytes:
    """SLC-ENV-010."""
    encoded = text.encode()
    if len(encoded) <= max_bytes:
        return encoded
    end = max_bytes - len(_ELLIPSIS)
    while end > 0 and encoded[end] & 0xC0 == 0x80:  # in the middle of a code point
        end -= 1
    return encoded[:end] + _ELLIPSIS


def bound_text(given: Fields) -> dict[str, Any]:
    """The operation BoundText."""
    text = given.utf8("text")
    if given.flag("neutralise"):
        text = neutralise(text)
    return {"text": bound(text, given.integer("maxBytes", 3, MAX_INT32)).hex()}
