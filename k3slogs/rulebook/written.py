"""A rule as written: the shape of one YAML file, checked on the way in. Each class makes the one of its name in `rule`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from k3slogs.model import seconds
from k3slogs.rulebook import rule as shapes
from k3slogs.taxonomy import Category, Component, Effect, Level, Stage, Status


def _one_or_many(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _duration(value: Any) -> Any:
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            return seconds(str(value))
        except ValueError:
            raise ValueError(f"{value!r} is no duration: write 90s, 5m or 2h") from None
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Filled = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class Test(_Strict):
    """What one part of a value must look like; a plain string is short for `contains`."""

    equals: Filled | None = None
    startswith: Filled | None = None
    endswith: Filled | None = None
    contains: Filled | None = None
    regex: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    any: tuple[Part, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"contains": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("is empty: write a string, or one of equals, startswith, endswith, contains, regex, any")
        return self


Part = Test
Parts = Annotated[tuple[Test, ...], BeforeValidator(_one_or_many), Field(min_length=1)]
Words = Annotated[tuple[Filled, ...], BeforeValidator(_one_or_many), Field(min_length=1)]


class Item(_Strict):
    """Conditions that must all hold on one record."""

    text: Parts | None = None
    message: Parts | None = None
    err: Parts | None = None
    level: Annotated[tuple[Level, ...], BeforeValidator(_one_or_many)] | None = None
    origin: Words | None = None
    from_: Annotated[tuple[Component, ...], BeforeValidator(_one_or_many)] | None = Field(default=None, alias="from")
    fields: dict[str, Parts] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gather_fields(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"text": value}
        if not isinstance(value, dict):
            return value
        named = {key.removeprefix("field."): test for key, test in value.items() if str(key).startswith("field.")}
        rest = {key: test for key, test in value.items() if not str(key).startswith("field.")}
        return {**rest, "fields": named} if named else rest


Items = Annotated[tuple[Item, ...], BeforeValidator(_one_or_many)]
Ids = Annotated[tuple[Filled, ...], BeforeValidator(_one_or_many)]


class Threshold(_Strict):
    count: Annotated[int, Field(ge=2)]
    within: Duration | None = None


class Tolerate(_Strict):
    for_: Duration = Field(alias="for")
    since: str = "attempt"


class Absent(_Strict):
    """`expected` did not follow `after`; `within` is a duration, or None for the end of the attempt."""

    after: Filled
    expected: Ids
    within: Duration | None = None

    @model_validator(mode="before")
    @classmethod
    def _end(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("within") == "end":
            return {**value, "within": None}
        return value


class Remedy(_Strict):
    command: str | None = None
    config: str | None = None
    note: str = ""
    tradeoff: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.command or self.config or self.note):
            raise ValueError("needs a command, a config or a note")
        return self


class Fires(_Strict):
    line: Filled
    captures: dict[str, str] = Field(default_factory=dict)
    also: Ids = ()

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"line": value} if isinstance(value, str) else value


class Stream(_Strict):
    """A short log that shows a rule in time. A line is text, or `[+5s] fires.0 | silent.0 | milestone ID | rule ID | end`."""

    lines: Annotated[tuple[Filled, ...], Field(min_length=1)]
    expect: Literal["active", "resolved", "tolerated", "none"]


class Examples(_Strict):
    fires: tuple[Fires, ...] = ()
    silent: tuple[Filled, ...] = ()
    streams: tuple[Stream, ...] = ()


class Rule(_Strict):
    """One rule. `id` is the file's stem, `category` its folder."""

    id: str
    category: Category
    path: str

    title: Filled
    component: Component
    stage: Stage
    effect: Effect
    status: Status = Status.STABLE
    match: Items = ()
    unless: Items = ()
    captures: dict[str, Annotated[str, Field(max_length=2000)]] = Field(default_factory=dict)
    key: Ids = ()
    threshold: Threshold | None = None
    tolerate: Tolerate | None = None
    always: bool = False
    clears_by: Ids = ()
    clears: Ids = ()
    caused_by: Ids = ()
    causes: Ids = ()
    overrides: Ids = ()
    overridden_by: Ids = ()
    wrapper: bool = False
    requires: Ids = ()
    excluded_by: Ids = ()
    cause: Filled
    remedy: tuple[Remedy, ...] = ()
    versions: dict[str, str] = Field(default_factory=dict)
    references: tuple[Filled, ...] = ()
    examples: Examples = Field(default_factory=Examples)
    proves: Literal["entered", "passed"] | None = None
    begins: Literal["attempt"] | None = None
    ends: Literal["exit", "stop"] | None = None
    absent: Absent | None = None


def held(value: Any) -> Any:
    """What is written, or a part of it, as the program holds it."""
    if isinstance(value, _Strict):
        return getattr(shapes, type(value).__name__)(**{name: held(part) for name, part in value})
    if isinstance(value, dict):
        return {name: held(part) for name, part in value.items()}
    return tuple(map(held, value)) if isinstance(value, tuple) else value


def of(rule: shapes.Rule) -> Rule:
    """What could be written for a rule."""
    return Rule.model_validate(rule, from_attributes=True)
