"""All rules together: links resolved at both ends, and what is wrong between them."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from k3slogs import yamlfile
from k3slogs.errors import Problem, RuleError
from k3slogs.rulebook import reading
from k3slogs.rulebook.checks import rule_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from k3slogs.rulebook.rule import Rule

_LINKS = ("caused_by", "causes", "clears_by", "clears", "overrides", "overridden_by", "requires", "excluded_by")


class RuleBook:
    """Rules by id, with their links as sets of ids.

    `causes_of[effect]`, `clears_of[finding]` and `overrides[winner]` hold the links of both ends.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: dict[str, Rule] = {rule.id: rule for rule in rules}
        self.causes_of = self._link("caused_by", "causes")
        self.clears_of = self._link("clears_by", "clears")
        self.overrides = self._link("overrides", "overridden_by")

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules.values())

    def __len__(self) -> int:
        return len(self.rules)

    def __getitem__(self, rule_id: str) -> Rule:
        return self.rules[rule_id]

    def get(self, rule_id: str) -> Rule | None:
        return self.rules.get(rule_id)

    def effects_of(self, rule_id: str) -> list[str]:
        """Ids of the rules that name this one as a cause."""
        return sorted(effect for effect, causes in self.causes_of.items() if rule_id in causes)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the rules say, in hexadecimal: two books with one digest find the same."""
        texts = (self.rules[rule_id].model_dump_json(exclude={"path"}) for rule_id in sorted(self.rules))
        return sha256("\n".join(texts).encode()).hexdigest()

    @cached_property
    def all_effects(self) -> Mapping[str, frozenset[str]]:
        """Everything that may follow from a rule, over any number of links."""
        direct: dict[str, set[str]] = defaultdict(set)
        for effect, causes in self.causes_of.items():
            for cause in causes:
                direct[cause].add(effect)
        return {rule_id: frozenset(_reachable(rule_id, direct)) for rule_id in self.rules}

    def _link(self, own: str, other: str) -> dict[str, set[str]]:
        links: dict[str, set[str]] = defaultdict(set)
        for rule in self.rules.values():
            links[rule.id].update(getattr(rule, own))
            for target in getattr(rule, other):
                links[target].add(rule.id)
        return links


def load(folders: Iterable[Path], *, check: bool = True, lenient: bool = False) -> RuleBook:
    """Read packs, later ones added to earlier ones; raises RuleError with every problem of all of them.

    `lenient` leaves out what cannot be read and raises nothing.
    """
    rules: dict[str, Rule] = {}
    problems: list[Problem] = []
    for folder in folders:
        paths = list(reading.files(folder))
        if not paths:
            problems.append(Problem(str(folder), None, "", "holds no rules", "a rule is DIR/<category>/<id>.yaml"))
        for path in paths:
            rule, found = reading.read(path, str(path))
            problems += found
            if rule is None:
                continue
            if rule.id in rules:
                problems.append(Problem(rule.path, None, "", f"has the same id as {rules[rule.id].path}", "rename one of the files"))
                continue
            rules[rule.id] = rule
    book = RuleBook(rules.values())
    if check:
        problems += [problem for rule in book for problem in rule_problems(rule)] + _link_problems(book)
    if problems and not lenient:
        raise RuleError(problems)
    return book


def _link_problems(book: RuleBook) -> list[Problem]:
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


def _reachable(start: str, direct: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        for target in direct.get(todo.pop(), ()):
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return seen


def _at(rule: Rule, field: str, reason: str, hint: str = "") -> Problem:
    try:
        line = yamlfile.line_of(Path(rule.path).read_text("utf-8-sig"), field.split("."))
    except OSError:
        line = None
    return Problem(rule.path, line, field, reason, hint)
