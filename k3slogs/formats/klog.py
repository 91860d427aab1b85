"""klog's text: a fixed header, then free text or a quoted message with key=value pairs. glog and gVisor's runsc print the same header."""

from __future__ import annotations

import re

from k3slogs.formats import _stamps
from k3slogs.formats._base import LineFormat, Sample
from k3slogs.formats._values import QUOTED, Fields, pairs, split_err, unquote
from k3slogs.model import Reading, Stamp
from k3slogs.taxonomy import Component, Level

_HEADER = re.compile(
    r"([IWEFD?])([0-9]{2})([0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?"  # level, month, day, clock
    r"(?:[ \t]+(?:([0-9]{1,10})[ \t]+)?(?:([^\s:\]]++):[0-9]+\]|([\w.\-]++(?<=\.go)):[0-9]+(?=\s)))?"  # process id, file; `]` may be missing
    r"(?=\s|$|(?<=\])) ?",
    re.ASCII,
)
_COMPONENT = re.compile(r"([\w.?\-]{1,40}) (?=[IWEFD][0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2})", re.ASCII)
_STRUCTURED = re.compile(r'\s*$|\s+[^\s="]+=|\s+[^="\n]{1,60}=(?:"|<\n)')
_LEVELS = {"I": Level.INFO, "W": Level.WARNING, "E": Level.ERROR, "F": Level.FATAL, "D": Level.DEBUG}
_PROGRAMS = frozenset(Component)
_MAX_STACK = 4096


def _stamp(text: str) -> Stamp | None:
    header = _HEADER.match(text) if text[1:5].isdigit() else None
    return _stamps.yearless(int(header[2]), int(header[3]), header[4], header[5]) if header else None


def _read(text: str) -> Reading | None:
    if text[:1] in _LEVELS and text[1:5].isdigit():
        return _record(text, None)
    if (component := _COMPONENT.match(text)) is not None:  # MicroShift names the component before the header
        program = component[1] if component[1] in _PROGRAMS else None
        return _record(text[component.end() :], program)
    return _record(text, None) if text.startswith("?") else None


def _record(text: str, program: str | None) -> Reading | None:
    header = _HEADER.match(text)
    if header is None:
        return None
    level, month, day, clock, fraction, pid, origin, loose_origin = header.groups()
    message, err, fields = _body(text[header.end() :])
    return Reading(
        message=message,
        stamp=_stamps.yearless(int(month), int(day), clock, fraction),
        level=_LEVELS.get(level),
        err=err,
        fields=fields,
        origin=origin or loose_origin,
        pid=pid,
        program=program,
    )


def _body(body: str) -> tuple[str, str | None, Fields]:
    body = body.lstrip(" ")
    stack: Fields = ()
    if (cut := body.find("\ngoroutine ")) >= 0:  # what a line of level F is followed by
        stack = (("stack", body[cut + 1 :][:_MAX_STACK]),)
        body = body[:cut]
    quoted = QUOTED.match(body) if body.startswith('"') else None
    if quoted is None or not _STRUCTURED.match(body, quoted.end()):
        return body.rstrip(), None, stack
    message = unquote(quoted[0][1:-1])
    found, rest = pairs(body, quoted.end())
    err, fields = split_err(found)
    return f"{message}\n{rest}" if rest else message, err, fields + stack


FORMAT = LineFormat(
    name="klog",
    starts="",
    read=_read,
    multiline=True,
    stamp=_stamp,
    samples=(
        Sample(
            'E1123 05:05:19.580162    1203 kubelet.go:1703] "Failed to start ContainerManager" err="failed to get rootfs info: unable to find data in memory cache"',
            {
                "message": "Failed to start ContainerManager",
                "err": "failed to get rootfs info: unable to find data in memory cache",
                "level": Level.ERROR,
                "origin": "kubelet.go",
                "pid": "1203",
                "moment": "2000-11-23T05:05:19.580162",
                "yearless": True,
                "unit_s": 1e-6,
            },
        ),
        Sample(
            'E1122 22:38:21.131416 kubelet.go:1511 "Failed to start ContainerManager" err="failed to get rootfs info"',
            {"message": "Failed to start ContainerManager", "err": "failed to get rootfs info", "origin": "kubelet.go", "pid": None},
        ),
        Sample(
            "F0301 12:00:00.000001       1 kubelet.go:1384] Failed to start ContainerManager failed to get rootfs info: not found",
            {"level": Level.FATAL, "message": "Failed to start ContainerManager failed to get rootfs info: not found", "err": None},
        ),
        Sample("I1122 22:38:21.131416 Trace: took 404 ms", {"message": "Trace: took 404 ms", "origin": None, "level": Level.INFO}),
        Sample('I1122 22:38:21.131416       7 ???:1] "x" a=1', {"message": "x", "origin": "???", "fields": {"a": "1"}}),
        Sample(
            '??? I1123 15:27:20.930921      83 server.go:520] "Kubelet version" kubeletVersion="v1.32.13"',
            {"message": "Kubelet version", "fields": {"kubeletVersion": "v1.32.13"}, "program": None, "origin": "server.go"},
        ),
        Sample(
            "kube-apiserver W1123 15:54:43.403143     104 genericapiserver.go:799] Skipping API apps/v1beta2 because it has no resources.",
            {"program": "kube-apiserver", "level": Level.WARNING, "pid": "104"},
        ),
        Sample(
            'I1123 15:27:20.946410      83 container_manager_linux.go:276] "Creating Container Manager object" nodeConfig={"NodeName":"a b=c","Q":[]} cpuset=map[a:1 b:2] x="y"',
            {"fields": {"nodeConfig": '{"NodeName":"a b=c","Q":[]}', "cpuset": "map[a:1 b:2]", "x": "y"}},
        ),
        Sample(
            'E1123 15:27:20.946410      83 log.go:32] "Probe failed" err=<\n\tfirst "line"\n\tsecond\n > pod="ns/name"',
            {"message": "Probe failed", "err": 'first "line"\nsecond', "fields": {"pod": "ns/name"}},
        ),
        Sample(
            'I1123 15:27:20.946410      83 swap.go:82] "Swap is on" /proc/swaps contents=<\n\tFilename\tType\n\t/dev/loop0\tpartition\n >',
            {"message": "Swap is on", "fields": {"/proc/swaps contents": "Filename\tType\n/dev/loop0\tpartition"}},
        ),
        Sample(
            'E1123 15:27:20.946410 83 log.go:32] "Probe failed"\n  err="second line"', {"message": "Probe failed", "err": "second line"}
        ),
        Sample("D1123 15:27:20.946410  126307 task.go:12] [   1:   1] signal", {"level": Level.DEBUG, "message": "[   1:   1] signal"}),
        Sample("W1123 15:27:20.946410  126307 main.go:12] FATAL ERROR: no", {"level": Level.WARNING, "message": "FATAL ERROR: no"}),
        Sample("E9999 99:99:99.000000       1 a.go:1] impossible time", {"stamp": None, "message": "impossible time"}),
        Sample(r'E1123 15:27:20.946410 1 a.go:1] "a \"b\"" err="c\n\t\"d\" \xc3\xa9 \u00e9"', {"message": 'a "b"', "err": 'c\n\t"d" é é'}),
        Sample('I1123 15:27:20.946410 1 a.go:1] "cni0" is up', {"message": '"cni0" is up'}),
    ),
)
