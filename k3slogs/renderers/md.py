"""The report as Markdown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from k3slogs.renderers import _words as words

if TYPE_CHECKING:
    from k3slogs.document import Document

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~])")


def render(document: Document) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the output is Markdown, and every text passes `escape` or `code`
    )
    environment.filters.update(escape=escape, code=code, cell=cell, fence=fence)
    return environment.get_template("md.md.j2").render(document=document, words=words)


def escape(text: object) -> str:
    """Text that Markdown shows as it stands."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def code(text: object) -> str:
    """A code span, whatever backticks the text holds."""
    line = " ".join(str(text).split())
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def cell(text: object) -> str:
    """A code span inside a table, where a bar ends the cell even in code."""
    return code(text).replace("|", "\\|")


def fence(text: object) -> str:
    """A fenced block, with a fence longer than any run of backticks in it."""
    body = str(text)
    ticks = "`" * max(3, max((len(run) for run in re.findall(r"`+", body)), default=0) + 1)
    return f"{ticks}text\n{body}\n{ticks}"
