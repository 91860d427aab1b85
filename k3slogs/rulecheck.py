"""Runs the rules' own examples: the check behind `k3slogs rules test` and our own tests."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import regex

from k3slogs import rulebook, yamlfile
from k3slogs.diagnosis.attempts import alone
from k3slogs.engine import Calendar, Engine
from k3slogs.engine.clock import Clock
from k3slogs.engine.facts import record as fact_record
from k3slogs.engine.folding import Folder
from k3slogs.errors import Problem, RuleError
from k3slogs.model import Block, seconds
from k3slogs.rulebook import anchors
from k3slogs.rulebook.checks import rule_warnings
from k3slogs.sources import facts
from k3slogs.taxonomy import Component

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from k3slogs.model import Record
    from k3slogs.rulebook import Rule, RuleBook
    from k3slogs.rulebook.rule import Fires, Stream

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LIKENESS = 0.3
"""Share of words that a silent line has in common with the nearest line that fires."""
_STEP = regex.compile(
    r"(?:\+(?P<after>\d+(?:\.\d+)?[smhd]?) )?(?:(?P<kind>fires|silent)\.(?P<index>\d+)|(?:milestone|rule) (?P<rule>\S+)|(?P<end>end))"
)
_FACT = regex.compile(r"fact (?P<kind>\w+): ?(?P<text>.+)", regex.DOTALL)


@dataclass
class Report:
    """What a check of a pack found: how much ran, every problem, and what is right but dear."""

    rules: int = 0
    fires: int = 0
    silent: int = 0
    streams: int = 0
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def check(book: RuleBook, rules: Iterable[Rule] | None = None) -> Report:
    """Run the examples of `rules` (default: all of the book) against all rules of the book."""
    checker = _Checker(Engine(book), book)
    report = Report()
    for rule in book if rules is None else rules:
        report.rules += 1
        report.fires += len(rule.examples.fires)
        report.silent += len(rule.examples.silent)
        report.streams += len(rule.examples.streams)
        report.problems += checker.problems(rule)
        report.warnings += rule_warnings(rule)
    return report


def records(engine: Engine, text: str, *, every: bool = True) -> list[Record]:
    """The records of an example: of all its lines, or of those that are candidates; or what `fact KIND: TEXT` tells of a node."""
    if (named := _FACT.fullmatch(text)) and named["kind"] in facts.kinds():
        return [fact_record(fact, "facts") for fact in facts.facts_of(named["kind"], named["text"])]
    block = Block(text.encode("utf-8", "replace"), 1)
    clock = Clock(Calendar(NOON, "the check"))
    return [found.record for found in engine.records([block], "example", clock, every=every)]


class _Checker:
    def __init__(self, engine: Engine, book: RuleBook) -> None:
        self._engine = engine
        self._book = book

    def problems(self, rule: Rule) -> list[Problem]:
        found = [*self._fires(rule), *self._silent(rule), *self._streams(rule)]
        return [Problem(rule.path, _line(rule, place), place, reason, hint) for place, reason, hint in found]

    def _fires(self, rule: Rule) -> Iterator[tuple[str, str, str]]:
        words = frozenset().union(*anchors.of_rule(rule))
        for index, example in enumerate(rule.examples.fires):
            place = f"examples.fires.{index}"
            seen = records(self._engine, example.line, every=False)
            hits = [hit for record in seen for hit in self._engine.hits(record)]
            winners = {hit.rule.id for hit in hits}
            if rule.id not in winners:
                yield place, "does not fire its rule", self._why_silent(rule, example)
            elif not rule.of_facts and not anchors.among(words, example.line):
                yield (
                    place,
                    "holds no anchor of the rule as it is printed: among other lines nobody would look at it",
                    f"one of {sorted(words)}",
                )
            for other in sorted(winners - {rule.id} - set(example.also)):
                yield place, f"fires {other} too", "declare overrides, make one of them more exact, or allow it in `also`"
            for name, value in example.captures.items():
                got = next((hit.captures.get(name) for hit in hits if hit.rule.id == rule.id), None)
                if got != value:
                    yield place, f"captures {name}={got!r}, not {value!r}", ""
            yield from self._undeclared(place, example, seen)

    def _undeclared(self, place: str, example: Fires, seen: list[Record]) -> Iterator[tuple[str, str, str]]:
        """Two rules that both count on one record, without a word about it."""
        for record in seen:
            counting = self._engine.winners(self._engine.claims(record))
            for one, other in combinations(sorted(rule.id for rule in counting), 2):
                if not {one, other} & set(example.also):
                    yield place, f"is claimed by {one} and {other}", "declare which of them overrides the other"

    def _why_silent(self, rule: Rule, example: Fires) -> str:
        for record in records(self._engine, example.line):
            claims = [claim.id for claim in self._engine.claims(record)]
            if rule.id in claims:
                counting = [winner.id for winner in self._engine.winners([self._book[claim] for claim in claims])]
                return f"it matches, and loses to {', '.join(counting)}"
            if failures := self._engine.failures(rule.id, record):
                return f"failed: {'; '.join(failures)}; text read: {record.text[:160]!r}"
        return "no record was read from it: no anchor of any rule is in it"

    def _silent(self, rule: Rule) -> Iterator[tuple[str, str, str]]:
        words = anchors.literals(rule)
        for index, line in enumerate(rule.examples.silent):
            place = f"examples.silent.{index}"
            seen = records(self._engine, line)
            if any(rule.id == hit.rule.id for record in seen for hit in self._engine.hits(record)):
                yield place, "fires the rule, and must not", ""
            texts = [anchors.squeeze(line), *(record.text for record in seen)]
            if rule.of_facts and not any(map(_told, seen)):
                yield place, "tells no fact", f"write `fact KIND: TEXT`; kinds are {', '.join(facts.kinds())}"
            elif not rule.of_facts and not any(anchors.among(words, text) for text in texts):
                yield place, "holds no anchor of the rule: it would never reach the matcher", f"one of {sorted(words)}"
            elif max((_likeness(line, example.line) for example in rule.examples.fires), default=1.0) < LIKENESS:
                yield place, "shares few words with any line that fires", "show the line that looks most alike"

    def _streams(self, rule: Rule) -> Iterator[tuple[str, str, str]]:
        for index, stream in enumerate(rule.examples.streams):
            place = f"examples.streams.{index}"
            try:
                state = self._state(rule, stream)
            except (LookupError, ValueError) as error:
                yield place, f"cannot be run: {error}", "a line is text, or [+5s] fires.0 | silent.0 | milestone ID | rule ID | end"
                continue
            if state != stream.expect:
                yield place, f"ends {state}, not {stream.expect}", ""

    def _state(self, rule: Rule, stream: Stream) -> str:
        """The state of the rule's finding after the stream; `none` without one."""
        folder = Folder("example")
        moment = NOON
        for number, step in enumerate(stream.lines, 1):
            moment, text = self._step(rule, step, moment)
            for record in records(self._engine, text):
                placed = record if _told(record) else record._replace(timestamp=moment, line=number)
                life = folder.life(placed)
                if not _told(placed):
                    life.extend(placed)
                for hit in self._engine.hits(placed):
                    life.add(hit, placed)
        findings = [finding for life in folder.lives for finding in alone(life, self._book)]
        return next((str(finding.state) for finding in findings if finding.rule.id == rule.id), "none")

    def _step(self, rule: Rule, step: str, moment: datetime) -> tuple[datetime, str]:
        hit = _STEP.fullmatch(step)
        if hit is None:
            after, separator, text = step.partition(" ")
            if separator and after.startswith("+"):
                return NOON + seconds(after[1:]), text
            return moment + timedelta(milliseconds=1), step
        moment = NOON + seconds(hit["after"]) if hit["after"] else moment + timedelta(milliseconds=1)
        if hit["end"]:
            return moment, "the log goes on"
        if hit["rule"]:
            if hit["rule"] not in self._book.rules:
                raise LookupError(f"there is no rule {hit['rule']!r}")
            return moment, self._book[hit["rule"]].examples.fires[0].line
        index = int(hit["index"])
        if hit["kind"] == "fires":
            return moment, rule.examples.fires[index].line
        return moment, rule.examples.silent[index]


