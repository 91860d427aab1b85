"""`kubectl logs --timestamps` and `docker logs -t`: a full stamp, a blank, the text."""

from __future__ import annotations

from k3slogs.formats import _stamps, journald_iso
from k3slogs.formats._base import DIGITS, Envelope, Sample
from k3slogs.lazily import pattern
from k3slogs.model import Peel

# A stamp that is followed by a stream is the CRI's, by three letters zerolog's.
_PREFIX = pattern(rf"({_stamps.RFC3339})(?: (?!std(?:out|err) [FP](?::|\s|$)|(?:TRC|DBG|INF|WRN|ERR|FTL|PNC)(?:\s|$))|$)")


def _read(text: str) -> Peel | None:
    found = _PREFIX.match(text)
    if found is None or journald_iso.read(text) is not None:
        return None
    return Peel(text[found.end() :], stamp=_stamps.iso(found[1]))


FORMAT = Envelope(
    name="timestamps",
    starts=DIGITS,
    read=_read,
    samples=(
        Sample("2026-11-23T15:43:29.123456789Z hello", {"inner": "hello", "stream": None, "unit_s": 1e-9}),
        Sample("2026-11-23T15:43:29Z Nov foo: hello", {"inner": "Nov foo: hello"}),
        Sample("2026-11-23T15:43:29.123456789+01:00 hello", {"inner": "hello"}),
    ),
)
