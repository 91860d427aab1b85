"""Where the author's notes and the logs disagree. Both are told; neither is changed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from k3slogs.comparison import cells
from k3slogs.comparison.document import State
from k3slogs.comparison.flags import normal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.comparison.facts import Run


def contradictions(run: Run) -> list[str]:
    """One sentence for each: what the author noted, and what the logs say."""
    return [f"{name}: the author noted {noted}; the logs say {proved}" for name, noted, proved in _found(run)]


def _found(run: Run) -> Iterator[tuple[str, str, str]]:
    if run.document is None:
        return
    noted, verdict, environment = run.experiment.observed, run.document.verdict, run.document.environment
    for name in ("outcome", "furthest_stage", "blocked_stage"):
        said, proved = getattr(noted, name), getattr(verdict, name)
        if said is not None and said is not proved:
            yield name.replace("_", " "), str(said), str(proved or "none")
    said_start, proved_start = cells.noted(noted.kubelet_start).state, cells.kubelet_start(run).state
    if {said_start, proved_start} == {State.YES, State.NO}:
        yield "kubelet start", noted.kubelet_start, cells.kubelet_start(run).text
    if run.experiment.k3s_version and environment.k3s_version and _version(run.experiment.k3s_version) != _version(environment.k3s_version):
        yield "k3s version", run.experiment.k3s_version, environment.k3s_version
    if run.experiment.node and environment.node and run.experiment.node != environment.node:
        yield "node", run.experiment.node, environment.node
    if run.experiment.date and run.start and abs(run.start.date() - run.experiment.date) > timedelta(days=1):
        yield "date", run.experiment.date.isoformat(), run.start.date().isoformat()
    if run.experiment.runtime and environment.runtime and not _same_runtime(run.experiment.runtime, environment.runtime):
        yield "runtime", run.experiment.runtime, environment.runtime
    yield from _flags(run)


def _version(text: str) -> str:
    return re.split(r"[+-]", text.removeprefix("v"))[0]


def _same_runtime(said: str, proved: str) -> bool:
    known = {"docker", "containerd"}
    words = {word for word in known if word in said.lower()}
    return not words or any(word in proved.lower() for word in words)


def _flags(run: Run) -> Iterator[tuple[str, str, str]]:
    """Options of the kubelet, in both directions: only they can be read off its start line."""
    if run.document is None or not run.experiment.flags or not run.document.environment.flags:
        return
    said = {normal(flag) for flag in run.experiment.flags}
    for flag in run.document.environment.flags:
        if normal(flag) not in said:
            yield "flags", f"no {flag}", "the kubelet was started with it"
