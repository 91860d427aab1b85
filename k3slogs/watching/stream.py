"""One followed source, its scan, and the calendar for its stamps."""

from __future__ import annotations

from datetime import UTC, datetime, timezone
from typing import TYPE_CHECKING

from k3slogs import formats
from k3slogs.engine import Calendar, Engine, decode, survey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from k3slogs.engine import SourceScan
    from k3slogs.model import Block, Line
    from k3slogs.sources.live import Follower

SURVEYED = 400
"""Lines from whose stamps the zone of the others is worked out."""


class Stream:
    """Reads what its follower gives; a line is judged once the next poll has shown what follows it."""

    def __init__(self, follower: Follower, engine: Engine, *, year: int | None, zone: tzinfo | None) -> None:
        self.follower = follower
        self._asked = zone
        self.calendar = _calendar(year, zone)
        self._scanning = engine.begin(follower.name, self.calendar, follower.identity)
        self._surveyed = 0
        self._waiting = 0
        """Lines wait to be judged: 2 since this poll, 1 since the one before."""

    def poll(self) -> int:
        """Read what is new. Returns the bytes that came."""
        before = self.follower.bytes_read
        for block in self.follower.poll():
            self._survey(block)
            self._scanning.feed(block)
            self._waiting = 2
        return self.follower.bytes_read - before

    def settle(self) -> bool:
        """Judge what has waited. Returns whether there was something."""
        if not self._waiting:
            return False
        self._waiting -= 1
        self._scanning.settle()
        return True

    def snapshot(self) -> SourceScan:
        return self._scanning.snapshot()

    def _survey(self, block: Block) -> None:
        """A zone that no stamp has told yet may be told by these."""
        if self._asked or self._surveyed >= SURVEYED:
            return
        lines = list(_lines(block, SURVEYED - self._surveyed))
        self._surveyed += len(lines)
        found = survey(lines)
        if found.offset is not None:
            self.calendar.zone = timezone(found.offset)


def _calendar(year: int | None, zone: tzinfo | None) -> Calendar:
    if year is not None:
        return Calendar(datetime(year, 7, 1, tzinfo=UTC), "--year", zone or UTC, year)
    return Calendar(datetime.now(UTC), "today's date", zone or UTC)


def _lines(block: Block, most: int) -> Iterator[Line]:
    for number, raw in enumerate(block.data[: 256 * 1024].split(b"\n", most)[:most], block.first_line):
        yield formats.read(number, decode(raw))
