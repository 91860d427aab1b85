"""What k3s writes to a file where there is no systemd, or with `--log`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k3slogs.collecting.files import logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.collecting.item import Item, Missing
    from k3slogs.collecting.node import Node

NAME = "k3s log"
RANK = 60


def gather(node: Node) -> Iterator[Item | Missing]:
    for unit in ("k3s", "k3s-agent"):
        yield from logs(node, "/var/log", re.compile(rf"{unit}(?:-[\dT.:-]+)?\.log[\w.:-]*"), unit)
