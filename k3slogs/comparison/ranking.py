"""Which run got furthest, and what sets it apart from those behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.comparison import flags
from k3slogs.comparison.cells import lasted
from k3slogs.comparison.document import Difference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from k3slogs.comparison.facts import Run

CRITERION = "highest furthest stage, then not ended by itself, then longest time up"


def ranked(runs: Sequence[Run]) -> list[Run]:
    """Best first, by the criterion; equal ones in the order given."""
    return sorted(runs, key=_rank)


def _rank(run: Run) -> tuple[int, bool, float]:
    rung = run.furthest_stage.rank if run.furthest_stage else -1
    return -rung, run.died, -(run.duration or 0.0)


def leaders(order: Sequence[Run]) -> list[Run]:
    """The runs that reached the highest rung, best first."""
    if not order or order[0].furthest_stage is None:
        return []
    return [run for run in order if run.furthest_stage is order[0].furthest_stage]


def verdict(order: Sequence[Run]) -> str:
    """Who got furthest, and which part of the criterion put it before the next."""
    first = leaders(order)
    if not first:
        return "no run shows a stage"
    best, *equal = first
    if not equal:
        rest = f"; the next, {order[1].label}, {order[1].furthest_stage or 'none'}" if len(order) > 1 else ""
        return f"{best.label} got furthest: stage {best.furthest_stage}{rest}"
    names = " and ".join([", ".join(run.label for run in first[:-1]), first[-1].label])
    return f"{names} reached the same rung, {best.furthest_stage}; {_why_first(best, equal[0])}"


def _why_first(best: Run, second: Run) -> str:
    if best.died != second.died:
        return f"{best.label} is first: it did not end by itself"
    if best.duration and (second.duration or 0.0) < best.duration:
        return f"{best.label} is first: it was up for {lasted(best.duration)}, {second.label} for {lasted(second.duration)}"
    return "nothing sets them apart"


def differences(order: Sequence[Run]) -> list[Difference]:
    """The best run against each of the others: flags, environment, and whether they share a command line."""
    return [_difference(order[0], other) for other in order[1:]] if leaders(order) else []


def _difference(best: Run, other: Run) -> Difference:
    lacks, adds = flags.missing(best.flags, other.flags), flags.missing(other.flags, best.flags)
    if not other.flags or not best.flags:
        lacks = adds = ()
    lacks = _decisive_first(lacks, other)
    same = bool(best.flags) and bool(other.flags) and not lacks and not adds
    environment = tuple(_environment(best, other))
    return Difference(
        run=best.name, behind=other.name, lacks=lacks, adds=adds, environment=environment, same_command_line=same,
        text=_sentence(best, other, lacks, adds, environment, same=same),
    )  # fmt: skip


def _decisive_first(lacks: tuple[str, ...], other: Run) -> tuple[str, ...]:
    """The flags that a remedy of the other run's root cause names, before those that may have no part in it."""
    remedies = other.document.verdict.remedy if other.document else ()
    named = {flags.normal(flag) for flag in flags.advised(text for step in remedies for text in (step.config, step.command) if text)}
    return tuple(sorted(lacks, key=lambda flag: flags.normal(flag) not in named))


def _environment(best: Run, other: Run) -> list[str]:
    mine, theirs = _facts(best), _facts(other)
    return [f"{name}: {mine[name]}, not {theirs[name]}" for name in mine if name in theirs and mine[name] != theirs[name]] + [
        f"{name}: {mine[name]}, nothing said of the other" for name in best.experiment.environment if name not in theirs
    ]


def _facts(run: Run) -> dict[str, str]:
    known = {"runtime": run.runtime, "k3s version": run.k3s_version or "", **run.experiment.environment}
    return {name: value for name, value in known.items() if value}


def _sentence(best: Run, other: Run, lacks: tuple[str, ...], adds: tuple[str, ...], environment: tuple[str, ...], *, same: bool) -> str:
    if same:
        parts = [f"{best.label} and {other.label} share a command line"]
    elif not best.flags or not other.flags:
        silent = " and ".join(run.label for run in (best, other) if not run.flags)
        parts = [f"the flags of {silent} are not known"]
    else:
        parts = [f"{other.label} lacks {', '.join(lacks)}"] if lacks else []
        parts += [f"{other.label} has {', '.join(adds)}, which {best.label} has not"] if adds else []
    return "; ".join([*parts, *(f"{best.label} has {text}" for text in environment)])
