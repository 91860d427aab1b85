"""Which lines of a window may matter."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate, chain, compress, repeat
from operator import not_
from typing import TYPE_CHECKING, Any, NamedTuple

from k3slogs import compiled
from k3slogs.bulk import LONG
from k3slogs.engine.shapes import all_masked

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from k3slogs.engine.known import Known
    from k3slogs.engine.scanner import Scanner
    from k3slogs.engine.templates import Lines
    from k3slogs.engine.window import Window

    Numbers = list[int] | npt.NDArray[np.signedinteger[Any]]

MAX_SHAPES = 20_000
"""Shapes that are remembered to matter, and as many that do not."""
MANY = 1.5
"""From so many hits a line on, lines are looked up."""
FEW = 1.2
"""Up to so many hits a line, all bytes are scanned again."""
PATIENCE = 8
"""Windows that are scanned where few shapes were known, before they are looked up again."""


class Places(NamedTuple):
    """Lines of a window, in order. Those of a long one are told in arrays."""

    starts: Numbers
    ends: Numbers
    """Without the newline."""
    before: Numbers
    """How many of the window's own lines stand before each."""
    which: Numbers
    """Index of its shape, which is what it is when it is masked; in a long window, perhaps without long ids."""
    shapes: list[bytes]


def listed(numbers: Numbers) -> list[int]:
    return numbers if isinstance(numbers, list) else numbers.tolist()


def picked(numbers: Numbers, places: list[int]) -> list[int]:
    """Those that stand at some places."""
    return [numbers[place] for place in places] if isinstance(numbers, list) else numbers[places].tolist()


class Sieve:
    """Finds them in whichever way is cheaper; the answer depends on the shape of a line alone, so both give the same.

    Where what goes over every line is compiled, each line is looked up among the known ones, and only new ones are scanned, as long as they are
    few. Else all bytes are scanned where few lines matter, and lines are looked up where many do.
    """

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._quiet: set[bytes] = set()
        self._loud: set[bytes] = set()
        self._looks_up = False
        self._hits_each = 1.0
        """Of a line that matters."""
        self._known: Known | None = None
        self._scans = 0
        """Windows that are to be scanned before lines are looked up again."""

    def places(self, window: Window) -> Places:
        """The window's own lines that may matter, and the first line of the source."""
        if len(window.data) < LONG:
            return self._one_by_one(window)
        if (found := self._of_known(window)) is not None:
            return found
        from k3slogs.engine.templates import Lines  # a long text is worth the import of numpy

        lines = Lines(window)
        return self._looked_up(lines, window) if self._looks_up else self._scanned(lines, window)

    def _of_known(self, window: Window) -> Places | None:
        """By shapes that were seen; None: it is to be scanned."""
        if compiled.library() is None:
            return None
        if self._scans:
            self._scans -= 1
            return None
        if self._known is None:
            from k3slogs.engine.known import Known

            self._known = Known(self._scanner)
        found = self._known.places(window)
        self._scans = 0 if self._known.pays else PATIENCE
        return found

    def _hits(self, window: Window) -> list[int]:
        """Where something ends that makes a line matter, in order."""
        found = self._scanner.ends(memoryview(window.data)[window.begin : window.end])
        return [1, *found] if window.is_first and window.end else found

    def _one_by_one(self, window: Window) -> Places:
        data, begin, last = window.data, window.begin, window.end
        starts: list[int] = []
        ends: list[int] = []
        line_end = -1
        for hit in self._hits(window):
            at = begin + hit - 1
            if at > line_end:
                starts.append(data.rfind(b"\n", begin, at) + 1 or begin)
                line_end = data.find(b"\n", at, last)
                if line_end < 0:
                    line_end = last
                ends.append(line_end)
        before = accumulate(map(data.count, repeat(b"\n"), chain([begin], starts), starts))
        shapes = all_masked([data[start:end] for start, end in zip(starts, ends, strict=True)])
        return Places(starts, ends, [*before], list(range(len(shapes))), shapes)

    def _scanned(self, lines: Lines, window: Window) -> Places:
        hits = self._hits(window)
        own = lines.holding(hits)
        self._hits_each = len(hits) / max(len(own), 1)
        self._looks_up = len(hits) > MANY * len(lines)
        return lines.places(own, *lines.shapes(own))

    def _looked_up(self, lines: Lines, window: Window) -> Places:
        shapes, which = lines.shapes(lines.every)
        quiet, loud = self._quiet, self._loud
        for known in (quiet, loud):
            if len(known) > MAX_SHAPES:
                known.clear()
        new = set(shapes).difference(quiet, loud)
        if new:
            self._sort(list(new))
        odd = lines.of_shapes([shape not in quiet for shape in shapes], which)
        if window.is_first:
            odd[:1] = True
        own = odd.nonzero()[0]
        self._looks_up = self._hits_each * len(own) > FEW * len(lines)
        return lines.places(own, shapes, which[own])

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
