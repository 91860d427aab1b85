"""A comparison as Markdown: one template a section, which write-ups use too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k3slogs.renderers._comparison import _words as words
from k3slogs.renderers._markdown import environment, tidy
from k3slogs.renderers._words import LEGEND, MARKS
from k3slogs.taxonomy import Stage

if TYPE_CHECKING:
    from k3slogs.comparison import ComparisonDocument


def render(document: ComparisonDocument, *, transpose: bool = False) -> str:
    return tidy(environment().get_template("_comparison/md.md.j2").render(context(document, transpose=transpose)))


def context(document: ComparisonDocument, *, transpose: bool = False) -> dict[str, Any]:
    """What the templates of this folder need."""
    return {
        "document": document, "words": words, "transpose": transpose, "labels": words.labels(document), "stages": list(Stage),
        "changes": [(each, list(words.change(document, each))) for each in document.changes], "MARKS": MARKS, "LEGEND": LEGEND,
    }  # fmt: skip
