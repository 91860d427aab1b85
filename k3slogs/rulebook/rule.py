"""A rule as the program holds it: a value for each key, written or not. What a file may say is checked in `written`."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Literal

from k3slogs.frozen import Frozen
from k3slogs.taxonomy import FAULTS, Category, Component, Effect, Level, Stage, Status


class Test(Frozen):
    """What one part of a value must look like."""

    equals: str | None
    startswith: str | None
    endswith: str | None
    contains: str | None
    regex: str | None
    any: tuple[Test, ...]


class Item(Frozen):
    """Conditions that must all hold on one record."""

    text: tuple[Test, ...] | None
    message: tuple[Test, ...] | None
    err: tuple[Test, ...] | None
    level: tuple[Level, ...] | None
    origin: tuple[str, ...] | None
    from_: tuple[Component, ...] | None
    fields: dict[str, tuple[Test, ...]]

    @property
    def texts(self) -> dict[str, tuple[Test, ...]]:
        """The conditions on text, by the name of the value that they look at."""
        named = {"text": self.text, "message": self.message, "err": self.err}
        return {**{key: parts for key, parts in named.items() if parts}, **{f"field.{key}": parts for key, parts in self.fields.items()}}


class Threshold(Frozen):
    count: int
    within: timedelta | None


class Tolerate(Frozen):
    for_: timedelta
    since: str


class Absent(Frozen):
    """`expected` did not follow `after`; `within` is a duration, or None for the end of the attempt."""

    after: str
    expected: tuple[str, ...]
    within: timedelta | None


class Remedy(Frozen):
    command: str | None
    config: str | None
    note: str
    tradeoff: str | None


class Fires(Frozen):
    line: str
    captures: dict[str, str]
    also: tuple[str, ...]


class Stream(Frozen):
    """A short log that shows a rule in time. A line is text, or `[+5s] fires.0 | silent.0 | milestone ID | rule ID | end`."""

    lines: tuple[str, ...]
    expect: Literal["active", "resolved", "tolerated", "none"]


class Examples(Frozen):
    fires: tuple[Fires, ...]
    silent: tuple[str, ...]
    streams: tuple[Stream, ...]


class Rule(Frozen):
    """One rule. `id` is the file's stem, `category` its folder."""

    id: str
    category: Category
    path: str

    title: str
    component: Component
    stage: Stage
    effect: Effect
    status: Status
    match: tuple[Item, ...]
    unless: tuple[Item, ...]
    captures: dict[str, str]
    key: tuple[str, ...]
    threshold: Threshold | None
    tolerate: Tolerate | None
    always: bool
    clears_by: tuple[str, ...]
    clears: tuple[str, ...]
    caused_by: tuple[str, ...]
    causes: tuple[str, ...]
    overrides: tuple[str, ...]
    overridden_by: tuple[str, ...]
    wrapper: bool
    requires: tuple[str, ...]
    excluded_by: tuple[str, ...]
    cause: str
    remedy: tuple[Remedy, ...]
    versions: dict[str, str]
    references: tuple[str, ...]
    examples: Examples
    proves: Literal["entered", "passed"] | None
    begins: Literal["attempt"] | None
    ends: Literal["exit", "stop"] | None
    absent: Absent | None

    @property
    def is_fault(self) -> bool:
        return self.effect in FAULTS

    @cached_property
    def of_facts(self) -> bool:
        """It is about files beside the logs, and no line of a log ever matches it."""
        return bool(self.match) and all(item.from_ == (Component.FACT,) for item in self.match)

    @property
    def builtin_silence(self) -> bool:
        """The two rules that the diagnosis itself raises: nothing in a log matches them."""
        return self.id in {"ended-without-a-word", "waits-for-ever"}


SHAPES = (Absent, Examples, Fires, Item, Remedy, Rule, Stream, Test, Threshold, Tolerate)
"""What a rule is made of."""
