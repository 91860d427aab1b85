"""What a command takes, declared without typer: to import it, and all that it imports, is a seventh of the time that a short log takes.

A command line that is written plainly is understood here. All others, wrong ones among them, are left to typer, which is told the same.
"""

from __future__ import annotations

from math import inf
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Argument:
    """The words of a command that belong to no option; `settings` are those of `typer.Argument`."""

    def __init__(self, **settings: Any) -> None:
        self.settings = settings


class Option:
    """An option by its names, `--on/--off` for a switch that can be either; `settings` are those of `typer.Option`."""

    def __init__(self, *names: str, **settings: Any) -> None:
        self.names = names
        self.settings = settings


def plain(command: Callable[..., Any], words: list[str]) -> dict[str, Any] | None:
    """What a command is called with, if each word is a path, an option's name in full, or the value after one. None asks for typer."""
    paths, options = _declared(command)
    given: dict[str, Any] = {}
    rest = iter(words)
    try:
        for word in rest:
            if word == "-" or not word.startswith("-"):
                given.setdefault(paths, []).append(word)
                continue
            name, kind, option = options[word]
            if kind is bool:
                given[name] = word not in {names.partition("/")[2] for names in option.names}
            elif kind == list[Path]:
                given.setdefault(name, []).append(Path(_value(rest)))
            else:
                given[name] = _within(kind(_value(rest)), **option.settings)
    except (KeyError, ValueError):
        return None
    return given


def _declared(command: Callable[..., Any]) -> tuple[str, dict[str, tuple[str, Any, Option]]]:
    """The parameter that takes the paths, and by each name of an option its parameter, its type and itself."""
    paths = ""
    options: dict[str, tuple[str, Any, Option]] = {}
    for parameter, hint in get_type_hints(command, include_extras=True).items():
        kind, *declared = get_args(hint) if get_origin(hint) is Annotated else (hint,)
        match declared:
            case [Argument()]:
                paths = parameter
            case [Option() as option]:
                (kind,) = {*get_args(kind)} - {NoneType} if get_origin(kind) is UnionType else {kind}
                options |= dict.fromkeys(_names(parameter, option), (parameter, kind, option))
    return paths, options


def _names(parameter: str, option: Option) -> list[str]:
    return [name for names in option.names or (f"--{parameter}",) for name in names.split("/")]


def _value(rest: Iterator[str]) -> str:
    word = next(rest, "-")
    if word.startswith("-"):
        raise ValueError(word)
    return word


def _within(value: Any, min: float = -inf, max: float = inf, **_: object) -> Any:  # noqa: A002 - typer's words
    if isinstance(value, int) and not min <= value <= max:
        raise ValueError(value)
    return value
