"""The shape of a line: its bytes with every digit a 0, and every long id as well. Lines that say the same have the same shape."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k3slogs.engine.scanner import long_ids

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_NUMBER = re.compile(rb"0+")
_LONG = 1 << 20
"""Bytes from which on numpy is worth its import."""
_PART = 1 << 16
"""Bytes that stay near the processor while it goes over them several times."""


def masked(text: bytes) -> bytes:
    """With every digit a 0."""
    return text.translate(_DIGITS) if len(text) < _LONG else _masked(text)


def _masked(text: bytes) -> bytes:
    """The same by arithmetic, three times as fast: of each byte its distance to 0 is taken away, if that is less than ten."""
    import numpy as np

    given, found = np.frombuffer(text, np.uint8), np.empty(len(text), np.uint8)
    for at in range(0, len(text), _PART):
        part = given[at : at + _PART]
        digits = part - ord("0")
        np.subtract(part, digits * (digits < 10), out=found[at : at + _PART])
    return found.tobytes()


def without_ids(text: bytes) -> bytes:
    """Of a masked text, with every long id zeros; it is as long as before."""
    return _filled(text, b"0")


def numbers(text: bytes, spans: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Where digits stand in some parts of a masked text, but for those of long ids."""
    plain = _filled(text, b"x")
    return {found.span() for span in spans for found in _NUMBER.finditer(plain, *span)}


def _filled(text: bytes, letter: bytes) -> bytes:
    """With nothing but that letter in long ids."""
    found = long_ids(text)
    if not found:
        return text
    filled = bytearray(text)
    for start, end in found:
        filled[start:end] = letter * (end - start)
    return bytes(filled)


def all_masked(lines: list[bytes]) -> list[bytes]:
    """Each of some lines with every digit a 0."""
    return masked(b"\n".join(lines)).split(b"\n") if lines else []


def all_without_ids(lines: list[bytes]) -> list[bytes]:
    """Each of some masked lines with every long id zeros."""
    return without_ids(b"\n".join(lines)).split(b"\n") if lines else []
