"""A comparison for a terminal: the table, who got furthest, what differs, what changed."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from k3slogs.renderers._comparison import _words as words
from k3slogs.renderers._words import LEGEND

if TYPE_CHECKING:
    from k3slogs.comparison import ComparisonDocument

WIDTH = 120
_STATES = (("yes", "green"), ("no", "red"), ("N/A", "dim"), ("unknown", "yellow"))


def render(document: ComparisonDocument, *, transpose: bool = False, width: int = WIDTH, colour: bool = False) -> str:
    """The comparison as text, `width` columns wide, with ANSI colours if asked for."""
    console = Console(
        file=StringIO(), width=max(width, 60), force_terminal=colour, color_system="standard" if colour else None,
        no_color=not colour, highlight=False, markup=False, emoji=False, legacy_windows=False,
    )  # fmt: skip
    _table(console, document, transpose=transpose)
    _furthest(console, document)
    _ladders(console, document)
    _blockers(console, document)
    _changes(console, document)
    _warnings(console, document)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _table(console: Console, document: ComparisonDocument, *, transpose: bool) -> None:
    head, *rows = words.table(document, transpose=transpose)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False, row_styles=[""])
    for number, name in enumerate(head):
        table.add_column(Text(name), overflow="fold", no_wrap=False, style="bold" if number == 0 else "")
    for row in rows:
        table.add_row(*(Text(text, style=_style(text)) for text in row))
    console.print(table)
    if legend := words.legend(document):
        console.print(Text(legend, style="dim"))


def _style(text: str) -> str:
    return next((style for word, style in _STATES if text == word or text.startswith((f"{word} ", f"{word}:", f"{word}*"))), "")


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold underline"))


def _furthest(console: Console, document: ComparisonDocument) -> None:
    _heading(console, "Furthest")
    console.print(Text(document.verdict, style="bold"))
    console.print(Text(f"by: {document.criterion}", style="dim"))
    for text in words.differences(document):
        console.print(Text(f"- {text}"))


def _ladders(console: Console, document: ComparisonDocument) -> None:
    _heading(console, "Ladders")
    names = words.labels(document)
    wide = max(len(name) for name in names.values())
    for run in document.runs:
        line = Text(f"{names[run.name]:<{wide}}  {words.strip(run)}  ")
        line.append(f"blocked at {run.blocked_stage}" if run.blocked_stage else f"furthest {run.furthest_stage or 'none'}", style="dim")
        console.print(line)
    console.print(Text(f"rungs from process to running: {LEGEND}", style="dim"))


def _blockers(console: Console, document: ComparisonDocument) -> None:
    if not document.blockers or len(document.runs) < 2:
        return
    _heading(console, "Blockers, rung by rung")
    for each in document.blockers:
        console.print(Text(f"- {words.blocker(document, each)}"))


def _changes(console: Console, document: ComparisonDocument) -> None:
    shown = [(each, list(words.change(document, each))) for each in document.changes]
    if not any(texts for _, texts in shown):
        return
    _heading(console, "From run to run")
    names = words.labels(document)
    for each, texts in shown:
        if texts:
            console.print(Text(f"{names[each.before]} -> {names[each.after]}", style="bold"))
            for text in texts:
                console.print(Text(f"  {text}"))


def _warnings(console: Console, document: ComparisonDocument) -> None:
    found = list(words.warnings(document))
    if found:
        _heading(console, "Mind")
        for name, text in found:
            console.print(Text(f"- {name}: {text}"))
