"""The container log files of the CRI: time, stream, full or partial, content."""

from __future__ import annotations

from k3slogs.formats import _stamps
from k3slogs.formats._base import DIGITS, Envelope, Sample
from k3slogs.lazily import pattern
from k3slogs.model import Peel

_PREFIX = pattern(rf"({_stamps.RFC3339}) (stdout|stderr) ([FP])(?::\S*)?(?: |$)")


def _read(text: str) -> Peel | None:
    found = _PREFIX.match(text)
    if found is None:
        return None
    return Peel(text[found.end() :], stamp=_stamps.iso(found[1]), stream=found[2], partial=found[3] == "P")


FORMAT = Envelope(
    name="cri",
    starts=DIGITS,
    read=_read,
    samples=(
        Sample(
            "2026-11-23T15:43:29.123456789+01:00 stderr F hello",
            {"inner": "hello", "stream": "stderr", "partial": False, "unit_s": 1e-9, "moment": "2026-11-23T15:43:29.123456+01:00"},
        ),
        Sample("2026-11-23T15:43:29.5Z stdout P:x hello", {"inner": "hello", "stream": "stdout", "partial": True}),
        Sample("2026-11-23T15:43:29.123456+01:00 stdout F", {"inner": ""}),
        Sample("2026-11-23T15:43:29.123456+01:00 stdout F k3s[1]: hello", {"inner": "k3s[1]: hello"}),
    ),
)
