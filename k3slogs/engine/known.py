"""Lines of long windows whose shape was seen before: whether one matters is known then, and only new shapes are scanned.

Shapes are told without long ids. Where an anchor might match a part of one, the line itself is scanned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from k3slogs import compiled
from k3slogs.engine.sieve import Places

if TYPE_CHECKING:
    from k3slogs.engine.scanner import Scanner
    from k3slogs.engine.window import Window

MAX_SHAPES = 1 << 15
"""Shapes that are remembered at a time."""
MAX_BYTES = 3 << 20
"""Bytes of them."""
MAX_LINES = 1 << 18
"""Lines of a window; one with more is scanned."""
NEW = 0.2
"""Share of lines with a new shape from which on a scan of all bytes is as cheap."""


_QUIET, _LOUD, _UNSURE = range(3)


class Known:
    """The shapes that were seen; it needs what is compiled."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._shapes = compiled.Shapes(MAX_SHAPES, MAX_BYTES, MAX_LINES)
        self._state = np.zeros(MAX_SHAPES, np.uint8)
        """Whether lines of each matter."""
        self._texts: dict[int, bytes] = {}
        """Of those of which some line may."""
        self.pays = True
        """Few lines of the last window had a new shape."""

    def places(self, window: Window) -> Places | None:
        """The window's own lines that may matter, and the first line of the source. None: it has to be scanned."""
        before = len(self._shapes)
        seen = self._shapes.see(window.data, window.begin, window.end)
        if seen is None:
            self._forget()
            before, seen = 0, self._shapes.see(window.data, window.begin, window.end)
        if seen is None:
            self._forget()
            self.pays = False
            return None
        if len(self._shapes) > before:
            self._judge(before)
        self.pays = len(self._shapes) - before <= NEW * len(seen.which)
        state = self._state[seen.which]
        matters = state == _LOUD
        for line in np.flatnonzero(state == _UNSURE).tolist():
            matters[line] = bool(self._scanner.ends(window.data[seen.starts[line] : seen.ends[line]]))
        if window.is_first:
            matters[:1] = True
            self._texts.update({shape: self._shapes.text(shape) for shape in seen.which[:1].tolist()})
        lines = np.flatnonzero(matters)
        which = seen.which[lines]
        used = np.zeros(len(self._shapes), np.bool_)
        used[which] = True
        texts = [self._texts[shape] for shape in np.flatnonzero(used).tolist()]
        return Places(seen.starts[lines], seen.ends[lines], lines, (np.cumsum(used) - 1)[which], texts)

    def _judge(self, first: int) -> None:
        """Scan the shapes from this one on."""
        text, ends = self._shapes.since(first)
        new = self._state[first : len(self._shapes)]
        new[:] = _QUIET
        for state, hits in ((_LOUD, self._scanner.ends(text)), (_UNSURE, self._scanner.beside_ids(text))):
            new[ends.searchsorted(np.array(hits, np.int64) - 1, side="right")] = state
        found = np.flatnonzero(new)
        begins, stops = np.append(0, ends)[found].tolist(), (ends[found] - 1).tolist()
        texts = [bytes(text[begin:stop]) for begin, stop in zip(begins, stops, strict=True)]
        self._texts.update(zip((first + found).tolist(), texts, strict=True))

    def _forget(self) -> None:
        self._shapes.clear()
        self._texts.clear()
