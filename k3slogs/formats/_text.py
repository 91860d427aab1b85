"""A record's text for the rules: message, err and fields on one line, however often they were escaped on their way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k3slogs.formats._values import character

if TYPE_CHECKING:
    from k3slogs.model import Reading

_ROUNDS = 6
_ESCAPE = re.compile(r"""\\(?:([ntr])|(["'\\/])|u([0-9a-fA-F]{4}))""")


def plain_text(reading: Reading) -> str:
    """Message, err, then the other fields as `key=value`, unescaped until nothing changes, blanks collapsed."""
    parts = [reading.message]
    if reading.err:
        parts.append(reading.err)
    parts += [f"{key}={value}" for key, value in reading.fields]
    text = " ".join(parts)
    for _ in range(_ROUNDS):
        if "\\" not in text or (plain := _ESCAPE.sub(_replacement, text)) == text:
            break
        text = plain
    return " ".join(text.split())


def _replacement(found: re.Match[str]) -> str:
    blank, itself, code = found.groups()
    return " " if blank else itself or character(int(code, 16))
