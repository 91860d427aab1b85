"""Texts that Markdown shows as they stand, and the templates that are filled with them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment

_SPECIAL = re.compile(
    r"([\\`*\[\]<|~]|&(?=[#\w])|(?<![^\W_])_|_(?![^\W_])|^[>#]|^[-+=](?=[-+=\s]|$)|(?<=^\d)[.)](?=\s|$)|(?<=^\d\d)[.)](?=\s|$))"
)


def environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the output is Markdown, and every text passes `escape` or `code`
    )
    made.filters.update(FILTERS)
    return made


def tidy(text: str) -> str:
    """One blank line between sections, none at the end."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def escape(text: object) -> str:
    """Text that Markdown shows as it stands, within a line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def code(text: object) -> str:
    """A code span, whatever backticks the text holds."""
    line = " ".join(str(text).split())
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def cell(text: object) -> str:
    """A code span inside a table, where a bar ends the cell even in code; a backslash before one has no way to be code."""
    return escape(text) if "\\|" in str(text) else code(text).replace("|", "\\|")


def fence(text: object, language: str = "text") -> str:
    """A fenced block, with a fence longer than any run of backticks in it."""
    body = str(text).rstrip("\n")
    ticks = "`" * max(3, max((len(run) for run in re.findall(r"`+", body)), default=0) + 1)
    return f"{ticks}{language}\n{body}\n{ticks}"


FILTERS: dict[str, Callable[..., str]] = {"escape": escape, "code": code, "cell": cell, "fence": fence}
