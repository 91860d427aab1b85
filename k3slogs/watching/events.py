"""Two diagnoses of the same growing logs -> what happened between them, in the words and fields of the document."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from k3slogs.diagnosis.findings import State
from k3slogs.document import AttemptEntry, Evidence, FindingEntry, Rung, Verdict, plain
from k3slogs.taxonomy import Ended, Outcome, Standing
from k3slogs.watching.goal import is_up, not_failed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.diagnosis import Diagnosis, Finding, Judgement
    from k3slogs.reporting import Reporter

SCHEMA_VERSION = 1
Part = AttemptEntry | FindingEntry | Rung | Verdict
_TOLD = {Standing.ENTERED, Standing.REACHED, Standing.BLOCKED}
_LATEST = datetime.max.replace(tzinfo=UTC)


class Happening(StrEnum):
    INPUT = "input"
    ATTEMPT_BEGINS = "attempt-begins"
    STAGE = "stage"
    FINDING = "finding"
    RESOLVED = "resolved"
    ATTEMPT_ENDS = "attempt-ends"
    RECOVERED = "recovered"
    VERDICT = "verdict"


class Event(NamedTuple):
    """What happened, to which process and in which of its attempts, and the part of the document that says it.

    `part` is a Rung for a stage, a FindingEntry for a finding, an AttemptEntry for an attempt, a Verdict, or None.
    """

    event: Happening
    process: str | None = None
    attempt: int | None = None
    part: Part | None = None
    source: str | None = None
    text: str = ""
    """Of an input: what happened to it."""
    final: bool = False
    """Of a verdict: nothing follows."""

    def as_json(self) -> dict[str, Any]:
        """One flat object: the event, whose it is, and the fields of its part as the document names them."""
        head = {"schema_version": SCHEMA_VERSION, "event": self.event, "process": self.process, "attempt": self.attempt}
        said = {"source": self.source, "text": self.text} if self.event is Happening.INPUT else {}
        part = plain(self.part) if self.part else {}
        end = {"final": self.final} if self.event is Happening.VERDICT else {}
        return {**{name: value for name, value in head.items() if value is not None}, **said, **part, **end}


@dataclass
class _Told:
    """What was said of the current attempt of one process."""

    ordinal: int
    standings: dict[str, Standing] = field(default_factory=dict)
    findings: dict[tuple[str, tuple[str, ...]], bool] = field(default_factory=dict)
    """By rule and key: does it stand open?"""
    ended: bool = False
    down: bool = False
    """It, or the attempt before it, failed, and nothing was up since."""


class Chronicle:
    """Tells each thing once."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._told: dict[tuple[str, object], _Told] = {}
        self._verdict: tuple[Outcome, str | None] | None = None

    def tell(self, diagnosis: Diagnosis) -> list[Event]:
        """What is new, in the order in which it happened; the verdict last, if it is another one."""
        events: list[Event] = []
        seen = set()
        for process, judgements in groupby(diagnosis.judgements, key=lambda judgement: judgement.attempt.process):
            key = process.source, process.identity
            seen.add(key)
            events += self._process(key, list(judgements), recovering=not_failed(diagnosis))
        self._told = {key: told for key, told in self._told.items() if key in seen}
        return [*events, *self._new_verdict(diagnosis)]

    def verdict(self, diagnosis: Diagnosis, *, final: bool = False) -> Event:
        return Event(Happening.VERDICT, part=self._reporter.verdict(diagnosis.judged), final=final)

    def _new_verdict(self, diagnosis: Diagnosis) -> Iterator[Event]:
        judged = diagnosis.judged
        if judged is None:
            return
        now = judged.outcome, judged.root.rule.id if judged.root else None
        if now != self._verdict:
            self._verdict = now
            yield self.verdict(diagnosis)

    def _process(self, key: tuple[str, object], judgements: list[Judgement], *, recovering: bool) -> Iterator[Event]:
        """Attempts before the first look are told in a line each, those that end alike together."""
        ordinals = _ordinals(judgements)
        told = self._told.get(key)
        if told is None:
            earlier = self._reporter.attempts(judgements[:-1])
            yield from (Event(Happening.ATTEMPT_ENDS, entry.process, entry.number, entry) for entry in earlier)
            told = self._told[key] = _Told(ordinals[-1], down=any(entry.outcome is Outcome.FAILED for entry in earlier))
            yield self._begins(judgements[-1])
        for judgement, ordinal in zip(judgements, ordinals, strict=True):
            if ordinal < told.ordinal:
                continue
            if ordinal > told.ordinal:
                told = self._told[key] = _Told(ordinal, down=told.down)
                yield self._begins(judgement)
            yield from self._attempt(judgement, told)
            if judgement.outcome is Outcome.FAILED:
                told.down = True
            elif told.down and recovering and is_up(judgement):
                told.down = False
                yield self._event(Happening.RECOVERED, judgement, self._reporter.verdict(judgement))

    def _begins(self, judgement: Judgement) -> Event:
        return self._event(Happening.ATTEMPT_BEGINS, judgement, self._entry(judgement))

    def _attempt(self, judgement: Judgement, told: _Told) -> Iterator[Event]:
        yield from sorted([*self._stages(judgement, told), *self._findings(judgement, told)], key=_when)
        if judgement.attempt.ended is not Ended.LOG_ENDED and not told.ended:
            told.ended = True
            yield self._event(Happening.ATTEMPT_ENDS, judgement, self._entry(judgement))

    def _stages(self, judgement: Judgement, told: _Told) -> Iterator[Event]:
        for rung in self._reporter.stages(judgement):
            if rung.status in _TOLD and told.standings.get(rung.stage) != rung.status:
                yield self._event(Happening.STAGE, judgement, rung)
            told.standings[rung.stage] = rung.status

    def _findings(self, judgement: Judgement, told: _Told) -> Iterator[Event]:
        for finding in judgement.attempt.findings:
            key = finding.rule.id, finding.key
            was_open = told.findings.get(key)
            if finding.open and finding.is_fault and not was_open:
                told.findings[key] = True
                yield self._finding(Happening.FINDING, judgement, finding)
            elif was_open and finding.state is State.RESOLVED:
                told.findings[key] = False
                yield self._finding(Happening.RESOLVED, judgement, finding)

    def _finding(self, event: Happening, judgement: Judgement, finding: Finding) -> Event:
        return self._event(event, judgement, self._reporter.finding(finding, judgement.attempt.number))

    def _entry(self, judgement: Judgement) -> AttemptEntry:
        return self._reporter.attempts([judgement])[0]

    def _event(self, event: Happening, judgement: Judgement, part: Part) -> Event:
        return Event(event, self._entry(judgement).process, judgement.attempt.number, part)


def _ordinals(judgements: list[Judgement]) -> list[int]:
    """Which of its process's attempts each is, counted from 1; a folded one has the number of its first."""
    first = judgements[0].attempt.number
    return [judgement.attempt.number - first + 1 for judgement in judgements]


def _when(event: Event) -> tuple[datetime, int]:
    seen = evidence(event)
    return (seen.timestamp or _LATEST, seen.line) if seen else (_LATEST, 0)


def evidence(event: Event) -> Evidence | None:
    """The line that an event stands on: of a resolved finding its last."""
    match event.part:
        case Rung(evidence=seen):
            return seen
        case FindingEntry(evidence=seen):
            return seen[-1] if event.event is Happening.RESOLVED else seen[0]
        case Verdict(root_cause=root):
            return root.evidence if root else None
    return None
