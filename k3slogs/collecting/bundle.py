"""The bundle as a file: a tar, packed as its name says, that is there whole or not at all."""

from __future__ import annotations

import os
import tarfile
import time
from contextlib import contextmanager, suppress
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from k3slogs.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENDINGS = (".tar.zst", ".tar.gz", ".tgz", ".tar")
_IN_MEMORY = 4 * 1024 * 1024
_BLOCK = 512


class Spool:
    """The text of one member, held until its length is known: small in memory, else in a file without a name beside the bundle."""

    def __init__(self, folder: Path) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY, dir=str(folder))  # noqa: SIM115 - closed by `close`
        self._sizes: list[int] = []
        self.size = 0

    def add(self, block: bytes) -> None:
        self._file.write(block)
        self._sizes.append(len(block))
        self.size += len(block)

    def blocks(self, *, backwards: bool = False) -> Iterator[bytes]:
        at = 0
        places = [(at := at + size) - size for size in self._sizes]
        pairs = list(zip(places, self._sizes, strict=True))
        for place, size in reversed(pairs) if backwards else pairs:
            self._file.seek(place)
            yield self._file.read(size)

    def close(self) -> None:
        self._file.close()


class Bundle:
    """A tar that is being written, with all members below one folder."""

    def __init__(self, out: BinaryIO, top: str) -> None:
        self._out = out
        self._top = top
        self._names: set[str] = set()

    def free(self, path: str) -> str:
        """The path, or one like it that no other member has; it is taken from then on."""
        while path in self._names:
            path += ".text"
        self._names.add(path)
        return path

    def add(self, path: str, blocks: Iterator[bytes], size: int, mtime: float | None = None) -> None:
        info = tarfile.TarInfo(f"{self._top}/{path}")
        info.size, info.mode, info.mtime = size, 0o600, int(mtime or time.time())
        self._out.write(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))
        for block in blocks:
            self._out.write(block)
        self._out.write(b"\0" * (-size % _BLOCK))

    def end(self) -> None:
        self._out.write(b"\0" * 2 * _BLOCK)


def check(target: Path, *, force: bool) -> None:
    """Raises UsageError if no bundle can be written there."""
    if not target.name.endswith(ENDINGS):
        raise UsageError(f"{target}: a bundle's name ends with {', '.join(ENDINGS)}")
    if not target.parent.is_dir():
        raise UsageError(f"{target}: the folder {target.parent} is not there")
    if target.is_dir():
        raise UsageError(f"{target}: is a folder")
    if os.path.lexists(target) and not force:
        raise UsageError(f"{target}: is there already; --force replaces it")


@contextmanager
def writing(target: Path, top: str, *, force: bool) -> Iterator[Bundle]:
    """A bundle that takes its name when all is written; nothing of it is left if that fails. Raises OSError, UsageError."""
    check(target, force=force)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with _packed(file, target.name) as out:
                bundle = Bundle(out, top)
                yield bundle
                bundle.end()
            file.flush()
            os.fsync(file.fileno())
        _name(draft, target, force=force)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def _name(draft: Path, target: Path, *, force: bool) -> None:
    """A link never replaces a file that came meanwhile; where there are no links, the file is renamed."""
    if not force:
        try:
            target.hardlink_to(draft)
        except FileExistsError:
            raise UsageError(f"{target}: was made by another meanwhile; --force replaces it") from None
        except OSError:
            check(target, force=False)
        else:
            return
    draft.replace(target)


@contextmanager
def _packed(file: BinaryIO, name: str) -> Iterator[BinaryIO]:
    if name.endswith(".zst"):
        from k3slogs.sources.zstd import zstd

        with zstd.ZstdFile(file, "wb", level=6) as out:
            yield cast("BinaryIO", out)
    elif name.endswith(("gz", "tgz")):
        import gzip

        with gzip.GzipFile("", "wb", 6, file) as out:
            yield cast("BinaryIO", out)
    else:
        yield file
