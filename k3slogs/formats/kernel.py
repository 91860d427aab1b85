"""The kernel's ring buffer, in all forms of dmesg and /dev/kmsg."""

from __future__ import annotations

import re

from k3slogs.formats import _levels, _stamps
from k3slogs.formats._base import DIGITS, LineFormat, Sample
from k3slogs.lazily import pattern
from k3slogs.model import Reading, Stamp
from k3slogs.taxonomy import Level

_LINE = pattern(
    r"(?:(?:kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local[0-7]) *:(\w+) *: |<([0-9]{1,3})>)?"
    r"(?:\[ *([0-9]{1,10}\.[0-9]{1,9})\]"
    rf"|\[{_stamps.DAYS} ([A-Z][a-z]{{2}}) +([0-9]{{1,2}}) ([0-9:]{{8}}) ([0-9]{{4}})\]"
    r"|([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8},[0-9]{6}[+-][0-9]{2}:?[0-9]{2}))(?: |$)",
    re.ASCII,
)
_KMSG = pattern(r"([0-9]{1,4}),[0-9]{1,20},([0-9]{1,16}),[^;\s]{1,40};")
_JOURNAL = pattern(r"[^\s:]+ (?:kernel|[\w@.\-/]+\[[0-9]+\]):(?: |$)", re.ASCII)


def _read(text: str) -> Reading | None:
    if (kmsg := _KMSG.match(text)) is not None:
        micros = int(kmsg[2])
        stamp: Stamp | None = Stamp(None, elapsed=micros / 1e6, unit=1e-6)
        return Reading(text[kmsg.end() :], stamp=stamp, level=_levels.priority(int(kmsg[1])), program="kernel")
    line = _LINE.match(text)
    if line is None:
        return None
    severity, number, boot, month, day, clock, year, iso = line.groups()
    message = text[line.end() :]
    if boot and severity is None and number is None and _JOURNAL.match(message):
        return None  # journalctl -o short-monotonic
    if boot:
        stamp = _stamps.elapsed(boot)
    elif iso:
        stamp = _stamps.iso(iso)
    else:
        stamp = _stamps.iso(f"{year}-{_stamps.MONTHS.get(month, 0):02}-{int(day):02} {clock}")
    level = _levels.syslog_name(severity) if severity else _levels.priority(int(number)) if number else None
    return Reading(message, stamp=stamp, level=level, program="kernel")


FORMAT = LineFormat(
    name="kernel",
    starts="[<acdfklmnsu" + DIGITS,
    read=_read,
    samples=(
        Sample(
            "[ 2619.981538] cni0: port 1(veth7f0b654a) entered blocking state",
            {"message": "cni0: port 1(veth7f0b654a) entered blocking state", "elapsed": 2619.981538, "program": "kernel", "level": None},
        ),
        Sample("[    1.500000] usb 1-1: new high-speed device", {"message": "usb 1-1: new high-speed device"}),
        Sample("[    1.500000] IPv6: ADDRCONF(NETDEV_UP): eth0: link is not ready", {"elapsed": 1.5}),
        Sample("[Mon Nov 23 15:01:06 2026] Out of memory: Killed process 1", {"moment": "2026-11-23T15:01:06", "unit_s": 1.0}),
        Sample("kern  :warn  : [    5.000000] overlay: x", {"level": Level.WARNING, "message": "overlay: x"}),
        Sample("2026-11-23T15:01:06,000000+00:00 eth0: up", {"moment": "2026-11-23T15:01:06+00:00", "message": "eth0: up"}),
        Sample("<3>[    5.000000] I/O error", {"level": Level.ERROR, "elapsed": 5.0}),
        Sample("4,1234,5000000,-;overlayfs: missing 'lowerdir'", {"level": Level.WARNING, "elapsed": 5.0, "unit_s": 1e-6}),
    ),
)
