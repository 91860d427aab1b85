"""How usual a text is in the ordinary lines of a node: what an anchor costs, known before any log is read."""

from __future__ import annotations

from functools import cache
from pathlib import Path

PIECE = 6
"""Characters of the pieces that were counted."""
RARE = 0.5
"""Lines in a thousand that hold a piece which is not in the table, at most."""
_TABLE = Path(__file__).with_name("usual.txt")
_DIGITS = str.maketrans("123456789", "000000000")


def per_thousand(literal: str) -> float:
    """How many of 1,000 ordinary lines hold the literal, at most: as many as hold its rarest piece.

    Ordinary lines are those of the logs in samples/ that are no warnings or worse. All digits count as one.
    """
    return min(of_pieces(literal), default=1000.0)


@cache
def of_pieces(literal: str) -> tuple[float, ...]:
    """The same for each piece of PIECE characters, from left to right; empty for a shorter literal."""
    table, text = _table(), masked(literal)
    return tuple([table.get(text[at : at + PIECE], RARE) for at in range(len(text) - PIECE + 1)])


def masked(text: str) -> str:
    """With 0 for every digit: numbers differ from line to line."""
    return text.translate(_DIGITS)


@cache
def _table() -> dict[str, float]:
    """Lines in a thousand by piece. A row of the file is a text all of whose pieces are equally usual."""
    table: dict[str, float] = {}
    for row in _TABLE.read_text("utf-8").splitlines():
        text, _, count = row.rpartition("\t")
        lines = float(count)
        for at in range(len(text) - PIECE + 1):
            table[text[at : at + PIECE]] = lines
    return table
