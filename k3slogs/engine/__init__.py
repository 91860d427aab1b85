"""Bytes of a source -> findings: sift, read or count, match, fold."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

from k3slogs.engine.assembly import Assembled, Assembler, decode
from k3slogs.engine.clock import Calendar, Clock, Survey, survey
from k3slogs.engine.folding import Fold, Life
from k3slogs.engine.matcher import Expressions, Matcher
from k3slogs.engine.readers import Readers
from k3slogs.engine.reading import Reader
from k3slogs.engine.remainder import Unknown
from k3slogs.engine.scanner import Scanner
from k3slogs.engine.scanning import Coverage, Scanning, SourceScan
from k3slogs.engine.sieve import Sieve
from k3slogs.engine.sighting import Quote, Sighting, sighting
from k3slogs.engine.troubles import damage
from k3slogs.engine.window import windows
from k3slogs.model import NOBODY, Identity
from k3slogs.taxonomy import Component

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from k3slogs.model import Block, Record
    from k3slogs.rulebook import Rule, RuleBook

__all__ = [
    "Calendar",
    "Coverage",
    "Engine",
    "Fold",
    "Hit",
    "Life",
    "Quote",
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


class Hit:
    """A rule that counts on a record. What it captures is looked for when it is asked for."""

    def __init__(self, matcher: Matcher, record: Record) -> None:
        self.rule = matcher.rule
        self._matcher, self._record = matcher, record

    @cached_property
    def captures(self) -> dict[str, str]:
        return self._matcher.captures(self._record, self.rule.captures)

    @cached_property
    def key(self) -> tuple[str, ...]:
        """What its hits are folded by."""
        found = self._matcher.captures(self._record, self.rule.key)
        return tuple(found.get(name, "?") for name in self.rule.key)


class Engine:
    """The rules of a book, compiled. One engine reads any number of sources, a long one with `jobs` processes."""

    def __init__(self, book: RuleBook, jobs: int = 1) -> None:
        self.book = book
        self._jobs = jobs
        self._of_facts = {rule.id for rule in book if rule.of_facts}
        self.scanner = Scanner(book.anchors)
        self._matchers: dict[str, Matcher] = {}
        self._expressions = Expressions(book.expressions)

    @cached_property
    def readers(self) -> Readers:
        """What they learn of one source serves the others."""
        return Readers(Reader(self), self._jobs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.readers.close()

    def candidates(self, record: Record) -> list[Matcher]:
        """The rules one of whose anchors the record holds, whatever its digits; of a fact, all that are about facts."""
        found = self._of_facts if record.program == Component.FACT else self.scanner.owners(record.text)
        return self.matchers(sorted(found))

    def matchers(self, rule_ids: Iterable[str]) -> list[Matcher]:
        return [self._matcher(rule_id) for rule_id in rule_ids]

    def claims(self, record: Record, candidates: list[Matcher] | None = None) -> list[Rule]:
        """Every rule that matches the record, before precedence; who knows its candidates already may say so."""
        found = self.candidates(record) if candidates is None else candidates
        return [matcher.rule for matcher in found if matcher.matches(record)]

    def hits(self, record: Record) -> list[Hit]:
        """The rules that count on the record, with their captures."""
        return self.counting(self.claims(record), record)

    def counting(self, claims: list[Rule], record: Record) -> list[Hit]:
        """Of the rules that match the record, those that count, with their captures."""
        return [Hit(self._matcher(rule.id), record) for rule in self.winners(claims)]

    def captures(self, rule: Rule, names: Iterable[str], record: Record) -> dict[str, str]:
        """What a rule captures under some of its names."""
        return self._matcher(rule.id).captures(record, names)

    def failures(self, rule_id: str, record: Record) -> list[str]:
        """The parts of a rule that fail on a record, in words."""
        return self._matcher(rule_id).failures(record)

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
        """Records of the lines of a source that may matter, or of every line, in order."""
        assembler, sieve = Assembler(source, clock), Sieve(self.scanner)
        for window in windows(blocks):
            starts = window.starts() if every else sieve.places(window).starts
            for start in starts:
                yield from assembler.records(window, start)

    def scan(self, blocks: Iterable[Block], source: str, calendar: Calendar, identity: Identity = NOBODY) -> SourceScan:
        """Read a source to its end and fold what its lines say."""
        scanning = self.begin(source, calendar, identity)
        for block in blocks:
            scanning.feed(block)
        return scanning.close()

    def begin(self, source: str, calendar: Calendar, identity: Identity = NOBODY) -> Scanning:
        """A source whose blocks come one by one."""
        return Scanning(self, source, calendar, identity)

    def timeouts(self) -> list[str]:
        return [matcher.rule.id for matcher in self._matchers.values() if matcher.timeouts]

    def _matcher(self, rule_id: str) -> Matcher:
        """Most rules never see a candidate, so each is compiled when first asked for."""
        matcher = self._matchers.get(rule_id)
        if matcher is None:
            matcher = self._matchers[rule_id] = Matcher(self.book[rule_id], self._expressions)
        return matcher
