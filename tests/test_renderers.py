"""Documents in words: every form says the same thing, every time, in the space that it has."""

from __future__ import annotations

import html
import io
import re
from typing import TYPE_CHECKING

import pytest
from pydantic_core import to_json
from rich.cells import cell_len

import k3slogs
from k3slogs import renderers
from k3slogs.document import Document, FindingEntry
from k3slogs.renderers import _markdown, md, terminal
from k3slogs.renderers import json as json_form
from k3slogs.renderers._mermaid import gantt
from k3slogs.taxonomy import Effect
from tests.conftest import HEALTHY, SEED, klog, opened

if TYPE_CHECKING:
    from k3slogs import RuleBook

LOGS = {"seed": SEED, "healthy": HEALTHY, "empty": ""}
NASTY = "a|b `c` ``d`` |e| \\| [x](y) <b> *f* _g_ #h"


@pytest.fixture(scope="module", params=sorted(LOGS))
def found(request: pytest.FixtureRequest, book: RuleBook) -> Document:
    return analyzed(LOGS[request.param], book)


def analyzed(text: str, book: RuleBook) -> Document:
    return k3slogs.analyze(io.BytesIO(text.encode()), rules=book, year=2026).document


@pytest.fixture(scope="module")
def nasty(book: RuleBook) -> Document:
    """The seed with hostile text wherever the log, not the rules, decides what stands."""
    document = analyzed(SEED + klog("unknown " + NASTY) + "\n", book)
    finding = document.findings[0]._replace(title=NASTY)
    evidence = document.findings[0].evidence[0]._replace(source=NASTY, text=NASTY)
    unknown = document.unknown[0]._replace(shape=NASTY, example=evidence)
    row = document.timeline[0]._replace(text=NASTY, source=NASTY)
    benign = finding._replace(effect=Effect.BENIGN, cause=NASTY, evidence=(evidence,))
    findings: tuple[FindingEntry, ...] = (finding, *document.findings, benign)
    return document._replace(findings=findings, unknown=(unknown,), timeline=(row, *document.timeline))


@pytest.mark.parametrize("name", renderers.names())
def test_a_form_is_filled_ends_its_last_line_and_is_the_same_every_time(found: Document, name: str) -> None:
    text = renderers.render(name, found)
    assert text.strip()
    assert text.endswith("\n")
    assert renderers.render(name, found) == text
    assert renderers.render(name, Document.from_json(json_form.render(found))) == text


@pytest.mark.parametrize("name", renderers.names())
def test_every_form_names_outcome_root_cause_and_its_line(name: str, book: RuleBook) -> None:
    text = renderers.render(name, analyzed(SEED, book))
    for expected in ("failed", "kubelet-rootfs-info-memory-cache", "<stream>"):
        assert expected in html.unescape(text).lower().replace("\\", "")


def test_json_is_the_document(found: Document, nasty: Document) -> None:
    """pydantic, which has a writer of its own, writes the same."""
    for document in (found, nasty):
        text = json_form.render(document)
        assert text.encode() == to_json(opened(document), indent=2) + b"\n"
        assert Document.from_json(text) == document


@pytest.mark.parametrize("width", [80, 200])
def test_the_terminal_says_the_verdict_in_ten_lines_and_keeps_its_width(found: Document, width: int) -> None:
    lines = terminal.render(found, width=width).splitlines()
    verdict = lines[: lines.index("")]
    assert len(verdict) <= 10
    assert verdict[0].startswith(found.verdict.outcome.upper())
    assert found.verdict.furthest_stage is None or f"stage {found.verdict.furthest_stage}" in " ".join(verdict)
    assert [line for line in lines if cell_len(line) > width] == []


@pytest.mark.parametrize("width", [1, 80])
def test_the_terminal_keeps_its_width_whatever_the_log_holds(nasty: Document, width: int) -> None:
    assert [line for line in terminal.render(nasty, width=width).splitlines() if cell_len(line) > max(width, 40)] == []


def test_colour_changes_no_word(found: Document) -> None:
    plain, coloured = terminal.render(found), terminal.render(found, colour=True)
    assert "\x1b[" in coloured
    assert "\x1b" not in plain
    assert [line.rstrip() for line in re.sub(r"\x1b\[[\d;]*m", "", coloured).splitlines()] == plain.splitlines()


def bars(row: str) -> int:
    """Bars that end a cell in GitHub's tables: those without a backslash right before them, in code or not."""
    return len(re.findall(r"(?<!\\)\|", row))


def tables(text: str) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("|"):
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [table for table in found if table]


def test_every_row_of_a_markdown_table_has_the_cells_of_its_header(found: Document, nasty: Document) -> None:
    for document in (found, nasty):
        text = md.render(document)
        assert tables(text)
        for header, rule, *rows in tables(text):
            assert set(rule) == {"|", "-"}
            assert [row for row in rows if bars(row) != bars(header)] == []


def test_a_code_span_holds_whatever_backticks_come() -> None:
    for text in ("`", "``x`", "a ``` b", "plain", "`x", "x`"):
        span = _markdown.code(text)
        ticks = re.match(r"`+", span)
        assert ticks
        inner = span[len(ticks[0]) : -len(ticks[0])]
        assert ticks[0] not in re.findall(r"`+", inner)
        assert inner.strip() == text


def test_a_fence_is_longer_than_any_in_it() -> None:
    block = _markdown.fence("one\n```\ntwo\n````\nthree").splitlines()
    assert block[0] == "`````text"
    assert block[-1] == "`````"


def test_log_text_makes_no_markdown(nasty: Document) -> None:
    text = md.render(nasty)
    outside_code = re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert not re.search(r"(?<!\\)\[x\]\(y\)|(?<!\\)<b>", outside_code)


def test_a_mermaid_chart_is_drawn_where_asked_and_log_text_is_no_syntax(found: Document, nasty: Document) -> None:
    assert "```mermaid" not in md.render(nasty)
    chart = gantt(nasty)
    assert ("dateFormat x" in chart) == any(row.timestamp for row in nasty.timeline)
    for line in chart.splitlines()[4:]:
        name, separator, rest = line.strip().partition(" :")
        assert line.startswith("    section ") or (separator and re.fullmatch(r"[\w ,.]*\d+, (?:\d+|0ms)", rest)), line
        assert not re.search(r"[:;#\"`<>{}%]", name), line
    rendered = md.render(found, mermaid=True)
    assert ("```mermaid\ngantt\n" in rendered) == any(row.timestamp for row in found.timeline)
