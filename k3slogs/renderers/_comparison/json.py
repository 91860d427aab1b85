"""The JSON document of a comparison; its runs are a list either way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.renderers.json import printed

if TYPE_CHECKING:
    from k3slogs.comparison import ComparisonDocument


def render(document: ComparisonDocument, *, transpose: bool = False) -> str:  # noqa: ARG001 - a document has no sides to swap
    return printed(document)
