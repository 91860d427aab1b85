"""The kernel's messages: from dmesg, else from the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.collecting.item import Item, UnavailableError
from k3slogs.sources import journal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.collecting.item import Allowance, Missing
    from k3slogs.collecting.node import Node

NAME = "kernel log"
RANK = 30
_FORMS: tuple[list[str], ...] = (["--time-format=iso", "--decode"], ["--time-format=iso"], [])
"""What util-linux prints with wall clock and level; busybox knows none of the options."""


def gather(node: Node) -> Iterator[Item | Missing]:
    ways = [["dmesg", *form] for form in _FORMS] if node.live else []
    ways.append(["journalctl", *journal.kernel(None if node.live else str(node.root))])
    yield Item("node/var/log/dmesg", ways[0][0], lambda allowed: _printed(node, ways, allowed), unit="kernel", seconds=10)


def _printed(node: Node, ways: list[list[str]], allowed: Allowance) -> Iterator[bytes]:
    """What the first way prints that gives anything."""
    refused: list[UnavailableError] = []
    for name, *words in ways:
        some = False
        try:
            for chunk in node.run([node.command(name, everywhere=name == "journalctl"), *words], allowed):
                some = True
                yield chunk
        except UnavailableError as error:
            if some:
                raise
            refused.append(error)
        if some:
            return
    if refused:
        raise next((error for error in refused if error.lost), refused[0])
