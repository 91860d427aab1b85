"""The kernel's first line in its own log, in any form of dmesg or journal. The file is read as a log too."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.model import Fact
from k3slogs.sources.facts._base import Sample, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "dmesg"
LOG = True
PLACE = pattern(
    r"(?:^|/)(?:systeminfo/dmesg|sos_commands/kernel/dmesg[^/]*|run-host/dmesg[^/]*\.txt)$|^(?:dmesg|kernel)(?:\.txt|\.log)?$|(?:^|/)var/log/dmesg$"
)
_BANNER = pattern(r".{1,80}?\b(?:Linux version (\d+\.\d+\S*) \(|(Starting gVisor)\.\.\.)")
_HEAD = 20
"""Lines within which it stands."""


def accepts(text: str) -> bool:
    return any(_BANNER.match(line) for _, line in islice(numbered(text), _HEAD))


def facts(text: str) -> Iterator[Fact]:
    """Of several boots the last counts."""
    last = next(((number, line, found) for number, line in reversed(list(numbered(text))) if (found := _BANNER.match(line))), None)
    if last is not None:
        number, line, found = last
        yield Fact("kernel_version", found[1], number, line) if found[1] else Fact("sandbox", "gVisor", number, line)


SAMPLES = (
    Sample(
        "systeminfo/dmesg",
        "[Mon Nov 23 15:01:06 2026] Linux version 6.18.44 (builder@host) (gcc (GCC) 15.3.0) #1 SMP PREEMPT_DYNAMIC\n"
        "[Mon Nov 23 15:01:06 2026] Command line: console=ttyS0 quiet\n",
        (("kernel_version", "6.18.44", 1),),
    ),
    Sample(
        "sos_commands/kernel/dmesg",
        "[    0.000000] Starting gVisor...\n[    0.487461] Feeding the init monster...\n",
        (("sandbox", "gVisor", 1),),
    ),
    Sample(
        "run-host/dmesg.txt",
        "Nov 23 15:01:06 web-1 kernel: Linux version 5.10.0-30-amd64 (builder@example.org) (gcc-10) #1 SMP\n",
        (("kernel_version", "5.10.0-30-amd64", 1),),
    ),
)
