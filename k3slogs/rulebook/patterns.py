"""Regular expressions of rules: the linear-time subset, and the literals that a match must hold."""

from __future__ import annotations

import re
from functools import cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_FORBIDDEN = {
    op.ASSERT: "lookaround",
    op.ASSERT_NOT: "lookaround",
    op.GROUPREF: "a backreference",
    op.GROUPREF_EXISTS: "a conditional group",
    op.ATOMIC_GROUP: "an atomic group",
    op.POSSESSIVE_REPEAT: "a possessive repeat",
}
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT)
_MANY = 1000


def complaint(pattern: str) -> str | None:
    """Why the pattern may not stand in a rule, or None."""
    try:
        tree = parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"is no regular expression: {error}"
    return _forbidden(tree) or _backtracks(tree)


def groups(pattern: str) -> int:
    return re.compile(pattern).groups


@cache
def literals(pattern: str) -> list[list[str]]:
    """Runs of literal text of which a match holds one from each inner list (alternatives); a 0 stands for any digit as well."""
    return _required(parser.parse(pattern), any_digit="0")


def needs(pattern: str) -> tuple[bool, list[list[str]]]:
    """Can a match begin only where the text does, and of which literals does it hold one each, as they are written?"""
    tree = parser.parse(pattern)
    return len(tree) > 0 and tree[0] == (op.AT, op.AT_BEGINNING), [] if "(?i" in pattern else _required(tree)


_PARTS = re.compile(r"\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|\{\d*,?\d*\}|\[\^?\]?(?:\\.|[^\]\\])*\]|\d", re.DOTALL)
_CLASS_ESCAPES = re.compile(r"\\.|0-9", re.DOTALL)


def with_any_digits(pattern: str) -> str | None:
    """The pattern with any digit where it names certain ones; None where it names none."""
    named = False

    def wider(part: re.Match[str]) -> str:
        nonlocal named
        text = part[0]
        if text.isdigit():
            named = True
            return r"\d"
        if text.startswith("[") and any(map(str.isdigit, _CLASS_ESCAPES.sub("", text))):
            named = True
            return f"(?:{text}|\\d)"
        return text

    wide = _PARTS.sub(wider, pattern)
    return wide if named else None


def _children(code: Any, value: Any) -> list[Any]:
    if code in _REPEATS:
        return [value[2]]
    if code is op.SUBPATTERN:
        return [value[-1]]
    if code is op.BRANCH:
        return list(value[1])
    return []


def _forbidden(tree: Any) -> str | None:
    for code, value in tree:
        if code in _FORBIDDEN:
            return f"uses {_FORBIDDEN[code]}: rules keep to the linear-time subset of RE2"
        for child in _children(code, value):
            if found := _forbidden(child):
                return found
    return None


def _backtracks(tree: Any, *, repeated: bool = False) -> str | None:
    for code, value in tree:
        many = code in _REPEATS and value[1] > _MANY
        if many and repeated:
            return "repeats what is already repeated without bound, such as (a+)+: it can take for ever"
        for child in _children(code, value):
            if found := _backtracks(child, repeated=repeated or many):
                return found
    return None


def _required(tree: Any, any_digit: str = "") -> list[list[str]]:
    """The literals of a pattern; those of digits whose number is known too, if it is said how they are written."""
    found: list[list[str]] = []
    run: list[str] = []

    def flush() -> None:
        if run:
            found.append(["".join(run)])
            run.clear()

    for code, value in tree:
        if code is op.LITERAL:
            run.append(chr(value))
            continue
        least, most = _digits(code, value)
        if least and any_digit:
            run += any_digit * least
            if least < most:  # as many stand next to what comes before as to what follows
                flush()
                run += any_digit * least
            continue
        flush()
        if code is op.SUBPATTERN:
            found += _required(value[-1], any_digit)
        elif code in _REPEATS and value[0] > 0:
            found += _required(value[2], any_digit)
        elif code is op.BRANCH:
            found += _alternatives([_required(branch, any_digit) for branch in value[1]])
    flush()
    return found


def _digits(code: Any, value: Any) -> tuple[int, int]:
    """How many digits a part of a pattern stands for, at least and at most; 0 if it stands for something else."""
    if code is op.IN and value == [(op.RANGE, (ord("0"), ord("9")))]:
        return 1, 1
    if code in _REPEATS and len(value[2]) == 1 and _digits(*value[2][0]) == (1, 1):
        return min(value[0], _MANY), value[1]
    return 0, 0


def _alternatives(branches: list[list[list[str]]]) -> list[list[str]]:
    """One literal set for a branch: the longest of each way, or nothing if some way has none."""
    if not all(branches):
        return []
    best = [max(branch, key=lambda words: min(map(len, words))) for branch in branches]
    return [[word for words in best for word in words]]
