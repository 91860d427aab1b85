"""A window -> steps: which lines are to be read, and which are only to be counted. It depends on no other window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from k3slogs.engine.kinds import Kinds
from k3slogs.engine.scanner import DIGITS
from k3slogs.engine.sieve import Sieve

if TYPE_CHECKING:
    from collections.abc import Callable

    from k3slogs.engine import Engine
    from k3slogs.engine.kinds import Kind
    from k3slogs.engine.window import Window

NEIGHBOURS = 8
"""Lines of other envelopes that are passed over in search of what goes on."""
_BLANKS = b" \t"


class Step(NamedTuple):
    """A line to read, or many of one kind of which the first one is.

    Lines are named by where they start in the window and by how many of its own lines stand before them.
    """

    start: int
    at: int
    name: bytes | None = None
    """The kind; None: nothing is known of it."""
    lines: int = 1
    """Lines of the kind; 0: only the line's time matters."""
    last: int = 0
    last_at: int = 0


class _Group:
    """Lines of one kind between two turns of a process."""

    __slots__ = ("count", "last", "name", "start")

    def __init__(self, start: int, name: bytes | None = None, count: int = 1) -> None:
        self.start = self.last = start
        self.name = name
        self.count = count


class Reader:
    """Reads windows one by one; what it remembers between them saves work and changes nothing."""

    def __init__(self, engine: Engine) -> None:
        self._kinds = Kinds(engine)
        self._sieve = Sieve(engine.scanner)

    def steps(self, window: Window) -> list[Step]:
        """What there is to do, in the order of the lines; a kind stands where its first line does."""
        data, masked = window.data, window.data.translate(DIGITS)
        reading = _Reading(window, masked, self._kinds)
        memo, minutes, limit, previous = reading.memo, reading.minutes, len(data) - 1, -1
        for start, end, shape in self._sieve.places(window, masked):  # what stands in this loop is done for each line
            known = memo.get(shape)
            if known is not None:
                pick, groups, kind = known
                line = data[start:end]
                group = groups.get(pick(line) if pick else None)
                if (
                    group is not None
                    and minutes[kind.clocks] == kind.minute(line)
                    and (end >= limit or data[end + 1] not in _BLANKS)
                    and (not kind.inner or reading.ends(kind.inner, start, end))
                ):
                    group.count += 1
                    group.last = previous = start
                    continue
            reading.take(start, end, shape, previous)
            previous = start
        reading.note_time(previous)
        return _numbered(reading.groups, window)


class _Reading:
    """One window that is being read."""

    def __init__(self, window: Window, masked: bytes, kinds: Kinds) -> None:
        self._window, self._data, self._masked, self._kinds = window, window.data, masked, kinds
        self.groups: list[_Group] = []
        self.memo: dict[bytes, tuple[Callable[[bytes], Any] | None, dict[Any, _Group], Kind]] = {}
        """By shape: what tells its kinds apart, the open groups by that, and one of the kinds for what they have in common."""
        self._open: dict[bytes, _Group] = {}
        """By kind, since the last turn."""
        self.minutes: dict[tuple[int, ...], Any] = {}
        self._pids: dict[object, str | None] = {}

    def take(self, start: int, end: int, shape: bytes, previous: int) -> None:
        line = self._data[start:end]
        kind = self._kinds.of(shape, line)
        if kind is None:
            self.memo.pop(shape, None)
            kind = self._kinds.learn(self._window, start, shape)
        if kind.counts and self._ends(kind.inner, start, end):
            minute = kind.minute(line)
            if self.minutes.get(kind.clocks) != minute:
                self.minutes[kind.clocks] = minute
                self.note_time(previous)
                self.note_time(start)
            group = self._open.get(kind.name) or self._begin(kind, start)
            group.count += 1
            group.last = start
            self._remember(shape, line, kind, group)
        else:
            if kind.timeless:
                self.note_time(previous)
            self._follow(kind)
            self.groups.append(_Group(start))
            if kind.turns:
                self._turn()
                self._pids.clear()

    def _remember(self, shape: bytes, line: bytes, kind: Kind, group: _Group) -> None:
        known = self.memo.get(shape)
        if known is None:
            layout = self._kinds.layouts.get(shape)  # a line with an id has another shape
            if layout is None:
                return
            known = self.memo[shape] = layout.pick, {}, kind
        pick, groups, _ = known
        groups[pick(line) if pick else None] = group

    def _begin(self, kind: Kind, start: int) -> _Group:
        self._follow(kind)
        group = self._open[kind.name] = _Group(start, kind.name, 0)
        self.groups.append(group)
        return group

    def _follow(self, kind: Kind) -> None:
        """Another process that writes may be another life: after an exit it is."""
        if kind.pid is not None and self._pids.get(kind.writer) != kind.pid:
            self._turn()
            self._pids[kind.writer] = kind.pid

    def _turn(self) -> None:
        self._open.clear()
        self.memo.clear()

    def note_time(self, start: int) -> None:
        """The time of a line matters, unless the line was just read."""
        before = self.groups[-1] if self.groups else None
        if start >= 0 and not (before and before.name is None and before.start == start):
            self.groups.append(_Group(start, count=0))

    def _ends(self, inner: int, start: int, end: int) -> bool:
        """Is the record over at the end of its line?"""
        data = self._data
        if end + 1 < len(data) and data[end + 1] in _BLANKS:
            return False
        return not inner or self.ends(inner, start, end)

    def ends(self, inner: int, start: int, end: int) -> bool:
        """Is it, as far as later lines of its envelope tell?"""
        data, masked = self._data, self._masked
        after = end + 1
        for _ in range(NEIGHBOURS):
            if after >= len(data):
                return True
            if inner > 0 and masked[after : after + inner] == masked[start : start + inner]:
                return data[after + inner : after + inner + 1] not in (b" ", b"\t")
            after_end = data.find(b"\n", after)
            if after_end < 0:
                after_end = len(data)
            if inner < 0:
                following = self._kinds.of(masked[after:after_end], data[after:after_end])
                return following is not None and not following.goes_on
            after = after_end + 1
        return False


def _numbered(groups: list[_Group], window: Window) -> list[Step]:
    """The groups with the indices of their lines, counted in one pass."""
    index: dict[int, int] = {}
    at, count = window.begin, 0
    for start in sorted({place for group in groups for place in (group.start, group.last)}):
        count += window.data.count(b"\n", at, start)
        at = start
        index[start] = count
    return [Step(group.start, index[group.start], group.name, group.count, group.last, index[group.last]) for group in groups]
