"""A rule compiled against records: does it match, what did it capture, and which part failed."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import regex

from k3slogs.rulebook import expressions, patterns
from k3slogs.rulebook.anchors import squeeze
from k3slogs.taxonomy import HOSTS, Component

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from k3slogs.model import Record
    from k3slogs.rulebook import Rule
    from k3slogs.rulebook.rule import Item, Test

TIMEOUT = 0.2
"""Seconds that one pattern may take on one line."""
_WRITERS = frozenset(Component)


class Part(NamedTuple):
    """One condition of a match item, in words and as a test."""

    words: Callable[[], str]
    holds: Callable[[Record], bool]


class Matcher:
    """One compiled rule. A pattern that runs into its timeout counts as not matching and is noted in `timeouts`."""

    def __init__(self, rule: Rule, compiled: Expressions) -> None:
        self.rule = rule
        self.expressions = compiled
        self.timeouts = 0
        self.items = [_parts(item, self) for item in rule.match]
        self.unless = [_parts(item, self, unknown=False) for item in rule.unless]

    def matches(self, record: Record) -> bool:
        return _any(self.items, record) and not _any(self.unless, record)

    def captures(self, record: Record, names: Iterable[str]) -> dict[str, str]:
        """What some of its captures find."""
        found = {}
        for name in names:
            try:
                hit = self.expressions[self.rule.captures[name]].search(record.text)
            except TimeoutError:
                self.timeouts += 1
                continue
            if hit and hit[1] is not None:
                found[name] = hit[1]
        return found

    @cached_property
    def digits(self) -> list[regex.Pattern[str]]:
        """What of its tests and its key names certain digits, with any digits in their place: where it is found, digits decide."""
        return [self.expressions[wide].compiled for wide in expressions.digits(self.rule)]

    def failures(self, record: Record) -> list[str]:
        """The parts that fail in the item that comes closest; an `unless` that holds is one too."""
        best = min(([part for part in parts if not part.holds(record)] for parts in self.items), key=len, default=[])
        unless = (f"unless {' and '.join(part.words() for part in parts)}" for parts in self.unless if _any([parts], record))
        return [part.words() for part in best] or list(unless)


def _any(items: list[list[Part]], record: Record) -> bool:
    """A loop, since most of the time of matching is spent here."""
    for parts in items:
        for part in parts:
            if not part.holds(record):
                break
        else:
            return True
    return False


def _parts(item: Item, matcher: Matcher, *, unknown: bool = True) -> list[Part]:
    """The conditions of one item. A record of an unknown program passes `from` in a match, and cancels nothing in an unless."""
    parts = [
        Part(partial(_in_words, key, tests), partial(_found, _getter(key), [_finder(test, matcher) for test in tests]))
        for key, tests in item.texts.items()
    ]
    if item.level:
        levels = frozenset(item.level)
        parts.append(Part(partial(_listed, "level", item.level), lambda record: record.level in levels))
    if item.origin:
        origins = frozenset(item.origin)
        parts.append(Part(partial(_listed, "origin", item.origin), lambda record: record.origin in origins))
    if item.from_:
        writers = frozenset(item.from_)
        parts.append(Part(partial(_listed, "from", item.from_), lambda record: written_by(record.program, writers, unknown=unknown)))
    return parts


def written_by(program: str | None, writers: frozenset[Component], *, unknown: bool) -> bool:
    """A known program passes for itself and for what it hosts; an unknown one as `unknown` says."""
    if program is None:
        return unknown
    if program in writers:
        return True
    return program in _WRITERS and bool(HOSTS.get(Component(program), frozenset()) & writers)


def _found(value: Callable[[Record], str | None], finders: list[Callable[[str, int], int]], record: Record) -> bool:
    text = value(record)
    if text is None:
        return False
    position = 0
    for finder in finders:
        position = finder(text, position)
        if position < 0:
            return False
    return True


def _getter(key: str) -> Callable[[Record], str | None]:
    if key == "text":
        return lambda record: record.text
    if key == "message":
        return lambda record: squeeze(record.message)
    if key == "err":
        return lambda record: None if record.err is None else squeeze(record.err)
    name = key.removeprefix("field.")
    return lambda record: next((squeeze(value) for field, value in record.fields if field == name), None)


def _finder(test: Test, matcher: Matcher) -> Callable[[str, int], int]:
    finders: list[Callable[[str, int], int]] = []
    if test.contains:
        finders.append(partial(_contains, squeeze(test.contains)))
    if test.startswith:
        finders.append(partial(_startswith, squeeze(test.startswith)))
    if test.endswith:
        finders.append(partial(_endswith, squeeze(test.endswith)))
    if test.equals:
        finders.append(partial(_equals, squeeze(test.equals)))
    if test.regex:
        finders.append(partial(_searches, test.regex, matcher))
    if test.any:
        finders.append(partial(_first, [_finder(branch, matcher) for branch in test.any]))
    return finders[0] if len(finders) == 1 else partial(_every, finders)


def _contains(literal: str, text: str, position: int) -> int:
    at = text.find(literal, position)
    return -1 if at < 0 else at + len(literal)


def _startswith(literal: str, text: str, _position: int) -> int:
    return len(literal) if text.startswith(literal) else -1


def _endswith(literal: str, text: str, position: int) -> int:
    return len(text) if text.endswith(literal) and len(text) - len(literal) >= position else -1


def _equals(literal: str, text: str, _position: int) -> int:
    return len(text) if text == literal else -1


class Pattern:
    """A regular expression that is asked only where it can match; most rules never see a candidate, so it is compiled when first asked."""

    def __init__(self, pattern: str, kept: expressions.Kept | None) -> None:
        self._pattern = pattern
        self._code: tuple[Any, ...] | None = kept[0] if kept else None
        self._at_start, self._words = kept[1:] if kept else patterns.needs(pattern)

    @cached_property
    def compiled(self) -> regex.Pattern[str]:
        return expressions.loaded(self._code) if self._code else regex.compile(self._pattern)

    def search(self, text: str, position: int = 0) -> regex.Match[str] | None:
        """The first match from there on; raises TimeoutError after TIMEOUT seconds."""
        for words in self._words:
            for word in words:
                if text.find(word, position) >= 0:
                    break
            else:
                return None
        if self._at_start:
            return None if position else self.compiled.match(text, timeout=TIMEOUT)
        return self.compiled.search(text, position, timeout=TIMEOUT)


class Expressions(dict[str, Pattern]):
    """The regular expressions of a book, by their texts."""

    def __init__(self, kept: Mapping[str, expressions.Kept]) -> None:
        self._kept = kept

    def __missing__(self, text: str) -> Pattern:
        pattern = self[text] = Pattern(text, self._kept.get(text))
        return pattern


def _searches(pattern: str, matcher: Matcher, text: str, position: int) -> int:
    try:
        hit = matcher.expressions[pattern].search(text, position)
    except TimeoutError:
        matcher.timeouts += 1
        return -1
    return hit.end() if hit else -1


def _first(finders: list[Callable[[str, int], int]], text: str, position: int) -> int:
    """The nearest end of any branch."""
    return min((end for finder in finders if (end := finder(text, position)) >= 0), default=-1)


def _every(finders: list[Callable[[str, int], int]], text: str, position: int) -> int:
    ends = [finder(text, position) for finder in finders]
    return -1 if min(ends) < 0 else max(ends)


def _listed(key: str, values: Iterable[str]) -> str:
    return f"{key}: {', '.join(values)}"


def _in_words(key: str, tests: Iterable[Test]) -> str:
    return f"{key}: {' ... '.join(map(_words, tests))}"


def _words(test: Test) -> str:
    named = {"startswith": test.startswith, "endswith": test.endswith, "equals": test.equals, "regex": test.regex}
    words = [repr(test.contains)] if test.contains else []
    words += [f"{name} {value!r}" for name, value in named.items() if value]
    if test.any:
        words.append("any of " + " | ".join(_words(branch) for branch in test.any))
    return " and ".join(words)
