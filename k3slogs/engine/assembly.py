"""Candidate lines -> records: lines that go on in the next ones are joined, whatever envelope they came in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from k3slogs import formats
from k3slogs.model import MAX_TEXT, NOBODY, Identity, Line, Record
from k3slogs.taxonomy import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from k3slogs.engine.clock import Clock
    from k3slogs.engine.window import Window

MAX_JOINED = 200
"""Physical lines that one record may span."""
CONTEXT = 3
"""Lines kept on either side of a finding's first line."""
MAX_NEIGHBOUR = 400
"""Characters of such a line that are shown."""
_NEIGHBOUR_BYTES = 4 * (MAX_NEIGHBOUR + 1)
"""Bytes of it that are kept: enough to see that there are more."""
MAX_FRAMES = 40
"""Lines of a goroutine dump that are kept."""


Neighbour = tuple[int, bytes]
"""A line's number, and the line as it stands."""
Around = tuple[tuple[Neighbour, ...], tuple[Neighbour, ...]]
"""The lines before and after a record."""
NOTHING_AROUND: Around = (), ()


class Assembled(NamedTuple):
    """A record and the line it began in."""

    line: Line
    record: Record
    context: Callable[[], Around]
    pieces: int = 1
    """Records that its line holds: more than one are glued together."""

    @property
    def is_line(self) -> bool:
        """It is one line, and nothing else stands in it."""
        return self.pieces == 1 and self.record.line == self.record.last_line


class Assembler:
    """Reads the lines around candidates of one source; `records` yields each record once."""

    def __init__(self, source: str, clock: Clock, identity: Identity = NOBODY) -> None:
        self._source = source
        self._identity = identity
        self._clock = clock
        self._window: Window | None = None
        self._joined: set[int] = set()
        """Numbers of lines that a record took in as its continuation."""

    def records(self, window: Window, start: int) -> Iterator[Assembled]:
        """The records of the line that starts there; none if an earlier one has taken it in. Lines come in order."""
        self._look_at(window)
        line = self._line(window, start)
        if line.number in self._joined:
            return
        pieces = list(self._from(window, start, line))
        for record in pieces:
            yield Assembled(line, record, partial(around, window, start, record.last_line), len(pieces))

    def alone(self, window: Window, start: int) -> Assembled:
        """The line that starts there as a record of its own, whatever goes on in the next ones."""
        self._look_at(window)
        line = self._line(window, start)
        record = next(self._build(line, []))
        return Assembled(line, record, partial(around, window, start, record.last_line))

    def numbered(self, number: int, raw: bytes) -> Record:
        """A line as a record of its own."""
        return next(self._build(formats.read(number, decode(raw)), []))

    def skimmed(self, raw: bytes) -> tuple[datetime | None, str]:
        """Such a record's time and text; it must not be glued to another one."""
        line = formats.read(0, decode(raw), skim=True)
        return self._clock.resolve(line.reading.stamp, line.outer_stamp), line.inner

    def _look_at(self, window: Window) -> None:
        if window is not self._window:
            self._window = window
            oldest = window.number(window.begin) - MAX_JOINED
            self._joined = {number for number in self._joined if number >= oldest}

    def _line(self, window: Window, start: int) -> Line:
        line, number = window.read.get(start), window.number(start)
        if line is None:
            line = window.read[start] = formats.read(number, decode(window.line(start)))
        return line if line.number == number else line._replace(number=number)

    def _from(self, window: Window, start: int, line: Line) -> Iterator[Record]:
        if _frame(line) and self._in_dump(window, start, line):
            return
        if _goes_on(line):
            start, line = self._head(window, start, line)
            if line.number in self._joined:
                return
        tail = self._tail(window, start, line)
        if tail:
            self._joined.update(part.number for part in tail)
            self._joined.add(line.number)
        yield from self._build(line, tail)

    def _head(self, window: Window, start: int, line: Line) -> tuple[int, Line]:
        """The line that a continuation belongs to; itself if there is none."""
        identity = line.identity
        for before, earlier in self._backwards(window, start):
            if not any(identity):
                identity = earlier.identity  # the journal prints further lines of a message under the first, without its prefix
            if earlier.identity != identity:
                continue
            if not _goes_on(earlier):
                return before, earlier
        return start, line

    def _in_dump(self, window: Window, start: int, line: Line) -> bool:
        for _, earlier in self._backwards(window, start):
            if earlier.identity != line.identity or _frame(earlier):
                continue
            return formats.starts_panic(earlier.inner) or earlier.reading.level is Level.FATAL
        return False

    def _backwards(self, window: Window, start: int) -> Iterator[tuple[int, Line]]:
        for _ in range(MAX_JOINED):
            before = window.previous(start)
            if before is None:
                return
            start = before
            yield start, self._line(window, start)

    def _tail(self, window: Window, start: int, head: Line) -> list[Line]:
        """The lines that go on with `head`."""
        panicking = formats.starts_panic(head.inner) or (head.format == "klog" and head.reading.level is Level.FATAL)
        if not panicking and not self._may_go_on(window, start, head):
            return []
        tail: list[Line] = []
        size = 0
        identity = head.identity
        for _ in range(MAX_JOINED):
            after = window.following(start)
            if after is None:
                break
            start = after
            line = self._line(window, start)
            identity = line.identity if line.envelopes or not _goes_on(line) else identity
            if identity != head.identity:
                continue
            if not (_frame(line) if panicking else _goes_on(line)) or len(tail) >= (MAX_FRAMES if panicking else MAX_JOINED):
                break
            tail.append(line)
            size += len(line.inner)
            if size > MAX_TEXT:
                break
        return tail

    def _may_go_on(self, window: Window, start: int, head: Line) -> bool:
        """A cheap look before the next line is parsed."""
        after = window.following(start)
        indented = after is not None and window.byte(after) in b" \t"
        return indented or (bool(head.envelopes) and (head.inner.endswith("<") or head.format in {"klog", "plain"}))

    def _build(self, head: Line, tail: list[Line]) -> Iterator[Record]:
        inner = "\n".join([head.inner, *(line.inner for line in tail)])
        last = tail[-1].number if tail else head.number
        outer = head.outer_stamp
        for begin, piece in formats.split_glued(inner):
            name, reading = (head.format, head.reading) if not tail and begin == 0 and len(piece) == len(inner) else formats.reread(piece)
            level = reading.level or next((peel.level for peel in reversed(head.envelopes) if peel.level), None)
            host, unit, _ = head.identity
            yield Record(
                source=self._source,
                line=head.number,
                last_line=last,
                timestamp=self._clock.resolve(reading.stamp, outer),
                stamp=reading.stamp or outer,
                level=level,
                program=reading.program,
                origin=reading.origin,
                message=reading.message,
                err=reading.err,
                fields=reading.fields,
                format=name,
                text=formats.plain_text(reading),
                raw=piece,
                identity=(host or self._identity.node, unit or self._identity.unit, None),
                pid=reading.pid,
                year_assumed=self._clock.guessed,
            )


