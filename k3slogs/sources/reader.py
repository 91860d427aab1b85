"""An input, and the reader that turns it into blocks."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from k3slogs.errors import SourceError
from k3slogs.model import NOBODY, Identity
from k3slogs.sources.compression import Chunks, expand
from k3slogs.sources.encoding import to_utf8
from k3slogs.sources.framing import SNIFF, join_for
from k3slogs.sources.lines import BLOCK, Notes
from k3slogs.sources.sniff import HEAD, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from k3slogs.model import Block
    from k3slogs.sources.archives import Member

STDIN = "<stdin>"
_NEAR = 16 * 1024


@dataclass(frozen=True)
class Input:
    """Something to read: a file by its path, a file in an archive, a stream, or stdin where all are missing.

    Only with a path, or in an archive, it can be read more than once, and pickled.
    """

    name: str
    size: int | None = None
    """Bytes on disk, before decompression."""
    mtime: datetime | None = None
    """Of the file, in UTC; of a gzip file what its header says."""
    path: Path | None = None
    stream: BinaryIO | None = None
    member: Member | None = None
    notes: tuple[str, ...] = ()
    """Problems that are known before it is read."""
    bundle: str = ""
    """Name of the bundle that it is part of."""
    identity: Identity = NOBODY
    anchor: datetime | None = None
    """A moment near to the last lines, with its zone: when the bundle was made, the date of the document."""
    anchor_from: str = ""
    """Where the anchor comes from, for people: `the bundle's date (systeminfo/date)`."""

    @property
    def lasting(self) -> bool:
        """It can be read more than once."""
        return self.path is not None or self.member is not None

    def open(self, *, chunk: int = BLOCK) -> Reader:
        """A reader of its own: no file is open before its blocks are asked for."""
        return Reader(self, chunk)


class Reader:
    """Reads one input once. What it says about it is complete when the blocks are."""

    def __init__(self, source: Input, chunk: int = BLOCK) -> None:
        self.source = source
        self._chunk = chunk
        self._notes = Notes(problems=list(source.notes))

    @property
    def error(self) -> SourceError | None:
        """Why reading ended early, or never began; what came before was read."""
        return SourceError(self.source.name, self._notes.broken) if self._notes.broken else None

    @property
    def bytes_read(self) -> int:
        """Bytes of text, after decompression."""
        return self._notes.bytes_read

    @property
    def lines_read(self) -> int:
        """Lines of the file, before any were joined."""
        return self._notes.lines_read

    @property
    def problems(self) -> list[str]:
        return self._notes.problems

    @property
    def dated(self) -> datetime | None:
        """The date that the text itself gives, as far as it was read."""
        return self._notes.dated

    @property
    def truncated(self) -> bool:
        """Some of the input was not read: damage, an endless line, an error."""
        return self._notes.truncated

    def blocks(self) -> Iterator[Block]:
        """Blocks of whole lines. Raises nothing: see `error` and `problems` afterwards."""
        text = Chunks(to_utf8(self._counted(self._expanded())))
        try:
            yield from join_for(text.peek(SNIFF))(text, self._notes)
        finally:
            self._notes.close()

    def head(self, size: int) -> bytes:
        """The first bytes of text, as they are in the file. A reader gives its head or its blocks, not both."""
        return Chunks(to_utf8(self._counted(self._expanded()))).peek(size)[:size]

    def _counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        source = Chunks(chunks)
        if reason := refusal(source.peek(HEAD)[:HEAD]):
            self.problems.append(f"this looks like no log ({reason}): read all the same")
        for chunk in source:
            self._notes.bytes_read += len(chunk)
            yield chunk

    def _expanded(self) -> Iterator[bytes]:
        """What an archive holds comes out of it expanded."""
        return self._raw() if self.source.member else expand(self._raw(), self._notes, self._chunk)

    def _raw(self) -> Iterator[bytes]:
        try:
            if self.source.member:
                yield from self.source.member.chunks(self._notes)
                return
            with self._stream() as stream:
                yield from _as_it_was(stream, self._chunk, self._notes) if self.source.path else _chunks(stream, self._chunk)
                self.problems.extend(getattr(stream, "problems", ()))
        except SourceError as error:
            self._notes.broke(error.reason)
        except OSError as error:
            self._notes.broke(reason_of(error))
        except ValueError:
            self._notes.broke("is closed")

    def _stream(self) -> AbstractContextManager[BinaryIO]:
        if self.source.path:
            return self.source.path.open("rb")
        return _Borrowed(self.source.stream or sys.stdin.buffer)


def _chunks(stream: BinaryIO, size: int) -> Iterator[bytes]:
    while chunk := stream.read(size):
        yield chunk


def _whole_lines(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Chunks of a file that end with a line, if it ends soon behind so many bytes: nothing of them has to be moved."""
    done = 0
    while chunk := file.read(size + os.pread(file.fileno(), _NEAR, done + size).find(b"\n") + 1):
        done += len(chunk)
        yield chunk


def _as_it_was(file: BinaryIO, size: int, notes: Notes) -> Iterator[bytes]:
    """A file up to its end of when it was opened: one that grows faster than it is read would never end."""
    end, done = _size(file), 0
    for chunk in _whole_lines(file, size) if end and hasattr(os, "pread") else _chunks(file, size):
        yield chunk
        done += len(chunk)
        if 0 < end <= done:  # files of the kernel say that they hold nothing
            break
    now = _size(file)
    if now < end:
        notes.broke(f"was cut short while it was read, from {end} to {now} bytes: {done} bytes were read")
    elif now > done >= end > 0:
        notes.problems.append(f"grew while it was read: what came after {done} bytes is not in this report")


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


class _Borrowed:
    """A stream that belongs to someone else: not closed here."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def __enter__(self) -> BinaryIO:
        return self._stream

    def __exit__(self, *_: object) -> None:
        return


def reason_of(error: OSError) -> str:
    """What went wrong, and where it is known, what to do."""
    if isinstance(error, FileNotFoundError):
        return "no such file or directory"
    if isinstance(error, PermissionError):
        return "no permission to read it (try with sudo)"
    return f"cannot be read ({error.strerror or error})"
