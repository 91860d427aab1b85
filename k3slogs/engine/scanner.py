"""The one pass over all bytes: which lines may matter. hyperscan lives here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hyperscan

from k3slogs.engine.troubles import LOSSES, OMISSIONS
from k3slogs.rulebook import anchors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k3slogs.rulebook import Rule

_LITERAL_CASE = 0
_LEVEL_MARKERS = (
    rb"level=(?:warn|error|fatal|panic)",
    rb"(?:^|[^A-Za-z0-9])[WEF][01]\d[0-3]\d \d\d:\d\d:\d\d",
    rb'"level":\s?"(?:warn|error|fatal|panic|dpanic|WARN|ERROR|FATAL|PANIC)',
    rb"(?:^|[^A-Za-z0-9])(?:WARN|ERRO|FATA|PANI)[A-Z]{0,3}(?:\x1b\[0m)?\[",
    rb"\t(?:WARN|ERROR|DPANIC|PANIC|FATAL|warn|error|fatal)\t",
    rb"\[(?:WARNING|ERROR|FATAL)\]",
    rb"\d [WEC] \| ",
    rb" (?:WRN|ERR|FTL) ",
    rb'"err":"',
    rb"panic: ",
    rb"fatal error: ",
    rb"FATAL ERROR",
    rb"(?:^|[^A-Za-z])[Ee]rror: ",
    rb"(?:^|: )Error response from daemon",
    rb"^ctr: ",
    rb" Warning  ",
)
_ALWAYS = (rb'"MESSAGE":\s?\[',)
"""A journal message as an array of bytes holds no readable literal."""


class Scanner:
    """A compiled set of patterns; `ends` gives the offsets at which any of them ends."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        literals = anchors.fewest(anchors.table(rules))
        patterns = [*map(_quoted, literals), *_LEVEL_MARKERS, *_ALWAYS, *LOSSES, *OMISSIONS]
        self._database = _compiled(patterns)

    def ends(self, data: bytes) -> list[int]:
        found: list[int] = []
        self._database.scan(data, match_event_handler=lambda _id, _start, end, _flags, _context: found.append(end))
        found.sort()
        return found


class Selector:
    """Which rules a record's text may match: the same anchors, each with its rules."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        table = anchors.table(rules)
        self._owners = list(table.values())
        self._database = _compiled([*map(_quoted, table)]) if table else None

    def select(self, text: str) -> set[str]:
        if self._database is None:
            return set()
        hits: set[int] = set()
        self._database.scan(text.encode("utf-8", "replace"), match_event_handler=lambda id_, _s, _e, _f, _c: hits.add(id_))
        return set().union(*(self._owners[hit] for hit in hits))


def _quoted(literal: str) -> bytes:
    return b"".join(b"\\x%02x" % byte if not chr(byte).isalnum() else bytes([byte]) for byte in literal.encode())


def _compiled(patterns: list[bytes]) -> hyperscan.Database:
    database = hyperscan.Database()
    database.compile(
        expressions=patterns,
        ids=list(range(len(patterns))),
        elements=len(patterns),
        flags=[hyperscan.HS_FLAG_MULTILINE] * len(patterns),
    )
    return database
