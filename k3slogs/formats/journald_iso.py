"""journalctl's short-iso and short-iso-precise forms, and syslog files with ISO stamps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.formats import _stamps
from k3slogs.formats._base import DIGITS, Envelope, Sample
from k3slogs.formats._who import who
from k3slogs.lazily import pattern

if TYPE_CHECKING:
    from k3slogs.model import Peel

_STAMP = pattern(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6}|\.[0-9]{3})?[+-][0-9]{2}:?[0-9]{2}) (?!std(?:out|err) [FP])"
)


def read(text: str) -> Peel | None:
    found = _STAMP.match(text)
    return who(text, found.end(), _stamps.iso(found[1])) if found else None


FORMAT = Envelope(
    name="journald-short-iso",
    starts=DIGITS,
    read=read,
    samples=(
        Sample(
            "2025-11-23T05:05:18+0000 node-a k3s[1203]: hello",
            {"inner": "hello", "host": "node-a", "unit": "k3s", "pid": "1203", "moment": "2025-11-23T05:05:18+00:00", "unit_s": 1.0},
        ),
        Sample(
            "2025-11-23T05:05:18.580162+01:00 node-a k3s[1203]: hello", {"inner": "hello", "moment": "2025-11-23T05:05:18.580162+01:00"}
        ),
    ),
)
