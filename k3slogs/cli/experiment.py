"""`k3slogs experiment`: the file beside the logs that holds what only the person knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from k3slogs.cli import _options, _output
from k3slogs.cli._arguments import Argument, Option

if TYPE_CHECKING:
    from k3slogs.cli._app import App


def register(app: App) -> None:
    experiments = app.group("experiment", "What only you know of a run: experiment.yaml beside its logs.")
    experiments.callback()(_group)
    experiments.add("new", new)


def _group() -> None:
    """What only you know of a run: experiment.yaml beside its logs."""


def new(
    folder: Annotated[Path, Argument(metavar="DIR", help="The folder of the run's logs.")],
    force: Annotated[bool, Option("--force", help="Replace an experiment.yaml that is there.")] = False,
    packs: _options.Packs = None,
    year: _options.Year = None,
    tz: _options.Zone = None,
) -> int:
    """Write a commented experiment.yaml, filled in with what the logs tell."""
    from k3slogs.errors import SourceError, UsageError
    from k3slogs.experiment import FILE
    from k3slogs.runs import draft

    if not folder.is_dir():
        raise SourceError(str(folder), "is no folder" if folder.exists() else "no such folder")
    path = folder / FILE
    if path.exists() and not force:
        raise UsageError(f"{path}: is there already; --force replaces it")
    _output.save(path, draft(folder, rules=_options.book(packs), year=year, tz=tz))
    _output.complain(f"k3slogs: wrote {path}")
    return _output.Exit.OK
