"""What the kinds share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from k3slogs.lazily import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_ANSI = pattern(r"\x1b\[[0-9;]*m")


class Sample(NamedTuple):
    """The text of a file, where a bundle holds it, and some of the facts in it: name, value and line number."""

    path: str
    text: str
    expected: tuple[tuple[str, str, int], ...]


def numbered(text: str) -> Iterator[tuple[int, str]]:
    """The lines that hold something, with their numbers, without colours."""
    for number, line in enumerate(text.split("\n"), 1):
        plain = _ANSI.sub("", line).rstrip()
        if plain:
            yield number, plain


def first(text: str) -> str:
    """The first line that holds something."""
    return next((line for _, line in numbered(text)), "")
