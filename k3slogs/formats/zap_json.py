"""zap's JSON, as etcd prints it alone and inside k3s."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k3slogs.formats import _levels, _stamps
from k3slogs.formats._base import LineFormat, Sample
from k3slogs.formats._values import json_fields, json_object, split_err, text_of, without_line
from k3slogs.lazily import pattern
from k3slogs.model import Reading, Stamp
from k3slogs.taxonomy import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

_KNOWN = frozenset({"ts", "caller", "msg", "level"})
_ETCD = pattern(
    r"(?:etcdserver|embed|etcdmain|raft|rafthttp|mvcc|wal|snap|v3rpc|membership|backend|schema|storage|lease|leasehttp|auth|fileutil|osutil|"
    r"flags|verify|v3compactor|compactor|v3election|v3lock|api|etcdhttp|netutil|transport|proxy|version|mod|contention|v2store|tcpproxy|"
    r"traceutil|runtime|zapgrpc|adapters|discovery|v3discovery|v2discovery|lessor|apply|txn|readwritemutex|concurrency|expect)/"
)
_CLIENT_LOGGERS = frozenset({"etcd-client", "client"})


def _read(text: str) -> Reading | None:
    entry = json_object(text)
    if entry is None or "ts" not in entry or "level" not in entry:
        return None
    level = _levels.named(text_of(entry["level"]) or "")
    if level is None:
        return None
    err, fields = split_err(json_fields(entry, _KNOWN))
    caller = text_of(entry.get("caller"))
    return Reading(
        message=text_of(entry.get("msg")) or "",
        stamp=_stamp(entry["ts"]),
        level=level,
        err=err,
        fields=fields,
        origin=without_line(caller) if caller else None,
        program=_program(entry, caller),
    )


def _stamp(value: Any) -> Stamp | None:
    if isinstance(value, str):
        return _stamps.iso(value)
    if isinstance(value, (int, float)) and abs(value) < 1e12:
        return _stamps.epoch(value)
    return None


def _program(entry: Mapping[str, Any], caller: str | None) -> str | None:
    """The server of etcd is known by its source folders; its client library, inside etcdctl or the API server, is not."""
    if caller is None or entry.get("logger") in _CLIENT_LOGGERS:
        return None
    return "etcd" if _ETCD.match(caller) else None


FORMAT = LineFormat(
    name="zap-json",
    starts="{",
    read=_read,
    samples=(
        Sample(
            '{"level":"warn","ts":"2025-11-23T05:05:20.080Z","caller":"etcdserver/util.go:170","msg":"apply request took too long","took":"112.3ms"}',
            {
                "message": "apply request took too long",
                "level": Level.WARNING,
                "origin": "etcdserver/util.go",
                "program": "etcd",
                "moment": "2025-11-23T05:05:20.080000+00:00",
                "unit_s": 1e-3,
                "fields": {"took": "112.3ms"},
            },
        ),
        Sample(
            '{"level":"warn","ts":"2026-11-23T15:37:51.408154Z","logger":"etcd-client","caller":"v3/retry_interceptor.go:63","msg":"retrying","attempt":0,"error":"rpc error"}',
            {"program": None, "err": "rpc error", "fields": {"logger": "etcd-client", "attempt": "0"}},
        ),
        Sample(
            '{"level":"fatal","ts":"2022-03-16T20:31:00.333-0700","caller":"etcdmain/etcd.go:204","msg":"discovery failed","error":"no space"}',
            {"level": Level.FATAL, "moment": "2022-03-16T20:31:00.333000-07:00", "err": "no space"},
        ),
        Sample('{"level":"info","ts":1600000000.5,"msg":"hi"}', {"moment": "2020-09-13T12:26:40.500000+00:00", "program": None}),
    ),
)
