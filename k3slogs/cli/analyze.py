"""`k3slogs analyze`: logs in, verdict out."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from k3slogs.cli import _options, _output
from k3slogs.cli._arguments import Argument, Option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k3slogs.analysis import Analysis
    from k3slogs.cli._app import App
    from k3slogs.sources import Input

_LONG = 16 * 1024 * 1024
"""Bytes on disk from which a progress bar is worth its place."""


class FailOn(StrEnum):
    FAILED = "failed"
    DEGRADED = "degraded"


def register(app: App) -> None:
    app.add("analyze", analyze)


def analyze(
    paths: Annotated[
        list[str] | None,
        Argument(
            metavar="[PATH|UNIT]...",
            help="Log files, folders, archives, bundles, or - for standard input; with --journal, words without / are units.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[str, Option("--format", "-f", metavar="NAME", help="terminal, html, md or json.")] = "terminal",
    mermaid: Annotated[bool, Option("--mermaid", help="With --format md: draw the timeline as a Mermaid chart as well.")] = False,
    packs: _options.Packs = None,
    year: _options.Year = None,
    tz: _options.Zone = None,
    journal: Annotated[
        bool, Option("--journal", help="Read the journal of this machine: of the units given, else k3s and k3s-agent.")
    ] = False,
    since: Annotated[
        str | None, Option(metavar="TIME", help="With --journal: from then on, as journalctl takes it.", show_default=False)
    ] = None,
    until: Annotated[
        str | None, Option(metavar="TIME", help="With --journal: up to then, as journalctl takes it.", show_default=False)
    ] = None,
    boot: Annotated[
        str | None, Option(metavar="BOOT", help="With --journal: of one boot, 0 this one, -1 the one before.", show_default=False)
    ] = None,
    fail_on: Annotated[FailOn | None, Option("--fail-on", help="Exit with 1 if the outcome is this, or worse.", show_default=False)] = None,
    redact: _options.Redact = True,
    jobs: Annotated[int, Option("--jobs", "-j", metavar="N", min=0, help="Processes that read a long log; 0: one for each core.")] = 0,
    profile: Annotated[bool, Option("--profile", help="Say on standard error where the time went; reads in one process.")] = False,
) -> int:
    """Say what broke: the root cause with its line, the stage where it stopped, and what to try."""
    from k3slogs import renderers
    from k3slogs.engine.readers import cores
    from k3slogs.errors import UsageError

    form = renderers.named(form)
    if mermaid and form != "md":
        raise UsageError("--mermaid goes with --format md")
    given = _given(paths or [], journal=journal, since=since, until=until, boot=boot)
    with _profiled() if profile else nullcontext():
        from k3slogs.pipeline import analyze as run

        book = _options.book(packs)
        with _progress() as progress:
            analysis = run(given, rules=book, year=year, tz=tz, redact=redact, jobs=1 if profile else jobs or cores(), progress=progress)
        _output.write(
            _terminal(analysis) if form == "terminal" else analysis.to_markdown(mermaid=True) if mermaid else analysis.render(form)
        )
    for failure in analysis.failures:
        _output.complain(f"k3slogs: {failure}")
    return _exit_code(analysis, fail_on)


@contextmanager
def _profiled() -> Iterator[None]:
    from k3slogs.profiling import profile

    with profile() as measured:
        yield
    _output.complain(measured.table())


def _given(words: list[str], *, journal: bool, **bounds: str | None) -> list[str | Input]:
    """What to read: with the journal, a word that could be no path is a unit."""
    from k3slogs.errors import UsageError
    from k3slogs.sources.journal import journal as live

    if not journal:
        if named := next((name for name, value in bounds.items() if value is not None), None):
            raise UsageError(f"--{named} goes with --journal")
        if not words:
            raise UsageError("what to analyze? name log files or directories, - for standard input, or --journal")
        return [*words]
    units = [word for word in words if "/" not in word and word != "-"]
    return [*(word for word in words if word not in units), live(*units, **bounds)]


def _exit_code(analysis: Analysis, fail_on: FailOn | None) -> int:
    if analysis.failures:
        return _output.Exit.UNREADABLE
    bad = {FailOn.FAILED: {"failed"}, FailOn.DEGRADED: {"failed", "degraded"}}
    if fail_on and analysis.verdict.outcome in bad[fail_on]:
        return _output.Exit.FOUND
    return _output.Exit.OK


def _terminal(analysis: Analysis) -> str:
    from k3slogs.renderers import terminal

    return terminal.render(analysis.document, **_output.screen())


@contextmanager
def _progress() -> Iterator[Callable[[int, int | None], None] | None]:
    """A bar on stderr for long inputs, and only where a person looks at it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, no_color=bool(os.environ.get("NO_COLOR")))
    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=None, visible=False)
        yield lambda done, total: bar.update(
            task, completed=done, total=max(done, total or 0) or None, visible=max(done, total or 0) > _LONG
        )
