"""A template, the style and the script, put into one page whose policy lets nothing else run."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from k3slogs.renderers import _words as words

_HERE = Path(__file__).parent


def page(template: str, **context: Any) -> str:
    """The filled template; whatever stands in `context` is text, never markup."""
    style, script = _asset("page.css"), _asset("page.js") + _asset("timeline.js")
    return (
        _environment()
        .get_template(template)
        .render(
            context,
            words=words,
            style=style,
            script=script,
            style_hash=_hash(style),
            script_hash=_hash(script),
        )
        .rstrip()
        + "\n"
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip


def _asset(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


def _hash(text: str) -> str:
    """As a content security policy names an inline text."""
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()
