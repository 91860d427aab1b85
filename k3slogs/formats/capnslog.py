"""capnslog, which etcd printed up to k3s 1.19."""

from __future__ import annotations

import re

from k3slogs.formats import _levels, _stamps
from k3slogs.formats._base import DIGITS, LineFormat, Sample
from k3slogs.lazily import pattern
from k3slogs.model import Reading
from k3slogs.taxonomy import Level

_LINE = pattern(r"([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}) ([CEWNIDT]) \| ([\w/.\-]+): (.*)", re.DOTALL | re.ASCII)
_ETCD = pattern(r"(?:etcd|raft|embed|mvcc|wal|snap|pkg/|lease|auth|compactor|store)", re.ASCII)


def _read(text: str) -> Reading | None:
    found = _LINE.match(text)
    if found is None:
        return None
    moment, level, package, message = found.groups()
    return Reading(
        message,
        stamp=_stamps.iso(moment),
        level=_levels.named(level),
        origin=package,
        program="etcd" if _ETCD.match(package) else None,
    )


FORMAT = LineFormat(
    name="capnslog",
    starts=DIGITS,
    read=_read,
    samples=(
        Sample(
            "2020-09-25 14:35:34.930325 W | pkg/fileutil: check file permission: directory exists",
            {
                "message": "check file permission: directory exists",
                "level": Level.WARNING,
                "origin": "pkg/fileutil",
                "program": "etcd",
                "moment": "2020-09-25T14:35:34.930325",
            },
        ),
        Sample("2020-09-25 14:35:34.930325 C | etcdserver: no space left", {"level": Level.FATAL}),
    ),
)
