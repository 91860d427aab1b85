"""The shape of a line: its bytes with every digit a 0, and every long id as well. Lines that say the same have the same shape."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from k3slogs.bulk import masked
from k3slogs.engine.scanner import long_ids

if TYPE_CHECKING:
    from collections.abc import Collection

_NUMBER = re.compile(rb"0+")


@lru_cache(maxsize=1)  # what is not known yet is asked for twice
def without_ids(text: bytes) -> bytes:
    """Of a masked text, with every long id zeros; it is as long as before."""
    return _filled(text, b"0")


def numbers(text: bytes, spans: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Where digits stand in some parts of a masked text, but for those of long ids."""
    if not spans:
        return set()
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
    return _filled(b"\n".join(lines), b"0").split(b"\n") if lines else []
