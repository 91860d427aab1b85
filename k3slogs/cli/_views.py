"""Events of a watch for a person: lines that are appended, and in a terminal a ladder below them that is kept up to date."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live as Panel
from rich.text import Text

from k3slogs.cli import _output
from k3slogs.document import AttemptEntry, FindingEntry, Rung, Verdict
from k3slogs.renderers import _words as words
from k3slogs.renderers import terminal
from k3slogs.watching.events import Happening, evidence

if TYPE_CHECKING:
    from k3slogs.watching import Event, Watch

_BLANK = " " * len(words.clock(None))


def line(event: Event) -> Text:
    """An event in one line: when, what, where."""
    seen = evidence(event)
    text = Text(f"{words.clock(seen.timestamp) if seen else _BLANK}  ", style="dim")
    match event.part:
        case Rung():
            text.append(
                f"{words.MARKS[event.part.status]} {event.part.stage} {event.part.status}", style=terminal.STANDINGS[event.part.status]
            )
        case FindingEntry():
            _finding(text, event.part, event.event)
        case AttemptEntry():
            return _attempt(event.part, event.event)
        case Verdict():
            _verdict(text, event.part, event.event)
        case _:
            text.append(f"{event.source}: {event.text}", style="magenta")
    if seen:
        text.append(f"  {words.place(seen)}", style="dim")
    if isinstance(event.part, Rung) and seen:
        text.append(f"  {words.cut(seen.text, 100)}", style="dim")
    return text


def _finding(text: Text, finding: FindingEntry, event: Happening) -> None:
    gone = event is Happening.RESOLVED
    text.append("resolved" if gone else finding.effect, style="green" if gone else terminal.EFFECTS[finding.effect])
    text.append(f" {finding.stage}: ", style="dim")
    text.append(finding.title)
    text.append(f"  ({finding.rule})", style="dim")


def _attempt(entry: AttemptEntry, event: Happening) -> Text:
    begins = event is Happening.ATTEMPT_BEGINS
    text = Text(f"{words.clock(entry.start if begins else entry.end)}  ", style="dim")
    text.append(
        f"attempt {entry.number} begins: {entry.process}" if begins else f"attempt {entry.number} ends: {words.attempt(entry)}",
        style="bold",
    )
    return text


def _verdict(text: Text, verdict: Verdict, event: Happening) -> None:
    if event is Happening.RECOVERED:
        text.append("recovered: ", style="bold green")
        text.append(f"{words.stopped(verdict)}: {words.said(verdict)}")
        return
    text.append(f"{verdict.outcome.upper()} {words.stopped(verdict)}  ", style=terminal.OUTCOMES[verdict.outcome])
    text.append(words.said(verdict), style="bold")


class Plain:
    """Appends a line an event; at the end the verdict as `analyze` prints it."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def show(self, events: list[Event]) -> None:
        for event in events:
            _output.write(terminal.brief(self._watch.document()) if event.final else f"{line(event).plain}\n")

    def close(self) -> None:
        return


class Live:
    """Events scroll by; below them stand the verdict and the ladder of the current attempt."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._console = Console(no_color=bool(os.environ.get("NO_COLOR")), highlight=False, markup=False, emoji=False)
        self._panel = Panel(self._status(), console=self._console, auto_refresh=False, transient=True)
        self._panel.start()

    def show(self, events: list[Event]) -> None:
        for event in events:
            if event.final:
                self._panel.stop()
                _output.write(terminal.brief(self._watch.document(), **_output.screen()))
            else:
                self._console.print(line(event), no_wrap=True, overflow="ellipsis")
        self._panel.update(self._status(), refresh=self._panel.is_started)

    def close(self) -> None:
        self._panel.stop()

    def _status(self) -> Group:
        watch = self._watch
        verdict = watch.verdict()
        head = Text(f"{verdict.outcome.upper()} {words.stopped(verdict)}  ", style=terminal.OUTCOMES[verdict.outcome])
        head.append(words.said(verdict), style="bold")
        head.truncate(self._console.width, overflow="ellipsis")
        following = (
            f"{words.plural(watch.lines, 'line')} of {words.plural(len(watch.sources), 'source')} read; Ctrl-C ends with the verdict"
        )
        return Group(Text("─" * self._console.width, style="dim"), head, terminal.strip(watch.stages()), Text(following, style="dim"))
