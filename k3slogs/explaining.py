"""A line -> what is seen in it: its format, the rules that match, and for the closest others the part that failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex

from k3slogs import safety
from k3slogs.diagnosis.lookalikes import Lookalikes
from k3slogs.engine import Calendar, Engine
from k3slogs.engine.clock import Clock
from k3slogs.model import Block
from k3slogs.pipeline import book_of
from k3slogs.rulebook import anchors

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from k3slogs.model import Line, Record
    from k3slogs.rulebook import Rule, RuleBook

CLOSEST = 5
"""Rules that do not match and are shown all the same."""
_ENOUGH = 0.34
"""Share of a rule's words that a line must hold to be close to it."""


@dataclass(frozen=True)
class Match:
    """A rule that matches. `counts` is False where another rule has precedence; `captures` by name."""

    rule: Rule
    counts: bool
    captures: dict[str, str]


@dataclass(frozen=True)
class Miss:
    """A rule that does not match, and the conditions that fail, in words."""

    rule: Rule
    failed: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """One record of the text: where it stands, how it was read, and what rules make of it."""

    line: int
    formats: tuple[str, ...]
    level: str | None
    program: str | None
    origin: str | None
    text: str
    matches: tuple[Match, ...]
    misses: tuple[Miss, ...]
    looks_like: str | None


def explain(text: str, *, rules: RuleBook | str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = ()) -> list[Explanation]:
    """Say for each record of a pasted text what k3slogs sees in it.

    `rules` is a loaded book, or folders of packs to add to the built-in rules. Raises RuleError for a broken pack.
    """
    book = book_of(rules)
    engine = Engine(book)
    block = Block(text.encode("utf-8", "replace"), 1)
    clock = Clock(Calendar(None, "nothing"))
    return [_explanation(engine, book, found.line, found.record) for found in engine.records([block], "<text>", clock, every=True)]


def _explanation(engine: Engine, book: RuleBook, line: Line, record: Record) -> Explanation:
    claims = engine.claims(record)
    hits = {hit.rule.id: hit.captures for hit in engine.hits(record)}
    matches = tuple(
        Match(rule, rule.id in hits, {name: safety.clean(value) for name, value in hits.get(rule.id, {}).items()})
        for rule in sorted(claims, key=lambda rule: rule.id not in hits)
    )
    return Explanation(
        line=record.line,
        formats=(*line.formats[:-1], record.format),
        level=record.level,
        program=record.program,
        origin=record.origin,
        text=safety.clean(record.text),
        matches=matches,
        misses=tuple(_misses(engine, book, record, {rule.id for rule in claims})),
        looks_like=None if matches else Lookalikes(book).find(record.text),
    )


def _misses(engine: Engine, book: RuleBook, record: Record, claimed: set[str]) -> list[Miss]:
    """Rules one of whose anchors is in the line, then those that share the most words with it."""
    near = {matcher.rule.id for matcher in engine.candidates(record)} - claimed
    words = _words(record.text)
    scored = sorted(((_closeness(rule, words), rule.id) for rule in book if rule.match and rule.id not in claimed), reverse=True)
    chosen = [*sorted(near), *(rule_id for share, rule_id in scored if share >= _ENOUGH and rule_id not in near)]
    return [Miss(book[rule_id], tuple(engine.failures(rule_id, record))) for rule_id in chosen[:CLOSEST]]


def _closeness(rule: Rule, words: frozenset[str]) -> float:
    known = frozenset(word for literal in anchors.literals(rule) for word in _words(literal))
    return len(known & words) / len(known) if len(known) > 1 else 0.0


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in regex.findall(r"[A-Za-z]{4,}", text))
