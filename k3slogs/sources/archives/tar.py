"""tar (POSIX, GNU, v7) -> items, from a stream that is never gone back on.

The headers are those of POSIX pax and of GNU tar; `tarfile` reads a header, and the steps between them are taken here, so that
no header can ask for more memory than METADATA and damage is told from the end.
"""

from __future__ import annotations

import posixpath
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from k3slogs.sources.archives.stream import Item

if TYPE_CHECKING:
    from collections.abc import Iterator
    from tarfile import TarInfo

    from k3slogs.sources.archives.stream import Chain

BLOCK = 512
METADATA = 1024 * 1024
"""Longest extended header."""
_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL, _SPARSE = b"L", b"K", b"x", b"g", b"S"


def accepts(head: bytes) -> bool:
    """Is this a tar's first block? Old ones have no magic, but a checksum."""
    if head[257:262] == b"ustar":
        return True
    if len(head) < BLOCK or not head[0] or not head[148:156].strip(b"\0 ").isdigit():
        return False
    return _header(head[:BLOCK]) is not None


def _header(block: bytes) -> TarInfo | None:
    import tarfile

    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "replace")
    except (tarfile.HeaderError, ValueError):
        return None


def items(stream: Chain) -> Iterator[Item]:
    """The entries in order; raises OSError where the archive breaks off or is damaged."""
    known: dict[str, str] = {}
    count = 0
    while block := stream.exactly(BLOCK):
        if not block.strip(b"\0"):
            return
        if len(block) < BLOCK:
            break
        header = _header(block)
        if header is None or header.size < 0:
            raise OSError(f"is damaged at byte {stream.position - BLOCK} of the tar, after {count} entries: what came before was read")
        if header.type in {_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL}:
            known |= _extended(header, stream)
            continue
        if header.type == _SPARSE:
            _pass_map(block, stream)
        data = _Data(stream, _number(known.get("size"), header.size))
        yield from _item(header, known, data)
        data.pass_by()
        known = {}
        count += 1
    raise OSError(f"breaks off after {count} entries: what came before was read")


def _item(header: TarInfo, known: dict[str, str], data: _Data) -> Iterator[Item]:
    name = known.get("path", header.name)
    if header.isdir() or header.issym() or header.islnk() or header.isdev():
        data.left = data.padding = 0  # whatever the header says
    if header.isdir():
        return
    if header.issym() or header.islnk():
        yield Item(name, target=known.get("linkpath", header.linkname), hard=header.islnk())
    elif header.isdev():
        yield Item(name, reason="not a file (a device or pipe)")
    elif header.type == _SPARSE or any(key.startswith("GNU.sparse") for key in known):
        yield Item(name, reason="a file with holes: unpack it first", lost=True)
    else:
        yield Item(name, _moment(_number(known.get("mtime"), int(header.mtime))), data)


def _pass_map(block: bytes, stream: Chain) -> None:
    """GNU's list of holes may go on in blocks of its own."""
    more = block[482:483]
    while more.strip(b"\0"):
        more = stream.exactly(BLOCK)[504:505]


class _Data:
    """The bytes of one entry."""

    def __init__(self, stream: Chain, size: int) -> None:
        self._stream = stream
        self.left = size
        self.padding = -size % BLOCK

    def __iter__(self) -> Iterator[bytes]:
        while self.left:
            piece = self._stream.some(self.left)
            if not piece:
                raise OSError("the archive breaks off in it: what came before was read")
            self.left -= len(piece)
            yield piece

    def pass_by(self) -> None:
        """Go on behind the entry."""
        rest = self.left + self.padding
        while rest and (piece := self._stream.some(rest)):
            rest -= len(piece)


def _extended(header: TarInfo, stream: Chain) -> dict[str, str]:
    """What an extended header says of the next entry."""
    data = _Data(stream, header.size)
    text = stream.exactly(header.size) if header.size <= METADATA else b""
    data.left -= len(text)
    data.pass_by()
    if header.type in {_LONG_NAME, _LONG_LINK}:
        value = text.rstrip(b"\0").decode("utf-8", "replace")
        return {"path" if header.type == _LONG_NAME else "linkpath": value} if value else {}
    return dict(_pax(text)) if header.type == _PAX else {}


def _pax(text: bytes) -> Iterator[tuple[str, str]]:
    """Records of the form `LENGTH KEY=VALUE` and a newline."""
    while text:
        length, blank, _ = text.partition(b" ")
        if not blank or not length.isdigit() or not len(length) < int(length) <= len(text):
            return
        key, equals, value = text[len(length) + 1 : int(length) - 1].partition(b"=")
        if equals:
            yield key.decode("utf-8", "replace"), value.decode("utf-8", "replace")
        text = text[int(length) :]


def _number(text: str | None, otherwise: int) -> int:
    whole = (text or "").partition(".")[0]
    return int(whole) if whole.isdecimal() and len(whole) < 20 else otherwise


def _moment(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (OverflowError, OSError, ValueError):
        return None


def resolved(link: str, target: str, *, hard: bool) -> str:
    """The name in the archive that a link means."""
    return normal(target if hard or target.startswith("/") else posixpath.join(posixpath.dirname(link), target))


def normal(name: str) -> str:
    """A name without a root, empty parts, `.` and `..`: a place in the archive, whatever it was meant to hit."""
    return posixpath.normpath("/" + name.replace("\\", "/")).lstrip("/")
