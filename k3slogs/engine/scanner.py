"""The one pass over all bytes: which lines may matter. hyperscan lives here and nowhere else.

A digit of an anchor stands for any digit. So it depends on the shape of a line alone whether it may matter.
"""

from __future__ import annotations

import functools
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import hyperscan

from k3slogs import cache
from k3slogs.engine import troubles
from k3slogs.rulebook import anchors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_DIGITS = str.maketrans("123456789", "000000000")
_LEVEL_MARKERS = (
    rb"level=(?:warn|error|fatal|panic)",
    *(rb"(?:^|[^A-Za-z0-9])[WEF][%d%d]\d{3} \d\d:\d\d:\d\d" % (digit, digit + 1) for digit in range(0, 10, 2)),
    rb'"level":\s?"(?:warn|error|fatal|panic|dpanic|WARN|ERROR|FATAL|PANIC)',
    rb"(?:^|[^A-Za-z0-9])(?:WARN|ERRO|FATA|PANI)[A-Z]{0,3}(?:\x1b\[\dm)?\[",
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
"""klog's header stands here once for each two digits: the scan looks for a few pairs of bytes that may begin it. With any digit in one pattern
it takes a quarter longer.
"""
_ID_GROUPS = ((12,), (32,), (40,), (64,), (8, 4, 4, 4, 12))
"""Hexadecimal digits in the parts of ids: of containers, short and long, of traces, of commits, of objects."""
_SHORTEST_ID = min(map(sum, _ID_GROUPS))
_ID = rb"0{%d}" % _SHORTEST_ID
"""What every long id holds that is masked."""
_HEXADECIMAL = frozenset(b"0abcdef-")
_MARKERS_BESIDE_IDS = (_ID + rb" [WEC] \| ", rb"[Ss]uppressed " + _ID, rb"lost " + _ID)
"""How those of `_MARKERS` begin, or end, that may match a part of an id."""
_ALWAYS = (rb'"MESSAGE":\s?\[',)
"""A journal message as an array of bytes holds no readable literal."""
_MARKERS = (*_LEVEL_MARKERS, *_ALWAYS, *troubles.LOSSES, *troubles.OMISSIONS)


class Scanner:
    """The anchors of some rules, each with the rules' ids, and what else makes a line matter, compiled."""

    def __init__(self, known: Mapping[str, Iterable[str]]) -> None:
        owners: dict[str, set[str]] = {}
        for word, ids in known.items():
            owners.setdefault(word.translate(_DIGITS), set()).update(ids)
        self._owners = list(owners.values())
        self._anchors = list(owners)
        words = self._key = "\0".join(owners)
        self._words = _compiled("words", words, lambda: map(_quoted, owners)) if owners else None
        self._lines = _compiled("lines", words, lambda: [*map(_quoted, anchors.fewest(owners)), *_MARKERS])

    def ends(self, text: bytes | memoryview) -> list[int]:
        """The offsets at which anything ends that makes a line matter, in order."""
        found: list[int] = []
        self._lines.scan(text, match_event_handler=lambda _id, _start, end, _flags, _context: found.append(end))  # type: ignore[type-var]
        found.sort()
        return found

    @functools.cached_property
    def _beside_ids(self) -> hyperscan.Database:
        patterns = {pattern for word in self._anchors for pattern in _beside_ids(word.encode())}
        return _compiled("beside-ids", self._key, lambda: [*sorted(patterns), *_MARKERS_BESIDE_IDS])

    def beside_ids(self, text: bytes | memoryview) -> list[int]:
        """The offsets in masked text without long ids at which something ends that stands beside one, so that it depends on the id itself
        whether its line matters. For every other line the text says it.
        """
        found: list[int] = []
        self._beside_ids.scan(text, match_event_handler=lambda _id, _start, end, _flags, _context: found.append(end))  # type: ignore[type-var]
        return found

    def owners(self, text: str) -> set[str]:
        """Ids of the rules whose anchors a text holds, whatever its digits are."""
        if self._words is None:
            return set()
        hits: set[int] = set()
        self._words.scan(text.encode("utf-8", "replace"), match_event_handler=lambda id_, _s, _e, _f, _c: hits.add(id_))
        return set().union(*(self._owners[hit] for hit in hits))


def long_ids(masked: bytes) -> list[tuple[int, int]]:
    """Where long ids stand in a masked text; an UUID and the last part of it are two."""
    found: list[tuple[int, int]] = []

    def note(kind: int, _start: int, end: int, _flags: int, _context: object) -> None:
        found.append((end - 2 - _ID_LENGTHS[kind], end - 2))

    _ids().scan(b"\n%b\n" % masked, match_event_handler=note)
    return found


_ID_LENGTHS = [sum(groups) + len(groups) - 1 for groups in _ID_GROUPS]


@functools.cache
def _ids() -> hyperscan.Database:
    groups = (b"-".join(b"[0a-f]{%d}" % size for size in sizes) for sizes in _ID_GROUPS)
    return _compiled("ids", "", lambda: (b"[^0-9A-Za-z]" + each + b"[^0-9A-Za-z]" for each in groups))


def _beside_ids(word: bytes) -> Iterator[bytes]:
    """What is left of an anchor, beside an id, if the rest of it matches the head or the tail of one; all of it may match a part."""
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        if tail and _ends_word(head[-1:]) and _is_hexadecimal(tail[:_SHORTEST_ID]):
            yield _masked(head) + _ID
        if head and _ends_word(tail[:1]) and _is_hexadecimal(head[-_SHORTEST_ID:]):
            yield _ID + _masked(tail)


def _ends_word(letter: bytes) -> bool:
    return not letter.isalnum()


def _is_hexadecimal(part: bytes) -> bool:
    return _HEXADECIMAL.issuperset(part)


def _masked(part: bytes) -> bytes:
    """A part of an anchor that may itself match a part of an id, as masked text holds it."""
    return b"".join(b"[0%c]" % value if value in _HEXADECIMAL else _byte(value) for value in part)


def _quoted(literal: str) -> bytes:
    return b"".join(map(_byte, literal.encode()))


def _byte(value: int) -> bytes:
    letter = chr(value)
    if letter.isdecimal():
        return rb"\d"
    return bytes([value]) if letter.isalpha() and letter.isascii() else b"\\x%02x" % value


def _compiled(what: str, words: str, made: Callable[[], Iterable[bytes]]) -> hyperscan.Database:
    """From an earlier run where there is one: a database serves no other processor, which hyperscan tells when it is loaded.

    What patterns are made of these words, this code says, and the code beside it that it asks.
    """
    code = (Path(each.__file__ or "").read_bytes() for each in (sys.modules[__name__], anchors, troubles))
    key = cache.key(hyperscan.__version__.encode(), what.encode(), words.encode(), *code)  # type: ignore[attr-defined]
    if content := cache.read("patterns", key):
        with suppress(hyperscan.error):
            database = hyperscan.loadb(content, hyperscan.HS_MODE_BLOCK)
            database.scratch = hyperscan.Scratch(database)
            return database
    database = hyperscan.Database()
    patterns = list(made())
    database.compile(
        expressions=patterns,
        ids=list(range(len(patterns))),
        elements=len(patterns),
        flags=[hyperscan.HS_FLAG_MULTILINE] * len(patterns),
    )
    cache.write("patterns", key, hyperscan.dumpb(database))
    return database
