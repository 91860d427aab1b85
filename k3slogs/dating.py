"""Which year and zone stamps belong to that print none, where that is known from, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from k3slogs.engine import Calendar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from k3slogs.engine import SourceScan, Survey
    from k3slogs.sources import Input

FRESH = timedelta(minutes=15)
"""A file changed so lately may be a copy made just now: its time says nothing of its lines."""

TOGETHER = timedelta(hours=6)
"""A table of ages was printed no longer than this after the first lines of the logs beside it, or its file's time is that of a copy."""
NAMED = 3
"""Sources that one assumption names."""


class Head(NamedTuple):
    """What an input tells of its time before it is read."""

    source: Input
    survey: Survey
    dated: datetime | None = None
    """The date that the document itself prints."""


def calendar(own: Head, others: Sequence[Head], year: int | None, zone: tzinfo | None, now: datetime | None = None) -> Calendar:
    """What to assume for stamps that lack year or zone.

    The caller's word, the source's own full stamps, the date of its bundle or document, a neighbour's full stamps, the file's time, today.
    """
    now = now or datetime.now(UTC)
    collected = _collected(own, others, now)
    return replace(_calendar(own, others, year, zone, now), collected=collected)


def _collected(own: Head, others: Sequence[Head], now: datetime) -> datetime | None:
    """When the text was printed: the bundle's date, or the file's time unless the file is a copy, fresh or far from what the others say."""
    if own.source.anchor:
        return own.source.anchor
    changed = own.source.mtime
    if changed is None or changed > now - FRESH:
        return None
    known = [each.survey.anchor for each in others if each.survey.anchor]
    return changed if not known or any(timedelta() <= changed - moment <= TOGETHER for moment in known) else None


def _calendar(own: Head, others: Sequence[Head], year: int | None, zone: tzinfo | None, now: datetime) -> Calendar:
    offset, told = own.survey.offset, own.source.anchor
    chosen = zone or (timezone(offset) if offset is not None else told.tzinfo if told and told.tzinfo else UTC)
    if year is not None:
        return Calendar(datetime(year, 7, 1, tzinfo=UTC), "--year", chosen, year)
    if own.survey.anchor:
        return Calendar(own.survey.anchor, "full stamps in the same file", chosen)
    if told:
        return Calendar(told, own.source.anchor_from, chosen, latest=told)
    if own.dated:
        return Calendar(own.dated, "the document's date", chosen)
    if neighbour := next((each for each in others if each.survey.anchor), None):
        return Calendar(neighbour.survey.anchor, f"full stamps in {neighbour.source.name}", chosen)
    changed = own.source.mtime
    if changed and changed < now - FRESH:
        return Calendar(changed, "the file's time of change", chosen, latest=changed)
    return Calendar(now, "today's date, since the file was written just now" if changed else "today's date", chosen, latest=now)


def assumptions(scans: Sequence[SourceScan], calendars: Sequence[Calendar], tz: str | None) -> list[str]:
    """What was assumed, each with the sources that it concerns."""
    texts: dict[str, list[str]] = {}
    for scan, found in zip(scans, calendars, strict=True):
        if scan.year_assumed and found.anchor:
            texts.setdefault(f"stamps without a year were read as of {_years(scan, found.anchor)}, by {found.anchor_from}", []).append(
                scan.source
            )
        if scan.aged:
            told = f"ages were counted back from {found.collected:%Y-%m-%d %H:%M:%S %Z}" if found.collected else "ages give no time here"
            why = "when they were printed" if found.collected else "nothing tells when they were printed"
            texts.setdefault(f"{told}, {why}", []).append(scan.source)
        if scan.zone_assumed:
            why = "as asked" if tz else "from stamps beside them" if found.zone is not UTC else "no line tells otherwise"
            texts.setdefault(f"stamps without a zone were read as {found.zone}, {why}", []).append(scan.source)
    return [f"{_some(names)}: {text}" for text, names in texts.items()]


def _some(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= NAMED else f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"


def _years(scan: SourceScan, anchor: datetime) -> str:
    """The years that came out; the anchor's where no line shows one."""
    seen = [edge.timestamp.year for edge in (scan.first, scan.last) if edge and edge.timestamp]
    first, last = min(seen, default=anchor.year), max(seen, default=anchor.year)
    return str(first) if first == last else f"{first} to {last}"
