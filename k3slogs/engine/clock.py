"""Stamps as printed -> moments in UTC: the year and the zone that a stamp lacks are worked out, and said."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

    from k3slogs.model import Line, Stamp

_QUARTER = 15 * 60
_DAY = timedelta(days=1)
_HALF_A_YEAR = timedelta(days=182)
_SKEW = timedelta(seconds=60)
"""A wrapper's stamp that differs more from the one inside is the right one: programs may have clocks of their own."""
_NEIGHBOURS = 5.0
"""Seconds that two neighbouring lines may be apart, beside the zone, to be a pair."""


class Survey(NamedTuple):
    """What the first lines of a source say about time."""

    anchor: datetime | None
    """A full stamp."""
    offset: timedelta | None
    """The zone of the stamps that print none, if pairs of stamps tell."""
    yearless: bool
    zoneless: bool


@dataclass
class Calendar:
    """What is assumed for stamps that do not say it."""

    anchor: datetime | None
    anchor_from: str
    zone: tzinfo = UTC
    year: int | None = None
    latest: datetime | None = None
    """No line was written after it, but for what zones and clocks may differ."""
    collected: datetime | None = None
    """When the text was printed, from which ages count back."""


def survey(lines: Iterable[Line]) -> Survey:
    """Look for a full stamp, and for naive stamps beside zoned ones."""
    anchor: datetime | None = None
    offsets: Counter[int] = Counter()
    yearless = zoneless = False
    last_full: datetime | None = None
    for line in lines:
        stamps = [peel.stamp for peel in line.envelopes] + [line.reading.stamp]
        full = next((s.moment for s in stamps if s and s.moment and s.moment.tzinfo and not s.yearless), None)
        naive = next((s for s in reversed(stamps) if s and s.moment and s.moment.tzinfo is None), None)
        anchor, last_full = anchor or full, full or last_full
        if naive is not None and naive.moment is not None:
            yearless, zoneless = yearless or naive.yearless, True
            quarters = _quarters(naive.moment, last_full)
            if quarters is not None:
                offsets[quarters] += 1
    offset = timedelta(seconds=offsets.most_common(1)[0][0] * _QUARTER) if offsets else None
    return Survey(anchor, offset, yearless, zoneless)


def _quarters(naive: datetime, full: datetime | None) -> int | None:
    """Quarters of an hour between a naive stamp and a full one beside it."""
    if full is None:
        return None
    utc = full.astimezone(UTC).replace(tzinfo=None)
    difference = (_near(naive, utc) - utc).total_seconds()
    quarters = round(difference / _QUARTER)
    return quarters if abs(difference - quarters * _QUARTER) <= _NEIGHBOURS and abs(quarters) <= 14 * 4 else None


def _near(moment: datetime, reference: datetime) -> datetime:
    """The moment in the year that brings it nearest to the reference; 29 February has one only every four or eight years."""
    same = _in_year(moment, reference.year)
    if same is not None and abs(same - reference) < _HALF_A_YEAR:
        return same
    for reach in (1, 8):
        years = range(max(reference.year - reach, 1), min(reference.year + reach, 9999) + 1)
        if options := [option for year in years if (option := _in_year(moment, year))]:
            return min(options, key=lambda option: abs(option - reference))
    return moment


def _in_year(moment: datetime, year: int) -> datetime | None:
    try:
        return moment.replace(year=year)
    except ValueError:
        return None


ClockState = tuple[datetime | None, datetime | None]
"""What the years of the next stamps are worked out from."""


class Clock:
    """Resolves the stamps of one source in the order of its lines."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._reference = calendar.anchor
        self._boot: datetime | None = None
        self._told: datetime | None = None
        """The last stamp that got its year from the caller: the next ones roll over from it."""
        self.year_assumed = False
        self.zone_assumed = False
        self.aged = False
        """Some line told an age in place of a time."""
        self.guessed = False
        """The year of the last moment was assumed."""

    @property
    def state(self) -> ClockState:
        return self._reference, self._told

    @state.setter
    def state(self, then: ClockState) -> None:
        """Go back to where the clock stood, to resolve a stamp that was passed over."""
        self._reference, self._told = then

    def resolve(self, inner: Stamp | None, outer: Stamp | None) -> datetime | None:
        """The moment of a line, in UTC; the inner stamp is the finer one, the outer one knows year and zone."""
        self.guessed = False
        around = self._absolute(outer, None) if outer else None
        moment = self._absolute(inner, around) if inner else None
        if moment is None or (around is not None and abs(moment - around) > _SKEW):
            moment = around
        if moment is None:
            return self._from_boot(inner) or self._from_boot(outer)
        if outer and outer.elapsed is not None and self._boot is None:
            self._boot = moment - timedelta(seconds=outer.elapsed)
        self._reference = moment
        return moment

    def _from_boot(self, stamp: Stamp | None) -> datetime | None:
        if stamp is None or stamp.elapsed is None or self._boot is None:
            return None
        try:
            return self._boot + timedelta(seconds=stamp.elapsed)
        except OverflowError:
            return None

    def _absolute(self, stamp: Stamp | None, around: datetime | None) -> datetime | None:
        if stamp is None:
            return None
        if stamp.ago is not None:
            return self._back(stamp.ago)
        if stamp.moment is None:
            return None
        moment = stamp.moment
        try:
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=self._zone(moment, around))
            if stamp.yearless:
                moment = self._with_year(moment, around)
            return moment.astimezone(UTC)
        except (OverflowError, ValueError):
            return None

    def _back(self, seconds: float) -> datetime | None:
        self.aged = True
        try:
            return self._calendar.collected - timedelta(seconds=seconds) if self._calendar.collected else None
        except OverflowError:
            return None

    def _zone(self, naive: datetime, around: datetime | None) -> tzinfo:
        if around is not None:
            quarters = _quarters(naive, around)
            if quarters is not None:
                return timezone(timedelta(seconds=quarters * _QUARTER))
        self.zone_assumed = True
        return self._calendar.zone

    def _with_year(self, moment: datetime, around: datetime | None) -> datetime:
        if around is not None:
            return _near(moment, around.astimezone(moment.tzinfo))
        self.year_assumed = self.guessed = True
        reference = self._told if self._calendar.year is not None else self._reference
        if reference is None:
            resolved = _in_year(moment, self._calendar.year) if self._calendar.year is not None else None
            resolved = resolved or (_near(moment, self._calendar.anchor.replace(tzinfo=moment.tzinfo)) if self._calendar.anchor else moment)
        else:
            resolved = self._not_later(_near(moment, reference.astimezone(moment.tzinfo)))
        self._told = resolved
        return resolved

    def _not_later(self, moment: datetime) -> datetime:
        """The moment, or a year earlier if nothing could have been written then yet."""
        latest = self._calendar.latest
        if latest is None or moment <= latest.astimezone(moment.tzinfo) + _DAY:
            return moment
        return next((earlier for back in range(1, 9) if (earlier := _in_year(moment, moment.year - back))), moment)
