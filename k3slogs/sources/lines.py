"""Chunks of bytes -> blocks of whole lines; of an endless line only head and tail are kept."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from k3slogs.bulk import newlines
from k3slogs.model import Block

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

BLOCK = 4 * 1024 * 1024
"""What is read at once, and about what a block holds."""
MAX_LINE = 256 * 1024
"""Longest line that is kept whole, without its newline."""
MARK = b" ... "
"""Stands for what was left out; a shortened line is exactly MAX_LINE long, so that shortening it again changes nothing."""
HEAD = MAX_LINE // 2
TAIL = MAX_LINE - HEAD - len(MARK)

Numbered = tuple[int, bytes]
"""A line without its newline, and its number in the file."""


@dataclass
class Notes:
    """What reading an input tells besides its lines."""

    bytes_read: int = 0
    lines_read: int = 0
    problems: list[str] = field(default_factory=list)
    truncated: bool = False
    """Something of the input was not read."""
    broken: str = ""
    """Why it could not be read to its end, or at all: damage, an error; no limit of ours."""
    dated: datetime | None = None
    """The date at which a document says that it was written."""
    _long_lines: int = 0
    _longest: tuple[int, int] = (0, 0)

    def lost(self, problem: str) -> None:
        """A problem that cost some of the input."""
        self.truncated = True
        self.problems.append(problem)

    def broke(self, problem: str) -> None:
        """A problem that ended the reading."""
        self.lost(problem)
        self.broken = self.broken or problem

    def add(self, other: Notes) -> None:
        """What reading a part of it told."""
        self.problems += other.problems
        self.truncated |= other.truncated
        self.broken = self.broken or other.broken

    def long_line(self, number: int, length: int) -> None:
        if not self._long_lines:
            self._longest = number, length
        self._long_lines += 1

    def close(self) -> None:
        """Turn what was counted on the way into one problem."""
        if self._long_lines:
            number, length = self._longest
            others = f" (and of {self._long_lines - 1} more such lines)" if self._long_lines > 1 else ""
            self.lost(f"line {number} is {length} bytes long: only its head and tail were read{others}")
            self._long_lines = 0


class Keeper:
    """Collects the pieces of one line in bounded memory."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self.size = 0

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        self._kept += piece
        if len(self._kept) > MAX_LINE:
            del self._kept[HEAD:-TAIL]

    def take(self, number: int, notes: Notes) -> bytes:
        """The line; the keeper is empty afterwards."""
        line = bytes(self._kept)
        if self.size > MAX_LINE:
            notes.long_line(number, self.size)
            line = line[:HEAD] + MARK + line[-TAIL:]
        self._kept.clear()
        self.size = 0
        return line


def blocks(chunks: Iterable[bytes], notes: Notes, number: int = 1) -> Iterator[Block]:
    """Blocks of whole lines, the first of which has the given number; only the last line of the last block may lack its newline."""
    held = Keeper()
    for chunk in chunks:
        cut = chunk.rfind(b"\n") + 1
        if not cut:
            held.add(chunk)
            continue
        start = chunk.find(b"\n") if held.size else 0
        held.add(chunk[:start])
        before = [held.take(number, notes)] if held.size else []
        data = b"".join([*before, *_shortened(chunk, start, cut, number, notes)])
        yield Block(data, number)
        count = newlines(data)
        number += count
        notes.lines_read += count
        held.add(chunk[cut:])
    if held.size:
        notes.lines_read += 1
        yield Block(held.take(number, notes), number)


def _shortened(chunk: bytes, start: int, cut: int, number: int, notes: Notes) -> Iterator[bytes | memoryview]:
    """The pieces of chunk[start:cut] with the middle of each long line left out; looks at few bytes if there is none."""
    view = memoryview(chunk)
    done = at = start
    while cut - at > MAX_LINE:
        end = chunk.rfind(b"\n", at, at + MAX_LINE + 1)
        if end >= 0:
            at = end + 1
            continue
        end = chunk.find(b"\n", at)
        notes.long_line(number + chunk.count(b"\n", 0, at), end - at)
        yield from (view[done : at + HEAD], MARK, view[end - TAIL : end])
        done = at = end
    yield view[done:cut] if done or cut < len(chunk) else chunk  # a chunk that is joined with nothing is not copied


def numbered(block: Block) -> Iterator[Numbered]:
    """The lines of a block with their numbers."""
    lines = block.data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    yield from zip(block.numbers, lines, strict=True) if block.numbers is not None else enumerate(lines, block.first_line)


def pack(lines: Iterable[Numbered]) -> Iterator[Block]:
    """Lines whose numbers need not be consecutive -> blocks."""
    numbers = array("Q")
    pieces: list[bytes] = []
    size = 0
    for number, line in lines:
        numbers.append(number)
        pieces += (line, b"\n")
        size += len(line) + 1
        if size >= BLOCK:
            yield Block(b"".join(pieces), numbers[0], numbers)
            numbers, pieces, size = array("Q"), [], 0
    if pieces:
        yield Block(b"".join(pieces), numbers[0], numbers)
