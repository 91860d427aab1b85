"""The journal of k3s' units: the newest entries first, so that a limit costs the oldest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from k3slogs.collecting.item import Item, UnavailableError
from k3slogs.sources import journal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from k3slogs.collecting.item import Allowance, Missing
    from k3slogs.collecting.node import Node

NAME = "journal"
RANK = 50
_LONGEST = 16 * 1024 * 1024
_BATCH = 256 * 1024


def gather(node: Node) -> Iterator[Item | Missing]:
    words = [
        node.command("journalctl", everywhere=True),
        *journal.newest_first(node.units, seconds=node.since, root=None if node.live else str(node.root)),
    ]
    yield Item(
        "node/var/log/journal.json",
        f"journalctl of {', '.join(node.units)}",
        lambda allowed: _entries(node, words, allowed),
        newest_first=True,
        share=1.0,
    )


def _entries(node: Node, words: list[str], allowed: Allowance) -> Iterator[bytes]:
    """Blocks of whole entries, the blocks from new to old, the entries in each from old to new."""
    batch: list[bytes] = []
    size = 0
    ended: UnavailableError | None = None
    try:
        for line in _lines(node.run(words, allowed)):
            if line.startswith(b"{"):
                batch.append(_as_text(line))
                size += len(batch[-1])
            if size > _BATCH:
                yield b"".join(reversed(batch))
                batch, size = [], 0
    except UnavailableError as error:
        ended = error
    yield b"".join(reversed(batch))
    if ended:
        raise ended


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for chunk in chunks:
        *lines, held = (held + chunk).split(b"\n")
        yield from (line + b"\n" for line in lines)
        if len(held) > _LONGEST:
            raise UnavailableError(f"holds an entry of more than {_LONGEST // 1024**2} MiB", lost=True)
    if held:
        yield held + b"\n"


def _as_text(line: bytes) -> bytes:
    """A message with colours or broken letters is printed as numbers, in which no secret would be seen."""
    if b":[" not in line.replace(b" ", b""):
        return line
    try:
        entry = json.loads(line)
        return json.dumps({name: _text(value) for name, value in entry.items()}, ensure_ascii=True).encode() + b"\n"
    except (ValueError, AttributeError, RecursionError):
        return b""


def _text(value: object) -> object:
    if isinstance(value, list) and all(isinstance(item, int) and 0 <= item < 256 for item in value):
        return bytes(value).decode("utf-8", "replace")
    return [_text(item) for item in value] if isinstance(value, list) else value
