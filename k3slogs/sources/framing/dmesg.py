"""`dmesg -J`: one document over many lines -> `<pri>[ time] msg` lines."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.sources.lines import blocks, numbered, pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from k3slogs.model import Block
    from k3slogs.sources.lines import Notes, Numbered

_PAIR = pattern(rb'\s*"(\w{1,16})":\s*(.*?),?\s*', re.DOTALL)


def accepts(lines: Sequence[bytes]) -> bool:
    return lines[0].strip() == b"{" and len(lines) > 1 and lines[1].strip().startswith(b'"dmesg":')


def join(chunks: Iterable[bytes], notes: Notes) -> Iterator[Block]:
    yield from pack(_messages(chunks, notes))


def _messages(chunks: Iterable[bytes], notes: Notes) -> Iterator[Numbered]:
    fields: dict[str, bytes] = {}
    for block in blocks(chunks, notes):
        for number, line in numbered(block):
            pair = _PAIR.fullmatch(line)
            if pair and pair[1] != b"msg":
                fields[pair[1].decode()] = pair[2]
            elif pair:
                yield number, _message(fields, pair[2])
                fields = {}
            elif line.strip(b" \t\r{}[],"):
                yield number, line


def _message(fields: dict[str, bytes], msg: bytes) -> bytes:
    priority, time = fields.get("pri", b""), fields.get("time", b"").strip(b'"')
    level = b"<%b>" % priority if priority.isdigit() else b""
    try:
        text = str(json.loads(msg)).encode("utf-8", "replace")
    except ValueError:
        text = msg
    return (level + b"[%b] " % time.rjust(12) if time else level) + text.replace(b"\n", b" ")
