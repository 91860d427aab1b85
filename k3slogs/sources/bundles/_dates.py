"""The date that a bundle was made, as its files and its name tell."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from k3slogs.lazily import pattern

_MONTHS = {
    name: number for number, name in enumerate(("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1)
}
_CLOCK = pattern(r"\b(\d{1,2}):(\d\d):(\d\d)(?: ([AP]M)\b)?")
_NAMES = "|".join(_MONTHS)
_DAY = pattern(rf"\b(?:({_NAMES})[a-z]* +(\d{{1,2}})(?!:)|(\d{{1,2}})\.? +({_NAMES})[a-z]*)\b")
_YEAR = pattern(r"\b(?:19|20)\d\d\b")
_OFFSET = pattern(r"(?<=[\d\s])([+-])(\d\d):?(\d\d)?\b")
_ISO = pattern(r"(\d{4})-(\d\d)-(\d\d)(?:[T _](\d\d)[:_.-](\d\d)[:_.-](\d\d))?")
_COMPACT = pattern(r"(?<!\d)(20\d\d)(\d\d)(\d\d)(?:[T_-]?(\d\d)(\d\d)(\d\d))?(?!\d)")
_HOURS = {
    "UTC": 0.0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9,
    "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "BRT": -3,
}  # fmt: skip
"""Zones by the letters that `date` prints; those that mean several (CST, IST) are left out."""


def printed(text: str) -> datetime | None:
    """What `date` printed, in the order of any locale: `Mon Nov 24 05:07:38 CET 2025`. Its zone is UTC if the letters do not tell."""
    text = text.strip()[:200]
    if found := named(text):
        return found.replace(tzinfo=_zone(text[10:]))
    day, clock, year = _DAY.search(text), _CLOCK.search(text), _YEAR.search(text)
    if not (day and clock and year):
        return None
    month = _MONTHS.get(day[1] or day[4])
    hour = int(clock[1]) % 12 + 12 * (clock[4] == "PM") if clock[4] else int(clock[1])
    return _moment(_zone(text), int(year[0]), month or 0, int(day[2] or day[3]), hour, int(clock[2]), int(clock[3]))


def named(name: str) -> datetime | None:
    """The date in a name, or at the begin of an ISO stamp: `web-1-2025-11-24_05_07_38`, `sosreport-x-20251124`. Read as UTC."""
    found = _ISO.search(name) or _COMPACT.search(name)
    return _moment(UTC, *(int(part or 0) for part in found.groups())) if found else None


def _zone(text: str) -> timezone:
    if found := _OFFSET.search(text):
        offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(-offset if found[1] == "-" else offset) if offset < timedelta(hours=24) else UTC
    hours = next((_HOURS[word] for word in re.findall(r"\b[A-Z]{3,4}\b", text) if word in _HOURS), 0)
    return timezone(timedelta(hours=hours)) if hours else UTC


def _moment(zone: timezone, *parts: int) -> datetime | None:
    year, month, day, hour, minute, second = parts
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
