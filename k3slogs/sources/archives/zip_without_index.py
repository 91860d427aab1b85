"""zip that lost the index at its end -> items, by the header that stands before each entry.

These headers do not tell links from files, and of an entry that was written to a stream not its size: deflate knows where it ends.
"""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from k3slogs.sources.archives.stream import Item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.sources.archives.stream import Chain

_HEADER = struct.Struct("<4s5H3L2H")
_LOCAL, _CENTRAL, _DESCRIPTOR = b"PK\3\4", b"PK\1\2", b"PK\7\x08"
_ENCRYPTED, _SIZE_FOLLOWS, _UTF8 = 1, 8, 0x800
_STORED, _DEFLATED = 0, 8
_ZIP64 = 0xFFFFFFFF
_STEP = 64 * 1024
_UNSET = 1980
"""The year of files whose time nobody wrote down."""


def items(stream: Chain) -> Iterator[Item]:
    """The entries in order, up to the first whose end cannot be found."""
    while (header := stream.exactly(_HEADER.size)).startswith(_LOCAL) and len(header) == _HEADER.size:
        _, _, flags, method, time, date, _, size, _, of_name, of_extra = _HEADER.unpack(header)
        name = stream.exactly(of_name).decode("utf-8" if flags & _UTF8 else "cp437", "replace")
        stream.exactly(of_extra)
        known = None if flags & _SIZE_FOLLOWS or size == _ZIP64 else size
        data = _Entry(stream, known, deflated=method == _DEFLATED and not flags & _ENCRYPTED)
        if flags & _ENCRYPTED:
            yield Item(name, reason="encrypted: unpack it with its password first", lost=True)
        elif method not in {_STORED, _DEFLATED}:
            yield Item(name, reason=f"packed by a method ({method}) that needs the zip's index", lost=True)
        elif not name.endswith("/"):
            yield Item(name, _moment(date, time), data)
        if not data.pass_by():
            return
        if flags & _SIZE_FOLLOWS:
            _pass_descriptor(stream)


class _Entry:
    """The bytes of one entry."""

    def __init__(self, stream: Chain, size: int | None, *, deflated: bool) -> None:
        self._stream = stream
        self._left = size
        self._zlib = zlib.decompressobj(wbits=-15) if deflated else None
        self._passed = False
        self._broken = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._inflated() if self._zlib else self._packed()
        except (OSError, zlib.error) as error:
            self._broken = True
            raise OSError(f"is damaged or cut off in the zip: what came before was read ({error})") from error

    def _packed(self) -> Iterator[bytes]:
        if self._left is None:
            raise OSError("its length stands in the index only")
        while self._left:
            piece = self._stream.some(min(self._left, _STEP))
            if not piece:
                raise OSError("the archive breaks off in it")
            self._left -= len(piece)
            yield piece

    def _inflated(self) -> Iterator[bytes]:
        assert self._zlib
        while not self._zlib.eof:
            piece = self._zlib.unconsumed_tail or self._stream.some(_STEP)
            if not piece:
                raise OSError("the archive breaks off in it")
            yield self._zlib.decompress(piece, _STEP)
        if not self._passed:
            self._stream.push(self._zlib.unused_data)
        self._passed = True

    def pass_by(self) -> bool:
        """Go on behind the entry, if its end can be found."""
        with suppress(OSError):
            for _ in () if self._broken else self:
                pass
        return not self._broken


def _pass_descriptor(stream: Chain) -> None:
    """The checksum and both sizes, each of 4 or 8 bytes, with or without a mark before them."""
    known = stream.exactly(4)
    rest = stream.exactly(12 if known == _DESCRIPTOR else 8)
    following = stream.exactly(4)
    if following in {_LOCAL, _CENTRAL} or not rest:
        stream.push(following)
    else:
        stream.exactly(4)


def _moment(date: int, time: int) -> datetime | None:
    """Both as MS-DOS has them, in steps of two seconds."""
    return moment(1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2)


def moment(*parts: int) -> datetime | None:
    """The time that a zip tells of a file, unless nobody wrote it down."""
    try:
        return datetime(*parts, tzinfo=UTC) if parts[0] > _UNSET else None  # type: ignore[arg-type, misc]
    except ValueError:
        return None
