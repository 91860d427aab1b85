"""Markdown as GitHub reads it: whatever a log holds, it shows as text, and tables keep their cells."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

import k3slogs
from tests.hostile import MARKDOWN, MARKUP, hostile_logs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from markdown_it.token import Token

    from k3slogs import RuleBook

HEADINGS = {
    "What to try", "Stages", "What followed from what", "Findings", "Timeline", "Harmless, though it may look bad",
    "Unknown warnings and errors", "What was read", "Furthest", "Ladders", "Blockers, rung by rung", "From run to run", "Mind",
}  # fmt: skip
FOREIGN = {"html_block", "html_inline", "link_open", "image", "em_open", "s_open", "hr", "blockquote_open", "code_block"}


def parsed(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


def flat(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or [])


def shown(token: Token) -> str:
    """What a reader sees of an inline token."""
    return "".join(child.content for child in token.children or [])


def inside(tokens: Sequence[Token], kind: str) -> list[str]:
    return [shown(after) for token, after in pairwise(tokens) if token.type == kind]


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory, book: RuleBook) -> k3slogs.Analysis:
    return k3slogs.analyze(hostile_logs(tmp_path_factory.mktemp("hostile"), (*MARKUP, *MARKDOWN)), rules=book)


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory, book: RuleBook) -> str:
    folders: list[Path] = []
    for number, pieces in enumerate((MARKUP, MARKDOWN)):
        folder = tmp_path_factory.mktemp(f"run{number}") / f"run {number} | <b> `x` [l](u)"
        folder.mkdir()
        folders.append(hostile_logs(folder, pieces))
    return k3slogs.compare(folders, rules=book).render("md")


@pytest.fixture(params=["analysis", "analysis with mermaid", "comparison"])
def text(request: pytest.FixtureRequest) -> str:
    if request.param == "comparison":
        return str(request.getfixturevalue("comparison"))
    analysis: k3slogs.Analysis = request.getfixturevalue("analysis")
    return analysis.to_markdown(mermaid="mermaid" in request.param)


def test_log_text_makes_no_markup(text: str) -> None:
    tokens = parsed(text)
    assert {token.type for token in flat(tokens)} & FOREIGN == set()
    title, *headings = inside(tokens, "heading_open")
    assert title.startswith(("Failed", "Comparison"))
    assert set(headings) <= HEADINGS


def test_a_table_has_the_cells_of_its_header_in_every_row(text: str) -> None:
    """Counted in the source: a reader of Markdown fills up and cuts off what does not fit."""
    lines = text.splitlines()
    tables = [token.map for token in parsed(text) if token.type == "table_open" and token.map]
    assert tables
    for first, end in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines[first:end]}) == 1


def test_tables_say_what_the_document_says(analysis: k3slogs.Analysis) -> None:
    tokens = parsed(analysis.to_markdown())
    cells = {" ".join(cell.split()) for cell in inside(tokens, "td_open")}
    assert len(analysis.unknown) > 5
    for shape in analysis.unknown:
        assert " ".join(shape.shape.split()) in cells
    for finding in analysis.findings:
        if finding.effect != "milestone":
            assert " ".join(finding.title.split()) in cells


def test_a_chart_holds_nothing_that_ends_it(analysis: k3slogs.Analysis) -> None:
    charts = [token.content for token in parsed(analysis.to_markdown(mermaid=True)) if token.type == "fence" and token.info == "mermaid"]
    assert len(charts) == 1
    head, *lines = charts[0].splitlines()
    assert head == "gantt"
    tasks = [line.strip() for line in lines if not re.match(r"    (?:title|dateFormat|axisFormat|section) ", line)]
    assert tasks
    for task in tasks:
        assert re.fullmatch(r"[^:;#<>{}\"`%]+ :(?:(?:crit|active|milestone), )*\d+, (?:\d+|0ms)", task)
