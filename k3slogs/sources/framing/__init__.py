"""Forms in which one text is spread over several lines, put together before the scan. Each is a module of this folder.

A module has `accepts(lines)`, asked with the first lines of a file, and `join(chunks, notes)`, which gives the blocks. One that can be
followed while it grows has `joiner(notes)`, which takes lines one by one.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol, cast

from k3slogs.sources.lines import blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from k3slogs.model import Block
    from k3slogs.sources.framing._partial import Joiner
    from k3slogs.sources.lines import Notes

    Join = Callable[[Iterable[bytes], Notes], Iterator[Block]]

SNIFF = 64 * 1024
"""How much of a file decides on its form."""


class Framing(Protocol):
    def accepts(self, lines: Sequence[bytes]) -> bool: ...
    def join(self, chunks: Iterable[bytes], notes: Notes) -> Iterator[Block]: ...


@cache
def framings() -> tuple[Framing, ...]:
    names = sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(cast("Framing", import_module(f"{__name__}.{name}")) for name in names)


def join_for(head: bytes) -> Join:
    """How to read a file that begins with `head`: as it is, or by the framing that knows the form."""
    framing = _framing(head)
    return framing.join if framing else blocks


def joiner_for(head: bytes) -> Callable[[Notes], Joiner | None] | None:
    """How to read such a stream while it grows: None as it is; raises ValueError where an entry is spread over lines of its own."""
    framing = _framing(head)
    joiner: Callable[[Notes], Joiner | None] | None = getattr(framing, "joiner", None)
    if framing and joiner is None:
        raise ValueError("an entry takes several lines there; print one entry a line (journalctl -o json)")
    return joiner


def _framing(head: bytes) -> Framing | None:
    lines = [line.rstrip(b"\r") for line in head[:SNIFF].split(b"\n")]
    if len(head) >= SNIFF:
        lines.pop()  # is cut off
    full = [line for line in lines if line.strip()]
    return next((framing for framing in framings() if full and framing.accepts(full)), None)
