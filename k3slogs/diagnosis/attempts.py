"""Lives -> attempts of the owner: what other processes said meanwhile joins them, and how each ended."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from k3slogs.diagnosis.findings import Finding, State, after, judge, merge
from k3slogs.diagnosis.ladder import Ladder, climb
from k3slogs.diagnosis.limits import ACROSS_SOURCES, EARLIEST, ENDING, ENDING_RECORDS, LATEST
from k3slogs.diagnosis.silence import absences
from k3slogs.taxonomy import Ended

if TYPE_CHECKING:
    from datetime import datetime

    from k3slogs.diagnosis.processes import Process
    from k3slogs.engine import Fold, Life, Sighting
    from k3slogs.rulebook import RuleBook


@dataclass(eq=False)
class Attempt:
    """One life of an owning process, with everything that was seen during it."""

    number: int
    process: Process
    life: Life
    ended: Ended
    last_words: Sighting | None
    """The line that proves how it ended."""
    findings: list[Finding]

    @cached_property
    def ladder(self) -> Ladder:
        """How far it came, by all of its findings."""
        seen = [f for f in self.findings if not f.rule.of_facts]
        return climb(seen, self.process.program, self.process.sources, self.ended_by)

    def ended_by(self, finding: Finding) -> bool:
        """Did the process exit, and print it itself right before?"""
        end = self.life.end if self.ended is Ended.EXITED else None
        return end is not None and any(_near(fold.last, end) for fold in finding.folds if fold.last.source == end.source)

    @property
    def start(self) -> datetime | None:
        return self.life.start.timestamp if self.life.start else None

    @property
    def end(self) -> datetime | None:
        return self.life.end.timestamp if self.life.end else None


def attempts(owner: Process, others: list[Process], book: RuleBook, *, first_number: int = 1) -> list[Attempt]:
    """All attempts of one owning process, in order."""
    lives = owner.lives
    spans = [_span(life, lives[index + 1] if index + 1 < len(lives) else None) for index, life in enumerate(lives)]
    joined = _joined(spans, [fold for other in others for life in other.lives for fold in life.folds.values()])
    found: list[Attempt] = []
    number = first_number
    for index, life in enumerate(lives):
        following = lives[index + 1] if index + 1 < len(lives) else None
        folds = [*life.folds.values(), *joined[index]]
        start = life.start.timestamp if life.start else None
        findings = judge(merge(folds), book, start)
        ended, words = _end(life, following)
        if ended is Ended.STOPPED and words is not None:
            _tolerate_aftermath(findings, words)
        found.append(Attempt(number, owner, life, ended, words, findings))
        number += life.repeats
    return found


def _tolerate_aftermath(findings: list[Finding], stop: Sighting) -> None:
    """What begins only after the operator's stop is its echo."""
    for finding in findings:
        if finding.open and finding.is_fault and after(finding.first, stop):
            finding.state = State.TOLERATED


def _near(last: Sighting, end: Sighting) -> bool:
    if last.timestamp is not None and end.timestamp is not None:
        return end.timestamp - last.timestamp <= ENDING
    return end.line - last.line <= ENDING_RECORDS


def alone(life: Life, book: RuleBook) -> list[Finding]:
    """The findings of one life by itself, absences among them."""
    findings = judge(merge(life.folds.values()), book, life.start.timestamp if life.start else None)
    return [*findings, *absences(findings, book, life.end)]


def _span(life: Life, following: Life | None) -> tuple[datetime, datetime]:
    """When the life may have been under way; open where stamps are missing."""
    start = life.start.timestamp if life.start and life.begun else None
    end = following.start.timestamp if following and following.start else None
    return (start - ACROSS_SOURCES if start else EARLIEST, end or LATEST)


def _joined(spans: list[tuple[datetime, datetime]], folds: list[Fold]) -> list[list[Fold]]:
    """The folds of other processes, by the attempt that they overlap; those without time go to the last one, and facts hold for all."""
    joined: list[list[Fold]] = [[] for _ in spans]
    for fold in folds:
        first, last = fold.first.timestamp, fold.last.timestamp
        if fold.rule.of_facts:
            for attempt in joined:
                attempt.append(fold)
        elif first is None or last is None:
            joined[-1].append(fold)
        else:
            overlapping = [index for index, (start, end) in enumerate(spans) if start <= last and first < end]
            for index in overlapping or [len(spans) - 1]:
                joined[index].append(fold)
    return joined


def _end(life: Life, following: Life | None) -> tuple[Ended, Sighting | None]:
    """How a life ended, and the line that says so."""
    if life.stop is not None and (life.exit is None or not after(life.stop, life.exit)):
        return Ended.STOPPED, life.stop
    if life.exit is not None:
        return Ended.EXITED, life.exit
    if life.stop is None and following is not None and following.begun is not None:
        return Ended.EXITED, following.begun
    return Ended.LOG_ENDED, None
