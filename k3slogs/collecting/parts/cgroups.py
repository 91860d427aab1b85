"""Which controllers the kernel has (`/proc/cgroups`), and those of the unified hierarchy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.collecting.files import fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.collecting.item import Item, Missing
    from k3slogs.collecting.node import Node

NAME = "cgroups"
RANK = 10


def gather(node: Node) -> Iterator[Item | Missing]:
    yield fact(node, "cgroups", "/proc/cgroups")
    yield fact(node, "cgroup.controllers", "/sys/fs/cgroup/cgroup.controllers", "/sys/fs/cgroup/unified/cgroup.controllers")
