"""`/proc/cgroups`: the controllers that the kernel has, and whether its command line left them on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.model import Fact
from k3slogs.sources.facts._base import Sample, first, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "/proc/cgroups"
PLACE = pattern(r"(?:^|/)(?:proc/cgroups|systeminfo/cgroups|proc-cgroups(?:\.txt)?)$")
_HEADER = pattern(r"#subsys_name\s+hierarchy\s+num_cgroups\s+enabled")
_ROW = pattern(r"(\w+)\s+(\d+)\s+(\d+)\s+([01])")
_NEEDED = ("cpu", "cpuset", "memory", "pids")


def accepts(text: str) -> bool:
    return _HEADER.fullmatch(first(text)) is not None


def facts(text: str) -> Iterator[Fact]:
    """A controller that has no row is missing only where version 1 is in use: newer kernels list none of version 2 here."""
    header = next(((number, line) for number, line in numbered(text) if _HEADER.fullmatch(line)), None)
    rows = {row[1]: (number, line, row[2], row[4]) for number, line in numbered(text) if (row := _ROW.fullmatch(line))}
    if header is None or not rows:
        return
    yield Fact("cgroup_controllers", " ".join(name for name, row in rows.items() if row[3] == "1"), *header)
    for name in _NEEDED:
        if name in rows and rows[name][3] == "0":
            yield Fact("cgroup_controller_missing", name, *rows[name][:2], (("reason", "switched off on the kernel's command line"),))
        elif name not in rows and any(row[2] != "0" for row in rows.values()):
            yield Fact("cgroup_controller_missing", name, *header, (("reason", "not built into the kernel"),))


SAMPLES = (
    Sample(
        "proc/cgroups",
        "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
        "cpuset\t9\t1\t1\n"
        "cpu\t7\t62\t1\n"
        "cpuacct\t7\t62\t1\n"
        "memory\t0\t78\t0\n"
        "devices\t5\t62\t1\n",
        (("cgroup_controllers", "cpuset cpu cpuacct devices", 1), ("cgroup_controller_missing", "memory", 5), ("cgroup_controller_missing", "pids", 1)),
    ),
)  # fmt: skip
