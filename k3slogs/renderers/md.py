"""The report as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.renderers import _words as words
from k3slogs.renderers._markdown import environment
from k3slogs.renderers._mermaid import gantt

if TYPE_CHECKING:
    from k3slogs.document import Document


def render(document: Document, *, mermaid: bool = False) -> str:
    """The report; with `mermaid` its timeline is drawn as well, where forges show such a chart."""
    chart = gantt(document) if mermaid else ""
    return environment().get_template("md.md.j2").render(document=document, words=words, chart=chart)
