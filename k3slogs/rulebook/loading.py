"""Packs -> RuleBook: from what an earlier run kept of them, or from their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs import cache
from k3slogs.rulebook import packs, serial
from k3slogs.rulebook.book import RuleBook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from k3slogs.errors import Problem
    from k3slogs.rulebook.rule import Rule

_KIND = "rules"


def load(folders: Iterable[Path], *, check: bool = True, lenient: bool = False) -> RuleBook:
    """Read packs, later ones added to earlier ones; raises RuleError with every problem of all of them.

    `lenient` leaves out what cannot be read and raises nothing.
    """
    folders = list(folders)
    if lenient or not check:
        return _from_files(folders, check=check, lenient=lenient)
    key = packs.key(folders)
    if (known := _kept(key)) is not None:
        return known
    book = _from_files(folders)
    if key and key == packs.key(folders):  # nobody wrote to the files while they were read
        cache.write(_KIND, key, serial.dumped(book))
    return book


def _kept(key: str | None) -> RuleBook | None:
    """Rules without a problem, alone or with each other."""
    content = cache.read(_KIND, key) if key else None
    try:
        return None if content is None else serial.loaded(content)
    except Exception:  # noqa: BLE001 - whatever is wrong with what was kept, the files are there
        return None


def _from_files(folders: Sequence[Path], *, check: bool = True, lenient: bool = False) -> RuleBook:
    from k3slogs.errors import Problem, RuleError
    from k3slogs.rulebook.checks import rule_problems
    from k3slogs.rulebook.links import link_problems

    rules: dict[str, Rule] = {}
    problems: list[Problem] = []
    unchecked: list[Rule] = []
    for folder in folders:
        alone = _kept(packs.key([folder])) if check and not lenient and len(folders) > 1 else None
        for rule, found in _read(folder) if alone is None else ((rule, []) for rule in alone):
            problems += found
            if rule is None:
                continue
            if rule.id in rules:
                problems.append(Problem(rule.path, None, "", f"has the same id as {rules[rule.id].path}", "rename one of the files"))
                continue
            rules[rule.id] = rule
            if alone is None:
                unchecked.append(rule)
    book = RuleBook(rules.values())
    if check:
        problems += [problem for rule in unchecked for problem in rule_problems(rule)] + link_problems(book)
    if problems and not lenient:
        raise RuleError(problems)
    return book


def _read(folder: Path) -> Iterator[tuple[Rule | None, list[Problem]]]:
    from k3slogs.errors import Problem
    from k3slogs.rulebook import reading

    paths = packs.files(folder)
    if not paths:
        yield None, [Problem(str(folder), None, "", "holds no rules", "a rule is DIR/<category>/<id>.yaml")]
    for path in paths:
        yield reading.read(path, str(path))
