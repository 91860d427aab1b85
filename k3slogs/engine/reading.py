"""A window -> steps: which lines are to be read, and which are only to be counted. It depends on no other window."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from k3slogs.engine.kinds import Kinds
from k3slogs.engine.sieve import Sieve, listed, picked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.engine import Engine
    from k3slogs.engine.kinds import Kind
    from k3slogs.engine.sieve import Places
    from k3slogs.engine.window import Window

MANY = 1000
"""Lines from which on it pays to tell at once which of them stand out."""


class Step(NamedTuple):
    """A line to read by itself, or many of one kind of which the first one is.

    Lines are named by where they start in the window and by how many of its own lines stand before them.
    """

    start: int
    at: int
    name: bytes | None = None
    """The kind; None: nothing is known of it."""
    claims: tuple[str, ...] = ()
    """Of a known kind the only rules that may match."""
    alone: bool = True
    """It is read by itself; then its kind says no more than which rules match it, if it is a record of its own."""
    lines: int = 1
    """Lines of the kind; 0: only the line's time matters."""
    last: int = 0
    last_at: int = 0


class Taken(NamedTuple):
    """A line that stands out, and how many others of its kind follow before the next one that may end an attempt."""

    place: int
    """Of the lines that may matter, its index."""
    kind: Kind
    alone: bool
    """It is read by itself, not counted."""
    noted: bool
    """Its time matters, and that of the line before it."""
    lines: int = 1
    """It and those of its kind that stand behind it; 0: it is counted with an earlier one."""
    last: int = 0
    """Index of the last one of them."""


class Reader:
    """Reads windows one by one; what it remembers between them saves work and changes nothing."""

    def __init__(self, engine: Engine) -> None:
        self.kinds = Kinds(engine)
        self._sieve = Sieve(engine.scanner)

    def places(self, window: Window) -> Places:
        """Its lines that may matter."""
        return self._sieve.places(window)

    def learn(self, window: Window, places: Places, part: int, parts: int) -> None:
        """Of the shapes of many lines learn those of one part, while other processes learn the others."""
        if len(places.starts) < MANY:
            return
        firsts: dict[bytes, int] = {}
        for line, index in enumerate(listed(places.which)):
            firsts.setdefault(places.shapes[index], line)
        for shape, line in [*firsts.items()][part::parts]:
            start, end = int(places.starts[line]), int(places.ends[line])
            if self.kinds.of(shape, window.data[start:end]) is None:
                self.kinds.learn(window.unnumbered, start, shape)

    def steps(self, window: Window) -> list[Step]:
        """What there is to do, in the order of the lines; a kind stands where its first line does."""
        places = self.places(window)
        reading = _Reading(places)
        for taken in self._taken(window, places):
            reading.take(taken)
        return reading.steps()

    def _taken(self, window: Window, places: Places) -> Iterator[Taken]:
        if len(places.starts) < MANY:
            return _each(window.unnumbered, places, self.kinds)
        from k3slogs.engine.crowd import outstanding  # numpy is worth its import where there is much to do

        return outstanding(window.unnumbered, places, self.kinds)


def _each(window: Window, places: Places, kinds: Kinds) -> Iterator[Taken]:
    """Every line by itself."""
    minutes: dict[tuple[int, ...], bytes] = {}
    starts, ends, which = listed(places.starts), listed(places.ends), listed(places.which)
    for place, (start, end, index) in enumerate(zip(starts, ends, which, strict=True)):
        shape = places.shapes[index]
        kind = kinds.of(shape, window.data[start:end]) or kinds.at_first(shape) or kinds.learn(window, start, shape)
        alone = not kind.counts
        if kind.counts and not kinds.is_over(kind, window, start, end):
            alone, kind = True, kinds.learn(window, start, shape)
        minute = bytes([window.data[start + at] for at in kind.minute])
        noted = not alone and minutes.get(kind.clocks) != minute
        if noted:
            minutes[kind.clocks] = minute
        yield Taken(place, kind, alone, noted, last=place)


class _Group:
    """A line by itself, or those of one kind between two turns of a process."""

    __slots__ = ("alone", "claims", "count", "first", "last", "name")

    def __init__(self, first: int, kind: Kind | None = None, count: int = 1, *, alone: bool = True) -> None:
        self.first = self.last = first
        self.name = kind.name if kind else None
        self.claims = kind.claims if kind else ()
        self.count = count
        self.alone = alone


class _Reading:
    """One window that is being read."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._groups: list[_Group] = []
        self._open: dict[bytes, _Group] = {}
        """By kind, since the last turn."""
        self._pids: dict[object, str | None] = {}

    def take(self, taken: Taken) -> None:
        """Lines come in order; those that are passed over change nothing but the counts that they are told with."""
        place, kind, alone, noted, lines, last = taken
        if alone:
            if kind.timeless:
                self._note_time(place - 1)
            self._follow(kind)
            self._groups.append(_Group(place, kind if kind.clear else None))
            if kind.turns:
                self._open.clear()
                self._pids.clear()
            return
        if noted:
            self._note_time(place - 1)
            self._note_time(place)
        self._follow(kind)
        group = None if kind.timed else self._open.get(kind.name)
        if group is None:
            group = self._open[kind.name] = _Group(place, kind, 0, alone=False)
            self._groups.append(group)
        group.count += lines
        group.last = max(group.last, last)

    def steps(self) -> list[Step]:
        """All lines were taken."""
        starts, before, groups = self._places.starts, self._places.before, self._groups
        self._note_time(len(starts) - 1)
        firsts, lasts = [each.first for each in groups], [each.last for each in groups]
        own = ((each.name, each.claims, each.alone, each.count) for each in groups)
        told = (picked(starts, firsts), picked(before, firsts), own, picked(starts, lasts), picked(before, lasts))
        return [Step(start, at, *rest, last, last_at) for start, at, rest, last, last_at in zip(*told, strict=True)]

    def _follow(self, kind: Kind) -> None:
        """Another process that writes may be another life: after an exit it is."""
        if kind.pid is not None and self._pids.get(kind.writer) != kind.pid:
            self._open.clear()
            self._pids[kind.writer] = kind.pid

    def _note_time(self, place: int) -> None:
        """The time of a line matters, unless the line was just read."""
        if place < 0:
            return
        before = self._groups[-1] if self._groups else None
        if not (before and before.alone and before.first == place):
            self._groups.append(_Group(place, count=0))
