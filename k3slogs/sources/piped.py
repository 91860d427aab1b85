"""A stream that may be an archive, which must be gone through more than once: its bytes are held, as they are, in a file without a name."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from k3slogs.sources.compression import kind_of
from k3slogs.sources.sniff import HEAD, maybe_archive

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 4 * 1024**3
"""Bytes of the largest archive that is taken from a stream."""
_LOOK = 2 * 1024 * 1024
"""Bytes of a compressed stream that are looked at: the first block of any kind ends within."""
_STEP = 256 * 1024


class Held:
    """An archive that came through a stream; its path lives as long as this."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        weakref.finalize(self, file.close)


class _Replayed:
    """A stream of whose head something was read."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int) -> bytes:
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
            return data
        return self._rest.read(size)


def look(stream: BinaryIO) -> tuple[BinaryIO, bool]:
    """The stream from where it stands, and whether it is an archive. Raises OSError, ValueError."""
    begin = _place(stream)
    head = b"" if _typed(stream) else _read(stream, HEAD)
    if kind_of(head):
        head += _read(stream, _LOOK)
    archive = maybe_archive(head[:HEAD])
    if archive:
        from k3slogs.sources.archives import holds_archive

        archive = holds_archive(head)
    if begin is not None:
        stream.seek(begin)
        return stream, archive
    return cast("BinaryIO", _Replayed(head, stream)), archive


def _place(stream: BinaryIO) -> int | None:
    """Where it stands, if one can come back there."""
    try:
        return stream.tell() if stream.seekable() else None
    except (AttributeError, OSError):
        return None


def _typed(stream: BinaryIO) -> bool:
    """Does a person type it? Then it ends when asked for the first time, and is no archive."""
    return bool(getattr(stream, "isatty", bool)())


def _read(stream: BinaryIO, size: int) -> bytes:
    """So many bytes, or what there is: a pipe gives them by pieces."""
    return b"".join(_chunks(stream, size))


def _chunks(stream: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (data := stream.read(min(size, _STEP))):
        size -= len(data)
        yield data


def hold(stream: BinaryIO) -> Held:
    """All of an archive. Raises OSError if it is too large or cannot be held."""
    file, path = _file()
    size = 0
    for chunk in _chunks(stream, LIMIT + 1):
        size += len(chunk)
        if size > LIMIT:
            file.close()
            raise OSError(f"is an archive of more than {LIMIT // 1024**2:,} MiB on a stream: save it to a file and name that")
        try:
            file.write(chunk)
        except OSError as error:
            from tempfile import gettempdir

            raise OSError(f"an archive on a stream is held in {gettempdir()}, which fails ({error.strerror}): save it to a file") from error
    file.flush()
    return Held(path, file)


def _file() -> tuple[BinaryIO, Path]:
    """Without a name where the system can open it again all the same, else with one until it is closed."""
    import tempfile

    file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - lives as long as the archive
    path = Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")
    try:
        with path.open("rb"):
            return file, path
    except OSError:
        file.close()
    named = tempfile.NamedTemporaryFile()  # noqa: SIM115 - lives as long as the archive
    return cast("BinaryIO", named), Path(named.name)
