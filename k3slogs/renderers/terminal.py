"""The report for a terminal: the verdict in the first ten lines, then the rest."""

from __future__ import annotations

import textwrap
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from k3slogs.renderers import _words as words
from k3slogs.taxonomy import Effect, Outcome, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sized

    from k3slogs.document import Document, FindingEntry, Rung, TimelineEntry

WIDTH = 120
MAX_ROWS = 24
OUTCOMES = {
    Outcome.RUNNING: "bold green",
    Outcome.DEGRADED: "bold yellow",
    Outcome.FAILED: "bold red",
    Outcome.INCONCLUSIVE: "bold magenta",
}
EFFECTS = {Effect.FATAL: "red", Effect.DEGRADED: "yellow", Effect.SYMPTOM: "cyan", Effect.BENIGN: "green", Effect.MILESTONE: "blue"}
STANDINGS = {
    Standing.REACHED: "green",
    Standing.ENTERED: "yellow",
    Standing.BLOCKED: "bold red",
    Standing.NEVER_REACHED: "dim",
    Standing.NOT_APPLICABLE: "dim",
}


def render(document: Document, *, width: int = WIDTH, colour: bool = False) -> str:
    """The report as text, `width` columns wide, with ANSI colours if asked for."""
    parts = (_verdict, _nodes, _stages, _chain, _host, _findings, _timeline, _benign, _unknown, _footer)
    return _rendered(parts, document, width=width, colour=colour)


def brief(document: Document, *, width: int = WIDTH, colour: bool = False) -> str:
    """The head of the report: the verdict, the stages, what followed from what."""
    return _rendered((_verdict, _nodes, _stages, _chain), document, width=width, colour=colour)


def _rendered(parts: Iterable[Callable[[Console, Document], None]], document: Document, *, width: int, colour: bool) -> str:
    console = Console(
        file=StringIO(), width=max(width, 40), force_terminal=colour, color_system="standard" if colour else None,
        no_color=not colour, highlight=False, markup=False, emoji=False, legacy_windows=False,
    )  # fmt: skip
    for part in parts:
        part(console, document)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _verdict(console: Console, document: Document) -> None:
    verdict = document.verdict
    line = Text(f"{verdict.outcome.upper()} {words.where_it_stopped(document)}", style=OUTCOMES[verdict.outcome])
    line.append(f"  {words.headline(document)}", style="bold")
    _one_line(console, line)
    root = verdict.root_cause
    if root is not None:
        _fact(console, "rule", f"{root.rule}  ({root.category}, {root.effect}{', resolved' if root.resolved else ''})")
        _fact(console, "sure", f"{verdict.confidence}: {verdict.reason}")
        seen = words.effect_of_fact(document)
        if seen:
            place = words.place(root.evidence)
            _fact(console, "fact", f"{place}  {words.elided(root.evidence.text, max(console.width - len(place) - 11, 20))}")
        evidence = seen or root.evidence
        _fact(console, "line", f"{words.place(evidence)}  {words.moment(evidence.timestamp)}")
        _fact(console, "", words.elided(evidence.text, console.width - 9), style="italic")
        _paragraph(console, "means", root.cause, 1 if seen else 2)
    for number, remedy in enumerate(verdict.remedy[:2], 1):
        _fact(console, "try" if number == 1 else "", f"{number}. {words.step(remedy)}")
    if len(verdict.remedy) > 2 and root is not None:
        _fact(console, "", f"{len(verdict.remedy) - 2} more: k3slogs explain {root.rule}")


def _nodes(console: Console, document: Document) -> None:
    if len(document.nodes) < 2:
        return
    _heading(console, "Nodes")
    width = max(len(words.node(entry.node)) for entry in document.nodes)
    for entry in document.nodes[:MAX_ROWS]:
        line = Text(f"{entry.outcome.upper():<13}", style=OUTCOMES[entry.outcome])
        line.append(f"{words.node(entry.node):<{width}}  ", style="bold")
        line.append(words.of_node(entry))
        if entry.evidence:
            line.append(f"  {words.place(entry.evidence, words.base(document))}", style="dim")
        _one_line(console, line)
    _more(console, document.nodes)
    for text in words.cluster(document):
        console.print(Text(text))


def _paragraph(console: Console, name: str, text: str, most: int) -> None:
    """A fact that may take some lines; what does not fit is cut off."""
    lines = textwrap.wrap(text, console.width - 9)
    kept = lines[:most]
    if len(lines) > most:
        kept[-1] = textwrap.shorten(" ".join(lines[most - 1 :]), console.width - 9, placeholder=" …")
    for number, line in enumerate(kept):
        _fact(console, "" if number else name, line)


def _fact(console: Console, name: str, value: str, *, style: str = "") -> None:
    line = Text(f"  {name:<7}", style="dim")
    line.append(value, style=style)
    _one_line(console, line)


def _one_line(console: Console, line: Text) -> None:
    line.truncate(console.width, overflow="ellipsis")
    console.print(line, no_wrap=True)


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold underline"))


def _stages(console: Console, document: Document) -> None:
    _heading(console, "Stages")
    console.print(strip(document.stages))
    console.print(Text(words.LEGEND, style="dim"))


def strip(stages: Iterable[Rung]) -> Text:
    """The ladder in a line."""
    line = Text()
    for number, rung in enumerate(stages):
        line.append("  " if number else "")
        line.append(f"{words.MARKS[rung.status]} {rung.stage}".replace(" ", "\u00a0"), style=STANDINGS[rung.status])
    return line


