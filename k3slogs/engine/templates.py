"""The lines of a window and their shapes, where most of them are of few shapes: those are told by their columns, without taking them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from k3slogs.bulk import zeroed
from k3slogs.engine.shapes import all_masked

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from k3slogs.engine.window import Window

    Ints = npt.NDArray[np.int64]

MANY = 500
"""Lines of a length that are worth it."""
TRIED = 4
"""Lines of a length whose shape may be that of many."""


class Lines:
    """The window's own lines, without their newlines."""

    def __init__(self, window: Window) -> None:
        self._data = window.data
        self._text = np.frombuffer(window.data, np.uint8)
        ends = window.begin + np.flatnonzero(self._text[window.begin : window.end] == ord("\n"))
        if not window.data.endswith(b"\n", window.begin, window.end):
            ends = np.append(ends, window.end)
        self._starts = np.concatenate(([window.begin], ends[:-1] + 1))
        self._lengths = ends - self._starts
        self.starts: list[int] = self._starts.tolist()
        self.ends: list[int] = ends.tolist()

    def shapes(self) -> list[bytes]:
        """Of each line what it is when it is masked."""
        found = np.full(len(self.starts), None, np.object_)
        for lines, shape in self._frequent():
            found[lines] = shape
        rest = np.flatnonzero(found == None).tolist()  # noqa: E711 - of each element
        others = [self._data[self.starts[line] : self.ends[line]] for line in rest]
        found[rest] = np.fromiter(all_masked(others), np.object_, len(rest))
        return found.tolist()

    def _frequent(self) -> Iterator[tuple[Ints, bytes]]:
        """Lines that share a shape, and the shape."""
        counts = np.bincount(self._lengths)
        for length in (1 + np.flatnonzero(counts[1:] >= MANY)).tolist():
            lines = np.flatnonzero(self._lengths == length)
            rows = zeroed(sliding_window_view(self._text, length)[self._starts[lines]])
            for attempt in range(TRIED):
                shape = rows[attempt * len(rows) // TRIED]
                same = (rows == shape).all(axis=1)
                yield lines[same], shape.tobytes()
                lines, rows = lines[~same], rows[~same]
                if len(lines) < MANY:
                    break
