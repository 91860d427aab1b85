"""`/sys/fs/cgroup/cgroup.controllers`: what cgroup v2 offers to the processes that see this root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.model import Fact
from k3slogs.sources.facts._base import Sample, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "cgroup.controllers"
PLACE = pattern(r"(?:^|/)cgroup\.controllers(?:\.txt)?$")
_KNOWN = frozenset(["cpu", "cpuset", "dmem", "hugetlb", "io", "memory", "misc", "perf_event", "pids", "rdma"])
_NEEDED = ("cpu", "cpuset", "memory", "pids")


def accepts(text: str) -> bool:
    lines = list(numbered(text))
    return len(lines) == 1 and len(words := lines[0][1].split()) > 1 and _KNOWN.issuperset(words)


def facts(text: str) -> Iterator[Fact]:
    for number, line in numbered(text):
        yield Fact("cgroup_version", "2", number, line)
        for name in _NEEDED:
            if name not in line.split():
                yield Fact("cgroup_controller_missing", name, number, line, (("reason", "not in cgroup.controllers"),))
        return


SAMPLES = (
    Sample(
        "sys/fs/cgroup/cgroup.controllers",
        "cpuset cpu io hugetlb pids rdma misc\n",
        (("cgroup_version", "2", 1), ("cgroup_controller_missing", "memory", 1)),
    ),
)
