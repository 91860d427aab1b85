"""Verdicts of several nodes -> which failed first, and what the others saw of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from k3slogs.diagnosis.limits import ACROSS_SOURCES
from k3slogs.lazily import pattern
from k3slogs.taxonomy import Effect, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from k3slogs.diagnosis.findings import Finding
    from k3slogs.diagnosis.nodes import Node
    from k3slogs.diagnosis.verdict import Judgement
    from k3slogs.engine import Sighting

_ADDRESS = pattern(r"(?:node-ip|advertise-address|node-external-ip)[\"']?[=: ]+[\"']?([0-9a-f:.]{3,}[0-9a-f])")
_ILL = {Outcome.FAILED, Outcome.DEGRADED}


class NodeVerdict(NamedTuple):
    """What is said of one node."""

    node: Node
    judged: Judgement
    judgements: list[Judgement]

    @property
    def failed_at(self) -> datetime | None:
        """When its root cause was first seen; where that is a fact, what followed from it."""
        times = (finding.first.timestamp for finding in self.judged.chain if not finding.rule.of_facts)
        return next(times, None) if self.judged.outcome in _ILL else None


class Witness(NamedTuple):
    """A fault on another node, at the time of the first failure or later."""

    node: Node
    finding: Finding
    seen: Sighting
    names_it: bool
    """A line of it holds the name or an address of the node that failed first."""


class Cluster(NamedTuple):
    """The node that failed first, and one fault of each node that saw something of it."""

    first: NodeVerdict
    witnesses: list[Witness]


def cluster(verdicts: Sequence[NodeVerdict]) -> Cluster | None:
    """None where there is one node, or none failed at a known time."""
    failed = sorted((at, number) for number, verdict in enumerate(verdicts) if (at := verdict.failed_at))
    if len(verdicts) < 2 or not failed:
        return None
    first = verdicts[failed[0][1]]
    marks = _marks(first)
    seen = (_witness(other, failed[0][0], marks) for other in verdicts if other is not first)
    return Cluster(first, [witness for witness in seen if witness])


def _marks(verdict: NodeVerdict) -> re.Pattern[str] | None:
    """The node's name and its addresses, as its own lines tell them."""
    found = {verdict.node.name} if verdict.node.name else set()
    for finding in verdict.judged.attempt.findings:
        if finding.effect is Effect.MILESTONE:
            found |= {address for seen in finding.evidence for address in _ADDRESS.findall(seen.text)}
    words = sorted(map(re.escape, found))
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(words)})(?![\w-])") if words else None


def _witness(verdict: NodeVerdict, since: datetime, marks: re.Pattern[str] | None) -> Witness | None:
    found = [
        (marks is None or not marks.search(seen.text), seen.timestamp, finding, seen)
        for judgement in verdict.judgements
        for finding in judgement.attempt.findings
        for seen in finding.evidence
        if finding.is_fault and seen.timestamp and seen.timestamp >= since - ACROSS_SOURCES
    ]
    best = min(found, key=lambda each: each[:2], default=None)
    return Witness(verdict.node, best[2], best[3], not best[0]) if best else None
