"""Milestones and faults of an attempt -> how far it came, rung by rung."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from k3slogs.diagnosis.findings import Finding, after
from k3slogs.taxonomy import GRAVE, Component, Effect, Stage, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from k3slogs.engine import Sighting

_ALL = frozenset(Stage)
_PODS = frozenset({Stage.NETWORK, Stage.IMAGE, Stage.SANDBOX, Stage.CONTAINER, Stage.RUNNING})
_CLIENT = frozenset({Stage.PROCESS, Stage.IMAGE, Stage.SANDBOX, Stage.CONTAINER, Stage.RUNNING})
_RUNGS: dict[str, frozenset[Stage]] = {
    Component.K3S: _ALL,
    Component.KUBELET: _PODS | {Stage.PROCESS, Stage.RUNTIME, Stage.KUBELET, Stage.NODE},
    Component.CONTAINERD: _CLIENT | {Stage.RUNTIME},
    Component.DOCKERD: _CLIENT | {Stage.RUNTIME},
    Component.ETCD: frozenset({Stage.PROCESS, Stage.DATASTORE}),
    Component.KUBE_APISERVER: frozenset({Stage.PROCESS, Stage.CONTROL_PLANE}),
}
_SERVER_ONLY = frozenset({Stage.DATASTORE, Stage.CONTROL_PLANE})
_OPTIONAL: dict[str, frozenset[Stage]] = {
    Component.K3S: _SERVER_ONLY,
    Component.KUBELET: frozenset({Stage.NODE}),
    Component.CONTAINERD: frozenset({Stage.NETWORK, Stage.SANDBOX}),
}
"""Rungs that a program has only if something is seen of them."""

_NEEDS: dict[Stage, frozenset[Stage]] = {
    Stage.PROCESS: frozenset(),
    Stage.DATASTORE: frozenset({Stage.PROCESS}),
    Stage.CONTROL_PLANE: frozenset({Stage.PROCESS, Stage.DATASTORE}),
    Stage.AGENT: frozenset({Stage.PROCESS}),
    Stage.RUNTIME: frozenset({Stage.PROCESS, Stage.AGENT}),
    Stage.KUBELET: frozenset({Stage.PROCESS, Stage.AGENT, Stage.RUNTIME}),
    Stage.NODE: frozenset({Stage.PROCESS, Stage.DATASTORE, Stage.CONTROL_PLANE, Stage.AGENT}),
    Stage.NETWORK: frozenset({Stage.PROCESS, Stage.AGENT, Stage.RUNTIME, Stage.KUBELET}),
    Stage.IMAGE: frozenset({Stage.PROCESS, Stage.AGENT, Stage.RUNTIME}),
    Stage.SANDBOX: frozenset({Stage.PROCESS, Stage.AGENT, Stage.RUNTIME, Stage.KUBELET, Stage.NETWORK}),
    Stage.CONTAINER: frozenset(set(Stage) - {Stage.NODE, Stage.CONTAINER, Stage.RUNNING}),
    Stage.RUNNING: frozenset(set(Stage) - {Stage.NODE, Stage.RUNNING}),
}
"""What a rung that was passed proves below it. Registration of the node proves nothing about the kubelet: dying ones print it too."""

_OWN_PROOF = frozenset({Stage.PROCESS, Stage.DATASTORE, Stage.CONTROL_PLANE, Stage.AGENT})
"""Rungs that only the program's own lines prove: a containerd beside an agent says nothing about the agent."""


@dataclass
class Rung:
    stage: Stage
    standing: Standing
    evidence: Sighting | None = None


@dataclass
class Ladder:
    rungs: dict[Stage, Rung]
    furthest: Stage | None
    blocked: Stage | None
    blockers: list[Finding]

    def stall(self, root: Finding) -> None:
        """A loss that kept every container from starting is where it stopped, though it blocked nothing by itself."""
        open_rung = self.rungs[root.stage].standing in {Standing.ENTERED, Standing.NEVER_REACHED}
        if open_rung and self.blocked is None and self.rungs[Stage.CONTAINER].standing is Standing.NEVER_REACHED:
            self.furthest = root.stage


def climb(findings: list[Finding], program: str | None, sources: Container[str], killed: Callable[[Finding], bool]) -> Ladder:
    """Judge the ladder bottom up. `sources` are the program's own; `killed`: did it print a finding right before it died?"""
    passed, entered = _proofs(findings)
    shown = {*passed, *entered, *(f.stage for f in findings if f.open and f.effect in GRAVE)}
    for stage, seen in list(passed.items()):
        for below in _NEEDS[stage]:
            if seen.source in sources or below not in _OWN_PROOF:
                passed.setdefault(below, seen)
    pods = any(stage in passed for stage in _PODS)
    blockers = [
        f
        for f in findings
        if f.open and f.effect is Effect.FATAL and not f.is_workload and (f.stage not in passed or (not pods and killed(f)))
    ]
    for finding in findings:
        if finding.open and finding.effect in GRAVE:
            entered.setdefault(finding.stage, finding.first)
    rungs = _applicable(program, shown)
    blocked = min((f.stage for f in blockers if f.stage in rungs), key=lambda stage: stage.rank, default=None)
    furthest = blocked or max((s for s in {*passed, *entered} if s in rungs), key=lambda stage: stage.rank, default=None)
    ladder = {stage: _rung(stage, rungs, passed, entered, blocked) for stage in Stage}
    if blocked is not None:
        ladder[blocked].evidence = next(f.first for f in blockers if f.stage is blocked)
    return Ladder(ladder, furthest, blocked, [f for f in blockers if f.stage is blocked])


def _proofs(findings: Iterable[Finding]) -> tuple[dict[Stage, Sighting], dict[Stage, Sighting]]:
    """First proofs that a rung was passed, and that it was entered."""
    passed: dict[Stage, Sighting] = {}
    entered: dict[Stage, Sighting] = {}
    for finding in findings:
        proofs = {"passed": passed, "entered": entered}.get(finding.rule.proves or "")
        if proofs is not None:
            known = proofs.get(finding.stage)
            if known is None or after(known, finding.first):
                proofs[finding.stage] = finding.first
    if Stage.CONTAINER in passed:
        passed.setdefault(Stage.RUNNING, passed[Stage.CONTAINER])
    return passed, entered


def _applicable(program: str | None, touched: set[Stage]) -> frozenset[Stage]:
    rungs = _RUNGS.get(program or "", _CLIENT if program else _ALL)
    if program not in _RUNGS:
        return rungs | touched
    return rungs - (_OPTIONAL.get(program or "", frozenset()) - touched)


def _rung(
    stage: Stage, rungs: frozenset[Stage], passed: dict[Stage, Sighting], entered: dict[Stage, Sighting], blocked: Stage | None
) -> Rung:
    if stage not in rungs:
        return Rung(stage, Standing.NOT_APPLICABLE)
    if stage is blocked:
        return Rung(stage, Standing.BLOCKED)
    if stage in passed:
        return Rung(stage, Standing.REACHED, passed[stage])
    if stage in entered:
        return Rung(stage, Standing.ENTERED, entered[stage])
    return Rung(stage, Standing.NEVER_REACHED)
