"""Bytes on their way out of an archive, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from k3slogs.sources.compression import FREE, RATIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

TOTAL = 64 * 1024**3
"""Bytes that one archive may unpack to."""


class Item(NamedTuple):
    """One entry of an archive: a file with its bytes, a link with its target, or something with a reason why it is not read."""

    name: str
    mtime: datetime | None = None
    chunks: Iterable[bytes] = ()
    target: str = ""
    hard: bool = False
    reason: str = ""
    lost: bool = False


class Meter:
    """Watches what an archive of so many bytes unpacks to, all archives in it together."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._out = 0
        self.full = ""
        """The limit that was reached, in words."""

    def watch(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks; raises OSError when they become too many."""
        for chunk in chunks:
            self._out += len(chunk)
            if self._out > FREE and self._out > RATIO * self._size:
                self.full = f"grows more than {RATIO} times, as only a bomb does: stopped after {self._out} bytes"
            elif self._out > TOTAL:
                self.full = f"unpacks to more than {TOTAL // 1024**3} GiB: the rest was left out"
            if self.full:
                raise OSError(self.full)
            yield chunk


class Chain:
    """Chunks that are taken in other sizes than they come in."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._front = b""
        self._at = 0
        self.position = 0

    def some(self, most: int) -> bytes:
        """The next bytes, at most so many; none at the end."""
        if self._at == len(self._front):
            self._front, self._at = next((chunk for chunk in self._chunks if chunk), b""), 0
        piece = self._front[self._at : self._at + most]
        self._at += len(piece)
        self.position += len(piece)
        return piece

    def exactly(self, size: int) -> bytes:
        """So many bytes, or what is left."""
        pieces = []
        while size and (piece := self.some(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def push(self, data: bytes) -> None:
        """Give back what was taken last."""
        self._front, self._at = data + self._front[self._at :], 0
        self.position -= len(data)
