"""What must hold between rules: a link leads to a rule, and links run in no circle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from k3slogs import yamlfile
from k3slogs.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from k3slogs.rulebook.book import RuleBook
    from k3slogs.rulebook.rule import Rule

_LINKS = ("caused_by", "causes", "clears_by", "clears", "overrides", "overridden_by", "requires", "excluded_by")


def link_problems(book: RuleBook) -> list[Problem]:
    problems = []
    known = list(book.rules)
    for rule in book:
        for field, target in _targets(rule):
            if target in book.rules or (field == "tolerate.since" and target == "attempt"):
                continue
            problems.append(_at(rule, field, f"names the rule {target!r}, which no file has", yamlfile.closest(target, known)))
    problems += _cycles(book, book.causes_of, "caused_by", "cause each other")
    problems += _cycles(book, book.overrides, "overrides", "override each other")
    return problems


def _targets(rule: Rule) -> Iterator[tuple[str, str]]:
    for field in _LINKS:
        for target in getattr(rule, field):
            yield field, target
    if rule.tolerate:
        yield "tolerate.since", rule.tolerate.since
    if rule.absent:
        yield "absent.after", rule.absent.after
        for target in rule.absent.expected:
            yield "absent.expected", target


def _cycles(book: RuleBook, links: Mapping[str, set[str]], field: str, what: str) -> list[Problem]:
    """Each circle once, named from its first id."""
    done: set[str] = set()
    problems = []
    for start in sorted(book.rules):
        circle = _circle(start, links, done)
        if circle:
            ring = " -> ".join([*circle, circle[0]])
            problems.append(_at(book.rules[circle[0]], field, f"{ring}: these {what}", "take one of the links out"))
    return problems


def _circle(start: str, links: Mapping[str, set[str]], done: set[str]) -> list[str]:
    path: list[str] = []
    stack = [(start, iter(sorted(links.get(start, ()))))] if start not in done else []
    path.extend(node for node, _ in stack)
    while stack:
        node, targets = stack[-1]
        target = next(targets, None)
        if target is None:
            done.add(node)
            stack.pop()
            path.pop()
        elif target in path:
            done.update(path)
            return path[path.index(target) :]
        elif target not in done:
            stack.append((target, iter(sorted(links.get(target, ())))))
            path.append(target)
    return []


def _at(rule: Rule, field: str, reason: str, hint: str = "") -> Problem:
    try:
        line = yamlfile.line_of(Path(rule.path).read_text("utf-8-sig"), field.split("."))
    except OSError:
        line = None
    return Problem(rule.path, line, field, reason, hint)
