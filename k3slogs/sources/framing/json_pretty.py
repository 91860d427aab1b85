"""`journalctl -o json-pretty`: an object over many lines for each entry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from k3slogs.sources.framing._journal import KEPT, entry
from k3slogs.sources.lines import BLOCK, blocks, numbered, pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from k3slogs.model import Block
    from k3slogs.sources.lines import Notes, Numbered


def accepts(lines: Sequence[bytes]) -> bool:
    return lines[0] == b"{" and len(lines) > 1 and any(b'"__REALTIME_TIMESTAMP" : "' in line for line in lines[1:200])


def join(chunks: Iterable[bytes], notes: Notes) -> Iterator[Block]:
    yield from pack(_entries(chunks, notes))


def _entries(chunks: Iterable[bytes], notes: Notes) -> Iterator[Numbered]:
    """What is no entry, or is larger than a block, passes as it is."""
    held: list[Numbered] = []
    size = 0
    for block in blocks(chunks, notes):
        for number, line in numbered(block):
            if not held and line.rstrip() != b"{":
                yield number, line
                continue
            held.append((number, line))
            size += len(line)
            if line.rstrip() in (b"}", b"},") or size > BLOCK:
                yield from _entry(held)
                held, size = [], 0
    yield from held


def _entry(held: list[Numbered]) -> Iterator[Numbered]:
    try:
        read = json.loads(b"\n".join(line for _, line in held).rstrip(b", \r\n"))
        fields = {key: _text(read[key]) for key in KEPT if key in read}
    except (ValueError, TypeError, RecursionError):
        yield from held
        return
    if "MESSAGE" in fields:
        yield next((number for number, line in held if line.lstrip().startswith(b'"MESSAGE"')), held[0][0]), entry(fields)


def _text(value: object) -> str | None:
    """A value is a string, a list of bytes, a list of values, or null if it was too long to print."""
    if isinstance(value, list):
        if all(isinstance(item, int) and 0 <= item < 256 for item in value):
            return bytes(value).decode("utf-8", "replace")
        return _text(value[0])
    return None if value is None else str(value)
