"""journalctl's short-monotonic form: seconds since the boot. Without host and process it is a kernel line."""

from __future__ import annotations

import re

from k3slogs.formats import _stamps
from k3slogs.formats._base import Envelope, Sample
from k3slogs.formats._who import unit
from k3slogs.lazily import pattern
from k3slogs.model import Peel

_PREFIX = pattern(r"\[ *([0-9]{1,10}\.[0-9]{6})\] ([^\s:]+) (?:(kernel)|([\w@.\-/]+)\[([0-9]{1,10})\]):(?: |$)", re.ASCII)


def _read(text: str) -> Peel | None:
    found = _PREFIX.match(text)
    if found is None:
        return None
    elapsed, host, kernel, identifier, pid = found.groups()
    return Peel(text[found.end() :], stamp=_stamps.elapsed(elapsed), host=host, unit=unit(kernel or identifier), pid=pid)


FORMAT = Envelope(
    name="journald-short-monotonic",
    starts="[",
    read=_read,
    samples=(
        Sample(
            "[    5.000000] node-a k3s[1203]: hello", {"inner": "hello", "host": "node-a", "unit": "k3s", "pid": "1203", "elapsed": 5.0}
        ),
        Sample("[ 3044.168771] node-a kernel: hello", {"inner": "hello", "unit": "kernel", "elapsed": 3044.168771}),
    ),
)
