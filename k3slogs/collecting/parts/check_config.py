"""`k3s check-config`: what the kernel lacks.

The script is run from where k3s unpacked it, since `k3s check-config` itself may unpack first. It would load the kernel module `configs`, by
sudo if need be; it is kept from both, and then reads the kernel's configuration from /boot.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from k3slogs.collecting.item import Item, Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.collecting.item import Allowance
    from k3slogs.collecting.node import Node

NAME = "check-config"
RANK = 20
_KEPT_FROM = ("modprobe", "sudo")


def gather(node: Node) -> Iterator[Item | Missing]:
    shell, nothing = node.command("sh"), node.command("false")
    tools = node.outside(f"{node.data}/data/current/bin") if _unpacked(node) else None
    if tools is None:
        yield Missing("k3s check-config", f"k3s has unpacked no script below {node.data}/data", lost=False)
        return

    def run(allowed: Allowance) -> Iterator[bytes]:
        with TemporaryDirectory(prefix="k3slogs-") as folder:
            for name in _KEPT_FROM:
                Path(folder, name).symlink_to(nothing)
            path = os.pathsep.join([folder, tools, os.environ.get("PATH", os.defpath), f"{tools}/aux"])
            yield from node.run([shell, f"{tools}/check-config"], allowed, env={"PATH": path}, codes=False)

    yield Item("facts/check-config", "k3s check-config", run, log=False, seconds=20)


def _unpacked(node: Node) -> bool:
    try:
        return "check-config" in node.names(f"{node.data}/data/current/bin")
    except OSError:
        return False
