"""Where the time of a run goes, by stage. Nothing is measured unless it is asked for: then the doors of each stage get a clock.

A stage's time is its own: what it calls of another stage counts there. What belongs to none is `read`: files, blocks, imports.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import wraps
from time import perf_counter
from typing import TYPE_CHECKING, Any

from k3slogs import analysis, engine, formats, pipeline, reporting, rulebook
from k3slogs.engine import assembly, reading, scanner, scanning, sieve
from k3slogs.renderers import terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DOORS: dict[str, tuple[tuple[object, str], ...]] = {
    "rules": ((rulebook, "load"), (scanner.Scanner, "__init__")),
    "scan": ((sieve.Sieve, "places"),),
    "count": ((reading.Reader, "steps"), (scanning.Scanning, "_count")),
    "parse": ((formats, "read"), (formats, "reread"), (formats, "plain_text"), (assembly.Assembler, "alone")),
    "match": ((engine.Engine, "claims"), (engine.Engine, "counting"), (engine.Engine, "candidates")),
    "fold": ((scanning.Scanning, "_fold"), (scanning.Scanning, "_settle")),
    "diagnose": ((pipeline, "diagnose"),),
    "report": ((reporting.Reporter, "document"),),
    "render": ((analysis.Analysis, "render"), (analysis.Analysis, "to_markdown"), (terminal, "render")),
}


class Profile:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys([*_DOORS, "read"], 0.0)
        self._begun = perf_counter()
        self._inner = [0.0]
        """Of each open door: seconds that passed behind further ones."""

    def timed(self, stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(work)
        def door(*arguments: Any, **options: Any) -> Any:
            begun = perf_counter()
            self._inner.append(0.0)
            try:
                return work(*arguments, **options)
            finally:
                whole = perf_counter() - begun
                self.seconds[stage] += whole - self._inner.pop()
                self._inner[-1] += whole

        return door

    def table(self) -> str:
        """A row for each stage, in the order of the flow."""
        whole = perf_counter() - self._begun
        self.seconds["read"] = max(whole - sum(self.seconds.values()), 0.0)
        rows = [f"{stage:<9}{seconds:8.3f} s {100 * seconds / whole:5.1f} %" for stage, seconds in self.seconds.items()]
        return "\n".join([*rows, f"{'all':<9}{whole:8.3f} s, with the clocks of this profile, in one process"])


@contextmanager
def profile() -> Iterator[Profile]:
    """Everything that runs within is measured."""
    measured = Profile()
    doors = [(stage, owner, name, getattr(owner, name)) for stage, owners in _DOORS.items() for owner, name in owners]
    for stage, owner, name, work in doors:
        setattr(owner, name, measured.timed(stage, work))
    try:
        yield measured
    finally:
        for _, owner, name, work in doors:
            setattr(owner, name, work)
