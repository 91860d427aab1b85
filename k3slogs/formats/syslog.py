"""syslog as sent, RFC 3164: a priority, then what the traditional file form holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.formats import _levels, _stamps
from k3slogs.formats._base import Envelope, Sample
from k3slogs.formats._who import who
from k3slogs.formats.journald_short import STAMP
from k3slogs.lazily import pattern
from k3slogs.taxonomy import Level

if TYPE_CHECKING:
    from k3slogs.model import Peel

_PRIORITY = pattern(r"<([0-9]{1,3})>(?=[A-Z])")


def _read(text: str) -> Peel | None:
    found = _PRIORITY.match(text)
    stamp = STAMP.match(text, found.end()) if found else None
    if found is None or stamp is None:
        return None
    moment = _stamps.yearless(_stamps.MONTHS[stamp[1]], int(stamp[2]), stamp[3], stamp[4])
    return who(text, stamp.end(), moment, _levels.priority(int(found[1])))


FORMAT = Envelope(
    name="syslog",
    starts="<",
    read=_read,
    samples=(
        Sample("<30>Nov 23 05:05:18 node-a k3s[1203]: hello", {"inner": "hello", "unit": "k3s", "level": Level.INFO, "yearless": True}),
        Sample("<27>Nov  3 05:05:18 node-a k3s: hello", {"inner": "hello", "level": Level.ERROR, "pid": None}),
    ),
)
