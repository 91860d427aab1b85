"""`k3slogs writeup`: a run's document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from k3slogs.cli import _options, _output
from k3slogs.cli._arguments import Argument, Option

if TYPE_CHECKING:
    from k3slogs.cli._app import App


def register(app: App) -> None:
    app.add("writeup", writeup)


def writeup(
    run: Annotated[str, Argument(metavar="RUN", help="A folder of logs, with an experiment.yaml of what only you know.")],
    compare: Annotated[
        list[str] | None,
        Option(metavar="RUN", help="A run to set it beside; may be repeated. Else those that it calls earlier.", show_default=False),
    ] = None,
    template: Annotated[
        Path | None, Option(metavar="DIR", help="Templates that stand before the built-in ones.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None, Option("--output", "-o", metavar="FILE", help="Where to write it; else it is printed.", show_default=False)
    ] = None,
    mermaid: Annotated[bool, Option("--mermaid", help="Draw the timeline as a Mermaid chart as well.")] = False,
    force: Annotated[bool, Option("--force", help="Replace a file that k3slogs did not make, or that was edited since.")] = False,
    packs: _options.Packs = None,
    year: _options.Year = None,
    tz: _options.Zone = None,
    redact: _options.Redact = True,
) -> int:
    """Write the document of a run: hypothesis, method, results, root cause, timeline, comparison, conclusions, recommendations."""
    from k3slogs.runs import writeup as write

    if output is not None:
        _output.refuse_foreign(output, force=force)
    text = write(
        run, compare=compare or (), template=template, mermaid=mermaid, rules=_options.book(packs), year=year, tz=tz, redact=redact
    )
    if output is None:
        _output.write(text)
    else:
        _output.save(output, _output.marked(text))
        _output.complain(f"k3slogs: wrote {output}")
    return _output.Exit.OK