def around(window: Window, start: int, last_line: int) -> Around:
    """The lines around a record that begins at `start` and ends with the line `last_line`."""
    own = index = window.index(start)
    before: list[Neighbour] = []
    at = window.previous(start)
    while len(before) < CONTEXT and at is not None:
        index -= 1
        before.append((window.number(at, index), window.line(at)[:_NEIGHBOUR_BYTES]))
        at = window.previous(at)
    index = own
    after: list[Neighbour] = []
    at = window.following(start)
    while len(after) < CONTEXT and at is not None:
        index += 1
        number = window.number(at, index)
        if number > last_line:
            after.append((number, window.line(at)[:_NEIGHBOUR_BYTES]))
        at = window.following(at)
    return tuple(reversed(before)), tuple(after)


def _goes_on(line: Line) -> bool:
    return line.format == "plain" and formats.continues(line.inner)


def _frame(line: Line) -> bool:
    return line.format == "plain" and formats.continues_panic(line.inner) and not formats.starts_panic(line.inner)


def decode(raw: bytes) -> str:
    """A physical line as text: broken UTF-8 replaced, line end and NULs gone, the middle of an endless one left out."""
    raw = raw.rstrip(b"\r\n")
    if len(raw) > MAX_TEXT:
        raw = raw[: MAX_TEXT // 2] + b" ... " + raw[-MAX_TEXT // 2 :]
    return raw.replace(b"\x00", b"").decode("utf-8", "replace")
