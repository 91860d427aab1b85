"""Text on its way into a bundle, without secrets: a line at a time, in bounded memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k3slogs.safety import redact
from k3slogs.sources.lines import Notes, blocks

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

_BORDER = re.compile(r"-----(?:BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY-----")
_MATERIAL = re.compile(r"(?<![A-Za-z0-9+/_.-])(?:[A-Za-z0-9+/]{32,}={0,2}|[A-Za-z0-9+/]{2,}={1,2})(?=$|[\"\\\s,])")
_OTHERS = 20
"""Lines of others that may stand between those of a key."""


def whole_lines(chunks: Iterable[bytes], cuts: list[str], *, redacted: bool) -> Generator[bytes]:
    """Blocks of whole lines, of an endless one only head and tail; without secrets if asked."""
    notes = Notes()
    key = _Key()
    for block in blocks(chunks, notes):
        yield b"".join(map(key.without, block.data.splitlines(keepends=True))) if redacted else block.data
    notes.close()
    cuts += notes.problems


class _Key:
    """Knows when lines are those of a private key, which may come in either order, with lines of others between."""

    def __init__(self) -> None:
        self._left = 0

    def without(self, line: bytes) -> bytes:
        text = line.decode("utf-8", "surrogateescape")
        found = redact(text)
        if borders := _BORDER.findall(text):
            self._left = _OTHERS if len(borders) % 2 else 0
        elif self._left:
            found, hidden = _MATERIAL.subn("[redacted]", found)
            self._left = _OTHERS if hidden else self._left - 1
        return line if found == text else found.encode("utf-8", "surrogateescape")
