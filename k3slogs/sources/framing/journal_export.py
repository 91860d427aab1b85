"""`journalctl -o export`: one field a line, binary values with their length, a blank line between entries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.sources.framing._journal import KEPT, entry
from k3slogs.sources.lines import MAX_LINE, Keeper, pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from k3slogs.model import Block
    from k3slogs.sources.lines import Notes, Numbered

_FIELD = pattern(rb"([A-Z0-9_]{1,64})(?:=(.*))?", re.DOTALL)
LARGEST = 1 << 30
"""journald refuses larger values, so a larger length is damage."""


def accepts(lines: Sequence[bytes]) -> bool:
    return lines[0].startswith((b"__CURSOR=", b"__REALTIME_TIMESTAMP="))


def join(chunks: Iterable[bytes], notes: Notes) -> Iterator[Block]:
    yield from pack(_entries(_Bytes(chunks, notes)))


class _Bytes:
    """Gives lines and counted bytes; holds no more than a chunk and a long line."""

    def __init__(self, chunks: Iterable[bytes], notes: Notes) -> None:
        self._chunks = iter(chunks)
        self._data = b""
        self._at = 0
        self.notes = notes
        self.number = 1
        """Of the line that comes next."""

    def _more(self) -> bool:
        """Whether bytes are left, here or in the next chunk."""
        while self._at >= len(self._data):
            chunk = next(self._chunks, None)
            if chunk is None:
                return False
            self._data, self._at = chunk, 0
        return True

    def _take(self, keeper: Keeper, end: int) -> None:
        keeper.add(self._data[self._at : end])
        self._at = end

    def line(self) -> bytes | None:
        """Without its newline; None at the end."""
        if not self._more():
            return None
        self.notes.lines_read += 1
        self.number += 1
        end = self._data.find(b"\n", self._at)
        if 0 <= end - self._at <= MAX_LINE:  # nearly always
            line, self._at = self._data[self._at : end], end + 1
            return line
        return self._line_over_chunks()

    def _line_over_chunks(self) -> bytes:
        keeper = Keeper()
        end = -1
        while end < 0 and self._more():
            end = self._data.find(b"\n", self._at)
            self._take(keeper, end if end >= 0 else len(self._data))
        self._at += end >= 0
        return keeper.take(self.number - 1, self.notes)

    def exactly(self, size: int) -> bytes:
        """The next bytes, newlines and all; fewer at the end."""
        keeper = Keeper()
        newlines = 0
        while keeper.size < size and self._more():
            end = min(len(self._data), self._at + size - keeper.size)
            newlines += self._data.count(b"\n", self._at, end)
            self._take(keeper, end)
        value = keeper.take(self.number, self.notes)
        self.number += newlines
        self.notes.lines_read += newlines
        return value


def _entries(source: _Bytes) -> Iterator[Numbered]:
    fields: dict[str, str | None] = {}
    where = source.number
    while (line := source.line()) is not None:
        number = source.number - 1
        match = _FIELD.fullmatch(line)
        if not line:
            yield from _closed(where, fields)
            fields = {}
        elif not match:
            yield number, line
        else:
            value = match[2] if match[2] is not None else _binary(source)
            name = match[1].decode()
            if name in KEPT and name not in fields:
                fields[name] = value.decode("utf-8", "replace")
                where = number if name == "MESSAGE" else where
    yield from _closed(where, fields)


def _closed(number: int, fields: dict[str, str | None]) -> Iterator[Numbered]:
    if "MESSAGE" in fields:
        yield number, entry(fields)


def _binary(source: _Bytes) -> bytes:
    size = int.from_bytes(source.exactly(8), "little")
    if size > LARGEST:
        source.notes.lost(f"line {source.number}: a journal field says that it is {size} bytes long: it was not read")
        return b""
    value = source.exactly(size)
    source.line()
    return value
