"""What a script waits for, and whether it is there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from k3slogs.taxonomy import Component, Ended, Outcome, Stage, Standing

if TYPE_CHECKING:
    from k3slogs.diagnosis import Diagnosis, Judgement

AGAIN = 3
"""Attempts in a row that died of the same cause: it will not come up by itself."""
_UP = {
    Component.K3S: Stage.NETWORK,
    Component.KUBELET: Stage.NETWORK,
    Component.CONTAINERD: Stage.RUNTIME,
    Component.DOCKERD: Stage.RUNTIME,
    Component.ETCD: Stage.DATASTORE,
    Component.KUBE_APISERVER: Stage.CONTROL_PLANE,
}
"""The rung on which a program does its work; of a node the one where it turns Ready."""


class Until(StrEnum):
    RUNNING = "running"
    FAILED = "failed"


def is_up(judgement: Judgement, stage: Stage | None = None) -> bool:
    """Has this attempt reached the stage, by default the one on which its program does its work, and does it live?"""
    attempt = judgement.attempt
    if attempt.ended is not Ended.LOG_ENDED or judgement.outcome not in {Outcome.RUNNING, Outcome.DEGRADED}:
        return False
    wanted = stage or _UP.get(Component(attempt.process.program)) if attempt.process.program in set(Component) else stage
    return wanted is None or attempt.ladder.rungs[wanted].standing is Standing.REACHED


@dataclass
class Goal:
    """`until` with how long an outcome must stand before it counts, in seconds."""

    until: Until
    stage: Stage | None = None
    grace: float = 10.0
    _standing: tuple[object, ...] = ()
    _since: float = 0.0

    def settled(self, diagnosis: Diagnosis, now: float) -> Until | None:
        """The outcome that stands, if one does. `now` in seconds of any clock that goes on."""
        found = self.final(diagnosis)
        standing = found, _current(diagnosis)[-1].attempt.number if found else 0
        if standing != self._standing:
            self._standing, self._since = standing, now
        wait = 0.0 if found is Until.FAILED and _loops(diagnosis) else self.grace
        return found if found and now - self._since >= wait else None

    def final(self, diagnosis: Diagnosis) -> Until | None:
        """What the last attempts of all processes come to, if nothing follows."""
        current = _current(diagnosis)
        if any(judgement.outcome is Outcome.FAILED for judgement in current):
            return Until.FAILED
        if current and all(is_up(judgement, self.stage) for judgement in current) and not_failed(diagnosis):
            return Until.RUNNING
        return None


def not_failed(diagnosis: Diagnosis) -> bool:
    """A start that came up after others had died counts once it has lived as long as the verdict wants."""
    return diagnosis.judged is not None and diagnosis.judged.outcome is not Outcome.FAILED


def _current(diagnosis: Diagnosis) -> list[Judgement]:
    """The last attempt of each process."""
    return list({id(judgement.attempt.process): judgement for judgement in diagnosis.judgements}.values())


def _loops(diagnosis: Diagnosis) -> bool:
    """Did a process, in all its last attempts, die of the same cause?"""
    return any(_again(judgement, diagnosis) for judgement in _current(diagnosis))


def _again(last: Judgement, diagnosis: Diagnosis) -> bool:
    """Did it, and some attempts before it, die of the same cause?"""
    if last.attempt.ended is not Ended.EXITED or last.root is None:
        return False
    count = 0
    for judgement in reversed([each for each in diagnosis.judgements if each.attempt.process is last.attempt.process]):
        if judgement.attempt.ended is not Ended.EXITED or judgement.root is None or judgement.root.rule.id != last.root.rule.id:
            break
        count += judgement.attempt.life.repeats
    return count >= AGAIN
