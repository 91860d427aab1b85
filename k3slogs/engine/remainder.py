"""Warning, error and fatal lines that no rule knows, grouped by shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex

from k3slogs.engine.sighting import Sighting, later, sighting

if TYPE_CHECKING:
    from k3slogs.model import Record
    from k3slogs.taxonomy import Level

MAX_SHAPES = 2000
"""Shapes kept for one source; what comes after is counted under one of them."""
MAX_SHAPE = 240
_OTHER = "(other shapes)"

_MASKS = regex.compile(
    r"""(?P<quoted>"[^"]{1,200}")|(?P<path>(?<![\w.])/[\w.@%+~:-]+(?:/[\w.@%+~:-]*)+)|(?P<id>\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b)|(?P<number>\d+)"""
)


@dataclass(slots=True)
class Unknown:
    """Lines of one shape."""

    shape: str
    level: Level
    first: Sighting
    last: Sighting
    text: str
    count: int = 0


class Remainder:
    def __init__(self) -> None:
        self.shapes: dict[str, Unknown] = {}

    def add(self, record: Record) -> Unknown | None:
        """Counts a record at a level; returns what it was counted under."""
        if record.level is None:
            return None
        shape = mask(record.text)
        if shape not in self.shapes and len(self.shapes) >= MAX_SHAPES:
            shape = _OTHER
        seen = sighting(record)
        known = self.shapes.get(shape)
        if known is None:
            known = self.shapes[shape] = Unknown(shape, record.level, seen, seen, record.text[:2000])
        known.count += 1
        known.last = later(known.last, seen)
        return known


def mask(text: str) -> str:
    """The text without what differs between two lines of one kind: quoted values, paths, ids, numbers."""
    masked: str = _MASKS.sub(lambda hit: {"quoted": '"*"', "path": "/*", "id": "*", "number": "#"}[str(hit.lastgroup)], text[:4000])
    return masked[:MAX_SHAPE]
