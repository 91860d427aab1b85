"""The JSON document of a comparison."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from k3slogs.document import SCHEMA_VERSION, Rung
from k3slogs.frozen import Frozen
from k3slogs.taxonomy import Category, Ended, Outcome, Stage


class State(StrEnum):
    YES = "yes"
    NO = "no"
    NA = "N/A"
    UNKNOWN = "unknown"
    NONE = ""
    """The note says all."""


class Cell(Frozen):
    """One cell of the table. `noted` says that the person said so, and no line proves it."""

    state: State = State.NONE
    note: str = ""
    noted: bool = False

    @property
    def text(self) -> str:
        """`yes (with flags)`, `no: cgroup blocker`, `N/A (never reached)`, or the note alone."""
        if not (self.state and self.note):
            return str(self.state) or self.note
        return f"no: {self.note}" if self.state is State.NO else f"{self.state} ({self.note})"


class RunEntry(Frozen):
    """One run. `kubelet_start`, `pod_execution` and `result` are the texts of their cells; `cells` holds every column by its name.

    `proved` is false for a run without logs: what it shows is what its author noted.
    """

    name: str
    title: str
    number: int | None
    runtime: str
    stages: tuple[Rung, ...]
    kubelet_start: str
    pod_execution: str
    result: str
    outcome: Outcome | None
    root_cause: str | None
    root_cause_title: str
    error: str
    """The innermost clause of the root cause's line."""
    category: Category | None
    furthest_stage: Stage | None
    blocked_stage: Stage | None
    ended: Ended | None
    start: datetime | None
    duration_s: float | None
    time_to_failure_s: float | None
    attempts: int | None
    k3s_version: str | None
    flags: tuple[str, ...]
    environment: dict[str, str] = {}  # noqa: RUF012 - nobody writes to it
    cells: dict[str, Cell] = {}  # noqa: RUF012 - nobody writes to it
    proved: bool = True
    contradictions: tuple[str, ...] = ()
    """Where the author's notes and the logs disagree, with both."""
    problems: tuple[str, ...] = ()


class Difference(Frozen):
    """What the best run has and a run behind it lacks, and the other way round."""

    run: str
    behind: str
    lacks: tuple[str, ...]
    adds: tuple[str, ...]
    environment: tuple[str, ...] = ()
    """`name: one value, not another`."""
    same_command_line: bool = False
    text: str = ""


class Change(Frozen):
    """What changed from one run to the next: rule ids that are new, gone, persisting, and the error where both stopped."""

    before: str
    after: str
    new: tuple[str, ...]
    gone: tuple[str, ...]
    persisting: tuple[str, ...]
    stage: Stage | None = None
    error_before: str = ""
    error_after: str = ""
    text: str = ""


class Blocker(Frozen):
    """A rung over the runs: those that it stopped, the first later run that got past it and what that run did otherwise.

    `again` names the runs that it stopped after it had fallen, `earlier` those before the first of them that had got past it.
    """

    stage: Stage
    blocked: tuple[str, ...]
    errors: tuple[str, ...]
    fell_in: str | None
    by: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()


class ComparisonDocument(Frozen):
    """Runs side by side. `furthest` holds all names, best first; `leaders` those that reached the highest rung."""

    schema_version: int = SCHEMA_VERSION
    columns: tuple[str, ...]
    runs: tuple[RunEntry, ...]
    furthest: tuple[str, ...]
    leaders: tuple[str, ...]
    criterion: str
    verdict: str
    """Which run got furthest, and why it is before the others, in a sentence."""
    differences: tuple[Difference, ...] = ()
    changes: tuple[Change, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    titles: dict[str, str] = {}  # noqa: RUF012 - nobody writes to it
    """Titles of the rules that `changes` names."""
