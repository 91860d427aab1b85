"""logrus' JSON, as dockerd, containerd and runc print it when asked to."""

from __future__ import annotations

from k3slogs.formats import _levels, _stamps
from k3slogs.formats._base import LineFormat, Sample
from k3slogs.formats._values import json_fields, json_object, split_err, text_of, without_line
from k3slogs.formats.runsc_json import is_runsc
from k3slogs.model import Reading
from k3slogs.taxonomy import Level

_KNOWN = frozenset({"level", "msg", "time"})


def _read(text: str) -> Reading | None:
    entry = json_object(text)
    if entry is None or "level" not in entry or "ts" in entry or not ("msg" in entry or "time" in entry) or "message" in entry:
        return None
    level = _levels.named(text_of(entry["level"]) or "")
    if level is None or "log" in entry or is_runsc(entry):
        return None
    err, fields = split_err(json_fields(entry, _KNOWN))
    file = text_of(entry.get("file"))
    return Reading(
        message=text_of(entry.get("msg")) or "",
        stamp=_stamps.iso(text_of(entry.get("time")) or ""),
        level=level,
        err=err,
        fields=fields,
        origin=without_line(file).rpartition("/")[2] if file and ".go" in file else None,
    )


FORMAT = LineFormat(
    name="logrus-json",
    starts="{",
    read=_read,
    samples=(
        Sample(
            '{"error":"no such file","level":"warning","msg":"cleanup failed","time":"2026-11-23T15:43:29.5Z","n":2}',
            {"message": "cleanup failed", "err": "no such file", "level": Level.WARNING, "fields": {"n": "2"}, "unit_s": 1e-3},
        ),
        Sample('{"level":"fatal","msg":"no","time":"2026-11-23T15:43:29Z"}', {"level": Level.FATAL, "err": None}),
    ),
)
