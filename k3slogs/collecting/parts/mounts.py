"""What is mounted where: as the first process sees it, which is how k3s does, else as we do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.collecting.files import fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.collecting.item import Item, Missing
    from k3slogs.collecting.node import Node

NAME = "mounts"
RANK = 10


def gather(node: Node) -> Iterator[Item | Missing]:
    yield fact(node, "mounts", "/proc/1/mounts", *(["/proc/self/mounts"] if node.live else []))
