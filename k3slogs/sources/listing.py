"""Paths as the user gave them -> inputs in the order in which they were written."""

from __future__ import annotations

import io
import os
import stat
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from k3slogs.errors import SourceError
from k3slogs.sources import journal, names
from k3slogs.sources.bundles._places import place as place_of
from k3slogs.sources.compression import kind_of
from k3slogs.sources.facts import FactFile, is_log, recognise
from k3slogs.sources.piped import hold, look
from k3slogs.sources.reader import STDIN, Input, reason_of
from k3slogs.sources.sniff import HEAD, maybe_archive, refusal
from k3slogs.sources.trees import Entry, placed

if TYPE_CHECKING:
    from collections.abc import Iterable

    Given = str | os.PathLike[str] | BinaryIO | Input


class Skipped(NamedTuple):
    """A file that is not read as a log, and why."""

    path: str
    reason: str


@dataclass
class Listing:
    """What there is to read, what is left out, and what should be readable and is not."""

    inputs: list[Input] = field(default_factory=list)
    facts: list[FactFile] = field(default_factory=list)
    """Files that tell of the node; some are logs too."""
    skipped: list[Skipped] = field(default_factory=list)
    failures: list[SourceError] = field(default_factory=list)


def find(paths: Iterable[Given]) -> Listing:
    """The inputs behind files, directories, `-` for stdin, binary streams, and ready inputs. One bad path spoils nothing; nothing is raised."""
    finder = _Finder()
    found = finder.listing
    places: dict[str, tuple[set[int], set[int]]] = {}
    for given in paths:
        logs, facts = len(found.inputs), len(found.facts)
        finder.add(given)
        if isinstance(given, str | os.PathLike) and (place := _place(given, found.inputs[logs:])):
            of_logs, of_facts = places.setdefault(place, (set(), set()))
            of_logs.update(range(logs, len(found.inputs)))
            of_facts.update(range(facts, len(found.facts)))
    if len(places) > 1:
        for place, (of_logs, of_facts) in places.items():
            for number in of_logs:
                found.inputs[number] = _placed(found.inputs[number], place)
            for number in of_facts:
                found.facts[number] = found.facts[number]._replace(source=_placed(found.facts[number].source, place))
    return found


def _placed(source: Input, place: str) -> Input:
    return replace(source, identity=source.identity._replace(place=place))


def _place(given: str | os.PathLike[str], inputs: list[Input]) -> str:
    """The name of a folder or archive that was given, if logs were found in it."""
    path = Path(os.fspath(given))
    if not inputs or (inputs[0].member is None and not path.is_dir()):
        return ""
    return path.absolute().name if path.is_dir() else names.stem(path.name)


