"""`k3slogs watch`: logs that grow, and what is new in them."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Protocol

from k3slogs.cli import _options, _output
from k3slogs.cli._arguments import Argument, Option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.cli._app import App
    from k3slogs.sources.live import Journal
    from k3slogs.watching import Event, Goal, Watch

POLL = 0.3
"""Seconds between two looks at a quiet source."""


class Form(StrEnum):
    TERMINAL = "terminal"
    JSONL = "jsonl"


class Wanted(StrEnum):
    RUNNING = "running"
    FAILED = "failed"


class View(Protocol):
    """Where events are shown."""

    def show(self, events: list[Event]) -> None: ...
    def close(self) -> None: ...


def register(app: App) -> None:
    app.add("watch", watch)


def watch(
    paths: Annotated[
        list[str] | None,
        Argument(
            metavar="[PATH|UNIT]...",
            help="Log files (they need not be there yet), directories, or - for standard input; with --journal, words without / are units.",
            show_default=False,
        ),
    ] = None,
    journal: Annotated[
        bool, Option("--journal", help="Follow the journal of this machine: of the units given, else k3s and k3s-agent.")
    ] = False,
    since: Annotated[
        str | None,
        Option(metavar="TIME", help="With --journal: from then on, as journalctl takes it; else this boot.", show_default=False),
    ] = None,
    form: Annotated[
        Form, Option("--format", "-f", help="A live view (plain lines where no terminal is), or one JSON object a line.")
    ] = Form.TERMINAL,
    until: Annotated[
        Wanted | None,
        Option("--until", help="Wait for this outcome: exit with 0 if it comes, with 1 if the other does.", show_default=False),
    ] = None,
    stage: Annotated[
        str | None,
        Option(
            "--stage", metavar="STAGE", help="The stage that counts as running; by default network (the node is Ready).", show_default=False
        ),
    ] = None,
    timeout: Annotated[
        str | None, Option("--timeout", metavar="TIME", help="Give up after 90s, 5m or 1h, with exit code 124.", show_default=False)
    ] = None,
    grace: Annotated[str, Option("--grace", metavar="TIME", help="How long an outcome must stand before it counts.")] = "10s",
    packs: _options.Packs = None,
    year: _options.Year = None,
    tz: _options.Zone = None,
    redact: _options.Redact = True,
) -> int:
    """Follow logs that grow: the stages as they are reached, new findings, restarts, recovery. Ctrl-C ends with the verdict so far."""
    from k3slogs.watching import Watch

    goal = _goal(until, stage, _options.seconds("--grace", grace))
    limit = _options.seconds("--timeout", timeout) if timeout else None
    book = _options.book(packs)
    given = _given(paths or [], journal=journal, since=since)
    watch = Watch(given, rules=book, year=year, tz=tz, redact=redact)
    with _view(form, watch) as view, _output.terminated():
        return _exit_code(watch, goal, _follow(watch, goal, limit, view))


def _given(words: list[str], *, journal: bool, since: str | None) -> list[str | Journal]:
    """What to follow: with the journal, a word that could be no path is a unit."""
    from k3slogs.errors import UsageError
    from k3slogs.sources.live import Journal

    if not journal:
        if since is not None:
            raise UsageError("--since goes with --journal")
        if not words:
            raise UsageError("what to watch? name log files or directories, - for standard input, or --journal")
        return [*words]
    units = [word for word in words if "/" not in word and word != "-"]
    return [*(word for word in words if word not in units), Journal(*units, since=since)]


def _goal(until: Wanted | None, stage: str | None, grace: float) -> Goal | None:
    from k3slogs.errors import UsageError
    from k3slogs.taxonomy import Stage
    from k3slogs.watching import Goal, Until
    from k3slogs.yamlfile import closest

    if stage is not None and stage not in set(Stage):
        raise UsageError(f"--stage: {stage!r} is no stage ({closest(stage, list(Stage)) or ', '.join(Stage)})")
    if stage is not None and until is not Wanted.RUNNING:
        raise UsageError("--stage says what --until running waits for: give both")
    return Goal(Until(until), Stage(stage) if stage else None, grace) if until else None


def _follow(watch: Watch, goal: Goal | None, limit: float | None, view: View) -> int | None:
    """Poll until the goal stands, time is up, or nothing more can come. Returns the exit code that is sure already."""
    started = time.monotonic()
    code = None
    try:
        while code is None:
            view.show(watch.poll())
            now = time.monotonic()
            found = goal.settled(watch.diagnosis, now) if goal else None
            if goal and found and not (found.value == Wanted.RUNNING.value and watch.missing):
                code = _output.Exit.OK if found is goal.until else _output.Exit.FOUND
            elif watch.ended:
                break
            elif limit is not None and now - started >= limit:
                code = _output.Exit.TIMEOUT if goal else _output.Exit.OK
            elif not watch.busy:
                time.sleep(POLL)
    except KeyboardInterrupt:
        code = _output.Exit.INTERRUPTED
    view.show(watch.finish())
    return code


def _exit_code(watch: Watch, goal: Goal | None, code: int | None) -> int:
    """What is known at the end of all sources; an input that could not be followed counts where no goal was reached."""
    for failure in watch.failures:
        _output.complain(f"k3slogs: {failure}")
    if code == _output.Exit.INTERRUPTED:
        return code
    if watch.failures and (goal is None or not watch.lines):
        return _output.Exit.UNREADABLE
    if code is not None or goal is None:
        return code or _output.Exit.OK
    return _output.Exit.OK if goal.final(watch.diagnosis) is goal.until else _output.Exit.FOUND


@contextmanager
def _view(form: Form, watch: Watch) -> Iterator[View]:
    from k3slogs.cli import _views

    if form is Form.JSONL:
        view: View = _Lines()
    elif sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        view = _views.Live(watch)
    else:
        view = _views.Plain(watch)
    try:
        yield view
    finally:
        view.close()


class _Lines:
    """One JSON object a line."""

    def show(self, events: list[Event]) -> None:
        for event in events:
            _output.write(json.dumps(event.as_json(), ensure_ascii=False) + "\n")

    def close(self) -> None:
        return
