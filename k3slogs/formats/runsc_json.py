"""gVisor's runsc with `--log-format=json` or `json-k8s`, and the fatal errors of its commands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from k3slogs.formats import _levels, _stamps
from k3slogs.formats._base import LineFormat, Sample
from k3slogs.formats._values import json_object
from k3slogs.lazily import pattern
from k3slogs.model import Reading
from k3slogs.taxonomy import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

_ORIGIN = pattern(r"([\w.\-]+\.\w+):[0-9]+\] ", re.ASCII)
_SHAPES = (["msg", "level", "time"], ["log", "level", "time"])


def is_runsc(entry: Mapping[str, Any]) -> bool:
    """The keys in the order of runsc's own structure; logrus sorts them, so there `level` comes first."""
    return list(entry) in _SHAPES and all(isinstance(value, str) for value in entry.values())


def _read(text: str) -> Reading | None:
    entry = json_object(text)
    if entry is None or not is_runsc(entry):
        return None
    level = _levels.named(entry["level"])
    if level is None:
        return None
    message: str = next(iter(entry.values()))
    origin = _ORIGIN.match(message)
    return Reading(
        message=(message[origin.end() :] if origin else message).rstrip("\n"),
        stamp=_stamps.iso(entry["time"]),
        level=level,
        origin=origin[1] if origin else None,
    )


FORMAT = LineFormat(
    name="runsc-json",
    starts="{",
    read=_read,
    samples=(
        Sample(
            '{"msg":"running container: creating container: cannot create sandbox: EOF","level":"error","time":"2026-11-23T15:57:44.084480802Z"}',
            {"message": "running container: creating container: cannot create sandbox: EOF", "level": Level.ERROR, "unit_s": 1e-9},
        ),
        Sample(
            '{"log":"main.go:217] ***************************\\n","level":"info","time":"2026-11-23T15:57:44Z"}',
            {"message": "***************************", "origin": "main.go", "level": Level.INFO},
        ),
    ),
)
