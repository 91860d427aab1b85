"""Headers that begin in the middle of a line, because what stands before them was printed without a newline."""

from __future__ import annotations

import re

from k3slogs.formats._values import json_object, object_at

# The first character comes first for the sake of speed. What stands before it is no blank: an envelope ends in one.
_HEADER = re.compile(
    r"[tIWEF{](?<=[^\s\\=].)(?:"
    r'(?<=t)ime="[0-9]{4}-[0-9]{2}-[0-9]{2}T[^"\s]{8,30}" level=[a-z]+(?=\s)'
    r"|(?<=[IWEF])[01][0-9][0-3][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6} +(?:[0-9]+ +)?[\w.\-]+\.go:[0-9]+\] "
    r'|(?<=\{)"level":"[a-z]+","ts":)'
)
_QUOTE = re.compile(r'\\.|"', re.DOTALL)
_OWN_HEADER = 45
"""Where the header with which a klog line begins is over, as a rule."""


def split_glued(text: str) -> list[tuple[int, str]]:
    """The pieces of a line and where each begins; one piece where nothing is glued."""
    if not _suspicious(text) or (text.startswith("{") and json_object(text) is not None):
        return [(0, text)]
    starts = _objects(text) if text.startswith("{") else [0]
    position, quoted = starts[-1], False
    for header in _HEADER.finditer(text, position):
        quoted ^= _quotes(text, position, header.start()) % 2 == 1
        position = header.start()
        if not quoted and position > starts[-1]:
            starts.append(position)
    return [(start, text[start:end]) for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def _suspicious(text: str) -> bool:
    """A cheap look for what a second header holds."""
    return (
        text.find('time="2', 1) > 0
        or text.find(".go:", _OWN_HEADER if text[1:5].isdigit() else 1) > 0
        or text.find('{"level":"', 1) > 0
        or (text.startswith("{") and "}{" in text)
    )


def _quotes(text: str, start: int, end: int) -> int:
    """How many quotes without a backslash before them stand there."""
    return sum(found[0] == '"' for found in _QUOTE.finditer(text, start, end))


def _objects(text: str) -> list[int]:
    """Where the JSON objects of `{..}{..}` begin, and what follows the last whole one."""
    starts, position = [0], 0
    while (found := object_at(text, position)) is not None:
        position = found[1]
        if not text[position:].strip():
            break
        starts.append(position)
    return starts
