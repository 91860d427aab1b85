"""`journalctl -o verbose`: a line with time and cursor, then one indented field a line."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.sources.framing._journal import KEPT, entry
from k3slogs.sources.lines import Keeper, blocks, numbered, pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from k3slogs.model import Block
    from k3slogs.sources.lines import Notes, Numbered

_HEADER = pattern(rb"\w{3} \d{4}-\d\d-\d\d [\d:.]{8,15} \S{1,32} \[s=[^\]]*;t=([0-9a-f]{1,15})[;\]].*")
_FIELD = pattern(rb" {4}([A-Z0-9_]{1,64})=(.*)", re.DOTALL)
INDENT = 4


def accepts(lines: Sequence[bytes]) -> bool:
    return any(_HEADER.fullmatch(line) and _FIELD.fullmatch(after) for line, after in pairwise(lines[:6]))


def join(chunks: Iterable[bytes], notes: Notes) -> Iterator[Block]:
    yield from pack(_entries(chunks, notes))


class _Entry:
    """The entry that is being read; `key` is the field whose value may go on in the next line."""

    def __init__(self, number: int, micros: int, notes: Notes) -> None:
        self.fields: dict[str, str | None] = {"__REALTIME_TIMESTAMP": str(micros)}
        self.number = number
        self.message = Keeper()
        self.key = ""
        self._notes = notes

    def add(self, number: int, key: str, value: bytes) -> None:
        self.key = key
        if key == "MESSAGE" and not self.message.size:
            self.number = number
            self.message.add(value)
            self.fields[key] = ""
        elif key in KEPT:
            self.fields.setdefault(key, value.decode("utf-8", "replace"))

    def goes_on(self, line: bytes) -> bool:
        if not self.key or not line.startswith(b" " * (INDENT + len(self.key) + 1)):
            return False
        if self.key == "MESSAGE":
            self.message.add(b"\n" + line[INDENT + len("MESSAGE=") :])
        return True

    def close(self) -> Iterator[Numbered]:
        if "MESSAGE" in self.fields:
            self.fields["MESSAGE"] = self.message.take(self.number, self._notes).decode("utf-8", "replace")
            yield self.number, entry(self.fields)


def _entries(chunks: Iterable[bytes], notes: Notes) -> Iterator[Numbered]:
    now: _Entry | None = None
    for block in blocks(chunks, notes):
        for number, text in numbered(block):
            line = text.rstrip(b"\r")
            if now and now.goes_on(line):
                continue
            if now and (field := _FIELD.fullmatch(line)):
                now.add(number, field[1].decode(), field[2])
            else:
                yield from now.close() if now else ()
                header = _HEADER.fullmatch(line)
                now = _Entry(number, int(header[1], 16), notes) if header else None
                if not header:
                    yield number, text
    yield from now.close() if now else ()
