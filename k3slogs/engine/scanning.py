"""Steps of windows, in their order -> what a source holds: records are matched and folded, lines of a known kind are counted."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from k3slogs import formats
from k3slogs.engine.assembly import NOTHING_AROUND, Assembler, around, decode
from k3slogs.engine.clock import Calendar, Clock
from k3slogs.engine.folding import Fold, Folder, Life, effective_stage
from k3slogs.engine.remainder import Remainder, Unknown
from k3slogs.engine.sighting import Quote, Sighting, later, quote, sighting
from k3slogs.engine.troubles import Troubles
from k3slogs.engine.window import Windows
from k3slogs.model import NOBODY, Identity
from k3slogs.taxonomy import Effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from k3slogs.engine import Engine, Hit
    from k3slogs.engine.assembly import Assembled
    from k3slogs.engine.clock import ClockState
    from k3slogs.engine.readers import Ticket
    from k3slogs.engine.reading import Step
    from k3slogs.engine.window import Window
    from k3slogs.model import Block, Fact, Record
    from k3slogs.rulebook import Rule
    from k3slogs.taxonomy import Stage

GAP_SECONDS = 60.0
"""Silence before a line that the timeline shows."""
MAX_GAPS = 1000
"""Of more silences the last ones are shown."""
MAX_CLOCKS = 1000
"""Months between which the clocks of a log go to and fro, before what was counted is settled."""
MAX_KINDS = 20_000
"""Kinds of lines of which it is kept what they say, and which rules match them."""
MAX_LATE = 500
"""Lines of known kinds, the last ones that were read, of which it is kept what they say: who judges a finding may soon show it as well."""


@dataclass
class Coverage:
    """Alarming (warning, error, fatal) lines by what is known of them."""

    error_lines: int = 0
    explained: int = 0
    benign: int = 0
    unknown: int = 0

    def count(self, means: str, lines: int) -> None:
        """`means` is unknown, benign or explained."""
        self.error_lines += lines
        setattr(self, means, getattr(self, means) + lines)


@dataclass
class SourceScan:
    """All that one source gave."""

    source: str
    identity: Identity = NOBODY
    facts: Sequence[Fact] = ()
    """Of a file beside the logs, which has nothing else but one life that holds what they mean."""
    lives: list[Life] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)
    formats: Counter[str] = field(default_factory=Counter)
    first: Sighting | None = None
    last: Sighting | None = None
    gaps: list[tuple[Sighting, Sighting]] = field(default_factory=list)
    year_assumed: bool = False
    zone_assumed: bool = False
    aged: bool = False
    """Some line told an age in place of a time."""
    year_from: str = ""
    """From what the year is known of stamps that print none."""
    problems: list[str] = field(default_factory=list)
    timeouts: list[str] = field(default_factory=list)


class _Said(NamedTuple):
    """What a record gave, and every other one of its kind by the same program would."""

    forms: str
    record: Record
    means: str
    """What its coverage is counted as; empty where its level is no alarm."""
    hits: tuple[tuple[Rule, tuple[str, ...], Stage], ...]
    """By what they are folded, and where they belong in a life of `host`."""
    host: str | None
    unknown: Unknown | None
    timed: bool
    """Some rule looks at the times of its lines, or did."""


class _Late:
    """Reads lines that were passed over; it holds nothing of the source but the last ones of them."""

    def __init__(self, engine: Engine, assembler: Assembler, clock: Clock) -> None:
        self._assembler, self._clock = assembler, clock
        self._last: dict[tuple[int, bytes, ClockState], Record] = {}
        self.captures = engine.captures

    def read(self, number: int, line: bytes, state: ClockState) -> Record:
        """By the clock as it stood there."""
        record = self._last.get((number, line, state))
        if record is None:
            now, self._clock.state = self._clock.state, state
            record = self._last[number, line, state] = self._assembler.numbered(number, line)
            self._clock.state = now
            if len(self._last) > MAX_LATE:
                del self._last[next(iter(self._last))]
        return record

    def quote(self, line: bytes, state: ClockState) -> Quote:
        """What such a line shows, which is sooner told."""
        now, self._clock.state = self._clock.state, state
        found = quote(*self._assembler.skimmed(line), year_assumed=self._clock.guessed)
        self._clock.state = now
        return found


class _Unread:
    """A line of a known kind, as it stands. Several may ask what it says."""

    __slots__ = ("_late", "_line", "_number", "_state")

    def __init__(self, late: _Late, number: int, line: bytes, state: ClockState) -> None:
        self._late, self._number, self._line, self._state = late, number, line, state

    def quote(self) -> Quote:
        return self._late.quote(self._line, self._state)

    def captures(self, rule: Rule) -> dict[str, str]:
        return self._late.captures(rule, rule.captures, self._late.read(self._number, self._line, self._state))


@dataclass(slots=True)
class _Read:
    """Where further lines of a kind are added to in one life."""

    said: _Said
    life: Life
    folds: list[Fold]
    more: int = 0
    """Lines that were counted and are not added to anything yet."""
    last: tuple[int, bytes] | None = None
    """The last one of them: its number and its bytes."""

    @property
    def counts(self) -> bool:
        """A further line need not be read."""
        if self.life.exit is not None and self.life.is_over_for(self.said.record):
            return False
        return not (self.said.timed and any(fold.looks_at_times for fold in self.folds))


class Scanning:
    """A source that is being read: blocks go in, and what they said so far can be asked for at any time."""

    def __init__(self, engine: Engine, source: str, calendar: Calendar, identity: Identity = NOBODY) -> None:
        self._engine = engine
        self._clock = Clock(calendar)
        self._clocks = [(0, self._clock.state)]
        """Where the clock stood from a line on, month by month, since what was counted was settled last."""
        self._assembler = Assembler(source, self._clock, identity)
        self._late = _Late(engine, Assembler(source, self._clock, identity), self._clock)
        self._windows = Windows()
        self._readers = engine.readers
        self._waiting: deque[Ticket] = deque()
        self._folder, self._remainder = Folder(source, self._settle_and_forget), Remainder()
        self._troubles = Troubles()
        self._scan = SourceScan(source, identity, year_from=calendar.anchor_from)
        self._kinds: dict[bytes, _Read] = {}
        """In the lives as they are."""
        self._said: dict[bytes, _Said] = {}
        """Of kinds in whatever life."""
        self._claims: dict[tuple[bytes, str | None], list[Rule]] = {}
        self._last: Window | None = None

    def feed(self, block: Block) -> None:
        """Take whole lines. The last ones wait for what follows, since a record may go on."""
        self._read(self._windows.feed(block))

    def settle(self) -> None:
        """Read what waited at the last call, with what came since as what follows it: called twice, everything is read."""
        self._read(self._windows.settle())

    def close(self) -> SourceScan:
        """Everything, read to its end."""
        self._read(self._windows.flush())
        scan = self.result()
        scan.problems = self._troubles.ended()
        return scan

    def result(self) -> SourceScan:
        """What was read so far. It goes on changing with the next block: take a `snapshot` to keep it."""
        self._take_all_but(0)
        if self._last is not None:
            self._reach(self._last)
        self._settle()
        scan = self._scan
        scan.lives = self._folder.lives
        scan.unknown = list(self._remainder.shapes.values())
        scan.year_assumed, scan.zone_assumed, scan.aged = self._clock.year_assumed, self._clock.zone_assumed, self._clock.aged
        scan.problems = self._troubles.told()
        scan.timeouts = self._engine.timeouts()
        return scan

    def snapshot(self) -> SourceScan:
        """What was read so far, as it stays; a diagnosis may change it."""
        scan = self.result()
        return replace(
            scan,
            lives=[life.copy() for life in scan.lives],
            unknown=[replace(unknown) for unknown in scan.unknown],
            coverage=replace(scan.coverage),
            formats=scan.formats.copy(),
            gaps=scan.gaps.copy(),
        )

    def _take(self, window: Window, steps: Iterable[Step]) -> None:
        """Do the steps of the next window."""
        for step in steps:
            if not step.alone:
                self._count(window, step)
                continue
            window.know(step.start, step.at)
            if step.lines:
                for found in self._assembler.records(window, step.start):
                    self._fold(found, step if found.is_line else None)
            else:
                self._note_time(window, step.start)
        if len(self._clocks) > MAX_CLOCKS:
            self._settle()
        self._last = window

    def _read(self, windows: Iterable[Window]) -> None:
        for window in windows:
            self._waiting.append(self._readers.submit(window))
            self._take_all_but(self._readers.ahead)

    def _take_all_but(self, left: int) -> None:
        while len(self._waiting) > left:
            self._take_next()

    def _take_next(self) -> None:
        ticket = self._waiting.popleft()
        if not ticket.is_ready and not ticket.is_left and (left := next((each for each in self._waiting if each.is_left), None)):
            left.steps()  # meanwhile
        self._take(ticket.window, ticket.steps())

    def _count(self, window: Window, step: Step) -> None:
        """Lines of one kind: the first one is read if it is new since the last turn. Most of what a log says in other words comes here."""
        _, _, name, _, _, more, last, last_at = step
        assert name is not None
        known = self._kinds.get(name)
        if known is None or not known.counts:
            known, more = self._first(window, step)
            if not more:
                return
        if known.said.record.pid:
            known.life.pid = known.said.record.pid
        known.more += more
        known.last = window.own_number(last_at), window.line(last)

    def _first(self, window: Window, step: Step) -> tuple[_Read, int]:
        """Lines of a kind that is new since the last turn, or whose times matter; and how many of them are still to be counted."""
        assert step.name is not None
        window.know(step.start, step.at)
        known = self._kinds.get(step.name) or self._known_again(step.name, window, step)
        if known is not None and known.counts:
            return known, step.lines
        known = self._kinds[step.name] = self._fold(self._assembler.alone(window, step.start), step)
        if len(self._said) >= MAX_KINDS:
            self._said.clear()
        self._said[step.name] = known.said
        return known, step.lines - 1

    def _known_again(self, name: bytes, window: Window, step: Step) -> _Read | None:
        """Lines of a kind that was read in an earlier life. What the first one says need not be read."""
        said = self._said.get(name)
        if said is None or said.timed:
            return None
        life = self._folder.life(said.record)
        if not life.is_timed or life.program != said.host:
            return None
        if said.record.program:
            life.writers.add(said.record.program)
        unread: _Unread | None = None
        folds = []
        for rule, key, stage in said.hits:
            fold = life.fold_of(rule, key)
            if fold is None:
                number = window.own_number(step.at)
                unread = unread or _Unread(self._late, number, window.line(step.start), self._clock.state)
                seen = Sighting(self._scan.source, number, unread, around(window, step.start, number) if rule.is_fault else NOTHING_AROUND)
                fold = life.open(rule, key, stage, partial(unread.captures, rule) if rule.captures else {}, seen)
            folds.append(fold)
        known = self._kinds[name] = _Read(said, life, folds)
        return known

    def _settle_and_forget(self) -> None:
        """Lives change: lines that were counted belong to what was before."""
        self._settle()
        self._kinds.clear()

    def _settle(self) -> None:
        """Add what was counted, and where it was seen last."""
        for known in sorted((known for known in self._kinds.values() if known.last is not None), key=_last_number):
            assert known.last is not None
            self._add_more(known)
            (number, line), known.last = known.last, None
            state = self._clocks[max(bisect_right(self._clocks, number, key=itemgetter(0)) - 1, 0)][1]
            seen = Sighting(self._scan.source, number, _Unread(self._late, number, line, state))
            known.life.end = later(known.life.end, seen)
            for fold in known.folds:
                if fold.last.line < number:
                    fold.last = seen
            if (unknown := known.said.unknown) is not None:
                unknown.last = later(unknown.last, seen)
        self._clocks = [(self._clocks[-1][0], self._clock.state)]

    def _add_more(self, known: _Read) -> None:
        said, more, known.more = known.said, known.more, 0
        self._scan.formats[said.forms] += more
        known.life.records += more
        for fold in known.folds:
            fold.add_more(more)
        if said.means:
            self._scan.coverage.count(said.means, more)
            if said.unknown is not None:
                said.unknown.count += more

    def _fold(self, found: Assembled, step: Step | None = None) -> _Read:
        """Match one record, and add it to its life. It is all that a step is about, or nothing is known of it."""
        scan, folder, engine = self._scan, self._folder, self._engine
        record, forms = found.record, ".".join(found.line.formats)
        scan.formats[forms] += 1
        self._troubles.note(record)
        self._pass_time(found)
        record = self._timed(record._replace(program=folder.program(record, record.program)))
        claims = self._claimed(record, step)
        hits = engine.counting(claims, record)
        for hit in hits:
            if hit.rule.begins:
                folder.begin(hit.rule, record)
        life = folder.life(record)
        life.extend(record)
        folds = [life.add(hit, record, found.context) for hit in hits]
        life.note_end(claims, record)
        means, unknown = "", None
        if record.level is not None and record.level.alarming:
            means = _means(hits)
            scan.coverage.count(means, 1)
            unknown = None if hits else self._remainder.add(record)
        counted = tuple((hit.rule, hit.key, effective_stage(hit.rule, record, life.program)) for hit in hits)
        bare = record._replace(text="", raw="", err=None, fields=())  # who wrote it is all that will be asked
        timed = any(hit.rule.threshold is not None and hit.rule.threshold.within is not None for hit in hits)
        return _Read(_Said(forms, bare, means, counted, life.program, unknown, timed), life, folds)

    def _claimed(self, record: Record, step: Step | None) -> list[Rule]:
        """The rules that match a record; all lines of a kind by one program match the same ones."""
        if step is None or step.name is None:
            return self._engine.claims(record)
        place = step.name, record.program
        known = self._claims.get(place)
        if known is None:
            if len(self._claims) >= MAX_KINDS:
                self._claims.clear()
            known = self._claims[place] = self._engine.claims(record, self._engine.matchers(step.claims))
        return known

    def _reach(self, window: Window) -> None:
        """The last line that was seen may tell when a life ended, or that the log is cut, even if nothing else of it matters."""
        for found in self._assembler.records(window, window.last):
            self._troubles.reach(found.record)
            self._pass_time(found)
            record = self._timed(found.record)
            life = self._folder.life(record)
            if life.start is None:
                life.extend(record)
            life.end = later(life.end, sighting(record))

    def _timed(self, record: Record) -> Record:
        """A record that tells no time has that of the one before it."""
        last = self._scan.last
        if record.timestamp is not None or last is None:
            return record
        return record._replace(timestamp=last.timestamp, year_assumed=last.year_assumed)

    def _note_time(self, window: Window, start: int) -> None:
        found = self._assembler.alone(window, start)
        self._troubles.reach(found.record)
        self._pass_time(found)

    def _pass_time(self, found: Assembled) -> None:
        """Time goes on: was it silent before this line, or did the clock go back?"""
        record, scan = found.record, self._scan
        if record.timestamp is None:
            return
        self._troubles.pass_time(record, lambda: self._before(found))
        seen, last = sighting(record), scan.last
        if last is not None and record.program != "event" and _seconds(last, seen) >= GAP_SECONDS:
            before = self._before(found)
            if before is None or _seconds(before, seen) >= GAP_SECONDS:
                scan.gaps.append((before or last, seen))
                del scan.gaps[:-MAX_GAPS]
        scan.first = scan.first or seen
        scan.last = later(last, seen)
        if _months(self._clock.state) != _months(self._clocks[-1][1]):
            self._clocks.append((record.line, self._clock.state))

    def _before(self, found: Assembled) -> Sighting | None:
        """The last line before a record that tells a time."""
        for number, text in reversed(found.context()[0]):
            line = formats.read(number, decode(text), skim=True)
            if moment := self._clock.resolve(line.reading.stamp, line.outer_stamp):
                return Sighting(found.record.source, number, Quote(moment, line.inner, self._clock.guessed))
        return None


def _last_number(known: _Read) -> int:
    return known.last[0] if known.last else 0


def _months(clock: ClockState) -> list[tuple[int, int] | None]:
    return [(moment.year, moment.month) if moment else None for moment in clock]


def _means(hits: list[Hit]) -> str:
    if not hits:
        return "unknown"
    return "benign" if all(hit.rule.effect is Effect.BENIGN for hit in hits) else "explained"


def _seconds(earlier: Sighting, seen: Sighting) -> float:
    if earlier.timestamp is None or seen.timestamp is None:
        return 0.0
    return (seen.timestamp - earlier.timestamp).total_seconds()
