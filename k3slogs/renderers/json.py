"""The JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from k3slogs.frozen import Frozen

if TYPE_CHECKING:
    from k3slogs.document import Document


def render(document: Document) -> str:
    return printed(document)


def printed(value: Any) -> str:
    """Indented by two blanks."""
    return orjson.dumps(value, _fields, orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z).decode()


def _fields(value: Any) -> dict[str, Any]:
    if isinstance(value, Frozen):
        return value._asdict()
    raise TypeError(f"{type(value).__name__} is nothing that JSON has")
