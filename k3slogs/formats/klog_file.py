"""The first lines of a klog file; one of them holds the year that the others lack."""

from __future__ import annotations

from k3slogs.formats import _stamps
from k3slogs.formats._base import LineFormat, Sample
from k3slogs.model import Reading
from k3slogs.taxonomy import Level

_CREATED = "Log file created at: "


def _read(text: str) -> Reading | None:
    if not text.startswith(_CREATED):
        return None
    return Reading(text, stamp=_stamps.iso(text[len(_CREATED) :].strip()), level=Level.INFO)


FORMAT = LineFormat(
    name="klog-file",
    starts="L",
    read=_read,
    samples=(Sample("Log file created at: 2026/11/23 15:43:29", {"moment": "2026-11-23T15:43:29", "unit_s": 1.0}),),
)
