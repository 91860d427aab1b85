"""journalctl's short and short-precise forms, and syslog files in the traditional form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.formats import _stamps
from k3slogs.formats._base import Envelope, Sample
from k3slogs.formats._who import who
from k3slogs.lazily import pattern

if TYPE_CHECKING:
    from k3slogs.model import Peel

STAMP = pattern(r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) ([ 0-3]?[0-9]) ([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{6}))? ")


def _read(text: str) -> Peel | None:
    found = STAMP.match(text)
    if found is None:
        return None
    month, day, clock, fraction = found.groups()
    return who(text, found.end(), _stamps.yearless(_stamps.MONTHS[month], int(day), clock, fraction))


FORMAT = Envelope(
    name="journald-short",
    starts="JFMASOND",
    read=_read,
    samples=(
        Sample(
            "Nov 23 05:05:18 node-a k3s[1203]: hello",
            {
                "inner": "hello",
                "host": "node-a",
                "unit": "k3s",
                "pid": "1203",
                "moment": "2000-11-23T05:05:18",
                "yearless": True,
                "unit_s": 1.0,
            },
        ),
        Sample("Nov  3 05:05:18.580162 node-a kernel: hello", {"inner": "hello", "unit": "kernel", "pid": None, "unit_s": 1e-6}),
        Sample("Feb 29 05:05:18 node-a (systemd)[7]: hello", {"unit": "(systemd)", "moment": "2000-02-29T05:05:18"}),
    ),
)
