"""logrus' text for files and pipes; Go's slog prints the same shape."""

from __future__ import annotations

from k3slogs.formats import _levels, _stamps
from k3slogs.formats._base import LineFormat, Sample
from k3slogs.formats._values import pairs, split_err, without_line
from k3slogs.lazily import pattern
from k3slogs.model import Reading, Stamp
from k3slogs.taxonomy import Level

_HEADER = pattern(r'(?:time=(?:"([^"\s]*)"|([^\s"]+))\s+)?level="?([A-Za-z]+)"?(?=\s|$)')


def _stamp(text: str) -> Stamp | None:
    header = _HEADER.match(text) if text.startswith("time=") else None
    return _stamps.iso(header[1] or header[2]) if header and _levels.named(header[3]) else None


def _read(text: str) -> Reading | None:
    if not text.startswith(("time=", "level=")):
        return None
    header = _HEADER.match(text)
    if header is None or (level := _levels.named(header[3])) is None:
        return None
    found, rest = pairs(text, header.end())
    message = [value for key, value in found if key == "msg"]
    err, fields = split_err(pair for pair in found if pair[0] != "msg")
    origin = next((without_line(value).rpartition("/")[2] for key, value in fields if key == "file" and ".go" in value), None)
    if rest:
        message.append(rest)
    return Reading(
        message="\n".join(message),
        stamp=_stamps.iso(header[1] or header[2] or ""),
        level=level,
        err=err,
        fields=fields,
        origin=origin,
    )


FORMAT = LineFormat(
    name="logrus",
    starts="tl",
    read=_read,
    stamp=_stamp,
    samples=(
        Sample(
            'time="2025-11-23T05:05:18Z" level=info msg="Starting k3s v1.34.1+k3s1 (24fc436e)"',
            {"message": "Starting k3s v1.34.1+k3s1 (24fc436e)", "level": Level.INFO, "moment": "2025-11-23T05:05:18+00:00", "unit_s": 1.0},
        ),
        Sample(
            'time="2026-11-23T15:25:21.073279998Z" level=error msg="RunPodSandbox for &PodSandboxMetadata{Name:web,} failed, error" '
            r'error="failed to setup network for sandbox \"ea93\": no plugin" id=ea93',
            {
                "message": "RunPodSandbox for &PodSandboxMetadata{Name:web,} failed, error",
                "err": 'failed to setup network for sandbox "ea93": no plugin',
                "fields": {"id": "ea93"},
                "unit_s": 1e-9,
                "moment": "2026-11-23T15:25:21.073279+00:00",
            },
        ),
        Sample(
            'time="2026-11-23T15:25:21+01:00" level=fatal msg="runc run failed: no" func="main.fatalWithCode()" file="utils.go:61"',
            {"level": Level.FATAL, "origin": "utils.go", "fields": {"func": "main.fatalWithCode()", "file": "utils.go:61"}},
        ),
        Sample(
            r'time="2026-11-23T15:25:21Z" level=info msg="cleanup warnings time=\"2026-11-23T15:25:20Z\" level=warning msg=\"gone\"\n"',
            {"level": Level.INFO, "message": 'cleanup warnings time="2026-11-23T15:25:20Z" level=warning msg="gone"\n'},
        ),
        Sample("level=panic msg=oops", {"level": Level.FATAL, "stamp": None, "message": "oops"}),
        Sample('time="2026-13-77T99:25:21Z" level=warning msg=x', {"stamp": None, "level": Level.WARNING}),
        Sample('time=2026-11-23T15:25:21.073Z level=WARN msg="slog says"', {"level": Level.WARNING, "message": "slog says"}),
        Sample('time="2026-11-23T15:25:21Z" level=error msg="cut in the mid', {"message": "cut in the mid"}),
    ),
)
