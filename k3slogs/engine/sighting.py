"""Where and when a record was seen. Of a line of a known kind that may be all that is ever asked: it is read when more is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from k3slogs.engine.assembly import MAX_NEIGHBOUR, NOTHING_AROUND, decode

if TYPE_CHECKING:
    from datetime import datetime

    from k3slogs.engine.assembly import Around, Neighbour
    from k3slogs.model import Record

MAX_SIGHTED = 2048
"""Characters of a record that are kept as evidence: head and tail."""


class Quote(NamedTuple):
    """What a record says for a report."""

    timestamp: datetime | None
    text: str
    year_assumed: bool = False


class Unread(Protocol):
    """A line that is kept as it stands."""

    def quote(self) -> Quote: ...


class Sighting:
    """`source` and `line` say where, `text` is the record without its envelopes; `before` and `after` are the numbered lines around it where
    they were kept.
    """

    __slots__ = ("_around", "_quote", "line", "source")

    def __init__(self, source: str, line: int, quote: Quote | Unread, around: Around = NOTHING_AROUND) -> None:
        self.source, self.line, self._quote, self._around = source, line, quote, around

    @property
    def timestamp(self) -> datetime | None:
        return self._read().timestamp

    @property
    def text(self) -> str:
        return self._read().text

    @property
    def year_assumed(self) -> bool:
        return self._read().year_assumed

    @property
    def before(self) -> tuple[tuple[int, str], ...]:
        return tuple(map(_shown, self._around[0]))

    @property
    def after(self) -> tuple[tuple[int, str], ...]:
        return tuple(map(_shown, self._around[1]))

    def amid(self, around: Around) -> Sighting:
        """The same, with these lines around it."""
        return Sighting(self.source, self.line, self._quote, around)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sighting) and self.line == other.line and self.source == other.source and self._whole() == other._whole()

    def __hash__(self) -> int:
        return hash((self.source, self.line))

    def __repr__(self) -> str:
        return f"Sighting{self._whole()}"

    def _read(self) -> Quote:
        if not isinstance(self._quote, Quote):
            self._quote = self._quote.quote()
        return self._quote

    def _whole(self) -> tuple[object, ...]:
        return self.source, self.line, self._read(), self.before, self.after


def sighting(record: Record) -> Sighting:
    return Sighting(record.source, record.line, quote(record.timestamp, record.raw, year_assumed=record.year_assumed))


def quote(timestamp: datetime | None, text: str, *, year_assumed: bool) -> Quote:
    return Quote(timestamp, _shortened(text), year_assumed)


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_SIGHTED else f"{text[: MAX_SIGHTED // 2]} ... {text[-MAX_SIGHTED // 2 :]}"


def later(known: Sighting | None, seen: Sighting) -> Sighting:
    """Whichever stands further down: lines of one kind are read together, so that what comes may lie before what is known."""
    return seen if known is None or seen.line >= known.line else known


def _shown(neighbour: Neighbour) -> tuple[int, str]:
    number, raw = neighbour
    text = decode(raw)
    return number, text if len(text) <= MAX_NEIGHBOUR else f"{text[:MAX_NEIGHBOUR]} ..."
