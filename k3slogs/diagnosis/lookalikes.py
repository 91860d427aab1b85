"""Unknown shapes that are a rule's text with a few letters changed: a newer version's wording, most likely."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from k3slogs.rulebook import anchors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.rulebook import Rule, RuleBook

MIN_LITERAL = 16
"""Shorter texts resemble too much."""
MAX_SHAPES = 100
MAX_TEXT = 1000
"""Characters of a shape that are looked at."""
_WORD = re.compile(r"[A-Za-z]{3,}")


class Lookalikes:
    """The literals of each rule that stands for a fault."""

    def __init__(self, book: RuleBook) -> None:
        self._rules = [(rule.id, found) for rule in book if rule.is_fault and (found := _literals(rule)) is not None]

    def find(self, text: str) -> str | None:
        """The id of a rule that the text resembles."""
        words = set(_words(text))
        for rule_id, (parts, known) in self._rules:
            if len(known & words) * 2 >= len(known) and all(_resembles(part, text) for part in parts):
                return rule_id
        return None


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _literals(rule: Rule) -> tuple[list[str], frozenset[str]] | None:
    """The literals of the rule's first item that has a long one, and their words."""
    for item in rule.match:
        literals = [piece for parts in item.texts.values() for test in parts if test.contains for piece in anchors.pieces(test.contains)]
        if any(len(piece) >= MIN_LITERAL for piece in literals):
            return literals, frozenset(word for piece in literals for word in _words(piece))
    return None


def _resembles(literal: str, text: str) -> bool:
    """Does it stand there with at most an error for every eight letters: one left out, one too many, one in place of another?"""
    errors = max(1, len(literal) // 8)
    return any(piece in text for piece in _pieces(literal, errors + 1)) and _stands(literal, text[:MAX_TEXT], errors)


def _pieces(literal: str, count: int) -> Iterator[str]:
    """As many parts of about one size: of one more than there are errors, one is without any."""
    cuts = [len(literal) * index // count for index in range(count + 1)]
    return (literal[start:end] for start, end in pairwise(cuts))


def _stands(literal: str, text: str, errors: int) -> bool:
    """Myers' algorithm: a bit for each letter of the literal says whether the distance grows or falls with it."""
    places: dict[str, int] = {}
    for index, letter in enumerate(literal):
        places[letter] = places.get(letter, 0) | 1 << index
    every, last = (1 << len(literal)) - 1, 1 << len(literal) - 1
    grows, falls, distance = every, 0, len(literal)
    for letter in text:
        equal = places.get(letter, 0)
        across = (((equal & grows) + grows) ^ grows) | equal
        more = (falls | ~(across | grows)) & every
        fewer = grows & across
        distance += bool(more & last) - bool(fewer & last)
        if distance <= errors:
            return True
        equal |= falls
        falls = more << 1 & equal & every
        grows = (fewer << 1 | ~(equal | more << 1)) & every
    return False
