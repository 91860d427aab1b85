"""zap's console form: time, level, caller, message and JSON fields between tabs."""

from __future__ import annotations

from k3slogs.formats import _levels, _stamps
from k3slogs.formats._base import DIGITS, LineFormat, Sample
from k3slogs.formats._values import json_fields, json_object, split_err, without_line
from k3slogs.lazily import pattern
from k3slogs.model import Reading
from k3slogs.taxonomy import Level

_CALLER = pattern(r"[\w.@\-]+(?:/[\w.@\-]+)*\.go:[0-9]+")


def _read(text: str) -> Reading | None:
    parts = text.split("\t")
    if len(parts) < 3 or (level := _levels.named(parts[1])) is None or (stamp := _stamps.iso(parts[0])) is None:
        return None
    fields = (json_object(parts.pop()) if parts[-1].startswith("{") else None) or {}
    err, others = split_err(json_fields(fields, frozenset()))
    rest = parts[2:]
    logger = (("logger", rest.pop(0)),) if len(rest) > 2 and _CALLER.fullmatch(rest[1]) else ()
    origin = without_line(rest.pop(0)) if rest and _CALLER.fullmatch(rest[0]) else None
    return Reading("\t".join(rest), stamp=stamp, level=level, err=err, fields=logger + others, origin=origin)


FORMAT = LineFormat(
    name="zap-console",
    starts=DIGITS,
    read=_read,
    samples=(
        Sample(
            '2026-11-23T15:43:29.123+0100\tWARN\tetcdserver/util.go:170\tapply request took too long\t{"took": "1s", "error": "x"}',
            {
                "message": "apply request took too long",
                "level": Level.WARNING,
                "err": "x",
                "origin": "etcdserver/util.go",
                "fields": {"took": "1s"},
            },
        ),
        Sample("2026-11-23T15:43:29.123Z\tINFO\tsetup\tstarting manager", {"message": "setup\tstarting manager", "level": Level.INFO}),
    ),
)
