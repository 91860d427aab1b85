"""What parts give: something that can be gathered, or the reason why not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Allowance(NamedTuple):
    """What may be used."""

    size: int
    """Bytes of text."""
    until: float
    """Of the monotonic clock, in seconds."""

    def part(self, share: float, seconds: float | None = None) -> Allowance:
        """A share of the bytes and of the time that are left; of the time at most so many seconds."""
        now = time.monotonic()
        left = max(self.until - now, 0.0) * share
        return Allowance(int(self.size * share), now + (left if seconds is None else min(left, seconds)))

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.until


class UnavailableError(Exception):
    """Something is not gathered, or not whole. `lost` where it exists and should have been readable."""

    def __init__(self, reason: str, *, lost: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lost = lost


class Missing(NamedTuple):
    """What is not in the bundle, and why."""

    source: str
    reason: str
    lost: bool


Content = Callable[[Allowance], Iterator[bytes]]
"""Gives chunks of text within an allowance; raises OSError or UnavailableError, also after some of it."""


@dataclass
class Item:
    """Something to gather."""

    path: str
    """In the bundle."""
    source: str
    """Where it comes from: a path of the node, or a command."""
    content: Content
    log: bool = True
    """It is read as a log; else it is a fact."""
    unit: str | None = None
    pod: tuple[str, ...] = ()
    """Namespace, pod and container."""
    newest_first: bool = False
    """The content's blocks come in reverse, so that what is newest is there when a limit is reached."""
    share: float = 0.5
    """Of what is left for its part."""
    seconds: float | None = None
    """Its own limit."""
    mtime: float | None = None
    cuts: list[str] = field(default_factory=list)
    """What was left out; complete when it was read."""
