"""Many lines at once: which of them stand out. The others change nothing but the count of their kind and its last line.

What stands out is told without an order: a line that is read by itself, the first one of a kind after a line that may begin or end an
attempt, one that tells another process, and one that does not come soon after the last that prints the time alike.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from k3slogs import compiled
from k3slogs.bulk import pieces, strings, zeroed
from k3slogs.engine.reading import Taken
from k3slogs.engine.shapes import all_without_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    from k3slogs.engine.kinds import Kind, Kinds, Layout
    from k3slogs.engine.sieve import Places
    from k3slogs.engine.window import Window

    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int64]

_UNKNOWN = -1
FEW = 24
"""Lines up to which each is looked at by itself."""
ALIKE = 16
"""Kinds of one shape that are told apart all at once."""
SOON = 59
"""Seconds, as clocks print them, after which no silence is worth a word."""
_DIGITS_OF_CLOCK = ((0, 36000), (1, 3600), (3, 600), (4, 60), (6, 10), (7, 1))
"""Where they stand in `00:00:00`, and how many seconds each is worth."""


def outstanding(window: Window, places: Places, kinds: Kinds) -> Iterator[Taken]:
    """Those lines, in order."""
    return _Crowd(window, places, kinds).taken()


class _Crowd:
    """The lines of a window that may matter, as arrays."""

    def __init__(self, window: Window, places: Places, kinds: Kinds) -> None:
        self._window, self._places, self._known = window, places, kinds
        self._text = np.frombuffer(window.data, np.uint8)
        self._starts, self._ends = np.asarray(places.starts, np.int64), np.asarray(places.ends, np.int64)
        self._kinds: list[Kind] = []
        """Each once."""
        self._indices: dict[int, int] = {}
        """The index of each there, by its identity."""
        self._kind = np.full(len(self._starts), _UNKNOWN)
        """Of each line the index of its kind."""
        self._resolve()

    def taken(self) -> Iterator[Taken]:
        alone, special = self._alone()
        stands_out = alone.copy()
        turns = alone & self._of_kinds([kind.turns for kind in self._kinds], np.bool_)
        turns[[index for index, kind in special.items() if kind.turns]] = True
        spans = self._spans(turns, stands_out)
        noted = self._noted(~alone)
        stands_out |= noted
        lines, last = self._count(spans, ~alone, stands_out)
        found = np.flatnonzero(stands_out)
        told = (part[found].tolist() for part in (self._kind, alone, noted, lines, last))
        for index, kind, *more in zip(found.tolist(), *told, strict=True):
            yield Taken(index, special.get(index) or self._kinds[kind], *more)

    def _resolve(self) -> None:
        """Find the kind of each line; what no line told before is learned."""
        layouts, of_shape = self._layouts(self._places.shapes)
        if not layouts:
            return
        which = of_shape[np.asarray(self._places.which)]
        if compiled.library() is None:
            self._tell_all_apart(layouts, which)
        else:
            spans = [layout.spans if layout else () for layout in layouts]
            firsts, kinds = compiled.kinds(self._window.data, self._starts, which, spans)
            told = (part[firsts].tolist() for part in (which, self._starts, self._ends))
            each = [_kind_of(layouts[layout], self._window.data[start:end]) for layout, start, end in zip(*told, strict=True)]
            self._kind = np.array([*map(self._index, each)], np.int64)[kinds]
        shape_of = self._places.which
        for line in np.flatnonzero(self._kind == _UNKNOWN).tolist():
            shape = self._places.shapes[shape_of[line]]
            kind = self._known.of(shape, self._line(line)) or self._known.learn(self._window, int(self._starts[line]), shape)
            self._kind[line] = self._index(kind)

    def _tell_all_apart(self, layouts: list[Layout | None], which: Ints) -> None:
        """Find the kinds of lines by their layouts where nothing is compiled."""
        only = [self._index(layout.kinds.get(None)) if layout and not layout.pick else _UNKNOWN for layout in layouts]
        self._kind = np.array(only)[which]
        picks = np.array([layout is not None and layout.pick is not None for layout in layouts])
        lines = np.flatnonzero(picks[which])
        order = lines[np.argsort(which[lines], kind="stable")]
        cuts = [*np.flatnonzero(np.diff(which[order], prepend=-1)).tolist(), len(order)]
        for begin, end in pairwise(cuts):
            layout = layouts[which[order[begin]]]
            assert layout is not None
            self._tell_apart(layout, order[begin:end])

    def _index(self, kind: Kind | None) -> int:
        if kind is None:
            return _UNKNOWN
        index = self._indices.setdefault(id(kind), len(self._kinds))
        if index == len(self._kinds):
            self._kinds.append(kind)
        return index

    def _layouts(self, shapes: list[bytes]) -> tuple[list[Layout | None], Ints]:
        """The layouts of some shapes, each once, and which one each has."""
        known = self._known.layouts
        each = list(map(known.get, shapes))
        new = [index for index, layout in enumerate(each) if layout is None]
        for index, bare in zip(new, all_without_ids([shapes[index] for index in new]), strict=True):
            each[index] = known.get(bare)
        layouts = list({id(layout): layout for layout in each}.values())
        place = {id(layout): index for index, layout in enumerate(layouts)}
        return layouts, np.array([place[id(layout)] for layout in each], np.int64)

    def _tell_apart(self, layout: Layout, lines: Ints) -> None:
        """Find the kinds of lines of one layout by what stands where they differ."""
        assert layout.pick is not None
        left = lines
        if len(lines) > FEW:
            told = [strings(self._window.data, end - start)[self._starts[lines] + start] for start, end in layout.spans]
            for _ in range(ALIKE):
                same = np.logical_and.reduce([part == part[0] for part in told])
                self._kind[left[same]] = self._index(layout.kinds.get(layout.pick(self._line(left[0]))))
                left, told = left[~same], [part[~same] for part in told]
                if not len(left):
                    return
        for line in left.tolist():
            self._kind[line] = self._index(layout.kinds.get(layout.pick(self._line(line))))

    def _line(self, index: int) -> bytes:
        return self._window.data[self._starts[index] : self._ends[index]]

    def _texts(self, starts: Ints, size: int) -> npt.NDArray[np.uint8]:
        """So many bytes from each of these places on."""
        found: npt.NDArray[np.uint8] = pieces(self._window.data, size)[starts]
        return found

    def _of_kinds(self, values: Sequence[Any], dtype: Any) -> npt.NDArray[Any]:
        """A value of each line's kind."""
        found: npt.NDArray[Any] = np.array(values, dtype)[self._kind]
        return found

    def _by(self, part: Callable[[Kind], Any]) -> Iterator[tuple[Any, list[int], Ints]]:
        """The lines by what their kinds have in common, with those kinds; None: such a line does not count."""
        groups: dict[Any, list[int]] = {}
        for index, kind in enumerate(self._kinds):
            if (found := part(kind)) is not None:
                groups.setdefault(found, []).append(index)
        for found, own in groups.items():
            theirs = np.zeros(len(self._kinds), np.bool_)
            theirs[own] = True
            yield found, own, np.flatnonzero(theirs[self._kind])

    def _alone(self) -> tuple[Bools, dict[int, Kind]]:
        """The lines that are read by themselves; and of those that go on in the next one what they are."""
        alone = ~self._of_kinds([kind.counts for kind in self._kinds], np.bool_)
        after = np.minimum(self._ends + 1, len(self._text) - 1)
        goes_on = self._is_blank(after) & (self._ends + 1 < len(self._text))
        doubtful = self._of_kinds([kind.inner != 0 for kind in self._kinds], np.bool_)
        doubtful &= ~(alone | goes_on)
        self._settle(doubtful)
        special: dict[int, Kind] = {}
        for index in np.flatnonzero((goes_on | doubtful) & ~alone).tolist():
            start, end, kind = int(self._starts[index]), int(self._ends[index]), self._kinds[self._kind[index]]
            if not self._known.is_over(kind, self._window, start, end):
                alone[index] = True
                special[index] = self._known.learn(self._window, start, self._places.shapes[self._places.which[index]])
        return alone, special

    def _settle(self, doubtful: Bools) -> None:
        """Where the next line has the same envelope, and goes on with nothing, there is no doubt."""
        for (size, told), _, lines in self._by(lambda kind: (kind.inner, kind.told) if kind.inner > 0 else None):
            own = lines[doubtful[lines] & (self._ends[lines] + 1 + size < len(self._text))]
            after = self._ends[own] + 1
            this, following = self._texts(self._starts[own], size), self._texts(after, size)
            same = (zeroed(this) == zeroed(following)).all(axis=1) & (this[:, told] == following[:, told]).all(axis=1)
            doubtful[own[same & ~self._is_blank(after + size)]] = False

    def _is_blank(self, places: Ints) -> Bools:
        found = self._text[places]
        blank: Bools = (found == ord(" ")) | (found == ord("\t"))
        return blank

    def _spans(self, turns: Bools, stands_out: Bools) -> Ints:
        """Between which turns each line stands; one by another process than the last stands out."""
        cleared: Ints = np.cumsum(turns) - turns
        pids = {kind.pid: index for index, kind in enumerate(self._kinds) if kind.pid is not None}
        told = self._of_kinds([-1 if kind.pid is None else pids[kind.pid] for kind in self._kinds], np.int64)
        others = np.zeros(len(turns), np.int64)
        for _, _, lines in self._by(lambda kind: None if kind.pid is None else kind.writer):
            process = cleared[lines] * len(self._kinds) + told[lines]
            others[lines[np.flatnonzero(np.diff(process, prepend=-1))]] = 1
        stands_out |= others > 0
        return cleared + np.cumsum(others)

    def _noted(self, counted: Bools) -> Bools:
        """Of the lines that print the time alike, the first one, and neighbours of which the second does not come soon after the first."""
        noted = np.zeros(len(counted), np.bool_)
        row = np.zeros(len(self._kinds), np.int64)
        for sizes, own, theirs in self._by(lambda kind: kind.clocks if kind.counts else None):
            row[own] = range(len(own))
            lines = theirs[counted[theirs]]
            starts, of_kind = self._starts[lines], row[self._kind[lines]]
            noted[lines[:1]] = True
            for size, first in zip(sizes, accumulate(sizes, initial=0), strict=False):
                at = np.array([self._kinds[index].minute[first] for index in own])
                clocks = starts + at[of_kind]
                other = 1 + np.flatnonzero(_differ(self._window.data, clocks, size))
                late = other[~self._is_soon(clocks[other - 1], clocks[other], size)]
                noted[lines[late - 1]] = noted[lines[late]] = True
        return noted

    def _is_soon(self, earlier: Ints, later: Ints, size: int) -> Bools:
        """Does the clock at the one place tell a time of the same day as at the other, and less than SOON seconds more?"""
        soon = np.zeros(len(earlier), np.bool_)
        of_days = np.flatnonzero(self._is_followed(earlier + size) & self._is_followed(later + size))
        before, after = (self._texts(clocks[of_days], size + len(":00")) for clocks in (earlier, later))
        passed = np.zeros(len(of_days), np.int64)
        date = size - len("00:00")
        for at, seconds in _DIGITS_OF_CLOCK:
            passed += (after[:, date + at].astype(np.int64) - before[:, date + at]) * seconds
        soon[of_days] = (before[:, :date] == after[:, :date]).all(axis=1) & (passed >= 0) & (passed < SOON)
        return soon

    def _is_followed(self, places: Ints) -> Bools:
        """Do seconds stand there? Then what stands before them is a clock of the day, and no number of seconds since 1970."""
        following: Bools = self._text[np.minimum(places, len(self._text) - 1)] == ord(":")
        return following

    def _count(self, spans: Ints, counted: Bools, stands_out: Bools) -> tuple[Ints, Ints]:
        """For the first line of each kind between two turns how many there are, and which is the last; it stands out."""
        timed = counted & self._of_kinds([kind.timed for kind in self._kinds], np.bool_)
        lines = timed.astype(np.int64)
        last = np.arange(len(lines))
        own = np.flatnonzero(counted & ~timed)
        if len(own):
            group = spans[own] * len(self._kinds) + self._kind[own]
            order = np.argsort(group.astype(np.min_scalar_type(group.max())), kind="stable")  # small numbers are sorted by their digits
            begins = np.flatnonzero(np.diff(group[order], prepend=-1))
            ends = np.append(begins[1:], len(own))
            first = own[order[begins]]
            lines[first], last[first] = ends - begins, own[order[ends - 1]]
        stands_out |= lines > 0
        return lines, last


def _differ(text: bytes, places: Ints, size: int) -> Bools:
    """Do other bytes stand at a place than at the one before it? The first place has none before it, and is left out."""
    if compiled.library() is not None:
        return compiled.differ(text, places, size)
    told = strings(text, size)[places]
    other: Bools = told[1:] != told[:-1]
    return other


def _kind_of(layout: Layout | None, line: bytes) -> Kind | None:
    """The kind of a line of that layout, if both are known."""
    return layout.kinds.get(layout.key(line)) if layout else None
