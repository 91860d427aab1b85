"""Diagnosis -> document. Every text of a log passes `safety.clean` here, and only here, on its way out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from k3slogs import document as doc
from k3slogs import safety
from k3slogs.diagnosis.findings import Finding, State
from k3slogs.diagnosis.lookalikes import MAX_SHAPES, Lookalikes
from k3slogs.environment import environment
from k3slogs.taxonomy import Effect, Level, Outcome, Stage, Standing
from k3slogs.timeline import timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from k3slogs.diagnosis import Cluster, Diagnosis, Judgement, NodeVerdict
    from k3slogs.engine import Sighting, SourceScan, Unknown
    from k3slogs.rulebook import RuleBook

MAX_EVIDENCE = 2000
"""Characters of a line that a document quotes."""
MAX_UNKNOWN = 50


class Reading(NamedTuple):
    """What reading one input gave, beside its scan."""

    name: str
    bytes: int
    lines: int
    problems: list[str]
    truncated: bool
    bundle: str = ""


class Reporter:
    """Builds the document of one analysis."""

    def __init__(self, book: RuleBook, *, redact: bool = True) -> None:
        self._book = book
        self._redact = redact
        self.clean: Callable[[str], str] = partial(safety.clean, redacted=redact)
        self._years: dict[str, str] = {}
        """From what each source's years are known, where stamps print none."""

    def document(
        self,
        diagnosis: Diagnosis,
        scans: Sequence[SourceScan],
        readings: Sequence[Reading],
        skipped: Iterable[tuple[str, str]],
        assumptions: Iterable[str],
        *,
        hosts: Sequence[SourceScan] = (),
    ) -> doc.Document:
        """`hosts` are the files that tell of the nodes."""
        judged = diagnosis.judged
        known, contradicted = environment(diagnosis, hosts, self.evidence, self.clean)
        self.date(scans)
        findings = self._findings(diagnosis)
        return doc.Document(
            verdict=self.verdict(judged),
            stages=self.stages(judged),
            attempts=self.attempts(diagnosis.judgements),
            findings=tuple(findings),
            timeline=tuple(timeline(diagnosis, scans, self.clean, self.title)),
            coverage=_coverage(scans, readings, diagnosis),
            unknown=self._unknown(scans, diagnosis),
            inputs=tuple(self._input(reading, scan, diagnosis) for reading, scan in zip(readings, scans, strict=True)),
            skipped=tuple(doc.Skipped(path=self.clean(path), reason=reason) for path, reason in skipped),
            environment=known,
            assumptions=tuple(self.clean(text) for text in [*assumptions, *contradicted]),
            nodes=tuple(self._node(verdict) for verdict in diagnosis.nodes),
            cluster=self._cluster(diagnosis.cluster) if diagnosis.cluster else None,
        )

    def date(self, scans: Iterable[SourceScan]) -> None:
        """Take note of what each source's years are known from, before evidence of it is asked for."""
        self._years = {scan.source: scan.year_from for scan in scans}

    def _node(self, verdict: NodeVerdict) -> doc.NodeEntry:
        judged = verdict.judged
        root, ladder = judged.root, judged.attempt.ladder
        return doc.NodeEntry(
            node=self._named(verdict.node.name), outcome=judged.outcome, root_cause=root.rule.id if root else None,
            title=self.title(root) if root else None, furthest_stage=ladder.furthest, blocked_stage=ladder.blocked,
            confidence=judged.confidence, reason=self.clean(judged.reason), first_failure=verdict.failed_at,
            evidence=self.evidence(root.evidence[0]) if root else None, attempt=judged.attempt.number, last=judged.attempt.end,
            sources=tuple(sorted({self.clean(source) for process in verdict.node.own for source in process.sources})),
        )  # fmt: skip

    def _cluster(self, found: Cluster) -> doc.Cluster | None:
        root, at = found.first.judged.root, found.first.failed_at
        if root is None or at is None:
            return None
        witnesses = (
            doc.Witness(
                node=self._named(witness.node.name), rule=witness.finding.rule.id, title=self.title(witness.finding),
                evidence=self.evidence(witness.seen), names_it=witness.names_it,
            )
            for witness in found.witnesses
        )  # fmt: skip
        name = self._named(found.first.node.name)
        return doc.Cluster(failed_first=name, root_cause=root.rule.id, timestamp=at, seen_by=tuple(witnesses))

    def _named(self, name: str | None) -> str | None:
        return self.clean(name) if name else None

    def title(self, finding: Finding) -> str:
        return self._filled(finding.rule.title, finding)

    def _filled(self, template: str, finding: Finding) -> str:
        """To ask for captures may mean to read lines."""
        return self.clean(filled(template, finding.captures) if "{" in template else template)

    def evidence(self, seen: Sighting) -> doc.Evidence:
        text = " ".join(self.clean(seen.text).split())
        if len(text) > MAX_EVIDENCE:
            text = text[: MAX_EVIDENCE - 200] + " ... " + text[-200:]
        return doc.Evidence(
            source=self.clean(seen.source), line=seen.line, timestamp=seen.timestamp, text=text,
            before=self._neighbours(seen.before), after=self._neighbours(seen.after),
            year_from=self.clean(self._years.get(seen.source, "")) if seen.year_assumed else None,
        )  # fmt: skip

    def _neighbours(self, lines: Iterable[tuple[int, str]]) -> tuple[doc.Neighbour, ...]:
        return tuple(
            doc.Neighbour(line=number, text="[redacted]" if self._redact and safety.key_material(text) else self.clean(text))
            for number, text in lines
        )

    def verdict(self, judged: Judgement | None) -> doc.Verdict:
        if judged is None:
            return doc.Verdict(
                outcome=Outcome.INCONCLUSIVE, furthest_stage=None, blocked_stage=None, confidence=None,
                reason="no line was read that a rule knows", remedy=(), root_cause=None, chain=(),
            )  # fmt: skip
        root, ladder = judged.root, judged.attempt.ladder
        return doc.Verdict(
            outcome=judged.outcome,
            furthest_stage=ladder.furthest,
            blocked_stage=ladder.blocked,
            confidence=judged.confidence,
            reason=self.clean(judged.reason),
            remedy=self._remedy(root) if root else (),
            root_cause=self._root(root) if root else None,
            chain=tuple(finding.rule.id for finding in judged.chain),
            attempt=judged.attempt.number,
        )

    def _root(self, root: Finding) -> doc.RootCause:
        return doc.RootCause(
            rule=root.rule.id, title=self.title(root), category=root.category, stage=root.stage, effect=root.effect,
            evidence=self.evidence(root.evidence[0]), cause=self._prose(root), resolved=root.state is State.RESOLVED, fact=root.rule.of_facts,
        )  # fmt: skip

    def _prose(self, finding: Finding) -> str:
        return self._filled(finding.rule.cause.strip(), finding)

    def _remedy(self, finding: Finding) -> tuple[doc.Remedy, ...]:
        def fill(text: str | None) -> str | None:
            return self._filled(text, finding) if text else text

        return tuple(
            doc.Remedy(command=fill(step.command), config=fill(step.config), note=fill(step.note) or "", tradeoff=fill(step.tradeoff))
            for step in finding.rule.remedy
        )

    def stages(self, judged: Judgement | None) -> tuple[doc.Rung, ...]:
        if judged is None:
            return tuple(doc.Rung(stage=stage, status=Standing.NEVER_REACHED, timestamp=None, evidence=None) for stage in Stage)
        return tuple(
            doc.Rung(
                stage=rung.stage,
                status=rung.standing,
                timestamp=rung.evidence.timestamp if rung.evidence else None,
                evidence=self.evidence(rung.evidence) if rung.evidence else None,
            )
            for rung in judged.attempt.ladder.rungs.values()
        )

    def attempts(self, judgements: Iterable[Judgement]) -> tuple[doc.AttemptEntry, ...]:
        """Neighbouring attempts of one process with the same root cause and end are folded."""
        entries: list[doc.AttemptEntry] = []
        for judgement in judgements:
            entry = self._attempt(judgement)
            if entries and _same_fate(entries[-1], entry):
                before = entries.pop()
                entry = entry._replace(number=before.number, start=before.start, repeats=before.repeats + entry.repeats)
                entry = entry._replace(duration_s=_duration(entry.start, entry.end))
            entries.append(entry)
        return tuple(entries)

    def _attempt(self, judgement: Judgement) -> doc.AttemptEntry:
        attempt = judgement.attempt
        return doc.AttemptEntry(
            number=attempt.number,
            process=self.clean(f"{attempt.process.name} in {attempt.life.source}"),
            start=attempt.start,
            end=attempt.end,
            duration_s=_duration(attempt.start, attempt.end),
            ended=attempt.ended,
            outcome=judgement.outcome,
            root_cause=judgement.root.rule.id if judgement.root else None,
            repeats=attempt.life.repeats,
            node=self._named(attempt.process.node),
        )

    def _findings(self, diagnosis: Diagnosis) -> list[doc.FindingEntry]:
        """Those of the judged attempt, then what only other attempts had."""
        judged = diagnosis.judged
        if judged is None:
            return []
        attempts = [judged.attempt, *(each.attempt for each in diagnosis.judgements if each.attempt is not judged.attempt)]
        seen: set[tuple[str, tuple[str, ...]]] = set()
        entries = []
        for attempt in attempts:
            for finding in sorted(attempt.findings, key=_weight):
                if (finding.rule.id, finding.key) not in seen:
                    seen.add((finding.rule.id, finding.key))
                    entries.append(self.finding(finding, attempt.number))
        return entries

    def finding(self, finding: Finding, attempt: int) -> doc.FindingEntry:
        rule = finding.rule
        return doc.FindingEntry(
            rule=rule.id, title=self.title(finding), category=finding.category, component=rule.component, stage=finding.stage,
            effect=finding.effect, count=finding.count, first=finding.first.timestamp, last=finding.last.timestamp,
            resolved=finding.state is State.RESOLVED, tolerated=finding.state is State.TOLERATED,
            caused_by=finding.cause.rule.id if finding.cause else None,
            captures={name: self.clean(value) for name, value in finding.captures.items()},
            evidence=tuple(self.evidence(seen) for seen in finding.evidence), attempt=attempt, cause=self._prose(finding),
        )  # fmt: skip

    def _unknown(self, scans: Sequence[SourceScan], diagnosis: Diagnosis) -> tuple[doc.UnknownShape, ...]:
        """Ranked by level, rarity, and closeness to the end of a failed attempt."""
        copies = {process.source for process in diagnosis.processes if process.copy_of}
        merged: dict[str, list[Unknown]] = {}
        for scan in scans:
            if scan.source not in copies:
                for unknown in scan.unknown:
                    merged.setdefault(unknown.shape, []).append(unknown)
        ends = [each.attempt.end for each in diagnosis.judgements if each.outcome is Outcome.FAILED and each.attempt.end]
        ranked = sorted(merged.values(), key=lambda group: _oddity(group, ends))[:MAX_SHAPES]
        lookalikes = Lookalikes(self._book) if ranked else None
        return tuple(self._shape(group, lookalikes) for group in ranked[:MAX_UNKNOWN])

    def _shape(self, group: list[Unknown], lookalikes: Lookalikes | None) -> doc.UnknownShape:
        first = group[0]
        return doc.UnknownShape(
            shape=self.clean(first.shape), level=first.level, count=sum(unknown.count for unknown in group),
            first=first.first.timestamp, last=group[-1].last.timestamp, example=self.evidence(first.first),
            looks_like=lookalikes.find(first.text) if lookalikes else None,
        )  # fmt: skip

    def _input(self, reading: Reading, scan: SourceScan, diagnosis: Diagnosis) -> doc.InputEntry:
        original = next((p.copy_of.source for p in diagnosis.processes if p.source == scan.source and p.copy_of), None)
        return doc.InputEntry(
            source=self.clean(reading.name), bytes=reading.bytes, lines=reading.lines,
            first=scan.first.timestamp if scan.first else None, last=scan.last.timestamp if scan.last else None,
            formats=dict(scan.formats.most_common()), truncated=reading.truncated, copy_of=self.clean(original) if original else None,
            problems=tuple(self.clean(problem) for problem in [*reading.problems, *scan.problems, *_timeouts(scan)]),
            node=self._named(scan.identity.node), unit=self._named(scan.identity.unit), bundle=self._named(reading.bundle),
        )  # fmt: skip


