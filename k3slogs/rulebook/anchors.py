"""Anchors: literals of which every possible match of a rule holds at least one. They are derived, never written."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from k3slogs.rulebook import patterns, usual

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from k3slogs.rulebook.rule import Item, Rule, Test

MIN_LENGTH = 6
"""Shortest anchor, in bytes: shorter ones hit everywhere."""
MAX_LENGTH = 12
"""Longest anchor, in bytes: more tells little, and costs every scan of every line."""
_DOUBT = 5.0
"""Lines in a thousand that may hold a text of one piece in a log that was not counted; a longer one will be in fewer."""
_HELD = MAX_LENGTH - usual.PIECE + 1
"""Pieces in the longest anchor."""
_ENOUGH = 8
"""Characters of a part that stands for a longer text which is as rare."""
_FILTERED = 8 - usual.PIECE + 1
"""Pieces in its last 8 bytes: the scan passes over text by these, and compares the whole only where they fit."""

_DIGITS = re.compile(r"\d+")
"""Any digit fits where one stands, which makes a scan slower than any letter."""
_BLANKS = re.compile(r"\s+")
# Quoting, JSON escapes and joining change these, so no anchor may span them.
_BREAKS = re.compile(r"""["\\<>&=\x00-\x1f\x7f]|[^\x00-\x7f]|\s{2,}""")


@lru_cache(maxsize=64)  # many rules look at one record
def squeeze(text: str) -> str:
    """Runs of whitespace as one blank: the form in which texts are compared."""
    if text.isprintable() and "  " not in text:  # a blank is the only whitespace that is printable
        return text
    return _BLANKS.sub(" ", text)


def pieces(literal: str) -> list[str]:
    """The parts of a literal that survive every envelope."""
    return [part for part in _BREAKS.split(squeeze(literal)) if len(part) >= MIN_LENGTH]


def table(rules: Iterable[Rule]) -> dict[str, set[str]]:
    """Ids of the rules by anchor, in alphabetical order."""
    owners: dict[str, set[str]] = {}
    for rule in rules:
        for words in of_rule(rule):
            for word in words:
                owners.setdefault(word, set()).add(rule.id)
    return dict(sorted(owners.items()))


def fewest(words: Iterable[str]) -> list[str]:
    """Those that hold no other: they hit every line that all of them do."""
    known = set(words)
    by_head: dict[str, list[str]] = {}
    for word in known:
        by_head.setdefault(word[:MIN_LENGTH], []).append(word)

    def holds_another(word: str) -> bool:
        heads = [(at, word[at : at + MIN_LENGTH]) for at in range(len(word) - MIN_LENGTH + 1)]
        return any(word.startswith(other, at) and other != word for at, head in heads if head in by_head for other in by_head[head])

    return sorted(word for word in known if not holds_another(word))


def among(words: Iterable[str], text: str) -> bool:
    """Does a text hold one of them, whatever its digits are?"""
    masked = usual.masked(text)
    return any(usual.masked(word) in masked for word in words)


def of_rule(rule: Rule) -> list[frozenset[str]]:
    """One anchor set for each match item; an empty set where none could be derived."""
    return [of_item(item) for item in rule.match]


def of_item(item: Item) -> frozenset[str]:
    return frozenset(map(_rarest_part, chosen(item)))


def chosen(item: Item) -> frozenset[str]:
    """The literals from which the anchors are cut, as the author wrote them."""
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
    best = [max(pieces(word), key=lambda piece: _worth(frozenset([piece])), default="") for word in words]
    if all(best):
        yield frozenset(best)


def _worth(words: frozenset[str]) -> tuple[float, int, int]:
    """A set that hits few lines, then one of few and long literals."""
    return -sum(map(_hits, words)), min(map(len, words), default=0), -len(words)


def _hits(literal: str) -> float:
    """Lines in a thousand."""
    return max(usual.per_thousand(literal), _DOUBT / (len(literal) - usual.PIECE + 1))


@cache
def _rarest_part(literal: str) -> str:
    """Of the parts that are as rare as the whole, one without digits and with a rare end; of equals the last, where texts differ most."""
    plain = [part for part in _DIGITS.split(literal) if len(part) >= _ENOUGH and usual.per_thousand(part) <= usual.per_thousand(literal)]
    literal = max(plain, key=len, default=literal)
    if len(literal) <= MAX_LENGTH:
        return literal
    lines = usual.of_pieces(literal)
    tails = [sum(lines[at + _HELD - _FILTERED : at + _HELD]) for at in range(len(lines) - _HELD + 1)]
    from_rarest = sorted(range(len(tails) - 1, -1, -1), key=tails.__getitem__)
    start = next(at for at in from_rarest if min(lines) in lines[at : at + _HELD])
    return literal[start : start + MAX_LENGTH]
