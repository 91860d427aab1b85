"""zerolog's console form, traefik v3's `common` log: time, three letters, message, key=value."""

from __future__ import annotations

import re

from k3slogs.formats import _levels, _stamps
from k3slogs.formats._base import DIGITS, LineFormat, Sample
from k3slogs.formats._values import pairs, split_err
from k3slogs.lazily import pattern
from k3slogs.model import Reading
from k3slogs.taxonomy import Level

_HEADER = pattern(rf"({_stamps.RFC3339}) (TRC|DBG|INF|WRN|ERR|FTL|PNC)(?: |$)")
_FIRST_KEY = pattern(r" (?=[A-Za-z_][\w.\-]*+=)", re.ASCII)


def _read(text: str) -> Reading | None:
    header = _HEADER.match(text)
    if header is None:
        return None
    rest = text[header.end() :]
    caller, arrow, after = rest.partition(" > ")
    origin = None
    if arrow and ".go:" in caller and " " not in caller:
        origin, rest = caller.rpartition(":")[0], after
    key = _FIRST_KEY.search(rest)
    start = key.start() if key else len(rest)
    found, extra = pairs(rest, start)
    err, fields = split_err(found)
    message = f"{rest[:start]} {extra}" if extra else rest[:start]
    return Reading(message.strip(), stamp=_stamps.iso(header[1]), level=_levels.named(header[2]), err=err, fields=fields, origin=origin)


FORMAT = LineFormat(
    name="zerolog",
    starts=DIGITS,
    read=_read,
    samples=(
        Sample(
            '2026-11-23T15:43:29Z ERR Cannot create service error="endpoints not found" providerName=kubernetes',
            {
                "message": "Cannot create service",
                "err": "endpoints not found",
                "level": Level.ERROR,
                "fields": {"providerName": "kubernetes"},
            },
        ),
        Sample(
            "2026-11-23T15:43:29Z INF github.com/traefik/traefik/v3/cmd/traefik/traefik.go:105 > Traefik version 3.1 built on x version=3.1",
            {
                "message": "Traefik version 3.1 built on x",
                "origin": "github.com/traefik/traefik/v3/cmd/traefik/traefik.go",
                "fields": {"version": "3.1"},
            },
        ),
    ),
)
