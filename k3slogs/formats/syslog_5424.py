"""syslog by RFC 5424: priority, version, full stamp, host, program, process, structured data."""

from __future__ import annotations

from k3slogs.formats import _levels, _stamps
from k3slogs.formats._base import Envelope, Sample
from k3slogs.formats._who import unit
from k3slogs.lazily import pattern
from k3slogs.model import Peel
from k3slogs.taxonomy import Level

# rsyslog leaves the blank before the message in the message: there are two then.
_PREFIX = pattern(
    r"<([0-9]{1,3})>1 (\S+) (\S+) (\S+) (\S+) \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*+\])++)(?: (?:\ufeff| (?=\S|[ \t]))?|$)",
)


def _read(text: str) -> Peel | None:
    found = _PREFIX.match(text)
    if found is None:
        return None
    priority, moment, host, name, pid = found.groups()
    return Peel(
        text[found.end() :],
        stamp=_stamps.iso(moment),
        level=_levels.priority(int(priority)),
        host=None if host == "-" else host,
        unit=None if name == "-" else unit(name),
        pid=None if pid == "-" else pid,
    )


FORMAT = Envelope(
    name="syslog-5424",
    starts="<",
    read=_read,
    samples=(
        Sample(
            "<13>1 2026-11-23T15:51:51.076070+00:00 localhost k3s 4711 - -  hello",
            {
                "inner": "hello",
                "host": "localhost",
                "unit": "k3s",
                "pid": "4711",
                "level": Level.INFO,
                "moment": "2026-11-23T15:51:51.076070+00:00",
            },
        ),
        Sample('<11>1 - - k3s - ID47 [a@1 x="\\]"][b@1] hi', {"inner": "hi", "host": None, "stamp": None, "level": Level.ERROR}),
    ),
)
