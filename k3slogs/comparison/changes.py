"""What changed from run to run, and which blocker fell when."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from k3slogs.comparison import flags
from k3slogs.comparison.document import Blocker, Change
from k3slogs.taxonomy import Stage, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from k3slogs.comparison.facts import Run


def changes(runs: Sequence[Run]) -> list[Change]:
    """Each run against the one before it, where both have logs or notes of a root cause."""
    return [_change(before, after) for before, after in pairwise(runs)]


def _change(before: Run, after: Run) -> Change:
    old, new = _rules(before), _rules(after)
    stage = before.blocked_stage if before.blocked_stage is after.blocked_stage else None
    return Change(
        before=before.name, after=after.name,
        new=tuple(rule for rule in new if rule not in old), gone=tuple(rule for rule in old if rule not in new),
        persisting=tuple(rule for rule in new if rule in old),
        stage=stage, error_before=before.error, error_after=after.error, text=_sentence(before, after, stage),
    )  # fmt: skip


def _rules(run: Run) -> list[str]:
    return list(dict.fromkeys(finding.rule for finding in run.troubles))


def _sentence(before: Run, after: Run, stage: Stage | None) -> str:
    if stage is not None:
        return _same_stage(before, after, stage)
    one, other = before.furthest_stage, after.furthest_stage
    if one is None or other is None or one is other:
        return ""
    if other.rank > one.rank:
        return f"{after.label} gets further: {one} -> {other}"
    return f"{after.label} stops earlier: {one} -> {other}"


def _same_stage(before: Run, after: Run, stage: Stage) -> str:
    if before.error and after.error and before.error != after.error:
        same_rule = before.root is not None and after.root is not None and before.root.rule == after.root.rule
        what = "same root cause, other words" if same_rule else "new root cause"
        return f'"{before.error}" became "{after.error}": same stage ({stage}), {what}'
    if before.error and before.error == after.error:
        return f'both stop at {stage} with "{after.error}"'
    return f"both stop at {stage}"


def blockers(runs: Sequence[Run]) -> list[Blocker]:
    """For each rung that stopped a run: which runs, with which errors, and the first later run that got past it."""
    found = []
    for stage in Stage:
        stopped = [run for run in runs if run.blocked_stage is stage]
        if stopped:
            found.append(_blocker(stage, runs, stopped))
    return found


def _blocker(stage: Stage, runs: Sequence[Run], stopped: list[Run]) -> Blocker:
    fell = next((run for run in runs[runs.index(stopped[0]) + 1 :] if _got_past(run, stage)), None)
    at = runs.index(fell) if fell else len(runs)
    before = [run for run in stopped if runs.index(run) < at]
    return Blocker(
        stage=stage, blocked=tuple(run.name for run in before), errors=tuple(dict.fromkeys(run.error for run in stopped if run.error)),
        fell_in=fell.name if fell else None, by=_otherwise(fell, before[-1]) if fell else (),
        again=tuple(run.name for run in stopped if run not in before),
        earlier=tuple(run.name for run in runs[: runs.index(stopped[0])] if _got_past(run, stage)),
    )  # fmt: skip


def _otherwise(run: Run, before: Run) -> tuple[str, ...]:
    """What a run did otherwise than one before it: flags first, then facts that its author gave."""
    added = flags.missing(run.flags, before.flags) if before.flags else ()
    mine, theirs = run.experiment.environment, before.experiment.environment
    return (*added, *(f"{name}: {value}" for name, value in mine.items() if theirs.get(name) != value))


def _got_past(run: Run, stage: Stage) -> bool:
    return run.standing(stage) is Standing.REACHED and run.blocked_stage is not stage
