"""Which lines of a window may matter."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate, compress
from operator import not_
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from k3slogs.engine.scanner import Scanner
    from k3slogs.engine.window import Window

MAX_QUIET = 60_000
"""Shapes of lines that cannot matter, as far as they are remembered."""
NEW = 0.5
"""From this share of new shapes on it is dearer to look lines up than to scan them all."""
SCANS = 15
"""Windows that are scanned whole before lines are looked up again."""

Place = tuple[int, int]
"""Where a line starts and ends, without its newline."""


class Sieve:
    """Finds them in whichever way is cheaper; the answer depends on the shape of a line alone, so both give the same.

    Where few lines repeat, all bytes are scanned. Where many do, each line is looked up among the known ones, and only new ones are scanned.
    """

    def __init__(self, scanner: Scanner, known: Container[bytes]) -> None:
        self._scanner = scanner
        self._known = known
        """Lines that matter."""
        self._quiet: set[bytes] = set()
        self._scans = 0
        """Windows to scan whole before the next try."""

    def places(self, window: Window, masked: bytes) -> list[Place]:
        """The window's own lines that may matter, in order, and the first line of the source."""
        if self._scans:
            self._scans -= 1
            found = self._scanned(window, masked)
        else:
            found = self._looked_up(window, masked)
        if window.is_first and window.end:
            end = window.data.find(b"\n", 0, window.end)
            first = 0, window.end if end < 0 else end
            found = found if found[:1] == [first] else [first, *found]
        return found

    def _scanned(self, window: Window, masked: bytes) -> list[Place]:
        found: list[Place] = []
        line_end = -1
        for end in self._scanner.ends(masked[window.begin : window.end]):
            at = window.begin + end - 1
            if at > line_end:
                start = masked.rfind(b"\n", window.begin, at) + 1 or window.begin
                line_end = masked.find(b"\n", at, window.end)
                if line_end < 0:
                    line_end = window.end
                found.append((start, line_end))
        return found

    def _looked_up(self, window: Window, masked: bytes) -> list[Place]:
        lines = masked[window.begin : window.end].split(b"\n")
        quiet, known = self._quiet, self._known
        odd = [index for index, line in enumerate(lines) if line not in quiet]
        new = [index for index in odd if lines[index] not in known]
        if new:
            shapes = list({lines[index] for index in new})
            if len(shapes) > NEW * len(lines):
                self._scans = SCANS
            still = set(compress(shapes, map(not_, self._loud(shapes))))
            if len(quiet) + len(still) > MAX_QUIET:
                quiet.clear()
            quiet |= still
            odd = [index for index in odd if lines[index] not in still]
        ends = list(accumulate(map(len, lines), initial=window.begin))  # newlines are not counted
        return [(ends[index] + index, ends[index + 1] + index) for index in odd]

    def _loud(self, lines: list[bytes]) -> list[bool]:
        """Of each line whether it may matter."""
        text = b"\n".join(lines)
        hits = self._scanner.ends(text)
        loud, at = [], 0
        for index, end in enumerate(accumulate(map(len, lines))):
            before = at
            at = bisect_left(hits, end + index + 1, before)
            loud.append(at > before)
        return loud
