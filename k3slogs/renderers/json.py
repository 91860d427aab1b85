"""The JSON document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from k3slogs.document import plain

if TYPE_CHECKING:
    from k3slogs.document import Document


def render(document: Document) -> str:
    return printed(document)


def printed(document: Any) -> str:
    return json.dumps(plain(document), indent=2, ensure_ascii=False) + "\n"
