"""Compressed chunks -> chunks of text, told by magic bytes, with what can be saved of damaged streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from k3slogs.sources.lines import Notes

SLICE = 64 * 1024
"""Compressed bytes that a decoder is given at once."""
FREE = 64 * 1024 * 1024
RATIO = 200
"""Beyond FREE bytes of text a stream that grows more than this is a bomb; a real kubelet log grows 32 times."""


class Decoder(Protocol):
    """One member of a compressed stream, as bz2, lzma and zstd have it."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def _gzip() -> Decoder:
    from k3slogs.sources.gzip import Gzip

    return Gzip()


def _bzip2() -> Decoder:
    import bz2

    return bz2.BZ2Decompressor()


def _xz() -> Decoder:
    import lzma

    return lzma.LZMADecompressor()


def _zstd() -> Decoder:
    from k3slogs.sources.zstd import zstd

    return zstd.ZstdDecompressor()


class Kind(NamedTuple):
    name: str
    magic: bytes
    decoder: Callable[[], Decoder]
    step: int
    """Text asked for at once: what a call that fails may lose, but for gzip, of which nothing is lost."""


KINDS = (
    Kind("gzip", b"\x1f\x8b", _gzip, 256 * 1024),
    Kind("bzip2", b"BZh", _bzip2, 8 * 1024),
    Kind("xz", b"\xfd7zXZ\0", _xz, 8 * 1024),
    Kind("zstd", b"\x28\xb5\x2f\xfd", _zstd, 8 * 1024),
)
LONGEST_MAGIC = max(len(kind.magic) for kind in KINDS)


def kind_of(head: bytes) -> Kind | None:
    return next((kind for kind in KINDS if head.startswith(kind.magic)), None)


class Chunks:
    """Chunks that can be looked at before they are taken, and given back."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._front = b""

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._front:
            front, self._front = self._front, b""
            return front
        return next(self._chunks)

    def peek(self, size: int) -> bytes:
        """At least `size` bytes, if there are as many."""
        if len(self._front) >= size:
            return self._front
        pieces = [self._front] if self._front else []  # a piece that is joined with nothing is not copied
        have = len(self._front)
        while have < size and (chunk := next(self._chunks, None)) is not None:
            pieces.append(chunk)
            have += len(chunk)
        self._front = b"".join(pieces)
        return self._front

    def push(self, data: bytes) -> None:
        self._front = data + self._front


def expand(chunks: Iterable[bytes], notes: Notes, block: int) -> Iterator[bytes]:
    """Chunks of text of about `block` bytes, or the chunks as they are if they are not compressed."""
    source = Chunks(chunks)
    kind = kind_of(source.peek(LONGEST_MAGIC))
    return _gathered(_members(kind, source, notes), block) if kind else source


def _gathered(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    held: list[bytes] = []
    total = 0
    for piece in pieces:
        held.append(piece)
        total += len(piece)
        if total >= size:
            yield b"".join(held)
            held, total = [], 0
    yield b"".join(held)


def _members(kind: Kind, chunks: Iterable[bytes], notes: Notes) -> Iterator[bytes]:
    """The text of all members of the stream; damage ends it and is noted."""
    count = _Count()
    rest = Chunks(_sliced(chunks))
    while True:
        decoder = kind.decoder()
        try:
            yield from count.text(decoder, rest, kind.step)
        except _BombError:
            notes.lost(f"{kind.name} stream grows more than {RATIO} times: stopped after {count.out} bytes of text")
            return
        except _DamageError:
            notes.broke(f"{kind.name} stream is damaged after {count.out} bytes of text: what came before was read")
            return
        if not decoder.eof:
            notes.broke(f"{kind.name} stream breaks off after {count.out} bytes of text: what came before was read")
            return
        count.came -= len(decoder.unused_data)
        rest.push(decoder.unused_data)
        head = rest.peek(LONGEST_MAGIC)
        if not head.startswith(kind.magic):
            if head.strip(b"\0"):
                notes.broke(f"something else follows the {kind.name} stream after {count.out} bytes of text: not read")
            return


def _sliced(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for at in range(0, len(chunk), SLICE):
            yield chunk[at : at + SLICE]


class _BombError(Exception):
    """The stream grows beyond reason."""


class _DamageError(Exception):
    """The stream is not what it should be."""


class _Count:
    """Bytes in and out of all members, and the watch over their ratio."""

    def __init__(self) -> None:
        self.came = 0
        self.out = 0

    def text(self, decoder: Decoder, chunks: Iterator[bytes], step: int) -> Iterator[bytes]:
        while not decoder.eof:
            data: bytes | None = b""
            if decoder.needs_input and (data := next(chunks, None)) is None:
                return
            self.came += len(data or b"")
            try:
                text = decoder.decompress(data or b"", step)
            except Exception as error:  # each library has its own
                raise _DamageError from error
            self.out += len(text)
            yield text
            if self.out > FREE and self.out > RATIO * self.came:
                raise _BombError
