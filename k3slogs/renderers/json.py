"""The JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k3slogs.document import Document


def render(document: Document) -> str:
    return document.model_dump_json(indent=2) + "\n"
