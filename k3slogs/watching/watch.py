"""The loop's body: read what is new, judge it, tell it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from k3slogs.dating import assumptions
from k3slogs.diagnosis import Diagnosis, diagnose
from k3slogs.engine import Engine
from k3slogs.pipeline import book_of, zone_of
from k3slogs.reporting import Reading, Reporter
from k3slogs.sources.live import Followers
from k3slogs.watching.events import Chronicle, Event, Happening
from k3slogs.watching.stream import Stream

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Sequence

    from k3slogs.document import Document, Rung, Verdict
    from k3slogs.errors import SourceError
    from k3slogs.rulebook import RuleBook
    from k3slogs.sources.live import Journal

SHARE = 0.1
"""Of the time at most this part goes into judging anew what a busy stream says."""


class Watch:
    """Follows logs and says what is new in them. Nothing here waits: `poll` again after a moment.

    `paths`: files (they need not be there yet), directories, `-` for standard input, a `sources.live.Journal`. `rules`, `year`, `tz` and `redact` as for `analyze`.
    Raises RuleError for a broken pack and UsageError for a bad `tz`. Memory does not grow with what was read.
    """

    def __init__(
        self,
        paths: Iterable[str | Journal],
        *,
        rules: RuleBook | str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
        year: int | None = None,
        tz: str | None = None,
        redact: bool = True,
    ) -> None:
        self._book = book_of(rules)
        self._engine = Engine(self._book)
        self._year, self._tz, self._zone = year, tz, zone_of(tz) if tz else None
        self._reporter = Reporter(self._book, redact=redact)
        self._chronicle = Chronicle(self._reporter)
        self._streams: list[Stream] = []
        self._followers = Followers(paths)
        self._told_failures = 0
        self._next = 0.0
        self._stale = False
        self.diagnosis = Diagnosis()
        """Of all that was judged so far."""
        self.busy = False
        """The last poll brought bytes: there may be more at once."""

    @property
    def ended(self) -> bool:
        """Every source has come to its end."""
        return self._followers.ended

    @property
    def missing(self) -> list[str]:
        """Named files that are not there yet."""
        return self._followers.missing

    @property
    def failures(self) -> list[SourceError]:
        """What cannot be followed."""
        return [*self._followers.failures, *(each.error for each in self._followers.all if each.error)]

    @property
    def lines(self) -> int:
        """Lines read so far."""
        return sum(stream.follower.lines_read for stream in self._streams)

    @property
    def sources(self) -> list[str]:
        return [stream.follower.name for stream in self._streams]

    def poll(self) -> list[Event]:
        """Read what is new, and say what happened. Lines are judged when the next poll has shown what follows them."""
        self._followers.look()
        self._keep_up()
        for stream in self._streams:
            self._stale |= stream.settle()
        self.busy = bool(sum(stream.poll() for stream in self._streams))
        return [*self._inputs(), *self._judge()]

    def finish(self) -> list[Event]:
        """Judge everything that was read, and give the verdict so far as the last event."""
        for stream in self._streams:
            self._stale |= stream.settle() | stream.settle()
        self._next = 0.0
        events = self._judge()
        if events and events[-1].event is Happening.VERDICT:
            events.pop()
        self._followers.close()
        return [*self._inputs(), *events, self._chronicle.verdict(self.diagnosis, final=True)]

    def document(self) -> Document:
        """What an analysis of all that was read so far says."""
        scans = [stream.snapshot() for stream in self._streams]
        readings = [_reading(stream) for stream in self._streams]
        skipped = [(failure.path, failure.reason) for failure in self.failures]
        calendars = [stream.calendar for stream in self._streams]
        return self._reporter.document(diagnose(scans, self._book), scans, readings, skipped, assumptions(scans, calendars, self._tz))

    def verdict(self) -> Verdict:
        """The verdict so far."""
        return self._reporter.verdict(self.diagnosis.judged)

    def stages(self) -> tuple[Rung, ...]:
        """The ladder of the last attempt."""
        last = self.diagnosis.judgements[-1] if self.diagnosis.judgements else None
        return self._reporter.stages(last)

    def _keep_up(self) -> None:
        """A stream for each follower; one that was let go takes its findings with it."""
        kept = {id(stream.follower): stream for stream in self._streams}
        self._streams = [
            kept.get(id(follower)) or Stream(follower, self._engine, year=self._year, zone=self._zone) for follower in self._followers.all
        ]

    def _inputs(self) -> Iterator[Event]:
        for follower in self._followers.all:
            news, follower.news = follower.news, []
            yield from (self._input(follower.name, text) for text in news)
        failures = self.failures
        yield from (self._input(failure.path, failure.reason) for failure in failures[self._told_failures :])
        self._told_failures = len(failures)

    def _input(self, source: str, text: str) -> Event:
        return Event(Happening.INPUT, source=self._reporter.clean(source), text=text)

    def _judge(self) -> list[Event]:
        now = time.monotonic()
        if not self._stale or now < self._next:
            return []
        self._stale = False
        scans = [stream.snapshot() for stream in self._streams]
        self._reporter.date(scans)
        self.diagnosis = diagnose(scans, self._book)
        events = self._chronicle.tell(self.diagnosis)
        done = time.monotonic()
        self._next = done + (done - now) / SHARE
        return events


def _reading(stream: Stream) -> Reading:
    follower = stream.follower
    return Reading(follower.name, follower.bytes_read, follower.lines_read, follower.problems, follower.truncated)
