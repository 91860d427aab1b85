"""Hostile words of logs and authors: escaped they are read back as they were, and in write-ups they are nothing but text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

import k3slogs
from k3slogs.renderers._markdown import escape
from tests.conftest import HEALTHY, klog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from markdown_it.token import Token

    from k3slogs import RuleBook

PIECES = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a | b || c", "`code` ``more`` ```", "# heading", "## Timeline", "[x](http://evil)",
    "![x](http://evil)", "<http://evil>", "**bold** __bold__ *i* _i_ ~~gone~~", "- item", "1. item", "> quote", "\\| \\` \\", "---", "&lt;b&gt; &#60;",
    "| a | b |", "<!-- comment -->", "</details>", "snake_case_name and 2 * 3 * 4", "[x]: http://evil", "- [ ] task", "= = =", "`",
)  # fmt: skip
HOSTILE = " ".join(PIECES)


def read(text: str) -> list[Token]:
    return MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(text)


def flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or [])


def headings(text: str) -> list[str]:
    tokens = read(text)
    return [tokens[index + 1].content for index, token in enumerate(tokens) if token.type == "heading_open"]


def assert_only_text(text: str, *, of: str) -> None:
    """No markup that the same document without the hostile text has not."""
    tokens = list(flat(read(text)))
    for kind in ("html_inline", "html_block", "link_open", "image", "em_open", "s_open", "blockquote_open", "hr", "code_block"):
        calm = sum(token.type == kind for token in flat(read(of)))
        assert sum(token.type == kind for token in tokens) <= calm, kind
    assert len(headings(text)) == len(headings(of))


def assert_whole_tables(text: str) -> None:
    """Every row has the cells of its table's heading, as a forge counts them: a bar behind an even number of backslashes ends a cell."""
    table: list[int] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            table.append(sum(len(match[1]) % 2 == 0 for match in re.finditer(r"(\\*)\|", line)))
        else:
            assert len(set(table)) <= 1, line
            table = []
    bars = sum(line.startswith("|---") for line in text.splitlines())
    assert sum(token.type == "table_open" for token in read(text)) == bars


def log(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    lines = [
        klog(f"unknown {quoted}", second=20),
        klog("Failed to start ContainerManager", second=21, err=f"failed to get rootfs info: {quoted}"),
    ]
    sandbox = f'time="2026-11-23T05:00:22Z" level=error msg="RunPodSandbox for x failed" error="{quoted}: not a cgroup file"'
    return HEALTHY + "\n".join([*lines, sandbox]) + "\n"


@pytest.mark.parametrize("piece", PIECES)
def test_escaped_text_is_read_back_as_it_was(piece: str) -> None:
    for shape in ("{}", "- {}", "before {} after"):
        tokens = [token for token in flat(read(shape.format(escape(piece)))) if token.type in {"text", "text_special"}]
        assert "".join(token.content for token in tokens) == shape.removeprefix("- ").format(" ".join(piece.split()))


def test_hostile_text_is_text_in_comparisons_and_write_ups(tmp_path: Path, book: RuleBook) -> None:
    def pages(text: str) -> tuple[str, str]:
        for name in ("one", "two"):
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            (folder / "k3s.log").write_text(log(text))
            facts = {
                "title": text,
                "runtime": text,
                "flags": [text],
                "columns": {"Mine": text},
                "observed": {"result": text},
                "status": text,
            }
            (folder / "experiment.yaml").write_text(json.dumps(facts if name == "one" else {**facts, "flags": ["server"]}))
        runs = [tmp_path / "one", tmp_path / "two"]
        compared = k3slogs.compare(runs, rules=book, year=2026).to_markdown()
        return compared, k3slogs.writeup(runs[0], compare=runs[1:], rules=book, year=2026)

    for calm, wild in zip(pages("calm"), pages(HOSTILE), strict=True):
        assert_only_text(wild, of=calm)
        assert_whole_tables(wild)


def test_the_authors_markdown_is_kept(tmp_path: Path, book: RuleBook) -> None:
    (tmp_path / "k3s.log").write_text(HEALTHY)
    (tmp_path / "experiment.yaml").write_text(json.dumps({"notes": "## My own\n\n| a | b |\n|---|---|\n| 1 | `x` |", "context": "**so**"}))
    text = k3slogs.writeup(tmp_path, rules=book, year=2026)
    assert "My own" in headings(text)
    assert any(token.type == "strong_open" for token in flat(read(text)))
