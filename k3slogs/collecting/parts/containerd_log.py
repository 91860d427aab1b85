"""The log of k3s' containerd, and its rotated ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k3slogs.collecting.files import logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.collecting.item import Item, Missing
    from k3slogs.collecting.node import Node

NAME = "containerd log"
RANK = 60


def gather(node: Node) -> Iterator[Item | Missing]:
    yield from logs(node, f"{node.data}/agent/containerd", re.compile(r"containerd[\w.:-]*\.log[\w.:-]*"), "containerd")
