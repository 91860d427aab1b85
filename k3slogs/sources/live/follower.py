"""One live stream -> blocks of whole lines, as they come."""

from __future__ import annotations

import codecs
from collections import Counter
from typing import TYPE_CHECKING, Protocol

from k3slogs.errors import SourceError
from k3slogs.model import NOBODY, Identity
from k3slogs.sources.compression import kind_of
from k3slogs.sources.framing import SNIFF, joiner_for
from k3slogs.sources.framing._partial import join_block
from k3slogs.sources.lines import Keeper, Notes, blocks, pack
from k3slogs.sources.sniff import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k3slogs.model import Block
    from k3slogs.sources.framing._partial import Joiner

MAX_PROBLEMS = 20
"""Different things that are kept of what happened to one source."""


class Stream(Protocol):
    @property
    def ended(self) -> bool: ...
    @property
    def opened(self) -> bool: ...
    def read(self) -> bytes: ...
    def key(self) -> tuple[int, int] | None: ...
    def close(self) -> None: ...


class Follower:
    """Polls a stream. Lines are numbered from the first one read, on over every rotation."""

    def __init__(self, name: str, stream: Callable[[Callable[[str], None]], Stream], identity: Identity = NOBODY) -> None:
        self.name = name
        self.identity = identity
        self.stream = stream(self._hear)
        self.error: SourceError | None = None
        """Why it cannot be followed."""
        self.news: list[str] = []
        """What happened to it since somebody last took the list."""
        self._notes = Notes()
        self._happened: Counter[str] = Counter()
        self._held = Keeper()
        self._head = b""
        self._begun = False
        self._joiner: Joiner | None = None

    @property
    def ended(self) -> bool:
        """Nothing more will come."""
        return self.error is not None or (self.stream.ended and not self._held.size and not self._head)

    @property
    def bytes_read(self) -> int:
        return self._notes.bytes_read

    @property
    def lines_read(self) -> int:
        return self._notes.lines_read

    @property
    def truncated(self) -> bool:
        return self._notes.truncated

    @property
    def problems(self) -> list[str]:
        """What happened, with how often; and what reading cost."""
        times = [f"{text} ({count} times)" if count > 1 else text for text, count in self._happened.items()]
        return [*times, *self._notes.problems]

    def poll(self) -> list[Block]:
        """Whole lines that came since the last call; of a stream that ended also the last, unfinished one."""
        if self.error:
            return []
        try:
            data = self.stream.read()
        except SourceError as error:
            self.error = error
            self.close()
            return self._rest()
        self._notes.bytes_read += len(data)
        if not self._begun:
            data = self._begin(data)
        found = list(self._lines(data)) if data else []
        return found + self._rest() if self.stream.ended else found

    def close(self) -> None:
        self.stream.close()

    def _hear(self, text: str) -> None:
        self.news.append(text)
        if text in self._happened or len(self._happened) < MAX_PROBLEMS:
            self._happened[text] += 1

    def _begin(self, data: bytes) -> bytes:
        """Hold the head back until a line of it tells what this is."""
        self._head += data
        if b"\n" not in self._head and len(self._head) < SNIFF and not self.stream.ended:
            return b""
        head, self._head, self._begun = self._head, b"", True
        reason = _refusal(head)
        if not reason:
            try:
                joining = joiner_for(head)
            except ValueError as error:
                reason = str(error)
            else:
                self._joiner = joining(self._notes) if joining else None
        if reason:
            self.error = SourceError(self.name, f"cannot be followed: {reason}")
            self.close()
            return b""
        return head.removeprefix(codecs.BOM_UTF8)

    def _lines(self, data: bytes) -> Iterator[Block]:
        cut = data.rfind(b"\n") + 1
        if cut:
            first = data.find(b"\n")
            self._held.add(data[:first])
            line = self._held.take(self._notes.lines_read + 1, self._notes)
            yield from self._joined(line + data[first:cut])
        self._held.add(data[cut:])

    def _joined(self, data: bytes) -> Iterator[Block]:
        for block in blocks([data], self._notes, self._notes.lines_read + 1):
            yield from join_block(block, self._joiner) if self._joiner else [block]

    def _rest(self) -> list[Block]:
        rest = self._held.take(self._notes.lines_read + 1, self._notes)
        found = list(self._joined(rest)) if rest else []
        return [*found, *(pack(self._joiner.end()) if self._joiner else ())]


def _refusal(head: bytes) -> str | None:
    if kind := kind_of(head):
        return f"it is compressed ({kind.name}); k3slogs analyze reads it"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "it is UTF-16; k3slogs analyze reads it"
    return refusal(head)
