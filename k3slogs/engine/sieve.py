"""Which lines of a window may matter."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate, compress
from operator import not_
from typing import TYPE_CHECKING, NamedTuple

from k3slogs.bulk import LONG, masked, newlines
from k3slogs.engine.shapes import all_masked

if TYPE_CHECKING:
    from k3slogs.engine.scanner import Scanner
    from k3slogs.engine.window import Window

MAX_SHAPES = 20_000
"""Shapes that are remembered to matter, and as many that do not."""
MANY = 1.5
"""From so many hits a line on, lines are looked up."""
FEW = 1.2
"""Up to so many hits a line, all bytes are scanned again."""


class Places(NamedTuple):
    """Lines of a window, in order: where each starts and ends, without its newline, and what it is when it is masked."""

    starts: list[int]
    ends: list[int]
    shapes: list[bytes]


class Sieve:
    """Finds them in whichever way is cheaper; the answer depends on the shape of a line alone, so both give the same.

    Where few lines matter, all bytes are scanned. Where many do, each line is looked up among the known ones, and only new ones are scanned.
    """

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._quiet: set[bytes] = set()
        self._loud: set[bytes] = set()
        self._looks_up = False
        self._hits_each = 1.0
        """Of a line that matters."""

    def places(self, window: Window) -> Places:
        """The window's own lines that may matter, and the first line of the source."""
        found = (self._looked_up if self._looks_up and len(window.data) >= LONG else self._scanned)(window)
        if window.is_first and window.end and found.starts[:1] != [0]:
            end = window.data.find(b"\n", 0, window.end)
            end = window.end if end < 0 else end
            return Places([0, *found.starts], [end, *found.ends], [masked(window.data[:end]), *found.shapes])
        return found

    def _scanned(self, window: Window) -> Places:
        data, begin, last = window.data, window.begin, window.end
        hits = self._scanner.ends(memoryview(data)[begin:last])
        starts: list[int] = []
        ends: list[int] = []
        line_end = -1
        for hit in hits:
            at = begin + hit - 1
            if at > line_end:
                starts.append(data.rfind(b"\n", begin, at) + 1 or begin)
                line_end = data.find(b"\n", at, last)
                if line_end < 0:
                    line_end = last
                ends.append(line_end)
        self._hits_each = len(hits) / max(len(starts), 1)
        self._looks_up = len(hits) > MANY * newlines(data)
        return Places(starts, ends, all_masked([data[start:end] for start, end in zip(starts, ends, strict=True)]))

    def _looked_up(self, window: Window) -> Places:
        from k3slogs.engine.templates import Lines  # a long text is worth the import of numpy

        lines = Lines(window)
        found = lines.shapes()
        quiet, loud = self._quiet, self._loud
        for known in (quiet, loud):
            if len(known) > MAX_SHAPES:
                known.clear()
        new = set(found).difference(quiet, loud)
        if new:
            self._sort(list(new))
        odd = [shape not in quiet for shape in found]
        self._looks_up = self._hits_each * sum(odd) > FEW * len(odd)
        return Places([*compress(lines.starts, odd)], [*compress(lines.ends, odd)], [*compress(found, odd)])

    def _sort(self, lines: list[bytes]) -> None:
        """Scan new lines, and remember which of them may matter."""
        hits = self._scanner.ends(b"\n".join(lines))
        matters, at = [], 0
        for index, end in enumerate(accumulate(map(len, lines))):
            before = at
            at = bisect_left(hits, end + index + 1, before)
            matters.append(at > before)
        self._loud.update(compress(lines, matters))
        self._quiet.update(compress(lines, map(not_, matters)))