def _told(record: Record) -> bool:
    """Is it a fact, which has no time?"""
    return record.program == Component.FACT


def _likeness(line: str, other: str) -> float:
    words, known = (set(regex.findall(r"[A-Za-z]{3,}", text)) for text in (line, other))
    return len(words & known) / max(1, min(len(words), len(known)))


def _line(rule: Rule, place: str) -> int | None:
    try:
        return yamlfile.line_of(Path(rule.path).read_text("utf-8-sig"), place.split("."))
    except OSError:
        return None


def main(arguments: list[str]) -> int:
    """`python -m k3slogs.rulecheck rules/cgroup`: the check of some folders of the built-in pack."""
    builtin = rulebook.builtin_folder()
    wanted = [Path(argument).resolve() for argument in arguments]
    try:
        book, problems = rulebook.load([builtin]), []
    except RuleError as error:
        book, problems = rulebook.load([builtin], check=False, lenient=True), error.problems
    ours = [rule for rule in book if not wanted or any(folder in Path(rule.path).resolve().parents for folder in wanted)]
    paths = {rule.path for rule in ours}
    report = check(book, ours)
    shown = [p for p in problems if not wanted or p.path in paths or any(folder in Path(p.path).resolve().parents for folder in wanted)]
    for problem in [*shown, *report.problems]:
        sys.stdout.write(f"{problem}\n")
    for warning in report.warnings:
        sys.stdout.write(f"warning: {warning}\n")
    sys.stdout.write(
        f"{report.rules} rules, {report.fires} fires, {report.silent} silent, {report.streams} streams; {len(shown) + len(report.problems)} problems\n"
    )
    return 1 if shown or report.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
