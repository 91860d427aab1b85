"""Anchors: literals of which every possible match of a rule holds at least one. They are derived, never written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k3slogs.rulebook import patterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from k3slogs.rulebook.rule import Item, Rule, Test

MIN_LENGTH = 6
"""Shortest anchor, in bytes: shorter ones hit everywhere."""

# Quoting, JSON escapes and joining change these, so no anchor may span them.
_BREAKS = re.compile(r"""["\\<>&=\x00-\x1f\x7f]|[^\x00-\x7f]|\s{2,}""")


def squeeze(text: str) -> str:
    """Runs of whitespace as one blank: the form in which texts are compared."""
    return re.sub(r"\s+", " ", text)


def pieces(literal: str) -> list[str]:
    """The parts of a literal that survive every envelope."""
    return [part for part in _BREAKS.split(squeeze(literal)) if len(part) >= MIN_LENGTH]


def of_rule(rule: Rule) -> list[frozenset[str]]:
    """One anchor set for each match item; an empty set where none could be derived."""
    return [of_item(item) for item in rule.match]


def of_item(item: Item) -> frozenset[str]:
    candidates = [words for parts in item.texts.values() for test in parts for words in _of_test(test)]
    return max(candidates, key=_worth, default=frozenset())


def literals(rule: Rule) -> set[str]:
    """Every literal run of a rule that is long enough to be an anchor, chosen or not."""
    return {word for item in rule.match for parts in item.texts.values() for test in parts for words in _of_test(test) for word in words}


def _of_test(test: Test) -> Iterator[frozenset[str]]:
    for literal in (test.equals, test.startswith, test.endswith, test.contains):
        if literal:
            yield from (frozenset([piece]) for piece in pieces(literal))
    if test.regex:
        for words in patterns.literals(test.regex):
            yield from _survivors(words)
    if test.any:
        branches = [max(_of_test(branch), key=_worth, default=frozenset()) for branch in test.any]
        if all(branches):
            yield frozenset().union(*branches)


def _survivors(words: Iterable[str]) -> Iterator[frozenset[str]]:
    best = [max(pieces(word), key=len, default="") for word in words]
    if all(best):
        yield frozenset(best)


def _worth(words: frozenset[str]) -> tuple[int, int]:
    """Few and long literals hit least."""
    return min(map(len, words), default=0), -len(words)
