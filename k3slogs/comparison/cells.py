"""The columns of a comparison: what each says of a run. A column is a function of this module that `COLUMNS` names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k3slogs.comparison.document import Cell, State
from k3slogs.taxonomy import Effect, Ended, Outcome, Stage, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from k3slogs.comparison.facts import Run

DEFAULT = ("experiment", "runtime", "kubelet_start", "pod_execution", "result")
STABLE = 5 * 60
"""Seconds from which a run that did not end by itself is called stable."""
_PODS = (Stage.NETWORK, Stage.IMAGE, Stage.SANDBOX, Stage.CONTAINER, Stage.RUNNING)
_FAILS = {
    Stage.PROCESS: "{program} does not start", Stage.DATASTORE: "datastore fails", Stage.CONTROL_PLANE: "control plane fails",
    Stage.AGENT: "agent fails", Stage.RUNTIME: "container runtime fails", Stage.KUBELET: "kubelet fails",
    Stage.NODE: "node is not registered", Stage.NETWORK: "pod network fails", Stage.IMAGE: "image fails",
    Stage.SANDBOX: "pod sandbox fails", Stage.CONTAINER: "container does not start", Stage.RUNNING: "workload fails",
}  # fmt: skip


def experiment(run: Run) -> Cell:
    title = run.experiment.title
    return Cell(note=f"{run.label}: {title}" if title and run.experiment.label else run.label)


def runtime(run: Run) -> Cell:
    return Cell(note=run.runtime or "unknown", noted=bool(run.experiment.runtime) and run.document is None)


def kubelet_start(run: Run) -> Cell:
    if run.document is None:
        return noted(run.experiment.observed.kubelet_start)
    standing = run.standing(Stage.KUBELET)
    if standing is Standing.REACHED:
        return Cell(state=State.YES, note="with flags" if run.workarounds else "")
    if standing is Standing.BLOCKED:
        return Cell(state=State.NO)
    if standing is Standing.ENTERED:
        return Cell(state=State.UNKNOWN, note="started, not seen up")
    return Cell(state=State.NA, note="never reached" if standing is Standing.NEVER_REACHED else "no kubelet here")


def pod_execution(run: Run) -> Cell:
    if run.document is None:
        return noted(run.experiment.observed.pod_execution)
    if run.standing(Stage.RUNNING) is Standing.REACHED:
        return Cell(state=State.YES)
    if run.blocked_stage in _PODS and run.root is not None:
        error = f' "{run.error}"' if run.error else ""
        return Cell(state=State.NO, note=f"{run.root.category} blocker{error}")
    tried = [stage for stage in _PODS if run.standing(stage) in {Standing.REACHED, Standing.ENTERED}]
    if Stage.CONTAINER in tried:
        return Cell(state=State.UNKNOWN, note="started, not seen running")
    if len(tried) > 1:
        return Cell(state=State.UNKNOWN, note=f"tried, seen as far as {tried[-1]}")
    return Cell(state=State.NA, note="never reached" if run.standing(Stage.RUNNING) is not Standing.NOT_APPLICABLE else "no pods here")


def result(run: Run) -> Cell:
    if run.document is None:
        return Cell(note=_noted_result(run), noted=True)
    times = f" (x {run.attempts})" if run.attempts and run.attempts > 1 else ""
    if run.died:
        return Cell(note=f"{_what_fails(run, died=True)}{times}")
    if run.ended is Ended.STOPPED and run.document.verdict.outcome is Outcome.RUNNING:
        return Cell(note=f"ran {lasted(run.duration)}, stopped by its operator" if run.duration else "stopped by its operator")
    if _is_up(run):
        up = run.duration or 0
        return Cell(note=f"{_rounded_down(up)} stable" if up >= STABLE else _what_fails(run) if run.blocked_stage else _running(run))
    if run.document.verdict.outcome is Outcome.INCONCLUSIVE:
        return Cell(note="inconclusive")
    return Cell(note=f"{_what_fails(run)}{times}")


def furthest_stage(run: Run) -> Cell:
    return Cell(note=str(run.furthest_stage or "none"), noted=run.document is None)


def blocked_stage(run: Run) -> Cell:
    return Cell(note=str(run.blocked_stage or "none"), noted=run.document is None)


def outcome(run: Run) -> Cell:
    if run.document is None:
        return Cell(note=str(run.experiment.observed.outcome or run.experiment.status or "not stated"), noted=True)
    return Cell(note=str(run.document.verdict.outcome))


def root_cause(run: Run) -> Cell:
    if run.document is None:
        return Cell(note=run.experiment.observed.root_cause or "not stated", noted=True)
    root = run.document.verdict.root_cause
    return Cell(note=root.title if root else "none found")


def category(run: Run) -> Cell:
    return Cell(note=str(run.root.category) if run.root else "none found")


def time_to_failure(run: Run) -> Cell:
    return Cell(note=lasted(run.time_to_failure) if run.time_to_failure is not None else "unknown" if run.root else "N/A")


def duration(run: Run) -> Cell:
    if run.duration is None and run.experiment.observed.duration:
        return Cell(note=run.experiment.observed.duration, noted=True)
    return Cell(note=lasted(run.duration) if run.duration is not None else "unknown")


def attempts(run: Run) -> Cell:
    return Cell(note=str(run.attempts) if run.attempts else "unknown")


def k3s_version(run: Run) -> Cell:
    return Cell(note=run.k3s_version or "unknown")


def flags(run: Run) -> Cell:
    return Cell(note=" ".join(run.flags) or "none known")


def date(run: Run) -> Cell:
    when = run.experiment.date or (run.start.date() if run.start else None)
    return Cell(note=when.isoformat() if when else "unknown")


COLUMNS: dict[str, Callable[[Run], Cell]] = {
    "experiment": experiment, "runtime": runtime, "kubelet_start": kubelet_start, "pod_execution": pod_execution, "result": result,
    "outcome": outcome, "furthest_stage": furthest_stage, "blocked_stage": blocked_stage, "root_cause": root_cause, "category": category,
    "time_to_failure": time_to_failure, "duration": duration, "attempts": attempts, "k3s_version": k3s_version, "flags": flags, "date": date,
}  # fmt: skip


def cells(run: Run, by_hand: Iterable[str]) -> dict[str, Cell]:
    """Every column of a run; those that its author filled in by hand stand above ours of the same name."""
    own = {name: Cell(note=run.experiment.columns[name], noted=True) for name in by_hand if name in run.experiment.columns}
    return {**{name: column(run) for name, column in COLUMNS.items()}, **own}


def heading(name: str) -> str:
    """`kubelet_start` -> `Kubelet start`; a column made by hand keeps its name."""
    return name.replace("_", " ").capitalize() if name in COLUMNS else name


def lasted(seconds: float | None) -> str:
    """A duration for reading: `42 s`, `15 min 37 s`, `3 h 05 min`."""
    if seconds is None:
        return "unknown"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


_REACHED = re.compile(r"^none \(never reached\)")
_SILENT = re.compile(r"not (?:stated|run)\b", re.IGNORECASE)
_STATES = (
    (re.compile(r"(?:no\w*,? ?)?\(?never reached\)?", re.IGNORECASE), State.NA),
    (re.compile(r"yes\b", re.IGNORECASE), State.YES),
    (re.compile(r"(?:no|none|not attempted)\b(?! k3s)", re.IGNORECASE), State.NO),
    (re.compile(r"(?:n/a|disabled|not run|never reached)\b", re.IGNORECASE), State.NA),
)


def noted(text: str) -> Cell:
    """The author's words, with their `yes` or `no` taken as the state."""
    text = text.strip()
    for pattern, state in _STATES:
        if match := pattern.match(text):
            rest = text[match.end() :].lstrip(" :;,.-") if state is not State.NA else _REACHED.sub("never reached", text)
            return Cell(state=state, note=rest.removeprefix("(").removesuffix(")") if rest.startswith("(") else rest, noted=True)
    return Cell(note=text or "not stated", noted=True)


