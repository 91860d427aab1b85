"""Archives -> the files in them, in one pass, in memory, at any level: nothing is ever written to disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from k3slogs.sources.archives import tar, zip  # noqa: A004 - the formats' own names
from k3slogs.sources.archives.stream import Chain, Meter
from k3slogs.sources.compression import LONGEST_MAGIC, Chunks, expand
from k3slogs.sources.lines import Notes
from k3slogs.sources.names import closed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path
    from types import ModuleType

    from k3slogs.sources.archives.stream import Item

DEPTH = 3
"""Archives in each other that are opened."""
MEMBERS = 20_000
"""Files of one archive, with those of the archives in it, that are looked at."""
STEP = 256 * 1024
"""Bytes that are read and expanded at once."""
KEPT = 1024 * 1024
"""Files up to this size are kept while the archive is listed, so that they need no second pass."""
SPOOL = 64 * 1024 * 1024
"""All that is kept of one archive."""
SEPARATOR = "!/"
"""Between an archive's name and that of a file in it."""


class Found(NamedTuple):
    """A file of an archive, while the pass stands at it."""

    number: int
    name: str
    """As the archive has it; archives on the way to it end in `!`."""
    mtime: datetime | None
    chunks: Chunks
    """Its bytes, expanded if it is compressed; they end where the archive is damaged."""
    notes: Notes
    """What reading it told."""


class Link(NamedTuple):
    name: str
    target: str
    """As the archive has it; of a symbolic link relative to its own folder."""
    hard: bool


class Left(NamedTuple):
    """Something that is not read, and why. `lost` where it should have been read."""

    name: str
    reason: str
    lost: bool


def is_archive(path: Path) -> bool:
    """Does a file hold a tar or a zip, compressed or not? Raises OSError."""
    with path.open("rb") as file:
        return _inside(_chunks(file)) is not None


def holds_archive(head: bytes) -> bool:
    """Do these first bytes of a file begin a tar or a zip, compressed or not?"""
    return _inside([head]) is not None


def _inside(chunks: Iterable[bytes]) -> ModuleType | None:
    return _format(Chunks(expand(chunks, Notes(), 1)).peek(tar.BLOCK))


def _format(head: bytes) -> ModuleType | None:
    return tar if tar.accepts(head) else zip if zip.accepts(head) else None


def why(error: OSError) -> str:
    return error.strerror or str(error)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(STEP):
        yield chunk


def walk(path: Path) -> Iterator[Found | Link | Left]:
    """Everything in an archive, in its order. What a file holds must be read before the next step. Raises OSError if it cannot be opened."""
    with path.open("rb") as file:
        yield from _Walk(Meter(path.stat().st_size)).archive(file)


