"""Folds -> findings of one attempt: active, resolved, tolerated; and which follows from which."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from k3slogs.diagnosis.limits import ACROSS_SOURCES, EVIDENCE, LATEST, SAME_SOURCE
from k3slogs.taxonomy import FAULTS, Category, Effect, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from k3slogs.engine import Fold, Sighting
    from k3slogs.rulebook import Rule, RuleBook


class State(StrEnum):
    ACTIVE = "active"
    RESOLVED = "resolved"
    TOLERATED = "tolerated"
    NONE = "none"


@dataclass(eq=False)
class Finding:
    """One rule's hits with the same key in one attempt, over all sources."""

    rule: Rule
    stage: Stage
    key: tuple[str, ...]
    folds: list[Fold]
    state: State = State.ACTIVE
    cause: Finding | None = None
    effects: list[Finding] = field(default_factory=list)

    @cached_property
    def captures(self) -> dict[str, str]:
        """By the first of its folds that has a name. To ask for them may mean to read lines."""
        return {name: value for fold in reversed(self.folds) for name, value in fold.captures.items()}

    @property
    def count(self) -> int:
        """Hits; copies of one failure in several sources are not added up."""
        return max(fold.count for fold in self.folds)

    @property
    def first(self) -> Sighting:
        return self.folds[0].first

    @property
    def last(self) -> Sighting:
        if len(self.folds) == 1:  # nothing to compare, and no line to read for it
            return self.folds[0].last
        return max((fold.last for fold in self.folds), key=lambda seen: (seen.timestamp is not None, seen.timestamp or 0, seen.line))

    @property
    def evidence(self) -> list[Sighting]:
        """The first line of each source, then the last of the first source."""
        lines = [fold.first for fold in self.folds[: EVIDENCE - 1]]
        return lines if self.folds[0].last in lines else [*lines, self.folds[0].last]

    @property
    def open(self) -> bool:
        return self.state is State.ACTIVE

    @property
    def effect(self) -> Effect:
        """What it means here: a benign line beyond its bounds is benign no more, a fault within them is no fault yet."""
        rule, effect = self.rule, self.rule.effect
        if effect is Effect.BENIGN and self.state is State.ACTIVE and (rule.threshold or rule.tolerate):
            return Effect.SYMPTOM
        if self.state is State.TOLERATED and rule.is_fault:
            return Effect.SYMPTOM
        return effect

    @property
    def category(self) -> Category:
        """That of the rule; silence is filed where the silent rung belongs."""
        return _AREA[self.stage] if self.rule.builtin_silence else self.rule.category

    @property
    def is_fault(self) -> bool:
        return self.effect in FAULTS

    @property
    def is_workload(self) -> bool:
        return self.category is Category.WORKLOAD

    def root(self) -> Finding:
        seen = self
        while seen.cause is not None:
            seen = seen.cause
        return seen


_AREA = {
    Stage.PROCESS: Category.CONFIGURATION, Stage.DATASTORE: Category.DATASTORE, Stage.CONTROL_PLANE: Category.CONTROLPLANE,
    Stage.AGENT: Category.CONTROLPLANE, Stage.RUNTIME: Category.RUNTIME, Stage.KUBELET: Category.NODE, Stage.NODE: Category.NODE,
    Stage.NETWORK: Category.NETWORK, Stage.IMAGE: Category.IMAGE, Stage.SANDBOX: Category.RUNTIME, Stage.CONTAINER: Category.RUNTIME,
    Stage.RUNNING: Category.WORKLOAD,
}  # fmt: skip


def merge(folds: Iterable[Fold]) -> list[Finding]:
    """One finding for each rule and key, its folds in the order in which they count as evidence."""
    grouped: dict[tuple[str, tuple[str, ...]], list[Fold]] = {}
    for fold in folds:
        grouped.setdefault((fold.rule.id, fold.key), []).append(fold)
    findings = []
    for group in grouped.values():
        if len(group) > 1:
            group.sort(key=lambda fold: by_time(fold.first))
        findings.append(Finding(group[0].rule, _stage(group), group[0].key, group))
    return findings


def _stage(folds: list[Fold]) -> Stage:
    """That of most of them, the lowest of equals."""
    if len(folds) == 1:
        return folds[0].stage
    counts = Counter(fold.stage for fold in folds)
    return max(counts, key=lambda stage: (counts[stage], -stage.rank))


