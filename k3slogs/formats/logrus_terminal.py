"""logrus' text for terminals: `INFO[0005] message   key=value`, the time as seconds since the start."""

from __future__ import annotations

import re

from k3slogs.formats import _levels, _stamps
from k3slogs.formats._base import LineFormat, Sample
from k3slogs.formats._values import pairs, split_err, without_line
from k3slogs.lazily import pattern
from k3slogs.model import Reading
from k3slogs.taxonomy import Level

_HEADER = pattern(r"(TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)[A-Z]*\[([0-9]{4,9}|[0-9]{4}-[^\]\s]{6,40})\](\S*) ")
_PAIR = pattern(r'(?<=[ \t])[A-Za-z_][\w.\-]*+=(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\w\-./@^+]*+)(?=\s|$)', re.ASCII)


def _read(text: str) -> Reading | None:
    header = _HEADER.match(text)
    if header is None:
        return None
    rest = text[header.end() - 1 :]
    start = _first_pair(rest)
    err, fields = split_err(pairs(rest, start)[0])
    return Reading(
        message=rest[:start].strip(),
        stamp=_stamps.elapsed(header[2]) if header[2].isdigit() else _stamps.iso(header[2]),
        level=_levels.named(header[1]),
        err=err,
        fields=fields,
        origin=without_line(header[3]) or None,
    )


def _first_pair(text: str) -> int:
    """Where the pairs begin that reach up to the end: a pair that words follow belongs to the message."""
    start = end = len(text)
    for pair in _PAIR.finditer(text):
        if start == len(text) or text[end : pair.start()].strip():
            start = pair.start()
        end = pair.end()
    return start if not text[end:].strip() else len(text)


FORMAT = LineFormat(
    name="logrus-terminal",
    starts="TDIWEFP",
    read=_read,
    samples=(
        Sample(
            'ERRO[0005] failed to pull a=b of image                  error="not \\"found\\"" image=busybox',
            {
                "message": "failed to pull a=b of image",
                "level": Level.ERROR,
                "elapsed": 5.0,
                "err": 'not "found"',
                "fields": {"image": "busybox"},
            },
        ),
        Sample("INFO[0000] Running kubelet --address=0.0.0.0 --v=2", {"message": "Running kubelet --address=0.0.0.0 --v=2", "fields": {}}),
        Sample("FATA[2026-11-23T15:43:29Z] flag provided but not defined ", {"level": Level.FATAL, "moment": "2026-11-23T15:43:29+00:00"}),
        Sample("WARN[0012]main.go:12 careful", {"level": Level.WARNING, "origin": "main.go", "message": "careful"}),
    ),
)
