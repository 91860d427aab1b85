"""A block with some lines before and after it, so that what is read does not depend on where blocks end."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING

from k3slogs.model import Block

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from k3slogs.model import Line

MARGIN = 256 * 1024
"""Bytes of neighbouring text that stay in view on both sides."""


class Window:
    """The bytes `[begin, end)` of `data` are this window's own; what lies around them is only looked at."""

    def __init__(self, data: bytes, begin: int, end: int, parts: Iterable[tuple[int, Block]] = ()) -> None:
        self.data, self.begin, self.end = data, begin, end
        self.last = data.rfind(b"\n", begin, end - 1) + 1 or begin
        """Where the last of its own lines starts."""
        self._parts = tuple(parts)
        """Where blocks begin and how their lines are numbered; without, the number of a line is where it starts."""
        self.read: dict[int, Line] = {}
        """Lines that somebody read, by where they start; their numbers are those that he knew."""
        self._own = next((block for at, block in self._parts if at == begin), _NOTHING)
        self._at, self._counted = begin, 0

    @classmethod
    def between(cls, before: Block, own: Block, after: Block) -> Window:
        begin, end = len(before.data), len(before.data) + len(own.data)
        parts = ((0, before), (begin, own), (end, after))
        numbered = [(at, block._replace(data=b"")) for at, block in parts if block.data or block is own]
        return cls(b"".join((before.data, own.data, after.data)), begin, end, numbered)

    @property
    def unnumbered(self) -> Window:
        """The same text, for what needs the order of lines alone."""
        if not self._parts:
            return self
        same = Window(self.data, self.begin, self.end)
        same.read = self.read
        return same

    @property
    def is_first(self) -> bool:
        """Nothing stands before it in its source."""
        return not self.begin

    def starts(self) -> Iterator[int]:
        """Where the window's own lines start."""
        start = self.begin
        while start < self.end:
            yield start
            start = self.data.find(b"\n", start, self.end) + 1 or self.end

    def line(self, start: int) -> bytes:
        end = self.data.find(b"\n", start)
        return self.data[start:] if end < 0 else self.data[start:end]

    def byte(self, at: int) -> bytes:
        return self.data[at : at + 1] or b"\n"

    def previous(self, start: int) -> int | None:
        return None if start == 0 else self.data.rfind(b"\n", 0, start - 1) + 1

    def following(self, start: int) -> int | None:
        end = self.data.find(b"\n", start)
        return None if end < 0 or end + 1 >= len(self.data) else end + 1

    def number(self, start: int, index: int | None = None) -> int:
        """The number of the line that starts there; `index`, if it is known, counts from the window's begin."""
        if not self._parts:
            return start
        if self.begin <= start < self.end:
            return self.own_number(self.index(start) if index is None else index)
        at, block = self._parts[bisect_right(self._parts, start, key=itemgetter(0)) - 1]
        index = self.data.count(b"\n", at, start)
        return block.numbers[index] if block.numbers is not None else block.first_line + index

    def own_number(self, index: int) -> int:
        """The number of the window's own line before which `index` others stand."""
        return self._own.numbers[index] if self._own.numbers is not None else self._own.first_line + index

    def know(self, start: int, index: int) -> None:
        """The window's own line that starts there is its `index`-th: numbers are counted on from it."""
        self._at, self._counted = start, index

    def index(self, start: int) -> int:
        """How many of its own lines stand before that one, counted on from the last question."""
        if start >= self._at:
            self._counted += self.data.count(b"\n", self._at, start)
        else:
            self._counted -= self.data.count(b"\n", start, self._at)
        self._at = start
        return self._counted


class Windows:
    """Blocks in, windows out. A block waits until the lines that follow it are known, or it is said that none do."""

    def __init__(self) -> None:
        self._before = _NOTHING
        self._waiting: Block | None = None
        self._fresh: list[Block] = []
        self._size = 0

    def feed(self, block: Block) -> Iterator[Window]:
        """Take a block; small ones are gathered, so that a neighbour always has a margin to show."""
        self._fresh.append(block)
        self._size += len(block.data)
        if self._size >= MARGIN:
            yield from self.settle()

    def settle(self) -> Iterator[Window]:
        """What waited at the last call is given out; what came since is what follows it, and waits now."""
        fresh = _joined(self._fresh) if self._fresh else None
        self._fresh, self._size = [], 0
        waiting, self._waiting = self._waiting, fresh
        if waiting is not None:
            yield Window.between(self._before, waiting, _head(fresh) if fresh else _NOTHING)
            self._before = _tail(waiting if len(waiting.data) >= MARGIN else _joined([self._before, waiting]), fresh)

    def flush(self) -> Iterator[Window]:
        """Nothing follows: all that was fed is given out."""
        yield from self.settle()
        yield from self.settle()


_NOTHING = Block(b"", 1)


def windows(blocks: Iterable[Block]) -> Iterator[Window]:
    """Each block between its neighbours' nearest lines."""
    cutter = Windows()
    for block in blocks:
        yield from cutter.feed(block)
    yield from cutter.flush()


def _joined(blocks: list[Block]) -> Block:
    blocks = [block for block in blocks if block.data] or blocks[:1]
    if len(blocks) == 1:
        return blocks[0]
    numbers = None
    if any(block.numbers is not None for block in blocks):
        numbers = array("Q", chain.from_iterable(map(_numbers, blocks)))
    return Block(b"".join(block.data for block in blocks), blocks[0].first_line, numbers)


def _numbers(block: Block) -> Iterable[int]:
    if block.numbers is not None:
        return block.numbers
    lines = block.data.count(b"\n") + (not block.data.endswith(b"\n"))
    return range(block.first_line, block.first_line + lines)


def _head(block: Block) -> Block:
    if len(block.data) <= MARGIN:
        return block
    cut = block.data.find(b"\n", MARGIN) + 1 or len(block.data)
    return block._replace(data=block.data[:cut])


def _tail(block: Block, following: Block | None) -> Block:
    if len(block.data) <= MARGIN:
        return block
    cut = block.data.find(b"\n", len(block.data) - MARGIN) + 1
    data = block.data[cut:]
    if following is not None and block.numbers is None:  # fewer bytes are to be counted
        return Block(data, following.first_line - data.count(b"\n"))
    skipped = block.data.count(b"\n", 0, cut)
    return Block(data, block.first_line + skipped, None if block.numbers is None else block.numbers[skipped:])
