"""`kubectl get events` and `kubectl describe` as copied from a narrow terminal -> a row a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.sources.framing import pasted
from k3slogs.sources.framing._rows import unwrapped, wrapped
from k3slogs.sources.lines import blocks, numbered, pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from k3slogs.model import Block
    from k3slogs.sources.lines import Notes


def accepts(lines: Sequence[bytes]) -> bool:
    return wrapped(lines, pasted.is_header) and not pasted.accepts(lines)


def joiner(_notes: Notes) -> None:
    """Nothing wraps what is written into a file that grows: it is followed as it is."""


def join(chunks: Iterable[bytes], notes: Notes) -> Iterator[Block]:
    lines = ((number, raw.rstrip(b"\r")) for block in blocks(chunks, notes) for number, raw in numbered(block))
    yield from pack(line for line in unwrapped(lines, pasted.is_header) if line)
