"""zerolog's JSON, as traefik v3 prints it when asked to."""

from __future__ import annotations

from k3slogs.formats import _levels, _stamps
from k3slogs.formats._base import LineFormat, Sample
from k3slogs.formats._values import json_fields, json_object, split_err, text_of
from k3slogs.model import Reading
from k3slogs.taxonomy import Level

_KNOWN = frozenset({"level", "message", "time"})


def _read(text: str) -> Reading | None:
    entry = json_object(text)
    if entry is None or not {"level", "message"} <= entry.keys() or "ts" in entry or "log" in entry:
        return None
    level = _levels.named(text_of(entry["level"]) or "")
    if level is None:
        return None
    err, fields = split_err(json_fields(entry, _KNOWN))
    return Reading(
        text_of(entry["message"]) or "", stamp=_stamps.iso(text_of(entry.get("time")) or ""), level=level, err=err, fields=fields
    )


FORMAT = LineFormat(
    name="zerolog-json",
    starts="{",
    read=_read,
    samples=(
        Sample(
            '{"level":"error","providerName":"kubernetes","error":"endpoints not found","time":"2026-11-23T15:43:29Z","message":"Cannot create service"}',
            {
                "message": "Cannot create service",
                "err": "endpoints not found",
                "level": Level.ERROR,
                "fields": {"providerName": "kubernetes"},
            },
        ),
    ),
)
