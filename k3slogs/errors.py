"""The exception tree: K3slogsError > RuleError, ExperimentError, SourceError, UsageError. Each message says where, what and what to do."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong in one place of a file that a person wrote."""

    path: str
    line: int | None
    field: str
    reason: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        field = f" {self.field}:" if self.field else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}:{field} {self.reason}{hint}"


class K3slogsError(Exception):
    """Root of everything that k3slogs raises on purpose."""


class RuleError(K3slogsError):
    """A rule pack cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(_listed("the rules", problems))


class ExperimentError(K3slogsError):
    """An experiment file cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(_listed("the experiment file", problems))


class SourceError(K3slogsError):
    """An input cannot be read; `path` says which."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


class UsageError(K3slogsError):
    """A call that makes no sense as asked."""


def _listed(where: str, problems: list[Problem]) -> str:
    count = len(problems)
    head = f"{count} problem{'s' if count != 1 else ''} in {where}:"
    return "\n".join([head, *(f"  {problem}" for problem in problems)])
