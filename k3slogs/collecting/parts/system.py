"""The kernel's version and the distribution's name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from k3slogs.collecting.files import fact
from k3slogs.collecting.item import Item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.collecting.item import Missing
    from k3slogs.collecting.node import Node

NAME = "system"
RANK = 10


def gather(node: Node) -> Iterator[Item | Missing]:
    if node.live:
        known = os.uname()
        text = f"{known.sysname} {known.nodename} {known.release} {known.version} {known.machine}\n".encode()
        yield Item("facts/uname", "uname", lambda _: iter([text]), log=False)
    yield fact(node, "os-release", "/etc/os-release", "/usr/lib/os-release")
