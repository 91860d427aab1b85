"""`k3slogs experiment`: the file beside the logs that holds what only the person knows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from k3slogs.cli import _options, _output


def register(app: typer.Typer) -> None:
    experiments = typer.Typer(help="What only you know of a run: experiment.yaml beside its logs.", no_args_is_help=True)
    experiments.callback()(_group)
    experiments.command("new")(new)
    app.add_typer(experiments, name="experiment")


def _group() -> None:
    """What only you know of a run: experiment.yaml beside its logs."""


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the run's logs.")],
    force: Annotated[bool, typer.Option("--force", help="Replace an experiment.yaml that is there.")] = False,
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
