"""Findings of all sources -> the verdict of a run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from k3slogs.diagnosis.attempts import Attempt, attempts
from k3slogs.diagnosis.cluster import Cluster, NodeVerdict, cluster
from k3slogs.diagnosis.findings import Finding, State
from k3slogs.diagnosis.limits import SETTLED
from k3slogs.diagnosis.nodes import Node, nodes
from k3slogs.diagnosis.processes import Process, owners, processes
from k3slogs.diagnosis.silence import absences, silence
from k3slogs.diagnosis.verdict import Judgement, judge_attempt, worst
from k3slogs.taxonomy import Effect, Ended, Outcome, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from k3slogs.engine import SourceScan
    from k3slogs.rulebook import RuleBook

__all__ = ["Attempt", "Cluster", "Diagnosis", "Finding", "Judgement", "NodeVerdict", "Process", "diagnose"]


@dataclass
class Diagnosis:
    """The judged attempt, all attempts, and the processes they belong to."""

    judged: Judgement | None = None
    judgements: list[Judgement] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)
    nodes: list[NodeVerdict] = field(default_factory=list)
    cluster: Cluster | None = None
    """Where there is more than one node."""


def diagnose(scans: Sequence[SourceScan], book: RuleBook) -> Diagnosis:
    """Judge every attempt of every owning process; the worst process gives its node's verdict, the worst node that of all."""
    found = processes(scans)
    verdicts: list[NodeVerdict] = []
    number = 1
    for node in nodes(found, owners(found)):
        verdict = _of_node(node, book, number)
        if verdict is not None:
            verdicts.append(verdict)
            number += sum(judgement.attempt.life.repeats for judgement in verdict.judgements)
    if not verdicts:
        return Diagnosis(processes=found)
    judgements = [judgement for verdict in verdicts for judgement in verdict.judgements]
    return Diagnosis(worst([verdict.judged for verdict in verdicts]), judgements, found, verdicts, cluster(verdicts))


def _of_node(node: Node, book: RuleBook, number: int) -> NodeVerdict | None:
    owning = owners(node.own)
    others = [process for process in (*node.own, *node.shared) if process.copy_of is None and process not in owning]
    judgements: list[Judgement] = []
    verdicts: list[Judgement] = []
    for owner in owning:
        judged = [judge_attempt(_completed(a, book)) for a in attempts(owner, others, book, first_number=number)]
        number += sum(life.repeats for life in owner.lives)
        judgements += judged
        verdicts.append(_of_process(judged))
    return NodeVerdict(node, worst(verdicts), judgements) if verdicts else None


def _completed(attempt: Attempt, book: RuleBook) -> Attempt:
    """Add what silence says."""
    attempt.findings += absences(attempt.findings, book, attempt.life.end)
    if quiet := silence(attempt, book):
        attempt.findings.append(quiet)
        del attempt.ladder
    return attempt


def _of_process(judged: list[Judgement]) -> Judgement:
    """The last attempt speaks, unless it shows no fault of its own after others that died by themselves: then the last of those does."""
    last = judged[-1]
    failed = [each for each in judged[:-1] if each.attempt.ended is Ended.EXITED and each.root is not None]
    if not failed or last.outcome is Outcome.FAILED:
        return last
    before = failed[-1]
    own_fault = last.root is not None and last.root.effect is not Effect.SYMPTOM
    if not _got_further(last, before):
        if own_fault:
            return last
        reason = f"{before.reason}; the attempt after it had not come as far when the log ends"
        return replace(before, reason=reason)
    for finding in (finding for each in judged[:-1] for finding in each.attempt.findings if finding.is_fault):
        finding.state = State.RESOLVED
    if own_fault:
        return last
    count = sum(each.attempt.life.repeats for each in failed)
    reason = f"{before.reason}; recovered after {count} failed attempt{'s' if count != 1 else ''}"
    return replace(before, outcome=Outcome.DEGRADED, reason=reason)


def _got_further(last: Judgement, before: Judgement) -> bool:
    """Did the last attempt pass the rung at which the one before it died, and outlive it, or live long enough?"""
    died_at = before.attempt.ladder.furthest
    passed = died_at is None or last.attempt.ladder.rungs[died_at].standing is Standing.REACHED
    lived, died_after = _lifetime(last), _lifetime(before)
    return passed and (lived is None or died_after is None or lived > min(died_after, SETTLED))


def _lifetime(judgement: Judgement) -> timedelta | None:
    start, end = judgement.attempt.start, judgement.attempt.end
    return end - start if start and end else None
