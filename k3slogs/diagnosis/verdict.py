"""Attempts -> verdict: outcome, root cause, chain, confidence, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from k3slogs.diagnosis.findings import Finding, State, by_time
from k3slogs.diagnosis.limits import INTERRUPTION
from k3slogs.taxonomy import Confidence, Effect, Ended, Outcome, Stage, Standing, Status

if TYPE_CHECKING:
    from k3slogs.diagnosis.attempts import Attempt
    from k3slogs.engine import Sighting

_GRAVITY = {Effect.FATAL: 0, Effect.DEGRADED: 1, Effect.SYMPTOM: 2}
_WORST = {Outcome.FAILED: 0, Outcome.DEGRADED: 1, Outcome.INCONCLUSIVE: 2, Outcome.RUNNING: 3}


@dataclass
class Judgement:
    """What is said of one attempt."""

    attempt: Attempt
    outcome: Outcome
    root: Finding | None = None
    confidence: Confidence | None = None
    reason: str = ""
    chain: list[Finding] = field(default_factory=list)


def judge_attempt(attempt: Attempt) -> Judgement:
    """The logs alone decide; a fact that explains their root cause then stands before it."""
    candidates = [
        f for f in attempt.findings if f.open and f.is_fault and not f.rule.of_facts and (f.cause is None or f.cause.rule.of_facts)
    ]
    root = _foremost(candidates, attempt)
    outcome = _outcome(attempt, root)
    if root is None:
        return Judgement(attempt, outcome, reason=_without_cause(attempt, outcome))
    if root.effect is Effect.DEGRADED and not root.is_workload:
        attempt.ladder.stall(root)
    confidence, reason = _confidence(root, attempt, candidates)
    deepest = root.root()
    if deepest is not root:
        reason = f"{reason}; {root.rule.id} follows from a fact of the node"
    return Judgement(attempt, outcome, deepest, confidence, reason, chain_of(deepest))


def _foremost(candidates: list[Finding], attempt: Attempt) -> Finding | None:
    """What ended or blocks, gravity, node before workload, inner before wrapper, seen before silent; of equals the earliest."""
    ranks = [_rank(finding, attempt) for finding in candidates]
    best = min(ranks, default=None)
    equals = [finding for finding, rank in zip(candidates, ranks, strict=True) if rank == best]
    return min(equals, key=lambda finding: by_time(finding.first), default=None)


def _rank(finding: Finding, attempt: Attempt) -> tuple[bool, int, bool, bool, bool]:
    related = family(finding)
    decisive = any(_decides(each, attempt) for each in related)
    gravity = min(_GRAVITY[each.effect] for each in related)
    return not decisive, gravity, finding.is_workload, finding.rule.wrapper, finding.rule.absent is not None


def family(finding: Finding) -> list[Finding]:
    """The finding and everything that follows from it here."""
    found = [finding]
    for each in found:
        found += [effect for effect in each.effects if effect not in found]
    return found


def _decides(finding: Finding, attempt: Attempt) -> bool:
    """It ended the attempt, or it blocks the furthest rung."""
    if finding.effect is not Effect.FATAL or not finding.open:
        return False
    return finding in attempt.ladder.blockers or attempt.ended_by(finding)


def _outcome(attempt: Attempt, root: Finding | None) -> Outcome:
    if attempt.ended is Ended.EXITED or attempt.ladder.blocked is not None or (root is not None and _lost_its_purpose(root, attempt)):
        return Outcome.FAILED
    if root is not None and root.effect is not Effect.SYMPTOM:
        return Outcome.DEGRADED
    if _lost(attempt):
        return Outcome.DEGRADED
    if _is_up(attempt):
        return Outcome.RUNNING
    return Outcome.INCONCLUSIVE


def _lost_its_purpose(root: Finding, attempt: Attempt) -> bool:
    """A fatal fault stands on the highest rung that the program has: nothing is left that works."""
    rungs = [rung.stage for rung in attempt.ladder.rungs.values() if rung.standing is not Standing.NOT_APPLICABLE]
    return root.effect is Effect.FATAL and root.stage is rungs[-1] and root.stage is not Stage.RUNNING


def _lost(attempt: Attempt) -> bool:
    """A rung was lost for long and regained."""
    return any(
        finding.state is State.RESOLVED and finding.effect is Effect.FATAL and interrupted(finding, attempt) for finding in attempt.findings
    )


def interrupted(finding: Finding, attempt: Attempt) -> bool:
    rung = attempt.ladder.rungs[finding.stage]
    if rung.evidence is None or rung.evidence.timestamp is None or finding.first.timestamp is None or finding.last.timestamp is None:
        return False
    return finding.first.timestamp > rung.evidence.timestamp and finding.last.timestamp - finding.first.timestamp >= INTERRUPTION


def _is_up(attempt: Attempt) -> bool:
    """Some rung was proved, and none that was entered is left open below it."""
    rungs = attempt.ladder.rungs.values()
    return any(rung.standing is Standing.REACHED for rung in rungs)


def _without_cause(attempt: Attempt, outcome: Outcome) -> str:
    furthest = attempt.ladder.furthest
    if outcome is Outcome.RUNNING:
        return f"no unresolved fault; reached {furthest}" if furthest else "no unresolved fault"
    if outcome is Outcome.FAILED:
        return "it ended by itself and no rule names a cause"
    return "no rule matched a fault, and nothing proves that it works"


def _confidence(root: Finding, attempt: Attempt, candidates: list[Finding]) -> tuple[Confidence, str]:
    decisive = [each for each in family(root) if _decides(each, attempt)]
    if root.rule.status is Status.EXPERIMENTAL:
        return Confidence.POSSIBLE, f"the rule {root.rule.id} is experimental: its text was not checked against a real run"
    if root.rule.builtin_silence or root.rule.absent:
        return _of_silence(root)
    if root.effect is Effect.SYMPTOM:
        return Confidence.POSSIBLE, "only consequences seen: no line names what they follow from"
    if attempt.ended is Ended.EXITED and decisive and attempt.last_words is not None:
        end = attempt.last_words
        if root.rule.caused_by and attempt.life.begun is None:
            return Confidence.LIKELY, f"the process exited with it ({place(end)}); what led to it may stand before this log"
        if root.last == end:
            return Confidence.CERTAIN, f"it is the last word of a process that exited ({place(end)})"
        through = f" through {decisive[-1].rule.id}" if decisive[-1] is not root else ""
        return Confidence.CERTAIN, f"the process exited right after it{through} ({place(end)})"
    if decisive:
        rivals = [c for c in candidates if c is not root and c.effect is Effect.FATAL]
        beside = f"; {len(rivals)} other open fault{'s' if len(rivals) != 1 else ''} beside it" if rivals else ""
        return Confidence.LIKELY, f"it stands unresolved and blocks the stage {decisive[0].stage} ({place(decisive[0].last)}){beside}"
    if root.is_workload:
        return Confidence.LIKELY, f"no fault of the node is open ({place(root.first)})"
    return Confidence.LIKELY, f"the gravest fault that is still open ({place(root.last)}); the node goes on with loss"


def _of_silence(root: Finding) -> tuple[Confidence, str]:
    if root.effect is Effect.FATAL:
        return Confidence.LIKELY, f"no line says why: this is the last that was seen before the end ({place(root.last)})"
    return Confidence.POSSIBLE, f"nothing says that it failed: what should have followed did not ({place(root.last)})"


def place(seen: Sighting) -> str:
    return f"{seen.source}:{seen.line}"


def chain_of(root: Finding) -> list[Finding]:
    """Cause first, then what follows from it, nearest first, one finding for each rule."""
    chain: list[Finding] = []
    for finding in sorted(family(root), key=_depth):
        if finding.rule.id not in {each.rule.id for each in chain}:
            chain.append(finding)
    return chain


def _depth(finding: Finding) -> tuple[int, int]:
    depth, cause = 0, finding.cause
    while cause is not None:
        depth, cause = depth + 1, cause.cause
    return depth, finding.first.line


def worst(judgements: list[Judgement]) -> Judgement:
    """Of several processes, the one that is worst off; ties go to the later."""

    def rank(judgement: Judgement) -> tuple[int, float]:
        end = judgement.attempt.end
        return _WORST[judgement.outcome], -(end.timestamp() if end else 0.0)

    return min(judgements, key=rank)


def furthest(judgement: Judgement) -> Stage | None:
    return judgement.attempt.ladder.furthest
