"""Go's standard log, and grpc's old form with the level before the time."""

from __future__ import annotations

import re

from k3slogs.formats import _levels, _stamps
from k3slogs.formats._base import DIGITS, LineFormat, Sample
from k3slogs.lazily import pattern
from k3slogs.model import Reading
from k3slogs.taxonomy import Level

_LINE = pattern(
    r"(?:(INFO|WARNING|ERROR|FATAL): )?([0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?)(?: |$)"
    r"(?:([\w.\-]+\.go):[0-9]+: )?(?:\[([A-Z]{4,7})\] *|(TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL): +)?",
    re.ASCII,
)


def _read(text: str) -> Reading | None:
    found = _LINE.match(text)
    if found is None:
        return None
    before, moment, origin, bracket, after = found.groups()
    level = _levels.named(before or bracket or after or "")
    end = found.start(4) - 1 if bracket and level is None else found.end()
    return Reading(text[end:], stamp=_stamps.iso(moment), level=level, origin=origin)


FORMAT = LineFormat(
    name="golog",
    starts=DIGITS + "IWEF",
    read=_read,
    samples=(
        Sample(
            "2026/11/23 15:43:29 [ERROR] failed to reload",
            {"message": "failed to reload", "level": Level.ERROR, "moment": "2026-11-23T15:43:29"},
        ),
        Sample("WARNING: 2020/09/23 13:50:14 grpc: addrConn failed", {"message": "grpc: addrConn failed", "level": Level.WARNING}),
        Sample(
            "2026/11/23 15:37:31 WARNING: [core] [Channel #1]grpc: x", {"message": "[core] [Channel #1]grpc: x", "level": Level.WARNING}
        ),
        Sample("2026/11/23 15:37:31 main.go:7: hello", {"message": "hello", "origin": "main.go", "level": None}),
        Sample("2026/11/23 15:37:31 [CORE] hello", {"message": "[CORE] hello", "level": None}),
    ),
)
