"""A level in brackets and no time: coredns, klipper-lb, klipper-helm."""

from __future__ import annotations

from k3slogs.formats import _levels
from k3slogs.formats._base import LineFormat, Sample
from k3slogs.lazily import pattern
from k3slogs.model import Reading
from k3slogs.taxonomy import Level

_LEVEL = pattern(r"\[(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|PANIC)\] *")


def _read(text: str) -> Reading | None:
    found = _LEVEL.match(text)
    if found is None:
        return None
    message = text[found.end() :]
    return Reading(message, level=_levels.named(found[1]), program="coredns" if message.startswith("plugin/") else None)


FORMAT = LineFormat(
    name="bracketed",
    starts="[",
    read=_read,
    samples=(
        Sample(
            "[ERROR] plugin/errors: 2 a.example. A: read udp 10.42.0.2:1->10.0.0.1:53: i/o timeout",
            {
                "message": "plugin/errors: 2 a.example. A: read udp 10.42.0.2:1->10.0.0.1:53: i/o timeout",
                "level": Level.ERROR,
                "program": "coredns",
            },
        ),
        Sample("[WARNING] No files matching import glob pattern: /etc/x", {"level": Level.WARNING, "program": None}),
        Sample("[INFO]  Canonical CNI plugin", {"level": Level.INFO, "message": "Canonical CNI plugin"}),
    ),
)
