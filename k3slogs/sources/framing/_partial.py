"""What the forms share in which a long text is cut over several lines."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Protocol

from k3slogs.sources.lines import blocks, numbered, pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from k3slogs.model import Block
    from k3slogs.sources.lines import Notes, Numbered


class Joiner(Protocol):
    @property
    def waiting(self) -> bool:
        """A text is begun and not ended."""

    def calm(self, data: bytes) -> bool:
        """No line in it is cut; may say no where it is not sure."""

    def feed(self, number: int, line: bytes) -> Iterator[Numbered]: ...
    def end(self) -> Iterator[Numbered]: ...


def join_lines(chunks: Iterable[bytes], notes: Notes, joiner: Joiner) -> Iterator[Block]:
    """Blocks with nothing to join pass untouched. A joined line comes where its last part stood, with the number of its first."""
    for block in blocks(chunks, notes):
        yield from join_block(block, joiner)
    yield from pack(joiner.end())


def join_block(block: Block, joiner: Joiner) -> Iterator[Block]:
    if not joiner.waiting and joiner.calm(block.data):
        yield block
    else:
        yield from pack(chain.from_iterable(joiner.feed(number, line) for number, line in numbered(block)))


def most(lines: Sequence[bytes], accepts: Callable[[bytes], object]) -> bool:
    return 2 * sum(1 for line in lines if accepts(line)) > len(lines)
