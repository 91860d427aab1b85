"""The kernel's version: `uname -a`, `uname -r`, `/proc/version`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.model import Fact
from k3slogs.sources.facts._base import Sample, first, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "kernel version"
PLACE = pattern(
    r"(?:^|/)(?:systeminfo/uname|proc/version|run-host/uname[^/]*\.txt|sos_commands/kernel/uname_-a)$|^(?:uname(?:-[ar])?|kernel-version)(?:\.txt)?$"
)
_UNAME = pattern(r"Linux (?P<host>\S+) (?P<release>\d+\.\d+\S*) #.+")
_PROC = pattern(r"Linux version (?P<release>\d+\.\d+\S*) \(.+")
_BARE = pattern(r"(?P<release>\d+\.\d+\.\d+[\w.+~-]*)")
_GVISOR = "4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016"
"""gVisor calls itself this, always (google/gvisor: pkg/sentry/syscalls/linux/linux64.go)."""


def accepts(text: str) -> bool:
    head = first(text)
    return bool(_UNAME.fullmatch(head) or _PROC.fullmatch(head))


def facts(text: str) -> Iterator[Fact]:
    for number, line in numbered(text):
        found = _UNAME.fullmatch(line) or _PROC.fullmatch(line) or _BARE.fullmatch(line)
        if found:
            yield Fact("kernel_version", found["release"], number, line)
            if host := found.groupdict().get("host"):
                yield Fact("host", host, number, line)
            if _GVISOR in line:
                yield Fact("sandbox", "gVisor", number, line)
        return


SAMPLES = (
    Sample(
        "systeminfo/uname",
        "Linux web-1 6.1.0-23-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.99-1 (2024-07-15) x86_64 GNU/Linux\n",
        (("kernel_version", "6.1.0-23-amd64", 1), ("host", "web-1", 1)),
    ),
    Sample(
        "sos_commands/kernel/uname_-a",
        "Linux box 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016 x86_64 GNU/Linux\n",
        (("kernel_version", "4.4.0", 1), ("sandbox", "gVisor", 1)),
    ),
    Sample(
        "proc/version",
        "Linux version 6.1.0-23-amd64 (builder@example.org) (gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP PREEMPT_DYNAMIC\n",
        (("kernel_version", "6.1.0-23-amd64", 1),),
    ),
)
