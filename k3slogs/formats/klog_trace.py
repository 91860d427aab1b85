"""The steps of a klog trace: lines of their own without a header."""

from __future__ import annotations

from k3slogs.formats._base import LineFormat, Sample
from k3slogs.lazily import pattern
from k3slogs.model import Reading
from k3slogs.taxonomy import Level

_TRACE = pattern(r"Trace\[[0-9]+\]: (?:---|\[|\")")


def _read(text: str) -> Reading | None:
    return Reading(text, level=Level.INFO) if _TRACE.match(text) else None


FORMAT = LineFormat(
    name="klog-trace",
    starts="T",
    read=_read,
    samples=(
        Sample('Trace[1931575455]: ---"Transaction committed" 524ms (15:37:00.145)', {"level": Level.INFO}),
        Sample("Trace[1931575455]: [525.789014ms] [525.789014ms] END", {"message": "Trace[1931575455]: [525.789014ms] [525.789014ms] END"}),
    ),
)
