"""Bytes of a source -> findings: scan, assemble, match, fold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from k3slogs import formats
from k3slogs.engine.assembly import Assembled, Assembler, decode
from k3slogs.engine.clock import Calendar, Clock, Survey, survey
from k3slogs.engine.folding import Fold, Folder, Life, Sighting, sighting
from k3slogs.engine.matcher import Matcher
from k3slogs.engine.remainder import Remainder, Unknown
from k3slogs.engine.scanner import Scanner, Selector
from k3slogs.engine.troubles import Troubles, damage
from k3slogs.engine.window import Windows, windows
from k3slogs.model import NOBODY, Identity
from k3slogs.taxonomy import Component, Effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from k3slogs.engine.window import Window
    from k3slogs.model import Block, Fact, Record
    from k3slogs.rulebook import Rule, RuleBook

__all__ = [
    "Calendar",
    "Engine",
    "Fold",
    "Life",
    "Scanning",
    "Sighting",
    "SourceScan",
    "Survey",
    "Unknown",
    "damage",
    "decode",
    "sighting",
    "survey",
]


class Hit(NamedTuple):
    rule: Rule
    captures: dict[str, str]


@dataclass
class Coverage:
    """Alarming (warning, error, fatal) lines by what is known of them."""

    error_lines: int = 0
    explained: int = 0
    benign: int = 0
    unknown: int = 0


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


class Engine:
    """The rules of a book, compiled. One engine reads any number of sources."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        matched = [rule for rule in book if rule.match]
        of_lines = [rule for rule in matched if not rule.of_facts]
        self._scanner = Scanner(of_lines)
        self._selector = Selector(of_lines)
        self._of_facts = {rule.id for rule in matched if rule.of_facts}
        self._matchers = {rule.id: Matcher(rule) for rule in matched}

    def candidates(self, record: Record) -> set[str]:
        """Ids of the rules one of whose anchors the record holds; of a fact, all that are about facts."""
        return self._of_facts if record.program == Component.FACT else self._selector.select(record.text)

    def claims(self, record: Record) -> list[Rule]:
        """Every rule that matches the record, before precedence."""
        found = (self._matchers[rule_id] for rule_id in sorted(self.candidates(record)))
        return [matcher.rule for matcher in found if matcher.matches(record)]

    def hits(self, record: Record) -> list[Hit]:
        """The rules that count on the record, with their captures."""
        return self.counting(self.claims(record), record)

    def counting(self, claims: list[Rule], record: Record) -> list[Hit]:
        """Of the rules that match the record, those that count, with their captures."""
        return [Hit(rule, self._matchers[rule.id].captures(record)) for rule in self.winners(claims)]

    def failures(self, rule_id: str, record: Record) -> list[str]:
        """The parts of a rule that fail on a record, in words."""
        return self._matchers[rule_id].failures(record)

    def winners(self, rules: list[Rule]) -> list[Rule]:
        """Precedence on one record: overridden rules and outdone wrappers do not count."""
        if len(rules) < 2:
            return rules
        overridden = {loser for rule in rules for loser in self.book.overrides.get(rule.id, ())}
        left = [rule for rule in rules if rule.id not in overridden]
        if any(rule.is_fault and not rule.wrapper for rule in left):
            left = [rule for rule in left if not rule.wrapper]
        return left

    def records(self, blocks: Iterable[Block], source: str, clock: Clock, *, every: bool = False) -> Iterator[Assembled]:
        """Records of the candidate lines of a source, or of every line, in order."""
        yield from self.assemble(Assembler(source, clock), windows(blocks), every=every)

    def _offsets(self, window: Window) -> list[int]:
        """Ends of what the scan found, and a line at either end of the block for its clock."""
        ends = self._scanner.ends(window.data[window.begin : window.end])
        first, last = window.begin + 1, window.end
        return sorted({first, last, *(window.begin + end for end in ends)})

    def scan(self, blocks: Iterable[Block], source: str, calendar: Calendar, identity: Identity = NOBODY) -> SourceScan:
        """Read a source to its end and fold what its lines say."""
        scanning = self.begin(source, calendar, identity)
        for block in blocks:
            scanning.feed(block)
        return scanning.close()

    def begin(self, source: str, calendar: Calendar, identity: Identity = NOBODY) -> Scanning:
        """A source whose blocks come one by one."""
        return Scanning(self, source, calendar, identity)

    def assemble(self, assembler: Assembler, windows: Iterable[Window], *, every: bool = False) -> Iterator[Assembled]:
        """Records of the candidate lines of some windows, or of every line, in order."""
        for window in windows:
            yield from assembler.records(window, window.line_ends() if every else self._offsets(window))

    def timeouts(self) -> list[str]:
        return [matcher.rule.id for matcher in self._matchers.values() if matcher.timeouts]


