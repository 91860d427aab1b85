"""The lines of a long window and their shapes. Where many are of one shape, that is told by their columns, without taking them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from k3slogs.bulk import NEAR, masked, pieces
from k3slogs.engine.shapes import all_masked
from k3slogs.engine.sieve import Places

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from k3slogs.engine.window import Window

    Ints = npt.NDArray[np.signedinteger[Any]]

MANY = 500
"""Lines of a length that are worth it."""
TRIED = 4
"""Lines of a length whose shape may be that of many."""


class Lines:
    """The window's own lines, without their newlines."""

    def __init__(self, window: Window) -> None:
        self._data = window.data
        text = np.frombuffer(window.data, np.uint8)[window.begin : window.end]
        ends = window.begin + np.flatnonzero(text == ord("\n"))
        if not window.data.endswith(b"\n", window.begin, window.end):
            ends = np.append(ends, window.end)
        self._begin, self._ends = window.begin, ends
        self._starts = np.concatenate(([window.begin], ends[:-1] + 1))

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def every(self) -> Ints:
        return np.arange(len(self))

    def holding(self, hits: list[int]) -> Ints:
        """The lines in which these bytes of the window's own, counted from 1, stand; each once."""
        lines = self._ends.searchsorted(self._begin + np.array(hits, np.int64) - 1)
        return lines[np.diff(lines, prepend=-1) > 0]

    def places(self, own: Ints, shapes: list[bytes], which: Ints) -> Places:
        """Some of the lines, with their shapes."""
        return Places(self._starts[own], self._ends[own], own, which, shapes)

    def of_shapes(self, told: list[bool], which: Ints) -> npt.NDArray[np.bool_]:
        """What is told of shapes, of lines."""
        return np.array(told, np.bool_)[which]

    def shapes(self, own: Ints) -> tuple[list[bytes], Ints]:
        """What some lines are when they are masked, each shape once, and which one each line has."""
        found: dict[bytes, int] = {}
        starts, ends = self._starts[own], self._ends[own]
        which = np.full(len(own), -1, np.int64)
        for lines, shape in self._frequent(starts, ends - starts):
            which[lines] = found.setdefault(shape, len(found))
        rest = np.flatnonzero(which < 0)
        others = [self._data[start:end] for start, end in zip(starts[rest].tolist(), ends[rest].tolist(), strict=True)]
        which[rest] = [found.setdefault(shape, len(found)) for shape in all_masked(others)]
        return list(found), which

    def _frequent(self, starts: Ints, lengths: Ints) -> Iterator[tuple[Ints, bytes]]:
        """Lines that share a shape, and the shape."""
        counts = np.bincount(lengths)
        for length in (1 + np.flatnonzero(counts[1:] >= MANY)).tolist():
            lines = np.flatnonzero(lengths == length)
            for attempt in range(TRIED):
                start = int(starts[lines[attempt * len(lines) // TRIED]])
                shape = masked(self._data[start : start + length])
                same = self._have(shape, starts[lines])
                yield lines[same], shape
                lines = lines[~same]
                if len(lines) < MANY:
                    break

    def _have(self, shape: bytes, starts: Ints) -> npt.NDArray[np.bool_]:
        """Do the lines that start there have this shape, which is as long as they are?"""
        wanted = np.frombuffer(shape, np.uint8)
        most = np.where(wanted == ord("0"), 9, 0).astype(np.uint8)
        texts = pieces(self._data, len(shape))
        same = np.empty(len(starts), np.bool_)
        part = max(NEAR // len(shape), 1)
        for at in range(0, len(starts), part):
            some = texts[starts[at : at + part]]
            some ^= wanted  # what is left of a digit where a 0 stands is its value
            same[at : at + part] = ~(some > most).any(axis=1)
        return same
