"""journalctl's short-unix form: seconds since 1970."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.formats import _stamps
from k3slogs.formats._base import DIGITS, Envelope, Sample
from k3slogs.formats._who import who
from k3slogs.lazily import pattern

if TYPE_CHECKING:
    from k3slogs.model import Peel

_STAMP = pattern(r"([0-9]{9,11})\.([0-9]{6}) ")


def _read(text: str) -> Peel | None:
    found = _STAMP.match(text)
    return who(text, found.end(), _stamps.epoch(int(found[1]), int(found[2]))) if found else None


FORMAT = Envelope(
    name="journald-short-unix",
    starts=DIGITS,
    read=_read,
    samples=(
        Sample(
            "1763874318.580162 node-a k3s[1203]: hello",
            {"inner": "hello", "host": "node-a", "pid": "1203", "moment": "2025-11-23T05:05:18.580162+00:00"},
        ),
    ),
)
