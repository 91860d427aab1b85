"""A comparison as one HTML page that loads nothing from anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.comparison.cells import heading
from k3slogs.renderers._comparison import _words as told
from k3slogs.renderers.html._page import page
from k3slogs.taxonomy import Stage

if TYPE_CHECKING:
    from k3slogs.comparison import ComparisonDocument


def render(document: ComparisonDocument, *, transpose: bool = False) -> str:
    return page(
        "comparison.html.j2",
        document=document,
        told=told,
        labels=told.labels(document),
        headings={name: heading(name) for name in document.columns},
        changes=[(each, texts) for each in document.changes if (texts := list(told.change(document, each)))],
        stages=list(Stage),
        transpose=transpose,
    )
