"""The regular expressions of a rule, and how they are kept: to compile one takes thirty times as long as to load it."""

from __future__ import annotations

import copyreg
from typing import TYPE_CHECKING, Any

import regex

from k3slogs.rulebook import patterns
from k3slogs.rulebook.anchors import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from k3slogs.rulebook.rule import Rule, Test

Kept = tuple[tuple[Any, ...], bool, list[list[str]]]
"""Of an expression: its code for this version of `regex`, and what `patterns.needs` says."""


def written(rule: Rule) -> Iterator[tuple[str, str]]:
    """Where in its file an expression stands, and the expression."""
    for field, items in (("match", rule.match), ("unless", rule.unless)):
        for index, item in enumerate(items):
            for key, parts in item.texts.items():
                for pattern in _within(parts):
                    yield f"{field}.{index}.{key}", pattern
    for name, pattern in rule.captures.items():
        yield f"captures.{name}", pattern


def digits(rule: Rule) -> Iterator[str]:
    """What the tests and the key of a rule name of certain digits, with any digits in their place."""
    tests = [test for item in (*rule.match, *rule.unless) for parts in item.texts.values() for test in parts]
    for named in (*(words for test in tests for words in _named(test)), *(rule.captures[name] for name in rule.key)):
        if (wide := patterns.with_any_digits(named)) is not None:
            yield wide


def kept(rules: Iterable[Rule]) -> dict[str, Kept]:
    """Every expression of the rules, compiled, as plain data."""
    texts = {text for rule in rules for text in (*(text for _, text in written(rule)), *digits(rule))}
    return {text: (_code(text), *patterns.needs(text)) for text in sorted(texts)}


def loaded(code: tuple[Any, ...]) -> regex.Pattern[str]:
    return regex._regex.compile(*code)  # noqa: SLF001 - what `regex` itself calls to load a pickled pattern


def _code(text: str) -> tuple[Any, ...]:
    pickled: Any = copyreg.dispatch_table[regex.Pattern](regex.compile(text))
    return pickled[1]  # type: ignore[no-any-return]


def _within(parts: Iterable[Test]) -> Iterator[str]:
    for test in parts:
        if test.regex:
            yield test.regex
        yield from _within(test.any)


def _named(test: Test) -> Iterator[str]:
    """Everything that a test looks for and that may name a digit, as patterns."""
    literals = (test.contains, test.startswith, test.endswith, test.equals)
    yield from (regex.escape(squeeze(literal)) for literal in literals if literal and any(map(str.isdigit, literal)))
    if test.regex:
        yield test.regex
    for branch in test.any:
        yield from _named(branch)
