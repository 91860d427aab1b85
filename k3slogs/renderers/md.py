"""The report as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.renderers import _words as words
from k3slogs.renderers._markdown import environment

if TYPE_CHECKING:
    from k3slogs.document import Document


def render(document: Document) -> str:
    return environment().get_template("md.md.j2").render(document=document, words=words)
