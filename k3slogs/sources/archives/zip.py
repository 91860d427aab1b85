"""zip -> items. A zip has its index at its end: one inside another archive is held in memory, if it is small."""

from __future__ import annotations

import stat
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from k3slogs.sources.archives import zip_without_index
from k3slogs.sources.archives.stream import Chain, Item

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zipfile import ZipFile, ZipInfo

    from k3slogs.sources.compression import Chunks

SPOOL = 64 * 1024 * 1024
"""Largest zip inside another archive."""
STEP = 64 * 1024
_ENCRYPTED = 1


def accepts(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def spooled(chunks: Chunks) -> Iterator[Item]:
    data = chunks.peek(SPOOL + 1)
    if len(data) > SPOOL:
        raise OSError(f"is a zip of more than {SPOOL // 1024**2} MiB in another archive: take it out and name it")
    yield from items(BytesIO(data))


def items(file: BinaryIO) -> Iterator[Item]:
    """The entries in order; raises OSError for a damaged index, after those that are found without it."""
    import zipfile

    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
        file.seek(0)
        yield from zip_without_index.items(Chain(iter(lambda: file.read(STEP), b"")))
        raise OSError(f"is a zip without a whole index at its end (cut off?): what could be found without it was read ({error})") from error
    with archive:
        for entry in archive.infolist():
            if not entry.is_dir():
                yield _item(archive, entry)


def _item(archive: ZipFile, entry: ZipInfo) -> Item:
    name, mode = entry.filename, entry.external_attr >> 16
    if entry.flag_bits & _ENCRYPTED:
        return Item(name, reason="encrypted: unpack it with its password first", lost=True)
    if stat.S_ISLNK(mode):
        return _link(archive, entry)
    if mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        return Item(name, reason="not a file (a device or pipe)")
    return Item(name, zip_without_index.moment(*entry.date_time), _data(archive, entry))


def _link(archive: ZipFile, entry: ZipInfo) -> Item:
    try:
        return Item(entry.filename, target=next(_data(archive, entry), b"")[:4096].decode("utf-8", "replace"))
    except OSError as error:
        return Item(entry.filename, reason=str(error), lost=True)


def _data(archive: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    import lzma
    import zipfile
    import zlib

    try:
        with archive.open(entry) as file:
            yield from iter(lambda: file.read(STEP), b"")
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise OSError(f"is damaged in the zip: what came before was read ({error})") from error
