"""Unknown shapes that are a rule's text with a few letters changed: a newer version's wording, most likely."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import regex

from k3slogs.rulebook import anchors

if TYPE_CHECKING:
    from k3slogs.rulebook import Rule, RuleBook

MIN_LITERAL = 16
"""Shorter texts resemble too much."""
MAX_SHAPES = 100
TIMEOUT = 0.05
"""Seconds for one rule on one shape."""
_WORD = re.compile(r"[A-Za-z]{3,}")


class Lookalikes:
    """Fuzzy forms of the longest literal of each rule that stands for a fault."""

    def __init__(self, book: RuleBook) -> None:
        self._patterns = [(rule.id, pattern) for rule in book if rule.is_fault and (pattern := _fuzzy(rule)) is not None]

    def find(self, text: str) -> str | None:
        """The id of a rule that the text resembles."""
        words = set(_words(text))
        for rule_id, (parts, known) in self._patterns:
            if len(known & words) * 2 >= len(known) and all(_resembles(part, text) for part in parts):
                return rule_id
        return None


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _fuzzy(rule: Rule) -> tuple[list[str], frozenset[str]] | None:
    """The literals of the rule's first item that has a long one, and their words."""
    for item in rule.match:
        literals = [piece for parts in item.texts.values() for test in parts if test.contains for piece in anchors.pieces(test.contains)]
        if any(len(piece) >= MIN_LITERAL for piece in literals):
            return literals, frozenset(word for piece in literals for word in _words(piece))
    return None


@cache
def _pattern(literal: str) -> regex.Pattern[str]:
    """The literal with an error for every eight letters."""
    return regex.compile(f"(?b)(?:{regex.escape(literal)}){{e<={max(1, len(literal) // 8)}}}")


def _resembles(literal: str, text: str) -> bool:
    try:
        return _pattern(literal).search(text[:1000], timeout=TIMEOUT) is not None
    except TimeoutError:
        return False