class _Known(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def filled(template: str, captures: dict[str, str]) -> str:
    """A rule's text with its captures; `?` for one that was not found."""
    if "{" not in template:
        return template
    try:
        return template.format_map(_Known(captures))
    except (ValueError, IndexError, KeyError, AttributeError):
        return template


_GRAVITY = {Effect.FATAL: 0, Effect.DEGRADED: 1, Effect.SYMPTOM: 2, Effect.BENIGN: 4, Effect.MILESTONE: 5}


def _weight(finding: Finding) -> tuple[int, int, int]:
    closed = 0 if finding.open else 1
    return closed if finding.is_fault else 2, _GRAVITY[finding.effect], finding.first.line


def _same_fate(one: doc.AttemptEntry, other: doc.AttemptEntry) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in ("process", "root_cause", "ended", "outcome"))


def _duration(start: datetime | None, end: datetime | None) -> float | None:
    return round((end - start).total_seconds(), 3) if start and end else None


def _coverage(scans: Sequence[SourceScan], readings: Sequence[Reading], diagnosis: Diagnosis) -> doc.Coverage:
    """Copies are counted as lines read, but their alarming lines are not counted twice."""
    copies = {process.source for process in diagnosis.processes if process.copy_of}
    counted = [scan.coverage for scan in scans if scan.source not in copies]
    return doc.Coverage(
        lines=sum(reading.lines for reading in readings),
        error_lines=sum(c.error_lines for c in counted),
        explained=sum(c.explained for c in counted),
        benign=sum(c.benign for c in counted),
        unknown=sum(c.unknown for c in counted),
    )


_SEVERITY = {Level.FATAL: 0, Level.ERROR: 1, Level.WARNING: 2}


def _oddity(group: list[Unknown], ends: list[datetime]) -> tuple[int, float, int]:
    last = group[-1].last.timestamp
    distance = min((abs((end - last).total_seconds()) for end in ends), default=0.0) if last else 1e9
    near = 0.0 if distance <= 10 else 1.0
    return _SEVERITY.get(group[0].level, 3), near, sum(unknown.count for unknown in group)


def _timeouts(scan: SourceScan) -> list[str]:
    return [f"the rule {rule_id} ran into its timeout on a line and was skipped there" for rule_id in scan.timeouts]
