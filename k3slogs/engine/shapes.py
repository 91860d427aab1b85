"""The shape of a line: its bytes with every digit a 0, and every long id as well. Lines that say the same have the same shape."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_ID = re.compile(
    rb"(?<![0-9A-Za-z])(?:[0a-f]{64}|[0a-f]{40}|[0a-f]{32}|[0a-f]{8}-[0a-f]{4}-[0a-f]{4}-[0a-f]{4}-[0a-f]{12}|[0a-f]{12})(?![0-9A-Za-z])"
)
_NUMBER = re.compile(rb"0+")
_RUN = re.compile(rb"[0a-f]{12}")
"""What every such id holds, and few other lines."""


def masked(text: bytes) -> bytes:
    """With every digit a 0."""
    return text.translate(_DIGITS)


def without_ids(text: bytes) -> bytes:
    """Of a masked text, with every long id zeros; it is as long as before."""
    return _ID.sub(lambda found: b"0" * len(found[0]), text) if _RUN.search(text) else text


def numbers(text: bytes, spans: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Where digits stand in some parts of a masked text, but for those of long ids."""
    plain = _ID.sub(lambda found: b"x" * len(found[0]), text) if _RUN.search(text) else text
    return {found.span() for span in spans for found in _NUMBER.finditer(plain, *span)}


def all_masked(lines: list[bytes]) -> list[bytes]:
    """Each of some lines with every digit a 0."""
    return masked(b"\n".join(lines)).split(b"\n") if lines else []


def all_without_ids(lines: list[bytes]) -> list[bytes]:
    """Each of some masked lines with every long id zeros."""
    return without_ids(b"\n".join(lines)).split(b"\n") if lines else []
