"""Which k3s it is. `k3s --version` unpacks nothing, as k3s' other commands may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.collecting.item import Item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.collecting.item import Missing
    from k3slogs.collecting.node import Node

NAME = "k3s version"
RANK = 10


def gather(node: Node) -> Iterator[Item | Missing]:
    words = [node.command("k3s"), "--version"]
    yield Item("facts/k3s-version", "k3s --version", lambda allowed: node.run(words, allowed), log=False, seconds=5)
