"""Diagnosis -> rows of a short timeline: attempts, stage changes, findings folded into bursts, gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs import document as doc
from k3slogs.diagnosis.limits import LATEST
from k3slogs.taxonomy import Ended, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from k3slogs.diagnosis import Attempt, Diagnosis, Finding, Judgement
    from k3slogs.engine import Sighting, SourceScan

_END_WORDS = {Ended.EXITED: "exited", Ended.STOPPED: "stopped by its operator", Ended.LOG_ENDED: "the log ends here"}


def timeline(
    diagnosis: Diagnosis, scans: Sequence[SourceScan], clean: Callable[[str], str], title: Callable[[Finding], str]
) -> list[doc.TimelineEntry]:
    """Rows in the order of time; those without a time after the row that precedes them in their file."""
    rows = [row for judgement in diagnosis.judgements for row in _attempt(judgement, clean, title)]
    copies = {process.source for process in diagnosis.processes if process.copy_of}
    for scan in scans:
        if scan.source not in copies:
            rows += [_gap(before, after, clean) for before, after in scan.gaps]
    unique = {(row.source, row.line, row.kind, row.rule, row.text): row for row in rows}
    return sorted(unique.values(), key=lambda row: (row.timestamp or LATEST, row.source, row.line))


def _attempt(judgement: Judgement, clean: Callable[[str], str], title: Callable[[Finding], str]) -> Iterator[doc.TimelineEntry]:
    attempt = judgement.attempt
    life = attempt.life
    if life.start:
        begun = life.begun or life.start
        yield _row(begun, clean, f"attempt {attempt.number} begins", "attempt", attempt.number, component=attempt.process.name)
    for rung in attempt.ladder.rungs.values():
        if rung.evidence and rung.stage is not Stage.PROCESS:
            yield _row(rung.evidence, clean, f"stage {rung.stage} {rung.standing}", "stage", attempt.number, stage=rung.stage)
    for finding in attempt.findings:
        if finding.is_fault and not finding.rule.of_facts:
            yield _finding(finding, attempt.number, clean, title)
    if life.end:
        text = f"attempt {attempt.number}: {_END_WORDS[attempt.ended]}"
        yield _row(
            attempt.last_words if _own(attempt) and attempt.last_words else life.end, clean, text, "end", attempt.number,
            component=attempt.process.name,
        )  # fmt: skip


def _own(attempt: Attempt) -> bool:
    """Do the last words stand in this attempt, and not in the next one's banner?"""
    words, end = attempt.last_words, attempt.life.end
    return words is not None and end is not None and words.line <= end.line


def _finding(finding: Finding, attempt: int, clean: Callable[[str], str], title: Callable[[Finding], str]) -> doc.TimelineEntry:
    seen = finding.first
    return doc.TimelineEntry(
        timestamp=seen.timestamp, source=clean(seen.source), line=seen.line, component=finding.rule.component, stage=finding.stage,
        effect=finding.effect, rule=finding.rule.id, text=title(finding), count=finding.count, kind="burst" if finding.count > 1 else "finding",
        attempt=attempt,
        last=finding.last.timestamp if finding.count > 1 else None,
    )  # fmt: skip


def _gap(before: Sighting, after: Sighting, clean: Callable[[str], str]) -> doc.TimelineEntry:
    silent = (after.timestamp - before.timestamp).total_seconds() if after.timestamp and before.timestamp else 0
    return _row(before, clean, f"no line for {silent:.0f} s", "gap")._replace(last=after.timestamp)


def _row(
    seen: Sighting,
    clean: Callable[[str], str],
    text: str,
    kind: str,
    attempt: int | None = None,
    *,
    component: str = "",
    stage: Stage | None = None,
) -> doc.TimelineEntry:
    return doc.TimelineEntry(
        timestamp=seen.timestamp, source=clean(seen.source), line=seen.line, component=component, stage=stage, effect=None, rule=None,
        text=text, count=1, kind=kind, attempt=attempt,
    )  # fmt: skip
