"""klog's JSON (`--logging-format=json`): milliseconds since 1970, no level; an `err` makes it an error."""

from __future__ import annotations

from k3slogs.formats import _stamps
from k3slogs.formats._base import LineFormat, Sample
from k3slogs.formats._values import json_fields, json_object, split_err, text_of, without_line
from k3slogs.model import Reading
from k3slogs.taxonomy import Level

_KNOWN = frozenset({"ts", "caller", "msg", "v"})


def _read(text: str) -> Reading | None:
    entry = json_object(text)
    if entry is None or "level" in entry or "msg" not in entry:
        return None
    moment, message = entry.get("ts"), text_of(entry["msg"])
    if message is None or isinstance(moment, bool) or not isinstance(moment, (int, float)):
        return None
    err, fields = split_err(json_fields(entry, _KNOWN))
    caller = text_of(entry.get("caller"))
    whole = float(moment).is_integer() if abs(moment) < 1e18 else False
    return Reading(
        message=message,
        stamp=_stamps.epoch(moment / 1000, worth=1e-3 if whole else 1e-6) if abs(moment) < 1e18 else None,
        level=Level.INFO if err is None else Level.ERROR,
        err=err,
        fields=fields,
        origin=without_line(caller).rpartition("/")[2] if caller else None,
    )


FORMAT = LineFormat(
    name="klog-json",
    starts="{",
    read=_read,
    samples=(
        Sample(
            '{"ts":1763874319580.162,"caller":"kubelet/kubelet.go:1703","msg":"Failed to start ContainerManager","err":"failed to get rootfs info"}',
            {
                "message": "Failed to start ContainerManager",
                "err": "failed to get rootfs info",
                "level": Level.ERROR,
                "origin": "kubelet.go",
                "moment": "2025-11-23T05:05:19.580162+00:00",
            },
        ),
        Sample(
            '{"ts":1763874319580,"caller":"app/server.go:440","msg":"Kubelet version","v":0,"kubeletVersion":"v1.26.0"}',
            {"level": Level.INFO, "fields": {"kubeletVersion": "v1.26.0"}, "unit_s": 1e-3},
        ),
    ),
)
