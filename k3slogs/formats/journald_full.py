"""journalctl's short-full and with-unit forms: a full date and the abbreviation of a zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.formats import _stamps
from k3slogs.formats._base import Envelope, Sample
from k3slogs.formats._who import who
from k3slogs.lazily import pattern

if TYPE_CHECKING:
    from k3slogs.model import Peel

_STAMP = pattern(
    rf"{_stamps.DAYS} ([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} [0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]{{6}})?) ([A-Z]{{2,5}}|[+-][0-9]{{2}}(?:[0-9]{{2}})?) "
)


def _read(text: str) -> Peel | None:
    found = _STAMP.match(text)
    return who(text, found.end(), _stamps.zoned(found[1], found[2])) if found else None


FORMAT = Envelope(
    name="journald-short-full",
    starts="MTWFS",
    read=_read,
    samples=(
        Sample(
            "Sun 2025-11-23 05:05:18 UTC node-a k3s[1203]: hello",
            {"inner": "hello", "unit": "k3s", "moment": "2025-11-23T05:05:18+00:00", "unit_s": 1.0},
        ),
        Sample("Sun 2025-11-23 05:05:18 CET node-a k3s.service[1203]: hello", {"unit": "k3s", "moment": "2025-11-23T05:05:18+01:00"}),
        Sample("Sun 2025-11-23 05:05:18 +0530 node-a init.scope[1]: hello", {"unit": "systemd", "moment": "2025-11-23T05:05:18+05:30"}),
        Sample("Sun 2025-11-23 05:05:18 NST node-a k3s[1203]: hello", {"moment": "2025-11-23T05:05:18"}),
    ),
)