class _Walk:
    """One pass over an archive and those in it."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._count = 0

    def archive(self, file: BinaryIO) -> Iterator[Found | Link | Left]:
        head = file.read(LONGEST_MAGIC)
        file.seek(0)
        if zip.accepts(head):
            yield from self._items(zip.items(file), "", 1, Notes())
        else:
            yield from self._file(Chunks(_chunks(file)), "", None, 0)

    def _file(self, raw: Chunks, name: str, mtime: datetime | None, depth: int) -> Iterator[Found | Link | Left]:
        """A file's bytes: itself, or what is in it if it is an archive."""
        notes = Notes()
        chunks = Chunks(self._expanded(raw, notes))
        kind = _format(chunks.peek(tar.BLOCK))
        if kind and (reason := closed(name)):
            yield Left(name, reason, lost=False)
            return
        if kind is None:
            self._count += 1
            yield Found(self._count - 1, name, mtime, chunks, notes)
            return
        if depth >= DEPTH:
            yield Left(name, f"an archive {DEPTH} archives deep", lost=True)
            return
        inside = f"{name}{SEPARATOR}" if name else ""
        members = tar.items(Chain(chunks)) if kind is tar else zip.spooled(chunks)
        yield from self._items(members, inside, depth + 1, notes)

    def _expanded(self, raw: Chunks, notes: Notes) -> Iterator[bytes]:
        """A file's bytes up to where the archive is damaged or a limit is reached, which becomes a problem of this file."""
        try:
            yield from self._meter.watch(expand(raw, notes, STEP))
        except OSError as error:
            (notes.lost if self._meter.full else notes.broke)(why(error))

    def _items(self, items: Iterable[Item], inside: str, depth: int, notes: Notes) -> Iterator[Found | Link | Left]:
        """`notes` are the archive's own: what expanding it tells is why its entries break off."""
        place = inside.removesuffix(SEPARATOR)
        try:
            for item in items:
                if full := self._full():
                    yield Left(place, full, lost=True)
                    return
                yield from self._item(item, inside + item.name, depth)
        except OSError as error:
            yield Left(place, self._meter.full or "; ".join(notes.problems) or why(error), lost=True)
        else:
            yield from (Left(place, problem, lost=True) for problem in notes.problems)

    def _full(self) -> str:
        """The limit that was reached, in words."""
        return f"holds more than {MEMBERS:,} files: the rest was left out" if self._count >= MEMBERS else self._meter.full

    def _item(self, item: Item, name: str, depth: int) -> Iterator[Found | Link | Left]:
        if item.reason:
            yield Left(name, item.reason, lost=item.lost)
        elif item.target:
            yield Link(name, item.target, item.hard)
        else:
            yield from self._file(Chunks(item.chunks), name, item.mtime, depth)


@dataclass(eq=False)
class Archive:
    """An archive whose files are read one after the other; a pass goes on where the last reader left it."""

    path: Path
    held: object = field(default=None, repr=False)
    """What keeps the path alive, if the archive came through a stream."""
    _idle: list[_Pass] = field(default_factory=list, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "held": None, "_idle": []}

    def chunks(self, number: int, name: str, notes: Notes) -> Iterator[bytes]:
        """The bytes of the file with that number; raises OSError. Files in the archive's order cost one pass in all."""
        at = self._pass(number)
        found = at.advance(number)
        if found is None or found.name != name:
            raise OSError("the archive changed while it was read")
        try:
            yield from found.chunks
        finally:
            self._idle[:] = [at]
        notes.add(found.notes)

    def _pass(self, number: int) -> _Pass:
        """One that has not come to that file yet, and that nobody else reads from."""
        try:
            idle = self._idle.pop()
        except IndexError:
            return _Pass(walk(self.path))
        return idle if idle.next <= number else _Pass(walk(self.path))


@dataclass(eq=False)
class _Pass:
    """A walk that stands before the file number `next`."""

    steps: Iterator[Found | Link | Left]
    next: int = 0

    def advance(self, number: int) -> Found | None:
        for step in self.steps:
            if isinstance(step, Found):
                self.next = step.number + 1
                if step.number == number:
                    return step
        return None


@dataclass(frozen=True)
class Member:
    """One file of an archive, to be read as often as one likes."""

    archive: Archive
    number: int
    name: str
    kept: bytes | None = field(default=None, repr=False)
    """All of it, if it is small."""

    def chunks(self, notes: Notes) -> Iterator[bytes]:
        """Its bytes, expanded; raises OSError where the archive is damaged."""
        return iter((self.kept,)) if self.kept is not None else self.archive.chunks(self.number, self.name, notes)


class Keeper:
    """Keeps what is small while an archive is listed."""

    def __init__(self) -> None:
        self._left = SPOOL

    def keep(self, found: Found) -> bytes | None:
        """All of a file, or None if it is too big, or damaged: then it is read again later, and says so then."""
        most = min(KEPT, self._left)
        data = found.chunks.peek(most + 1)
        if len(data) > most or found.notes.problems:
            return None
        self._left -= len(data)
        return data


__all__ = ["SEPARATOR", "Archive", "Found", "Keeper", "Left", "Link", "Member", "holds_archive", "is_archive", "walk"]