def _noted_result(run: Run) -> str:
    said, lasting = run.experiment.observed.result or run.experiment.status, run.experiment.observed.duration
    if not said or not lasting or _SILENT.match(lasting):
        return said or "not stated"
    return f"{said}; {lasting}"


def _is_up(run: Run) -> bool:
    """Did it get to where a node does its work, without dying?"""
    if run.ended is Ended.EXITED:
        return False
    work = (Stage.NODE, Stage.KUBELET, Stage.CONTROL_PLANE, Stage.RUNTIME, Stage.DATASTORE)
    highest = next((stage for stage in work if run.standing(stage) is not Standing.NOT_APPLICABLE), None)
    return highest is not None and run.standing(highest) in {Standing.REACHED, Standing.ENTERED}


def _what_fails(run: Run, *, died: bool = False) -> str:
    stage = run.blocked_stage or (run.root.stage if run.root else None) or run.furthest_stage
    if stage is None:
        return "nothing came up"
    program = run.attempt.process.partition(" ")[0] if run.attempt else "it"
    text = _FAILS[stage].format(program=program)
    fatal = died or any(each.effect is Effect.FATAL and each.stage is stage and not each.resolved for each in run.faults)
    return text.replace("fails", "crashes") if fatal and stage is Stage.KUBELET else text


def _running(run: Run) -> str:
    return f"running, seen for {lasted(run.duration)}" if run.duration else "running"


def _rounded_down(seconds: float) -> str:
    return f"{int(seconds // 60)}+ min" if seconds < 2 * 3600 else f"{int(seconds // 3600)}+ h"
