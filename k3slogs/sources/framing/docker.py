"""Docker's json-file: a text above 16 KiB is several objects, and only the last one's `log` ends in a newline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.sources.framing._partial import join_lines, most
from k3slogs.sources.lines import Keeper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from k3slogs.model import Block
    from k3slogs.sources.framing._partial import Joiner
    from k3slogs.sources.lines import Notes, Numbered

_START = b'{"log":"'
_END = b'","stream":"'  # no text holds it: there the quotes are escaped
_NEWLINE = b"\\n"
_STREAM = pattern(rb'","stream":"(stdout|stderr)"')


def accepts(lines: Sequence[bytes]) -> bool:
    return most(lines, lambda line: line.startswith(_START) and _STREAM.search(line))


def join(chunks: Iterable[bytes], notes: Notes) -> Iterator[Block]:
    yield from join_lines(chunks, notes, joiner(notes))


def joiner(notes: Notes) -> Joiner:
    return _Streams(notes)


def _ends(text: bytes) -> bool:
    """The text ends in an escaped newline, not in an escaped backslash and an n."""
    if not text.endswith(_NEWLINE):
        return False
    slashes = len(text) - 1 - len(text[:-1].rstrip(b"\\"))
    return slashes % 2 == 1


class _Streams:
    """The texts begun, one for each stream."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._open: dict[bytes, tuple[int, bytes, Keeper]] = {}

    @property
    def waiting(self) -> bool:
        return bool(self._open)

    def calm(self, data: bytes) -> bool:
        return b"\\" + _NEWLINE + _END not in data and data.count(_NEWLINE + _END) == data.count(b"\n")

    def feed(self, number: int, line: bytes) -> Iterator[Numbered]:
        match = _STREAM.search(line) if line.startswith(_START) else None
        if not match:
            yield number, line
            return
        text, stream = line[len(_START) : match.start()], match[1]
        if _ends(text) and stream not in self._open:
            yield number, line
            return
        keeper = self._open.setdefault(stream, (number, line[match.start() :], Keeper()))[2]
        keeper.add(text)
        if _ends(text):
            yield self._close(stream)

    def end(self) -> Iterator[Numbered]:
        yield from sorted(self._close(stream) for stream in tuple(self._open))

    def _close(self, stream: bytes) -> Numbered:
        number, rest, keeper = self._open.pop(stream)
        return number, _START + keeper.take(number, self._notes) + rest
