"""Failures without a line of their own: absences, an exit without a word, a rung that is retried for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.diagnosis.findings import Finding, after
from k3slogs.diagnosis.limits import WAITING, WAITING_LINES
from k3slogs.engine import Fold
from k3slogs.taxonomy import Ended, Stage, Standing

if TYPE_CHECKING:
    from k3slogs.diagnosis.attempts import Attempt
    from k3slogs.engine import Sighting
    from k3slogs.rulebook import Rule, RuleBook


def absences(findings: list[Finding], book: RuleBook, end: Sighting | None) -> list[Finding]:
    """Rules whose expected line did not come."""
    by_rule = {finding.rule.id: finding for finding in findings}
    return [
        _raise(rule, rule.stage, by_rule[rule.absent.after].last)
        for rule in book
        if rule.absent and rule.absent.after in by_rule and _missing(rule, by_rule, end)
    ]


def _missing(rule: Rule, by_rule: dict[str, Finding], end: Sighting | None) -> bool:
    absent = rule.absent
    if absent is None:
        return False
    start = by_rule[absent.after].last
    answers = [by_rule[name].last for name in absent.expected if name in by_rule]
    if any(after(answer, start) for answer in answers):
        return False
    if absent.within is None or end is None:
        return True
    return start.timestamp is not None and end.timestamp is not None and end.timestamp - start.timestamp >= absent.within


def silence(attempt: Attempt, book: RuleBook) -> Finding | None:
    """The built-in rule that fits an attempt in which no fault stands open."""
    if any(f.open and f.is_fault for f in attempt.findings):
        return None
    furthest = attempt.ladder.furthest
    if attempt.ended is Ended.EXITED and attempt.life.end is not None:
        return _builtin(book, "ended-without-a-word", furthest or Stage.PROCESS, attempt.life.exit or attempt.life.end)
    if attempt.ended is Ended.LOG_ENDED and furthest is not None:
        waiting = _waiting(attempt, furthest)
        return _builtin(book, "waits-for-ever", furthest, waiting) if waiting else None
    return None


def _waiting(attempt: Attempt, furthest: Stage) -> Sighting | None:
    """The last line that entered a rung again and again without passing it."""
    if attempt.ladder.rungs[furthest].standing is not Standing.ENTERED:
        return None
    for finding in attempt.findings:
        if finding.rule.proves == "entered" and finding.stage is furthest and finding.rule.begins is None:
            first, last = finding.first.timestamp, finding.last.timestamp
            if finding.count >= WAITING_LINES or (first and last and last - first >= WAITING):
                return finding.last
    return None


def _builtin(book: RuleBook, name: str, stage: Stage, seen: Sighting) -> Finding | None:
    rule = book.get(name)
    return _raise(rule, stage, seen) if rule else None


def _raise(rule: Rule, stage: Stage, seen: Sighting) -> Finding:
    captures = {"stage": str(stage)}
    fold = Fold(rule, stage, (), captures, seen, seen, count=1, enough=True)
    return Finding(rule, stage, (), [fold])