def by_time(seen: Sighting) -> tuple[bool, datetime, int]:
    """Lines with a time come first, in its order."""
    return seen.timestamp is None, seen.timestamp or LATEST, seen.line


def judge(findings: list[Finding], book: RuleBook, start: datetime | None) -> list[Finding]:
    """Set the state and the cause of each finding of an attempt; findings that do not count are left out."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule.id, []).append(finding)
    counted = [finding for finding in findings if _counts(finding, by_rule)]
    present: dict[str, list[Finding]] = {}
    for finding in counted:
        present.setdefault(finding.rule.id, []).append(finding)
    for finding in counted:
        finding.state = _state(finding, book, present, start)
    for finding in counted:
        if finding.is_fault:
            _find_cause(finding, book, present)
    idle = [finding for finding in counted if finding.rule.of_facts and not _matters(finding)]
    for fact in idle:
        for effect in fact.effects:
            effect.cause = None
    return [finding for finding in counted if finding not in idle]


def _matters(fact: Finding) -> bool:
    """A fact counts where an open fault in the logs follows from it; alone it may be as it has always been."""
    return any((each.open and not each.rule.of_facts) or (each.rule.of_facts and _matters(each)) for each in fact.effects)


def _counts(finding: Finding, by_rule: dict[str, list[Finding]]) -> bool:
    rule = finding.rule
    return all(name in by_rule for name in rule.requires) and not any(name in by_rule for name in rule.excluded_by)


def _state(finding: Finding, book: RuleBook, present: dict[str, list[Finding]], start: datetime | None) -> State:
    if finding.rule.threshold and not any(fold.enough for fold in finding.folds):
        return State.TOLERATED
    if finding.rule.tolerate and _within_tolerance(finding, present, start):
        return State.TOLERATED
    for clearing in sorted(book.clears_of.get(finding.rule.id, ())):
        if any(_same_key(finding, other) and after(other.last, finding.last) for other in present.get(clearing, ())):
            return State.RESOLVED
    return State.ACTIVE


def _within_tolerance(finding: Finding, present: dict[str, list[Finding]], start: datetime | None) -> bool:
    tolerate = finding.rule.tolerate
    if tolerate is None:
        return False
    since = start
    if tolerate.since != "attempt" and present.get(tolerate.since):
        since = present[tolerate.since][0].first.timestamp
    last = finding.last.timestamp
    return since is not None and last is not None and last - since <= tolerate.for_


def _same_key(one: Finding, other: Finding) -> bool:
    shared = set(one.rule.key) & set(other.rule.key)
    return all(one.captures.get(name) == other.captures.get(name) for name in shared)


def after(later: Sighting, earlier: Sighting) -> bool:
    """Is `later` really later? Lines of one file by their number, others by their time."""
    if later.source == earlier.source:
        return later.line > earlier.line
    return later.timestamp is not None and earlier.timestamp is not None and later.timestamp >= earlier.timestamp


def not_after(cause: Sighting, effect: Sighting) -> bool:
    """May `cause` have come first, within what the stamps can tell?"""
    if cause.source == effect.source and cause.line <= effect.line:
        return True
    if cause.timestamp is None or effect.timestamp is None:
        return cause.source != effect.source
    slack: timedelta = SAME_SOURCE if cause.source == effect.source else ACROSS_SOURCES
    return cause.timestamp <= effect.timestamp + slack


def _find_cause(finding: Finding, book: RuleBook, present: dict[str, list[Finding]]) -> None:
    causes = [
        cause
        for name in book.causes_of.get(finding.rule.id, ())
        for cause in present.get(name, ())
        if cause is not finding and cause.is_fault and _explains(cause, finding)
    ]
    for cause in sorted(causes, key=_strength):
        if cause.root() is not finding:
            finding.cause = cause
            cause.effects.append(finding)
            return


def _explains(cause: Finding, finding: Finding) -> bool:
    if cause.state is State.TOLERATED or (finding.open and not cause.open):
        return False
    return _same_key(cause, finding) and not_after(cause.first, finding.first)


_ORDER = {Effect.FATAL: 0, Effect.DEGRADED: 1, Effect.SYMPTOM: 2}


def _strength(cause: Finding) -> tuple[bool, int, bool, int, str]:
    """Of several causes: one in a log, the gravest, then a real one before a wrapper, then the higher rung (the nearer one)."""
    return cause.rule.of_facts, _ORDER.get(cause.effect, 3), cause.rule.wrapper, -cause.stage.rank, cause.rule.id