class _Pipe:
    """A FIFO or device, opened when it is first read: opening may wait for a writer, and what was read is gone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def read(self, size: int) -> bytes:
        if self._file is None:
            self._file = self._path.open("rb")
        data = b"" if self._file.closed else self._file.read(size)
        if not data:
            self._file.close()
        return data


class _Finder:
    """Collects the inputs; knows what it has seen, by device and inode."""

    def __init__(self) -> None:
        self.listing = Listing()
        self._seen: dict[tuple[int, int] | int | str, str] = {}
        self._entries: dict[tuple[int, int], Entry] = {}
        """The files of the directory that is being walked, by device and inode."""
        self._journals: set[Path] = set()
        """Directories that hold binary journals: journalctl merges those of one."""

    def add(self, given: Given) -> None:
        if isinstance(given, str | os.PathLike):
            name = os.fspath(given)
            self._stream(STDIN, None, STDIN) if name == "-" else self._path(Path(name), name)
        elif isinstance(given, Input):
            self.listing.inputs.append(given)
        else:
            self._object(given)

    def _object(self, stream: BinaryIO) -> None:
        name = getattr(stream, "name", None)
        label = name if isinstance(name, str) else "<stream>"
        binary = getattr(stream, "buffer", stream)
        if isinstance(binary, io.TextIOBase) or not hasattr(binary, "read"):
            self._failed(label, "is a text stream: open it in binary mode")
        else:
            self._stream(label, binary, id(binary))

    def _stream(self, name: str, stream: BinaryIO | None, key: int | str) -> None:
        if key not in self._seen:
            self._seen[key] = name
            self._piped(name, stream)

    def _piped(self, name: str, stream: BinaryIO | None) -> None:
        """A stream, whose head tells whether it is an archive; one that cannot be read says why when it is its turn."""
        try:
            whole, archive = look(stream or sys.stdin.buffer)
        except (OSError, ValueError, AttributeError):
            self.listing.inputs.append(Input(name, stream=stream))
            return
        if not archive:
            self.listing.inputs.append(Input(name, stream=whole))
            return
        try:
            held = hold(whole)
            self._archive(held.path, name, named=True, held=held)
        except OSError as error:
            self._failed(name, reason_of(error) if error.strerror else str(error))

    def _failed(self, name: str, reason: str) -> None:
        self.listing.failures.append(SourceError(name, reason))

    def _skip(self, path: Path, reason: str) -> None:
        self.listing.skipped.append(Skipped(str(path), reason))

    def _path(self, path: Path, name: str) -> None:
        """A path that the user named: a file is always tried."""
        try:
            found = path.stat()
            if stat.S_ISDIR(found.st_mode):
                self._top(path, found)
            elif stat.S_ISREG(found.st_mode):
                if self._first_time(found, name):
                    self._take(path, name, found)
            elif stat.S_ISSOCK(found.st_mode):
                self._failed(name, "is a socket, not a log")
            elif self._first_time(found, name):
                self._piped(name, cast("BinaryIO", _Pipe(path)))
        except OSError as error:
            self._failed(name, reason_of(error))
        except ValueError:
            self._failed(name, "no such file or directory")

    def _first_time(self, found: os.stat_result, name: str) -> bool:
        key = (found.st_dev, found.st_ino)
        first = key not in self._seen
        self._seen.setdefault(key, name)
        return first

    def _take(self, path: Path, name: str, found: os.stat_result) -> None:
        head = _head(path)
        if head.startswith(journal.MAGIC):
            self.listing.inputs.append(journal.file(path, name))
        elif _is_archive(path, head):
            self._archive(path, name, named=True)
        else:
            source = _input(path, name, found, head)
            identity = place_of(str(path.absolute()))
            source = replace(source, identity=identity) if identity else source
            kind = None if refusal(head) else recognise(head)
            if kind:
                self.listing.facts.append(FactFile(source, kind))
            if not kind or is_log(kind):
                self.listing.inputs.append(source)

    def _archive(self, path: Path, name: str, *, named: bool, held: object = None) -> None:
        from k3slogs.sources.contents import contents

        inside = contents(path, name, held)
        self.listing.inputs += inside.inputs
        self.listing.facts += inside.facts
        self.listing.skipped += [Skipped(*pair) for pair in inside.skipped]
        self.listing.failures += [SourceError(*pair) for pair in inside.failures]
        if named and not inside.inputs and not inside.failures:
            self._failed(name, "holds no log")

    def _top(self, path: Path, found: os.stat_result) -> None:
        before = self._weight()
        self._entries = {}
        self._directory(path, ((found.st_dev, found.st_ino),), path)
        self._settle(path)
        if self._weight() == before:
            self._failed(str(path), "holds no log")

    def _settle(self, top: Path) -> None:
        """What was found in a directory becomes inputs, by the layout that it has."""
        for entry in placed(list(self._entries.values()), top.absolute().name):
            if entry.archive and not entry.refused:
                self._open_archive(Path(entry.source.name))
                continue
            if entry.fact:
                self.listing.facts.append(FactFile(entry.source, entry.fact))
            if entry.is_log:
                self.listing.inputs.append(entry.source)
            elif not entry.fact:
                self._skip(Path(entry.source.name), entry.refused or "")

    def _open_archive(self, path: Path) -> None:
        if reason := names.closed(str(path)):
            self._skip(path, reason)
            return
        try:
            self._archive(path, str(path), named=False)
        except OSError as error:
            self._failed(str(path), reason_of(error))

    def _weight(self) -> tuple[int, int, int]:
        repeated = sum(1 for skipped in self.listing.skipped if skipped.reason.startswith("the same file"))
        return len(self.listing.inputs), len(self.listing.failures), repeated

    def _directory(self, path: Path, above: tuple[tuple[int, int], ...], top: Path) -> None:
        try:
            entries = sorted(path.iterdir(), key=lambda entry: (names.age_key(entry.name), entry.name))
        except OSError as error:
            self._failed(str(path), reason_of(error))
            return
        for entry in entries:
            try:
                self._entry(entry, above, top)
            except OSError as error:
                self._failed(str(entry), reason_of(error))
        if path in self._journals:
            self.listing.inputs.append(journal.directory(path))

    def _entry(self, path: Path, above: tuple[tuple[int, int], ...], top: Path) -> None:
        if path.name.startswith("."):
            self._skip(path, "hidden")
            return
        try:
            found = path.stat()
        except FileNotFoundError:
            self._skip(path, "link to nothing")
            return
        except (OSError, RuntimeError):
            if not path.is_symlink():
                raise
            self._skip(path, "link in a circle")
            return
        key = (found.st_dev, found.st_ino)
        if stat.S_ISDIR(found.st_mode):
            self._skip(path, "link in a circle") if key in above else self._directory(path, (*above, key), top)
        elif not stat.S_ISREG(found.st_mode):
            self._skip(path, "not a file (a device, pipe or socket)")
        else:
            self._file(path, found, top)

    def _file(self, path: Path, found: os.stat_result, top: Path) -> None:
        key = (found.st_dev, found.st_ino)
        refused = names.refused(path.name)
        if not refused and not self._first_time(found, str(path)):
            self._skip(path, f"the same file as {self._seen[key]}")
            if key in self._entries:
                self._entries[key].aliases.append(path.relative_to(top).as_posix())
            return
        head = _head(path)
        if head.startswith(journal.MAGIC):
            self._journals.add(path.parent)
            return
        archive = _is_archive(path, head)
        if refused and not archive:
            self._skip(path, refused)
            return
        self._first_time(found, str(path))
        entry = Entry(path.relative_to(top).as_posix(), _input(path, str(path), found, head), refusal(head), archive=archive)
        if archive:
            entry.refused = None
        elif not entry.refused:
            entry.fact = recognise(head)
        self._entries[key] = entry


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _is_archive(path: Path, head: bytes) -> bool:
    if not maybe_archive(head):
        return False
    from k3slogs.sources.archives import is_archive

    return is_archive(path)


def _input(path: Path, name: str, found: os.stat_result, head: bytes) -> Input:
    return Input(name, found.st_size, _mtime(found, head), path)


def _mtime(found: os.stat_result, head: bytes) -> datetime | None:
    kind = kind_of(head)
    packed = int.from_bytes(head[4:8], "little") if kind and kind.name == "gzip" else 0
    try:
        return datetime.fromtimestamp(packed or found.st_mtime, UTC)
    except (OverflowError, OSError, ValueError):
        return None
