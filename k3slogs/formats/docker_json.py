"""docker's json-file: an object a line; the text of a line that goes on lacks its newline."""

from __future__ import annotations

from k3slogs.formats import _stamps
from k3slogs.formats._base import Envelope, Sample
from k3slogs.formats._values import json_object, text_of
from k3slogs.model import Peel


def _read(text: str) -> Peel | None:
    if '"stream"' not in text or '"log"' not in text:
        return None
    entry = json_object(text)
    if entry is None:
        return None
    log, stream = text_of(entry.get("log")), text_of(entry.get("stream"))
    if log is None or stream is None:
        return None
    return Peel(log.rstrip("\r\n"), stamp=_stamps.iso(text_of(entry.get("time")) or ""), stream=stream, partial=not log.endswith("\n"))


FORMAT = Envelope(
    name="docker-json",
    starts="{",
    read=_read,
    samples=(
        Sample(
            '{"log":"hello\\n","stream":"stderr","time":"2026-11-23T15:43:29.123456789Z"}',
            {"inner": "hello", "stream": "stderr", "partial": False, "unit_s": 1e-9},
        ),
        Sample('{"log":"hello","stream":"stdout","attrs":{},"time":"2026-11-23T15:43:29Z"}', {"inner": "hello", "partial": True}),
    ),
)
