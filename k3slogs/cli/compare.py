"""`k3slogs compare`: runs side by side."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from k3slogs.cli import _options, _output
from k3slogs.cli._arguments import Argument, Option

if TYPE_CHECKING:
    from k3slogs.analysis import Comparison
    from k3slogs.cli._app import App


class Sort(StrEnum):
    STAGE = "stage"
    TIME = "time"
    NAME = "name"


def register(app: App) -> None:
    app.add("compare", compare)


def compare(
    runs: Annotated[
        list[str],
        Argument(metavar="RUN...", help="Folders of logs, log files, saved JSON documents, or lists of experiments."),
    ],
    form: Annotated[str, Option("--format", "-f", metavar="NAME", help="terminal, md, html, json or csv.")] = "terminal",
    columns: Annotated[
        str | None, Option(metavar="A,B,...", help="The columns to show, by name; a wrong one lists them all.", show_default=False)
    ] = None,
    transpose: Annotated[bool, Option("--transpose", help="Runs as columns.")] = False,
    sort: Annotated[Sort | None, Option(help="Order of the runs; as given if left out.", show_default=False)] = None,
    packs: _options.Packs = None,
    year: _options.Year = None,
    tz: _options.Zone = None,
    redact: _options.Redact = True,
) -> int:
    """Put runs side by side: what came up in each, which got furthest and by what, and what changed from one to the next."""
    from k3slogs import renderers
    from k3slogs.errors import UsageError
    from k3slogs.runs import compare as run

    form = renderers.comparison_named(form)
    names = [name for name in (columns or "").split(",") if name.strip()]
    if columns is not None and not names:
        raise UsageError("--columns names no column")
    found = run(runs, columns=names, sort=sort, rules=_options.book(packs), year=year, tz=tz, redact=redact)
    _output.write(_terminal(found, transpose=transpose) if form == "terminal" else found.render(form, transpose=transpose))
    for failure in found.failures:
        _output.complain(f"k3slogs: {failure}")
    return _output.Exit.UNREADABLE if found.failures else _output.Exit.OK


def _terminal(found: Comparison, *, transpose: bool) -> str:
    from k3slogs.renderers._comparison import terminal

    return terminal.render(found.document, transpose=transpose, **_output.screen())
