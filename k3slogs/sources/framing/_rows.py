"""Rows of a table of events that a terminal, a mail or an editor wrapped come out as kubectl printed them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from k3slogs.lazily import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from k3slogs.sources.lines import Numbered

WRAPS = frozenset((80, 100, 120, 132, 160, 200))
"""Widths at which terminals cut a line in the middle of a word."""
MAX_TABLE = 5000
"""Lines of a table that are looked at together."""
MAX_PIECES = 60
"""Lines that one row may take."""
PROSE = 80
"""Mails and editors wrap between words at this width or below; what is wider was cut by a terminal."""

_AGE = rb"(?:<unknown>|<invalid>|(?:\d+[ywdhms]){1,3})(?: \(x\d+ over \w+\))?"
_ROW = pattern(
    rb"[ \t]*(?:(?:Normal|Warning)[ \t]{1,20}[A-Z]\w+[ \t]+" + _AGE + rb"(?:[ \t]|$)"
    rb"|(?:[a-z0-9][a-z0-9.\-]*[ \t]{2,})?" + _AGE + rb"[ \t]{2,}(?:Normal|Warning)\b)"
)
_TABLE = pattern(rb"[ \t]*(?:NAMESPACE[ \t]{2,})?LAST SEEN[ \t]{2,}TYPE\b")
_DESCRIBED = pattern(rb"[ \t]*Type[ \t]{2,}Reason[ \t]{2,}Age\b|[ \t]*-{4}[ \t]{2,}-{4}")
_COLUMNS = pattern(
    rb"[ \t]*(?:(?:Normal|Warning)[ \t]+\w+(?:[ \t]+" + _AGE + rb"(?:[ \t]+[\w.\-]+)?)?"
    rb"|(?:[a-z0-9][a-z0-9.\-]*[ \t]{2,})?" + _AGE + rb"[ \t]{2,}(?:Normal|Warning)(?:[ \t]{2,}\w+(?:[ \t]{2,}\w+/\S+)?)?)"
)
"""A row before its message: the blanks between its columns are lost where it is cut."""
_SECTION = pattern(rb"[A-Z][A-Za-z .\-]{0,40}:(?:[ \t]{2,}\S|$)")


class _Piece(NamedTuple):
    number: int
    text: bytes
    begins: bool
    """A row or the head of the table begins here."""

    @property
    def width(self) -> int:
        return len(self.text.decode("utf-8", "replace"))


def wrapped(lines: Sequence[bytes], is_header: Callable[[bytes], object]) -> bool:
    """Does a row go on in a line of its own?"""
    numbered = list(enumerate(lines))
    return any(_ROW.match(line) for line in lines) and len(list(unwrapped(numbered, is_header))) < len(numbered)


def unwrapped(lines: Iterable[Numbered | None], is_header: Callable[[bytes], object]) -> Iterator[Numbered | None]:
    """Lines with each row on one; None, and lines with `is_header`, end a table."""
    table: list[_Piece] = []
    for line in lines:
        begins = line is not None and _begins(line[1])
        ends = line is None or not line[1].strip() or _SECTION.match(line[1]) or is_header(line[1].lstrip())
        if table and (len(table) >= MAX_TABLE or (ends and not begins)):
            yield from _rows(table)
            table = []
        if line is not None and (begins or table):
            table.append(_Piece(*line, begins))
        else:
            yield line
    yield from _rows(table)


def _begins(text: bytes) -> bool:
    return bool(_ROW.match(text)) or _is_head(text)


def _is_head(text: bytes) -> bool:
    return bool(_TABLE.match(text) or _DESCRIBED.match(text))


def _rows(table: list[_Piece]) -> Iterator[Numbered]:
    if all(piece.begins for piece in table):
        yield from ((piece.number, piece.text) for piece in table)
        return
    width = max(piece.width for piece in table)
    hard = _is_hard(table, width)
    described = any(_DESCRIBED.match(piece.text) for piece in table)
    row: list[_Piece] = []
    for piece in table:
        goes_on = not piece.begins and row and len(row) < MAX_PIECES and (described or _is_full(row[-1], piece, width))
        if row and not goes_on:
            yield _joined(row, width if hard else 0)
            row = []
        row.append(piece)
    yield _joined(row, width if hard else 0)


def _is_hard(table: list[_Piece], width: int) -> bool:
    """Was the table cut at a width, and not between words?"""
    cut = [piece for piece, after in pairwise(table) if not after.begins and not _COLUMNS.fullmatch(piece.text)]
    exact = all(piece.width >= width - 1 or _is_head(piece.text) for piece in cut)
    return exact and (len(cut) != 1 or width > PROSE or width in WRAPS)


def _is_full(piece: _Piece, after: _Piece, width: int) -> bool:
    """The next word had no place there."""
    word = after.text.split(maxsplit=1)[0].decode("utf-8", "replace")
    return piece.width + 1 + len(word) > width or bool(_COLUMNS.fullmatch(piece.text)) or _is_head(piece.text)


def _joined(row: list[_Piece], width: int) -> Numbered:
    """With a width, where a terminal cut: a blank that is missing there stood at the end of the line."""
    pieces = [piece.text + b" " * (width - piece.width if width else 1) for piece in row[:-1]]
    return row[0].number, b"".join([*pieces, row[-1].text])
