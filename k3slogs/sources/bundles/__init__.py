"""Bundles: known layouts of log files, as folders or in archives. Each is a module of this folder.

A module has a `NAME` for people, `accepts(files)`, asked with the files below a folder; `about(files)`, what the bundle knows of itself;
and `place(path, files)`, whose lines a file holds, or in words why it is not read as a log. At most one layout accepts a folder.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from k3slogs.model import Identity

    Read = Callable[[], str]

LEVELS = 2
"""Folders that may stand above a bundle's own."""
NO_LOG = "no log, by its place in the bundle"


class About(NamedTuple):
    """What a bundle knows of itself."""

    node: str | None = None
    anchor: datetime | None = None
    anchor_from: str = ""


class Files:
    """The files below one folder, by their paths from there."""

    def __init__(self, name: str, read: Mapping[str, Read]) -> None:
        self.name = name
        """Of the folder, or of the archive without its endings."""
        self.paths = frozenset(read)
        self._read = read

    def text(self, path: str) -> str:
        """The head of a file; nothing if there is none."""
        return self._read[path]() if path in self._read else ""

    def below(self, *folders: str) -> bool:
        """Is there a file in one of these folders, which are written with their slash?"""
        return any(path.startswith(folders) for path in self.paths)


class Layout(Protocol):
    NAME: str

    def accepts(self, files: Files) -> bool: ...
    def about(self, files: Files) -> About: ...
    def place(self, path: str, files: Files) -> Identity | str: ...


class Bundle(NamedTuple):
    """A folder whose layout is known."""

    root: str
    """With its slash; empty for the top of the tree."""
    layout: Layout
    files: Files
    about: About


@cache
def layouts() -> tuple[Layout, ...]:
    names = sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(cast("Layout", import_module(f"{__name__}.{name}")) for name in names)


def recognise(name: str, files: Mapping[str, Read]) -> list[Bundle]:
    """The bundles in a tree of that name, outermost first; none lies in another."""
    found: list[Bundle] = []
    for level in range(LEVELS + 1):
        for root, inside in _folders(files, level).items():
            if not any(root.startswith(bundle.root) for bundle in found):
                known = Files(root.rstrip("/").rpartition("/")[2] or name, inside)
                found += [Bundle(root, layout, known, layout.about(known)) for layout in layouts() if layout.accepts(known)][:1]
    return found


def _folders(files: Mapping[str, Read], level: int) -> dict[str, dict[str, Read]]:
    """What lies below each folder with so many folders above it."""
    found: dict[str, dict[str, Read]] = {}
    for path, read in files.items():
        *above, rest = path.split("/", level)
        if len(above) == level:
            found.setdefault("".join(f"{folder}/" for folder in above), {})[rest] = read
    return found
