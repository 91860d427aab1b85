"""The things that are gathered. Each is a module of this folder.

A module has a `NAME` for people, a `RANK` (the smaller, the earlier, and the more of the limits is left for it), and `gather(node)`, which
gives items and reasons why something is missing. What a part gives must come from reading alone: it starts no command that changes anything.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.collecting.item import Item, Missing
    from k3slogs.collecting.node import Node


class Part(Protocol):
    NAME: str
    RANK: int

    def gather(self, node: Node) -> Iterator[Item | Missing]: ...


@cache
def in_order() -> tuple[Part, ...]:
    """All, as they are gathered."""
    found = (cast("Part", import_module(f"{__name__}.{module.name}")) for module in iter_modules(__path__))
    return tuple(sorted(found, key=lambda part: (part.RANK, part.NAME)))
