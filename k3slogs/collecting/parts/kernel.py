"""The kernel's messages: from dmesg, else from the journal of this boot."""

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
    dmesg = node.command("dmesg")
    yield Item("node/var/log/dmesg", "dmesg", lambda allowed: _printed(node, dmesg, allowed), unit="kernel", seconds=10)


def _printed(node: Node, dmesg: str, allowed: Allowance) -> Iterator[bytes]:
    """What the first form prints that works."""
    said = []
    for words in (*([dmesg, *form] for form in _FORMS), _by_journal(node)):
        any_of_it = False
        try:
            for chunk in node.run(words, allowed) if words else ():
                any_of_it = True
                yield chunk
        except UnavailableError as error:
            if any_of_it:
                raise
            said.append(error.reason)
        else:
            if any_of_it:
                return
    if said:
        raise UnavailableError(said[0], lost=True)


def _by_journal(node: Node) -> list[str]:
    try:
        return [node.command("journalctl"), *journal.kernel()]
    except UnavailableError:
        return []
