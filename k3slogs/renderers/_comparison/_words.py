"""What the forms of a comparison share: the table as texts, and the sentences below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.comparison.cells import heading
from k3slogs.renderers._words import MARKS, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.comparison import Blocker, Change, ComparisonDocument, RunEntry

NOTED = "*"
LEGEND = f"{NOTED} as its author noted; no log proves it"
LEGEND_ALL = "All as their author noted; no logs were read."
MAX_RULES = 6
MAX_BEHIND = 4
"""Runs behind the best one whose differences are told."""


def labels(document: ComparisonDocument) -> dict[str, str]:
    """The short label of each run, by its name."""
    return {run.name: run.cells["experiment"].note.partition(":")[0] for run in document.runs}


def table(document: ComparisonDocument, *, transpose: bool = False) -> list[list[str]]:
    """Rows of texts, the heading first."""
    rows = [[heading(name) for name in document.columns]]
    mixed = any(run.proved for run in document.runs)
    rows += [[_text(run, name, marked=mixed) for name in document.columns] for run in document.runs]
    return [list(column) for column in zip(*rows, strict=True)] if transpose else rows


def _text(run: RunEntry, name: str, *, marked: bool) -> str:
    cell = run.cells.get(name)
    if cell is None:
        return ""
    return f"{cell.text}{NOTED}" if marked and cell.noted and not run.proved else cell.text


def legend(document: ComparisonDocument) -> str:
    """What the mark beside a cell means, if there is one."""
    noted = sum(not run.proved for run in document.runs)
    return "" if not noted else LEGEND_ALL if noted == len(document.runs) else LEGEND


def strip(run: RunEntry) -> str:
    """The ladder in one mark a rung."""
    return "".join(MARKS[rung.status] for rung in run.stages)


def differences(document: ComparisonDocument) -> Iterator[str]:
    """What sets the best run apart from the next ones; the JSON document has it for all."""
    told = [difference.text for difference in document.differences if difference.text]
    yield from told[:MAX_BEHIND]
    if len(told) > MAX_BEHIND:
        yield f"{plural(len(told) - MAX_BEHIND, 'run')} further behind: --format json tells of each"


def change(document: ComparisonDocument, each: Change) -> Iterator[str]:
    """One change as a few sentences: where it stops now, then what is new, gone and persisting."""
    if each.text:
        yield each.text
    for word, rules in (("new", each.new), ("gone", each.gone), ("persisting", each.persisting)):
        if rules:
            shown = [document.titles.get(rule, rule) for rule in rules[:MAX_RULES]]
            more = [f"{len(rules) - MAX_RULES} more"] if len(rules) > MAX_RULES else []
            yield f"{word}: {'; '.join([*shown, *more])}"


def blocker(document: ComparisonDocument, each: Blocker) -> str:
    """When a rung stopped runs, and when it fell."""
    names = labels(document)
    by = f" with {', '.join(each.by[:MAX_RULES])}" if each.by else ""
    past = f"; {_some([names[name] for name in each.earlier])} had got past it" if each.earlier else "; still stands"
    fell = f"; fell in {names[each.fell_in]}{by}" if each.fell_in else past
    again = f"; again in {_some([names[name] for name in each.again])}" if each.again else ""
    return f"{each.stage}: stopped {_some([names[name] for name in each.blocked])}{fell}{again}"


def _some(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= MAX_RULES else f"{plural(len(names), 'run')}, {names[0]} to {names[-1]}"


def warnings(document: ComparisonDocument) -> Iterator[tuple[str, str]]:
    """Run and sentence: what is missing, and where notes and logs disagree."""
    names = labels(document)
    for run in document.runs:
        if run.proved:  # of runs without logs the legend tells
            yield from ((names[run.name], text) for text in run.problems)
        else:
            yield from ((names[run.name], text) for text in run.problems if not text.startswith("no logs"))
        yield from ((names[run.name], text) for text in run.contradictions)