class Scanning:
    """A source that is being read: blocks go in, and what they said so far can be asked for at any time."""

    def __init__(self, engine: Engine, source: str, calendar: Calendar, identity: Identity = NOBODY) -> None:
        self._engine = engine
        self._clock = Clock(calendar)
        self._assembler = Assembler(source, self._clock, identity)
        self._windows = Windows()
        self._folder, self._remainder = Folder(source), Remainder()
        self._troubles = Troubles()
        self._scan = SourceScan(source, identity, year_from=calendar.anchor_from)

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

    def _read(self, windows: Iterable[Window]) -> None:
        for found in self._engine.assemble(self._assembler, windows):
            if self._take(found):
                self._assembler.noise.learn(found.shape)

    def _before(self, found: Assembled) -> datetime | None:
        """The time of the last line before a record that tells one."""
        for number, text in reversed(found.context()[0]):
            line = formats.read(number, text)
            outer = next((peel.stamp for peel in reversed(line.envelopes) if peel.stamp), None)
            if moment := self._clock.resolve(line.reading.stamp, outer):
                return moment
        return None

    def _take(self, found: Assembled) -> bool:
        """Fold one record. Returns whether another line of its shape would only be counted."""
        scan, folder, engine = self._scan, self._folder, self._engine
        line, record, weight = found.line, found.record, found.weight
        scan.formats[".".join(line.formats)] += weight
        self._troubles.note(record, lambda: self._before(found))
        record = record._replace(program=folder.program(record))
        if record.timestamp is None and scan.last is not None:
            record = record._replace(timestamp=scan.last.timestamp, year_assumed=scan.last.year_assumed)
        claims = engine.claims(record)
        hits = engine.counting(claims, record)
        for hit in hits:
            if hit.rule.begins:
                folder.begin(hit.rule, record)
        life = folder.life(record)
        life.extend(record, weight)
        for hit in hits:
            life.add(hit.rule, record, hit.captures, weight, found.context)
        life.note_end(claims, record)
        _note_time(scan, record, gaps=not found.after_skipped and record.program != "event")
        if record.level is not None and record.level.alarming:
            _count(scan.coverage, hits, weight)
            if not hits:
                self._remainder.add(record, weight)
        return record.line == record.last_line and all(_only_counts(hit.rule) for hit in hits)


def _only_counts(rule: Rule) -> bool:
    return rule.effect is Effect.BENIGN and not (rule.key or rule.threshold or rule.tolerate or rule.ends)


def _count(coverage: Coverage, hits: list[Hit], weight: int) -> None:
    coverage.error_lines += weight
    if not hits:
        coverage.unknown += weight
    elif all(hit.rule.effect is Effect.BENIGN for hit in hits):
        coverage.benign += weight
    else:
        coverage.explained += weight


GAP_SECONDS = 60.0
"""Silence between two lines that the timeline shows."""
MAX_GAPS = 1000
"""Of more silences the last ones are shown."""


def _note_time(scan: SourceScan, record: Record, *, gaps: bool) -> None:
    if record.timestamp is None:
        return
    seen = sighting(record)
    last = scan.last
    if gaps and last is not None and last.timestamp is not None and (record.timestamp - last.timestamp).total_seconds() >= GAP_SECONDS:
        scan.gaps.append((last, seen))
        del scan.gaps[:-MAX_GAPS]
    scan.first = scan.first or seen
    scan.last = seen
