"""Host, identifier and process id, with which every journal and syslog prefix ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.model import Peel, Stamp

if TYPE_CHECKING:
    from k3slogs.taxonomy import Level

_WHO = pattern(r"(\S+) ([^\s:\[\]]+)(?:\[([0-9]{1,10})\])?:(?: |$)")
_UNITS = {"init.scope": "systemd"}
"""systemd's own lines, where the journal prints units for identifiers."""


def who(text: str, start: int, stamp: Stamp | None, level: Level | None = None) -> Peel | None:
    """The rest of a prefix from `start` on, and what it holds."""
    found = _WHO.match(text, start)
    if found is None:
        return None
    host, identifier, pid = found.groups()
    return Peel(text[found.end() :], stamp=stamp, level=level, host=host, unit=unit(identifier), pid=pid)


def unit(name: str) -> str:
    return _UNITS.get(name, name.removesuffix(".service"))
