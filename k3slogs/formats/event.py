"""Rows of `kubectl get events` and of the events below `kubectl describe`; their ages count back from when they were printed."""

from __future__ import annotations

import re

from k3slogs.formats._base import LineFormat, Sample
from k3slogs.lazily import pattern
from k3slogs.model import Reading, Stamp
from k3slogs.taxonomy import Level

_AGE = r"(?:<unknown>|<invalid>|(?:[0-9]+[ywdhms]){1,3})(?: \(x[0-9]+ over [0-9a-z]+\))?"
_ROW = pattern(
    rf"(?:([a-z0-9][a-z0-9.\-]*)[ \t]{{2,}})?({_AGE})[ \t]{{2,}}(Normal|Warning)[ \t]{{2,}}(\w+)[ \t]{{2,}}([a-z][\w.\-]*/[^\s]+)(?:[ \t]{{2,}}|[ \t]*$)",
    re.ASCII,
)
_WIDE = pattern(rf"[ \t]{{2,}}{_AGE}[ \t]{{2,}}([0-9]+)[ \t]{{2,}}\S+[ \t]*$", re.ASCII)
_WIDE_HEAD = pattern(r"(?:([\w.]+\{[^}\s]*\})[ \t]{2,})?([\w.\-]+(?:, [\w.\-]+)?)[ \t]{2,}", re.ASCII)
_DESCRIBED = pattern(
    rf"[ \t]+(Normal|Warning)[ \t]+(\w+)[ \t]+({_AGE})[ \t]+([\w.\-]+(?:, [\w.\-]+)?)[ \t]+(?:(spec\.[\w.]+\{{[^}}\s]*\}}): )?", re.ASCII
)
_PART = pattern(r"([0-9]{1,9})([ywdhms])")
_SECONDS = {"y": 365 * 86400, "w": 7 * 86400, "d": 86400, "h": 3600, "m": 60, "s": 1}
_COUNT = pattern(r"\(x([0-9]+) over")


def described(text: str) -> bool:
    """Is it a row below `kubectl describe`? Such a row is indented and yet no continuation."""
    return text.lstrip(" \t").startswith(("Normal ", "Warning ")) and _DESCRIBED.match(text) is not None


def _read(text: str) -> Reading | None:
    if "Normal " not in text and "Warning " not in text:
        return None
    if text[:1] in " \t" and (reading := _from_description(text)) is not None:
        return reading
    text = text.lstrip(" \t")
    row = _ROW.match(text)
    if row is None:
        return None
    namespace, age, kind, reason, involved = row.groups()
    message = text[row.end() :].rstrip()
    source = part = count = None
    if (wide := _WIDE.search(message)) is not None:
        count, message = wide[1], message[: wide.start()]
        if (head := _WIDE_HEAD.match(message)) is not None:
            part, source, message = head[1], head[2], message[head.end() :]
    repeated = _COUNT.search(age)
    return _event(
        kind,
        message,
        age,
        reason=reason,
        object=involved,
        namespace=namespace,
        part=part,
        source=source,
        count=count or (repeated[1] if repeated else None),
    )


def _from_description(text: str) -> Reading | None:
    row = _DESCRIBED.match(text)
    if row is None:
        return None
    kind, reason, age, source, part = row.groups()
    repeated = _COUNT.search(age)
    return _event(kind, text[row.end() :].rstrip(), age, reason=reason, part=part, source=source, count=repeated[1] if repeated else None)


def _event(kind: str, message: str, age: str, **fields: str | None) -> Reading:
    present = tuple((key, value) for key, value in fields.items() if value is not None)
    return Reading(message, stamp=_stamp(age), level=Level.WARNING if kind == "Warning" else Level.INFO, fields=present, program="event")


def _stamp(age: str) -> Stamp | None:
    """When it was seen last: `4m2s (x12 over 6m)` is 242 seconds ago."""
    parts = _PART.findall(age.partition(" ")[0])
    return (
        Stamp(None, unit=float(_SECONDS[parts[-1][1]]), ago=float(sum(int(number) * _SECONDS[unit] for number, unit in parts)))
        if parts
        else None
    )


FORMAT = LineFormat(
    name="event",
    starts="",
    read=_read,
    samples=(
        Sample(
            "default       90s         Warning   InvalidDiskCapacity       node/lab-node        invalid capacity 0 on image filesystem",
            {
                "message": "invalid capacity 0 on image filesystem",
                "level": Level.WARNING,
                "program": "event",
                "ago": 90.0,
                "fields": {"reason": "InvalidDiskCapacity", "object": "node/lab-node", "namespace": "default"},
            },
        ),
        Sample(
            '4m2s (x12 over 6m)   Normal    Pulling   pod/web   Pulling image "busybox"',
            {
                "message": 'Pulling image "busybox"',
                "level": Level.INFO,
                "fields": {"reason": "Pulling", "object": "pod/web", "count": "12"},
            },
        ),
        Sample(
            "    90s   Warning   Failed   pod/web   Error: ErrImagePull",
            {"message": "Error: ErrImagePull", "fields": {"reason": "Failed", "object": "pod/web"}},
        ),
        Sample(
            "<unknown>   Warning   Failed   pod/web   spec.containers{web}   kubelet, node-a   Error: ImagePullBackOff   5m   7   web.17",
            {
                "message": "Error: ImagePullBackOff",
                "fields": {
                    "reason": "Failed",
                    "object": "pod/web",
                    "part": "spec.containers{web}",
                    "source": "kubelet, node-a",
                    "count": "7",
                },
            },
        ),
        Sample(
            "  Warning  BackOff    4m (x3 over 5m)  kubelet            spec.containers{web}: Back-off restarting failed container",
            {
                "message": "Back-off restarting failed container",
                "level": Level.WARNING,
                "fields": {"reason": "BackOff", "part": "spec.containers{web}", "source": "kubelet", "count": "3"},
            },
        ),
        Sample(
            "  Normal   Scheduled  <unknown>  default-scheduler  Successfully assigned default/web to a",
            {"fields": {"reason": "Scheduled", "source": "default-scheduler"}},
        ),
    ),
)
