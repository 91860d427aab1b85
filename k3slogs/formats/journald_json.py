"""journalctl's json, json-seq and json-sse forms: an object a line, a message with unprintables as an array of bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k3slogs.formats import _levels, _stamps
from k3slogs.formats._base import Envelope, Sample
from k3slogs.formats._values import json_object
from k3slogs.formats._who import unit
from k3slogs.model import Peel, Stamp
from k3slogs.taxonomy import Level

if TYPE_CHECKING:
    from collections.abc import Mapping


def _read(text: str) -> Peel | None:
    body = text.removeprefix("\x1e").removeprefix("data: ")
    if not body.startswith("{") or ('"MESSAGE"' not in body and '"__REALTIME_TIMESTAMP"' not in body):
        return None
    entry = json_object(body)
    if entry is None or ("MESSAGE" not in entry and "__REALTIME_TIMESTAMP" not in entry):
        return None
    name = _first(entry, "SYSLOG_IDENTIFIER", "_SYSTEMD_UNIT", "_COMM")
    priority = _first(entry, "PRIORITY")
    return Peel(
        inner=_message(entry.get("MESSAGE")).replace("\0", "").rstrip("\n"),
        stamp=_stamp(entry),
        level=_levels.priority(int(priority)) if priority and priority in "01234567" else None,
        host=_first(entry, "_HOSTNAME"),
        unit=unit(name) if name else None,
        pid=_first(entry, "_PID", "SYSLOG_PID"),
    )


def _message(value: Any) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return ""
    try:
        return bytes(value).decode("utf-8", "replace")
    except (TypeError, ValueError):  # the field was there several times
        return "\n".join(_message(one) for one in value if isinstance(one, str))


def _first(entry: Mapping[str, Any], *names: str) -> str | None:
    for name in names:
        value = entry.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str) and value:
            return value
    return None


def _stamp(entry: Mapping[str, Any]) -> Stamp | None:
    micros = _first(entry, "__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP") or ""
    if micros.isascii() and micros.isdigit() and len(micros) < 20:
        return _stamps.epoch(0, int(micros))
    return None


FORMAT = Envelope(
    name="journald-json",
    starts="{\x1ed",
    read=_read,
    samples=(
        Sample(
            '{"_HOSTNAME":"node-a","PRIORITY":"6","__REALTIME_TIMESTAMP":"1763874318580162","_PID":"1203","_SYSTEMD_UNIT":"k3s.service","MESSAGE":"hello","SYSLOG_IDENTIFIER":"k3s"}',
            {
                "inner": "hello",
                "host": "node-a",
                "unit": "k3s",
                "pid": "1203",
                "level": Level.INFO,
                "moment": "2025-11-23T05:05:18.580162+00:00",
            },
        ),
        Sample('\x1e{"MESSAGE":"hello","__REALTIME_TIMESTAMP":"1","_SYSTEMD_UNIT":"k3s.service"}', {"inner": "hello", "unit": "k3s"}),
        Sample('data: {"MESSAGE":"hello","PRIORITY":"3"}', {"inner": "hello", "level": Level.ERROR, "stamp": None}),
        Sample('{"MESSAGE":[104,101,255,108,111],"__REALTIME_TIMESTAMP":"999999999999999999999"}', {"inner": "he\ufffdlo", "stamp": None}),
        Sample('{"MESSAGE":null,"__REALTIME_TIMESTAMP":"1763874318580162"}', {"inner": ""}),
    ),
)
