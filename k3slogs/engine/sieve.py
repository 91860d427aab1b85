"""Which lines of a window may matter."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate, compress
from operator import not_
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k3slogs.engine.scanner import Scanner
    from k3slogs.engine.window import Window

MAX_SHAPES = 60_000
"""Shapes that are remembered to matter, and as many that do not."""
MANY = 0.5
"""From so many hits a line on, lines are looked up."""
FEW = 0.4
"""Up to this share of lines that matter, all bytes are scanned again."""

Place = tuple[int, int, bytes]
"""Where a line starts and ends, without its newline, and what it is when it is masked."""


class Sieve:
    """Finds them in whichever way is cheaper; the answer depends on the shape of a line alone, so both give the same.

    Where few lines matter, all bytes are scanned. Where many do, each line is looked up among the known ones, and only new ones are scanned.
    """

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._quiet: set[bytes] = set()
        self._loud: set[bytes] = set()
        self._looks_up = False

    def places(self, window: Window, masked: bytes) -> list[Place]:
        """The window's own lines that may matter, in order, and the first line of the source."""
        found = self._looked_up(window, masked) if self._looks_up else self._scanned(window, masked)
        if window.is_first and window.end:
            end = masked.find(b"\n", 0, window.end)
            end = window.end if end < 0 else end
            found = found if found and found[0][0] == 0 else [(0, end, masked[:end]), *found]
        return found

    def _scanned(self, window: Window, masked: bytes) -> list[Place]:
        found: list[Place] = []
        begin, last = window.begin, window.end
        hits = self._scanner.ends(masked[begin:last])
        self._looks_up = len(hits) > MANY * masked.count(b"\n", begin, last)
        line_end = -1
        for hit in hits:
            at = begin + hit - 1
            if at > line_end:
                start = masked.rfind(b"\n", begin, at) + 1 or begin
                line_end = masked.find(b"\n", at, last)
                if line_end < 0:
                    line_end = last
                found.append((start, line_end, masked[start:line_end]))
        return found

    def _looked_up(self, window: Window, masked: bytes) -> list[Place]:
        lines = masked[window.begin : window.end].split(b"\n")
        quiet, loud = self._quiet, self._loud
        odd = [index for index, line in enumerate(lines) if line not in quiet]
        new = {line for index in odd if (line := lines[index]) not in loud}
        if new:
            self._sort(list(new))
            odd = [index for index in odd if lines[index] not in quiet]
        self._looks_up = len(odd) > FEW * len(lines)
        ends = list(accumulate(map(len, lines), initial=window.begin))  # newlines are not counted
        return [(ends[index] + index, ends[index + 1] + index, lines[index]) for index in odd]

    def _sort(self, lines: list[bytes]) -> None:
        """Scan new lines, and remember which of them may matter."""
        hits = self._scanner.ends(b"\n".join(lines))
        matters, at = [], 0
        for index, end in enumerate(accumulate(map(len, lines))):
            before = at
            at = bisect_left(hits, end + index + 1, before)
            matters.append(at > before)
        for known, found in ((self._loud, compress(lines, matters)), (self._quiet, compress(lines, map(not_, matters)))):
            if len(known) > MAX_SHAPES:
                known.clear()
            known.update(found)
