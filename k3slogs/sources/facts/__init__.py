"""Facts of a node: files beside its logs that tell of its mounts, cgroups, kernel and configuration. Each kind is a module of this folder.

A module has a `NAME` for people; `PLACE`, the paths at which bundles hold such a file; `accepts(text)`, asked with a file's head where no
bundle tells; `facts(text)`; and `SAMPLES`. It may say `LOG = True`: the file is a log too. At most one kind accepts a text or has a place.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from k3slogs.sources.facts._base import Sample, numbered

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping, Sequence

    from k3slogs.errors import SourceError
    from k3slogs.model import Fact
    from k3slogs.sources.reader import Input

__all__ = ["FactFile", "Kind", "Sample", "Told", "at", "facts_of", "kinds", "numbered", "read", "recognise"]

TEXT = 1024 * 1024
"""What is read of a file."""


class Kind(Protocol):
    NAME: str
    PLACE: re.Pattern[str]
    SAMPLES: tuple[Sample, ...]

    def accepts(self, text: str) -> bool: ...
    def facts(self, text: str) -> Iterator[Fact]: ...


class FactFile(NamedTuple):
    """A file that holds facts, and of which kind."""

    source: Input
    kind: str


class Told(NamedTuple):
    """What one such file told. `error` is why it could not be read whole."""

    source: Input
    kind: str
    """For people."""
    facts: Sequence[Fact]
    is_log: bool
    error: SourceError | None = None


@cache
def kinds() -> Mapping[str, Kind]:
    """The kinds of files, by the names of their modules."""
    names = sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
    return {name: cast("Kind", import_module(f"{__name__}.{name}")) for name in names}


def at(path: str) -> str | None:
    """The kind that has its place there in a bundle."""
    return next((name for name, kind in kinds().items() if kind.PLACE.search(path)), None)


def recognise(head: bytes) -> str | None:
    """The kind of a file that begins with these bytes."""
    text = head.decode("utf-8", "replace")
    return next((name for name, kind in kinds().items() if kind.accepts(text)), None)


def is_log(name: str) -> bool:
    """Is a file of that kind read as a log too?"""
    return bool(getattr(kinds()[name], "LOG", False))


def facts_of(kind: str, text: str) -> list[Fact]:
    """The facts in the text of a file. Raises KeyError for a kind that is none."""
    return list(kinds()[kind].facts(text))


def read(file: FactFile) -> Told:
    """Read a file of facts. Raises nothing: see `error`."""
    reader = file.source.open(chunk=64 * 1024)
    text = reader.head(TEXT).decode("utf-8", "replace")
    return Told(file.source, kinds()[file.kind].NAME, facts_of(file.kind, text), is_log(file.kind), reader.error)
