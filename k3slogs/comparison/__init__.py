"""Runs side by side: the table, which got furthest and by what, and what changed from one to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.comparison import cells
from k3slogs.comparison.changes import blockers, changes
from k3slogs.comparison.contradictions import contradictions
from k3slogs.comparison.document import Blocker, Cell, Change, ComparisonDocument, Difference, RunEntry, State
from k3slogs.comparison.facts import Run
from k3slogs.comparison.ranking import CRITERION, differences, leaders, ranked, verdict
from k3slogs.document import Rung
from k3slogs.errors import UsageError
from k3slogs.taxonomy import Stage, Standing
from k3slogs.yamlfile import closest

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Blocker", "Cell", "Change", "ComparisonDocument", "Difference", "Run", "RunEntry", "State", "compared", "contradictions"]


def compared(runs: Sequence[Run], *, columns: Sequence[str] = (), sort: str | None = None) -> ComparisonDocument:
    """The runs in their order, or sorted by `stage` (best first), `time` (of start) or `name`.

    `columns` names what the table shows, in any spelling of `cells.COLUMNS` or of a column made by hand. Raises UsageError for a
    column or an order that there is not.
    """
    by_hand = list(dict.fromkeys(name for run in runs for name in run.experiment.columns))
    order = ranked(runs)
    placed = _sorted(runs, order, sort)
    return ComparisonDocument(
        columns=tuple(_column(name, by_hand) for name in columns) or (*cells.DEFAULT, *by_hand),
        runs=tuple(_entry(run, by_hand) for run in placed),
        furthest=tuple(run.name for run in order),
        leaders=tuple(run.name for run in leaders(order)),
        criterion=CRITERION,
        verdict=verdict(order),
        differences=tuple(differences(order)),
        changes=tuple(changes(placed)),
        blockers=tuple(blockers(placed)),
        titles={finding.rule: finding.title for run in runs for finding in run.faults},
    )


def _sorted(runs: Sequence[Run], order: list[Run], sort: str | None) -> list[Run]:
    if sort is None:
        return list(runs)
    if sort == "stage":
        return order
    if sort == "name":
        return sorted(runs, key=lambda run: (run.experiment.number is None, run.experiment.number or 0, run.name))
    if sort == "time":
        return sorted(runs, key=lambda run: (cells.date(run).note, run.start.isoformat() if run.start else ""))
    raise UsageError(f"{sort!r} is no order: choose one of stage, time, name")


def _column(name: str, by_hand: Sequence[str]) -> str:
    plain = name.strip().lower().replace(" ", "_").replace("-", "_")
    known = {**{column: column for column in cells.COLUMNS}, **{each.lower().replace(" ", "_").replace("-", "_"): each for each in by_hand}}
    if plain not in known:
        raise UsageError(f"there is no column {name!r} ({closest(plain, list(known)) or 'there are ' + ', '.join(known)})")
    return known[plain]


def _entry(run: Run, by_hand: Sequence[str]) -> RunEntry:
    table = cells.cells(run, by_hand)
    root = run.root
    return RunEntry(
        name=run.name, title=run.experiment.title or run.name, number=run.experiment.number, runtime=run.runtime, stages=_stages(run),
        kubelet_start=table["kubelet_start"].text, pod_execution=table["pod_execution"].text, result=table["result"].text,
        outcome=run.document.verdict.outcome if run.document else run.experiment.observed.outcome,
        root_cause=root.rule if root else None, root_cause_title=table["root_cause"].note, error=run.error,
        category=root.category if root else None, furthest_stage=run.furthest_stage, blocked_stage=run.blocked_stage, ended=run.ended,
        start=run.start, duration_s=run.duration, time_to_failure_s=run.time_to_failure, attempts=run.attempts,
        k3s_version=run.k3s_version, flags=run.flags, environment=run.experiment.environment, cells=table, proved=run.document is not None,
        contradictions=tuple(contradictions(run)), problems=run.problems,
    )  # fmt: skip


def _stages(run: Run) -> tuple[Rung, ...]:
    """The ladder; of a run without logs as far as its author's notes tell."""
    if run.document:
        return run.stages
    standings = {stage: run.standing(stage) for stage in Stage}
    return tuple(
        Rung(stage=stage, status=each or Standing.NEVER_REACHED, timestamp=None, evidence=None) for stage, each in standings.items()
    )
