"""What an analysis needs from a node -> one file. It reads only, within limits, and says what it could not read.

A thing that is gathered is a module of `parts/`; its text goes by way of `redaction` into a `bundle`, and `manifest.json` tells of all.
"""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import dataclass, field
from datetime import UTC
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from k3slogs.collecting import parts
from k3slogs.collecting.bundle import Spool, writing
from k3slogs.collecting.item import Allowance, Item, Missing, UnavailableError
from k3slogs.collecting.node import Node
from k3slogs.collecting.redaction import whole_lines
from k3slogs.sources.reader import reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from k3slogs.collecting.bundle import Bundle
    from k3slogs.collecting.parts import Part

SIZE = 256 * 1024**2
"""Bytes of text that are gathered at most, before they are packed."""
SECONDS = 120.0
SHARE = 0.5
"""Of what is left, of bytes and of time, that one part may use: so that none leaves nothing to the others."""
_BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Member:
    """What is in the bundle."""

    part: str
    item: Item
    bytes: int


@dataclass
class Gathered:
    """What became of one part."""

    part: str
    members: list[Member] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)


@dataclass
class Collected:
    """What became of all."""

    node: str
    at: datetime
    parts: list[Gathered] = field(default_factory=list)

    @property
    def members(self) -> list[Member]:
        return [member for part in self.parts for member in part.members]

    @property
    def lost(self) -> list[Missing]:
        """What is on the node and could not be read."""
        return [missing for part in self.parts for missing in part.missing if missing.lost]

    @property
    def tells_of_k3s(self) -> bool:
        """There is a log of k3s, of its runtime or of a pod."""
        return any(member.item.log and member.item.unit != "kernel" for member in self.members)


def top_name(node: str, at: datetime) -> str:
    """Of the bundle, without its endings."""
    return f"k3slogs-{re.sub(r'[^A-Za-z0-9.-]+', '-', node).strip('.-') or 'node'}-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def collect(
    target: Path,
    node: Node,
    *,
    at: datetime,
    max_size: int = SIZE,
    max_seconds: float = SECONDS,
    redact: bool = True,
    force: bool = False,
    told: Callable[[Gathered], None] = lambda _: None,
) -> Collected:
    """Gather what an analysis needs from a node into a new file, of mode 0600; `told` hears of each part when it is done.

    Raises UsageError for a target that cannot be, OSError where the bundle cannot be written; what cannot be read raises nothing.
    """
    collected = Collected(node.name, at)
    with writing(target, top_name(collected.node, at), force=force) as bundle:
        gatherer = _Gatherer(bundle, target.parent, Allowance(max_size, time.monotonic() + max_seconds), redact=redact)
        for part in parts.in_order():
            collected.parts.append(gatherer.part(part, node))
            told(collected.parts[-1])
        limits = {"max_size": max_size, "max_seconds": max_seconds, "since_seconds": node.since, "units": [*node.units]}
        text = json.dumps(_manifest(collected, limits, redact=redact), indent=1, ensure_ascii=True).encode() + b"\n"
        bundle.add("manifest.json", iter([text]), len(text))
    return collected


class _Gatherer:
    """Takes items into the bundle as far as the limits allow."""

    def __init__(self, bundle: Bundle, folder: Path, left: Allowance, *, redact: bool) -> None:
        self._bundle = bundle
        self._folder = folder
        self._left = left
        self._redact = redact

    def part(self, part: Part, node: Node) -> Gathered:
        gathered = Gathered(part.NAME)
        left = self._left.part(SHARE)
        for found in self._found(part, node):
            if isinstance(found, Missing):
                gathered.missing.append(found)
            elif left.over or left.size <= 0:
                limit = "the time was up (--max-time)" if left.over else "the bundle's limit was reached (--max-size)"
                gathered.missing.append(Missing(found.source, limit, lost=False))
            else:
                used = self._item(found, left.part(found.share, found.seconds), gathered)
                left = left._replace(size=left.size - used)
                self._left = self._left._replace(size=self._left.size - used)
        return gathered

    @staticmethod
    def _found(part: Part, node: Node) -> Iterator[Item | Missing]:
        try:
            yield from part.gather(node)
        except UnavailableError as error:
            yield Missing(part.NAME, error.reason, error.lost)
        except OSError as error:
            yield Missing(part.NAME, reason_of(error), lost=True)

    def _item(self, item: Item, allowed: Allowance, gathered: Gathered) -> int:
        """Bytes that went into the bundle. An OSError from here on is the bundle's own."""
        spool = Spool(self._folder)
        try:
            missing = self._fill(spool, item, allowed)
            if spool.size:
                item.path = self._bundle.free(item.path)
                self._bundle.add(item.path, spool.blocks(backwards=item.newest_first), spool.size, item.mtime)
                gathered.members.append(Member(gathered.part, item, spool.size))
                if missing:
                    item.cuts.append(missing.reason)
            if missing and (missing.lost or not spool.size):
                gathered.missing.append(missing)
            elif not spool.size:
                gathered.missing.append(Missing(item.source, "gave nothing", lost=False))
            return spool.size
        finally:
            spool.close()

    def _fill(self, spool: Spool, item: Item, allowed: Allowance) -> Missing | None:
        """What could not be read of it."""
        blocks = whole_lines(item.content(allowed), item.cuts, redacted=self._redact)
        while True:
            try:
                block = next(blocks, None)
            except UnavailableError as error:
                return Missing(item.source, error.reason, error.lost)
            except OSError as error:
                return Missing(item.source, reason_of(error), lost=True)
            if block is None:
                return None
            full = spool.size + len(block) > allowed.size + _BLOCK
            if not full:
                spool.add(block)
            if full or allowed.over:
                limit = "its share of --max-size was used" if full else "the time was up (--max-time)"
                item.cuts.append(f"{'what is older' if item.newest_first else 'the rest'} was left out: {limit}")
                blocks.close()
                return None


def _manifest(collected: Collected, limits: dict[str, Any], *, redact: bool) -> dict[str, Any]:
    return {
        "kind": "k3slogs-collect",
        "schema_version": 1,
        "tool": f"k3slogs {version('k3slogs')}",
        "node": collected.node,
        "collected_at": collected.at.astimezone().isoformat(timespec="seconds"),
        "as_root": os.geteuid() == 0,
        "redacted": redact,
        "limits": limits,
        "members": [_entry(member) for member in collected.members],
        "missing": [{"part": part.part, **missing._asdict()} for part in collected.parts for missing in part.missing],
    }


def _entry(member: Member) -> dict[str, Any]:
    item = member.item
    pod = dict(zip(("namespace", "pod", "container"), item.pod, strict=False))
    known = {"path": item.path, "part": member.part, "kind": "log" if item.log else "fact", "source": item.source, "bytes": member.bytes}
    return {**known, **({"unit": item.unit} if item.unit else {}), **pod, "cuts": item.cuts}


__all__ = ["SECONDS", "SIZE", "Collected", "Gathered", "Item", "Member", "Missing", "Node", "collect", "top_name"]
