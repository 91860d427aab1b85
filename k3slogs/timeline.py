"""Diagnosis -> rows of a short timeline: attempts, stage changes, findings folded into bursts, gaps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from k3slogs import document as doc
from k3slogs.taxonomy import Ended, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from k3slogs.diagnosis import Attempt, Diagnosis, Finding, Judgement
    from k3slogs.engine import Sighting, SourceScan

_NEVER = datetime.max.replace(tzinfo=UTC)
_END_WORDS = {Ended.EXITED: "exited", Ended.STOPPED: "stopped by its operator", Ended.LOG_ENDED: "the log ends here"}


def timeline(
    diagnosis: Diagnosis, scans: Sequence[SourceScan], quote: Callable[[Sighting], doc.Evidence], title: Callable[[Finding], str]
) -> list[doc.TimelineEntry]:
    """Rows in the order of time; those without a time after the row that precedes them in their file."""
    rows = [row for judgement in diagnosis.judgements for row in _attempt(judgement, quote, title)]
    copies = {process.source for process in diagnosis.processes if process.copy_of}
    for scan in scans:
        if scan.source not in copies:
            rows += [_gap(before, after, quote) for before, after in scan.gaps]
    unique = {(row.source, row.line, row.kind, row.rule, row.text): row for row in rows}
    return sorted(unique.values(), key=lambda row: (row.timestamp or _NEVER, row.source, row.line))


def _attempt(
    judgement: Judgement, quote: Callable[[Sighting], doc.Evidence], title: Callable[[Finding], str]
) -> Iterator[doc.TimelineEntry]:
    attempt = judgement.attempt
    life = attempt.life
    if life.start:
        begun = life.begun or life.start
        yield _row(begun, quote, f"attempt {attempt.number} begins", "attempt", attempt.number, component=attempt.process.name)
    for rung in attempt.ladder.rungs.values():
        if rung.evidence and rung.stage is not Stage.PROCESS:
            yield _row(rung.evidence, quote, f"stage {rung.stage} {rung.standing}", "stage", attempt.number, stage=rung.stage)
    for finding in attempt.findings:
        if finding.is_fault and not finding.rule.of_facts:
            yield _finding(finding, attempt.number, quote, title)
    if life.end:
        text = f"attempt {attempt.number}: {_END_WORDS[attempt.ended]}"
        yield _row(
            attempt.last_words if _own(attempt) and attempt.last_words else life.end, quote, text, "end", attempt.number,
            component=attempt.process.name,
        )  # fmt: skip


def _own(attempt: Attempt) -> bool:
    """Do the last words stand in this attempt, and not in the next one's banner?"""
    words, end = attempt.last_words, attempt.life.end
    return words is not None and end is not None and words.line <= end.line


def _finding(
    finding: Finding, attempt: int, quote: Callable[[Sighting], doc.Evidence], title: Callable[[Finding], str]
) -> doc.TimelineEntry:
    seen = quote(finding.first)
    return doc.TimelineEntry(
        timestamp=seen.timestamp, source=seen.source, line=seen.line, component=finding.rule.component, stage=finding.stage,
        effect=finding.effect, rule=finding.rule.id, text=title(finding), count=finding.count, kind="burst" if finding.count > 1 else "finding",
        attempt=attempt,
        last=finding.last.timestamp if finding.count > 1 else None,
    )  # fmt: skip


def _gap(before: Sighting, after: Sighting, quote: Callable[[Sighting], doc.Evidence]) -> doc.TimelineEntry:
    silent = (after.timestamp - before.timestamp).total_seconds() if after.timestamp and before.timestamp else 0
    return _row(before, quote, f"no line for {silent:.0f} s", "gap")._replace(last=after.timestamp)


def _row(
    seen: Sighting,
    quote: Callable[[Sighting], doc.Evidence],
    text: str,
    kind: str,
    attempt: int | None = None,
    *,
    component: str = "",
    stage: Stage | None = None,
) -> doc.TimelineEntry:
    line = quote(seen)
    return doc.TimelineEntry(
        timestamp=line.timestamp, source=line.source, line=line.line, component=component, stage=stage, effect=None, rule=None,
        text=text, count=1, kind=kind, attempt=attempt,
    )  # fmt: skip
