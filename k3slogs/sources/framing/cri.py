"""CRI files: lines tagged P go on in the next line of the same stream, up to the one tagged F."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.sources.framing._partial import join_lines, most
from k3slogs.sources.lines import Keeper

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from k3slogs.model import Block
    from k3slogs.sources.framing._partial import Joiner
    from k3slogs.sources.lines import Notes, Numbered

_LINE = pattern(rb"(\d{4}-\d\d-\d\dT\S{9,32} (stdout|stderr) )([FP])((?::\S*)?) ?(.*)", re.DOTALL)
_PARTIALS = (b" stdout P", b" stderr P")


def accepts(lines: Sequence[bytes]) -> bool:
    return most(lines, _LINE.fullmatch)


def join(chunks: Iterable[bytes], notes: Notes) -> Iterator[Block]:
    yield from join_lines(chunks, notes, joiner(notes))


def joiner(notes: Notes) -> Joiner:
    return _Streams(notes)


class _Streams:
    """The texts begun, one for each stream."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._open: dict[bytes, tuple[int, bytes, Keeper]] = {}

    @property
    def waiting(self) -> bool:
        return bool(self._open)

    def calm(self, data: bytes) -> bool:
        return not any(partial in data for partial in _PARTIALS)

    def feed(self, number: int, line: bytes) -> Iterator[Numbered]:
        match = _LINE.fullmatch(line)
        if not match or (match[3] == b"F" and match[2] not in self._open):
            yield number, line
            return
        prefix, stream, tag, tags, text = match.groups()
        keeper = self._open.setdefault(stream, (number, prefix, Keeper()))[2]
        keeper.add(text)
        if tag == b"F":
            yield self._close(stream, b"F" + tags)

    def end(self) -> Iterator[Numbered]:
        yield from sorted(self._close(stream, b"P") for stream in tuple(self._open))

    def _close(self, stream: bytes, tag: bytes) -> Numbered:
        number, prefix, keeper = self._open.pop(stream)
        return number, prefix + tag + b" " + keeper.take(number, self._notes)
