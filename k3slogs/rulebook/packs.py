"""A pack on disk: its files, and a key that changes with any of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import regex

from k3slogs import cache

if TYPE_CHECKING:
    from collections.abc import Iterable

_HOME = Path(__file__).parent
_CODE = sorted([*_HOME.glob("*.*"), *(_HOME.parent / f"{name}.py" for name in ("frozen", "model", "taxonomy", "yamlfile"))])
"""What makes rules of the files."""


def files(folder: Path) -> list[Path]:
    """The rule files of a pack, in the order of their names."""
    return [Path(path) for path in _files(folder)]


def key(folders: Iterable[Path]) -> str | None:
    """A key for what loading these packs gives: of every file's name and content, and of the code. None if one cannot be read."""
    parts = [regex.__version__.encode()]
    try:
        parts += [_content(path) for path in _CODE]
        for folder in folders:
            found = _files(folder)
            parts += [os.fsencode(folder), b"%d" % len(found)]
            for path in found:
                parts += [os.fsencode(path), _content(path)]
    except OSError:
        return None
    return cache.key(*parts)


# Strings and plain calls: a path object for each of a thousand files costs more than reading them.


def _files(folder: str | Path) -> list[str]:
    categories = [os.path.join(folder, category, "") for category in _names(folder)]  # noqa: PTH118
    return [
        category + name
        for category in categories
        for name in _names(category)
        if name.endswith((".yaml", ".yml")) and not name.startswith(".")
    ]


def _names(folder: str | Path) -> list[str]:
    """Of what lies in a folder; of a file, or of a folder that is closed to us, none."""
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208
    except OSError:
        return []


def _content(path: str | Path) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        return file.read()
