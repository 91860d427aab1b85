"""gzip, with what can be saved of a damaged stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import zlib  # its drop-in replacement declares neither copy() nor what its error is
    from collections.abc import Iterator
else:
    from zlib_ng import zlib_ng as zlib


class Gzip:
    """zlib in the manner of bz2 and lzma; gives every byte before the damage."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)
        self._left = b""
        self._error: zlib.error | None = None
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        if self._error:
            raise self._error
        data = self._left + data
        before = self._zlib.copy()
        try:
            text = self._zlib.decompress(data, max_length)
        except zlib.error as error:
            self._error = error
            self.needs_input = False
            return b"".join(_saved(before, data))
        self._left = self._zlib.unconsumed_tail
        self.needs_input = not self._left and len(text) < max_length
        return text


def _saved(decoder: zlib._Decompress, data: bytes, bite: int = 64) -> Iterator[bytes]:
    """What comes out before the error, by small bites, then byte by byte; zlib drops the output of a call that fails."""
    for at in range(0, len(data), bite):
        piece = data[at : at + bite]
        before = decoder.copy()
        try:
            yield decoder.decompress(piece)
        except zlib.error:
            yield from _saved(before, piece, 1) if bite > 1 else _saved_of_byte(before, piece)
            return


def _saved_of_byte(decoder: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """A byte may hold the end of a long text, and the error."""
    try:
        while text := decoder.decompress(data, 1):
            yield text
            data = decoder.unconsumed_tail
    except zlib.error:
        return
