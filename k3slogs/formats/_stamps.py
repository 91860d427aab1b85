"""Clock readings as printed -> Stamp; what is no valid time gives None."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from k3slogs.model import Stamp

RFC3339 = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
MONTHS = {
    name: number for number, name in enumerate(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1)
}
DAYS = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"

_ISO = re.compile(
    r"([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.,]([0-9]{1,12}))?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Only abbreviations that stand for one zone the world over; the others leave the moment without a zone.
_ZONES = {
    "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9,
    "EST": -5, "EDT": -4, "CDT": -5, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip


def unit(digits: str | None) -> float:
    """What the last of these fraction digits is worth, as milli-, micro- or nanoseconds: trailing zeros may have been trimmed."""
    if not digits:
        return 1.0
    return 1e-3 if len(digits) <= 3 else 1e-6 if len(digits) <= 6 else 1e-9


def iso(text: str) -> Stamp | None:
    """`2026-11-23T15:43:29.1Z` and its kin: blank or slashes, comma, offset with or without colon, no zone at all."""
    found = _ISO.fullmatch(text)
    if not found:
        return None
    year, month, day, clock, fraction, zone = found.groups()
    try:
        moment = datetime.fromisoformat(f"{year}-{month}-{day}T{clock}.{(fraction or '')[:6]:0<6}{zone or ''}")
    except ValueError:
        return None
    return Stamp(moment, unit=unit(fraction))


def yearless(month: int, day: int, clock: str, fraction: str | None) -> Stamp | None:
    """A stamp without year; `clock` is `hh:mm:ss`."""
    try:
        micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
        moment = datetime(2000, month, day, int(clock[:2]), int(clock[3:5]), int(clock[6:8]), micro)  # noqa: DTZ001  (no zone printed)
    except ValueError:
        return None
    return Stamp(moment, yearless=True, unit=unit(fraction))


def epoch(seconds: float, micros: int = 0, *, worth: float = 1e-6) -> Stamp | None:
    """Seconds since 1970 (a whole number beside `micros` keeps every digit)."""
    try:
        return Stamp(_EPOCH + timedelta(seconds=seconds, microseconds=micros), unit=worth)
    except (ValueError, OverflowError):
        return None


def elapsed(text: str) -> Stamp:
    """Seconds since the boot or the start of the process."""
    whole, _, fraction = text.partition(".")
    return Stamp(None, elapsed=float(f"{whole}.{fraction}"), unit=unit(fraction))


def zoned(text: str, zone: str) -> Stamp | None:
    """`2025-11-23 05:05:18.580162` beside a zone's abbreviation or number."""
    if zone[0] in "+-":
        return iso(text + zone)
    stamp = iso(text)
    if stamp is None or stamp.moment is None or zone not in _ZONES:
        return stamp
    return stamp._replace(moment=stamp.moment.replace(tzinfo=timezone(timedelta(hours=_ZONES[zone])) if _ZONES[zone] else UTC))