def _chain(console: Console, document: Document) -> None:
    chain = words.chain(document)
    base = words.base(document)
    if len(chain) < 2:
        return
    _heading(console, "What followed from what")
    for depth, finding in enumerate(chain):
        evidence = finding.evidence[0]
        line = Text("   " * min(depth, 8) + ("└─ " if depth else ""))
        line.append(finding.rule, style=EFFECTS[finding.effect])
        line.append(f"  {words.place(evidence, base)}  ", style="dim")
        line.append(finding.title)
        _one_line(console, line)


def _host(console: Console, document: Document) -> None:
    """Files beside the logs told of the node: what is known of it, and where that stands."""
    if not document.environment.facts:
        return
    _heading(console, "Node")
    console.print(Text(", ".join(f"{name} {value}" for name, value in words.host(document))))
    if document.environment.flags:
        console.print(Text(f"flags {' '.join(document.environment.flags)}"))
    console.print(Text(f"from {', '.join(words.facts_from(document))}", style="dim"))


def _findings(console: Console, document: Document) -> None:
    found = words.faults(document)
    base = words.base(document)
    if not found:
        return
    _heading(console, "Findings")
    groups: dict[tuple[str, str], list[FindingEntry]] = {}
    for finding in found:
        groups.setdefault((finding.rule, words.state(finding, document)), []).append(finding)
    for first, *others in list(groups.values())[:MAX_ROWS]:
        place = words.place(first.evidence[0], base)
        line = Text(f"{first.effect:<9}", style=EFFECTS[first.effect])
        line.append(f"{first.stage:<14}{first.count:>5} x  {_standing(first, document):<13}", style="dim")
        title = f"{first.title} (and {len(others)} like it)" if others else first.title
        line.append(words.cut(title, console.width - len(line) - len(place) - 2))
        line.append(f"  {place}", style="dim")
        _one_line(console, line)
    _more(console, list(groups))


def _standing(finding: FindingEntry, document: Document) -> str:
    """Its state in one word; what it follows from stands in the chain."""
    return "follows" if finding.caused_by and not finding.resolved and not finding.tolerated else words.state(finding, document)


def _more(console: Console, rows: Sized) -> None:
    if len(rows) > MAX_ROWS:
        console.print(Text(f"... and {len(rows) - MAX_ROWS} more (--format json holds all)", style="dim"))


def _timeline(console: Console, document: Document) -> None:
    rows = list(document.timeline)
    base = words.base(document)
    if not rows:
        return
    _heading(console, "Timeline")
    if len(document.attempts) > 1:
        for entry in document.attempts:
            console.print(Text(f"attempt {entry.number}: {words.attempt(entry, base)}"))
    for row in _chosen(rows):
        line = Text(f"{words.clock(row.timestamp)}  ", style="dim")
        line.append(row.text, style=EFFECTS.get(row.effect, "") if row.effect else "")
        if row.count > 1:
            line.append(f"  x {row.count}", style="bold")
        line.append(f"  {row.source.removeprefix(base)}:{row.line}", style="dim")
        _one_line(console, line)
    if len(rows) > MAX_ROWS:
        console.print(Text(f"({len(rows)} rows in all; --format json holds them)", style="dim"))


def _chosen(rows: list[TimelineEntry]) -> list[TimelineEntry]:
    """The last rows: the end is what a person at a dead node looks for."""
    return rows[-MAX_ROWS:]


def _benign(console: Console, document: Document) -> None:
    found = words.benign(document)
    if not found:
        return
    _heading(console, "Harmless, though it may look bad")
    for finding in sorted(found, key=lambda finding: -finding.count)[:MAX_ROWS]:
        line = Text(f"{finding.count:>6} x ", style="green")
        line.append(finding.title)
        if rate := words.rate(finding):
            line.append(f" ({rate})")
        line.append(f": {finding.cause}", style="dim")
        _one_line(console, line)
    _more(console, found)


def _unknown(console: Console, document: Document) -> None:
    if not document.unknown:
        return
    _heading(console, "Unknown warnings and errors")
    for shape in document.unknown[:10]:
        line = Text(f"{shape.count:>6} x {shape.level:<7} ")
        line.append(shape.shape)
        _one_line(console, line)
        hint = f"  looks like {shape.looks_like}" if shape.looks_like else ""
        console.print(Text(f"{'':>17}{words.place(shape.example, words.base(document))}{hint}", style="dim"))
    if len(document.unknown) > 10:
        console.print(Text(f"... and {len(document.unknown) - 10} more shapes (--format json holds them)", style="dim"))


def _footer(console: Console, document: Document) -> None:
    console.print()
    _wrapped(console, "Coverage", [words.coverage(document)])
    _wrapped(console, "Assumed", document.assumptions)
    _wrapped(console, "Copies", [f"{entry.source} is a copy of {entry.copy_of}" for entry in document.inputs if entry.copy_of])
    _wrapped(console, "Bundle", words.bundles(document))
    _wrapped(console, "Problems", words.gathered([(entry.source, problem) for entry in document.inputs for problem in entry.problems]))
    _wrapped(console, "Empty", words.gathered([(entry.source, "") for entry in document.inputs if not entry.bytes]))
    _wrapped(console, "Not read", words.gathered([(entry.path, entry.reason) for entry in document.skipped]))


def _wrapped(console: Console, name: str, texts: Iterable[str]) -> None:
    for text in texts:
        line = Text(f"{name}: ", style="dim")
        line.append(text)
        console.print(line)
