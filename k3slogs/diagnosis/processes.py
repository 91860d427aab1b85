"""Lives of all sources -> processes: which program each is, which are copies, and which of them own the run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from k3slogs.diagnosis.limits import LATEST
from k3slogs.diagnosis.nodes import settle_names
from k3slogs.taxonomy import OWNERS, Component

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from k3slogs.engine import Life, SourceScan

_CLIENTS = (Component.DOCKER, Component.CTR, Component.RUNC, Component.RUNSC, Component.ETCDCTL, Component.PODMAN)


@dataclass(eq=False)
class Process:
    """One program in one source or envelope identity, with its lives in order."""

    source: str
    identity: tuple[str | None, str | None]
    lives: list[Life]
    program: str | None = None
    copy_of: Process | None = None
    node: str | None = None
    """The machine that it ran on, by its bundle, its envelopes or its neighbours."""
    bundled: bool = False
    """A bundle names the node."""
    place: str = ""
    """Folder or archive that the user named, where there were several."""

    @property
    def sources(self) -> frozenset[str]:
        """Files that hold it: more than one if a log was rotated."""
        return frozenset(life.source for life in self.lives) | {self.source}

    @property
    def records(self) -> int:
        return sum(life.records for life in self.lives)

    @property
    def name(self) -> str:
        return self.program or "unknown program"


def processes(scans: Iterable[SourceScan]) -> list[Process]:
    found: list[Process] = []
    for scan in scans:
        grouped: dict[tuple[str | None, str | None], list[Life]] = {}
        for life in scan.lives:
            grouped.setdefault(life.identity, []).append(life)
        told, _, place = scan.identity
        found += [
            Process(scan.source, identity, lives, node=told or identity[0], bundled=told is not None, place=place)
            for identity, lives in grouped.items()
        ]
    for process in found:
        process.program = _program(process)
    settle_names(found)
    _mark_copies(found)
    return _continued(found)


def _continued(found: list[Process]) -> list[Process]:
    """Processes of one program whose times follow each other are one: rotated files, or a later start with a log of its own."""
    chains: list[Process] = []
    for process in sorted(found, key=lambda p: _span(p)[0] or LATEST):
        earlier = next((chain for chain in chains if _goes_on(chain, process)), None)
        if earlier is None:
            chains.append(process)
            continue
        first, *rest = process.lives
        if first.begun is None and earlier.lives[-1].exit is None and earlier.lives[-1].stop is None:
            earlier.lives[-1].absorb(first)
        else:
            rest = process.lives
        earlier.lives += rest
    return chains


def _goes_on(earlier: Process, later: Process) -> bool:
    if earlier.program is None or earlier.program != later.program or earlier.copy_of or later.copy_of or earlier.source == later.source:
        return False
    if earlier.program not in OWNERS or earlier.identity != later.identity or _on_another_node(earlier, later):
        return False
    end, start = _span(earlier)[1], _span(later)[0]
    return end is not None and start is not None and end <= start


def _span(process: Process) -> tuple[datetime | None, datetime | None]:
    first, last = process.lives[0].start, process.lives[-1].end
    return first.timestamp if first else None, last.timestamp if last else None


def _program(process: Process) -> str | None:
    banners = {life.program for life in process.lives if life.program}
    writers = {writer for life in process.lives for writer in life.writers}
    for program in OWNERS:
        if program in banners:
            return program
    stem = _from_name(process.source) if process.identity[1] is None else None
    if banners:
        return min(banners)
    if len(writers) == 1:
        return next(iter(writers))
    return stem


def _from_name(source: str) -> str | None:
    """A file's name, as the last resort: `k3s-agent.log`, `containerd-2025-11-24.log.gz`."""
    name = PurePath(source).name.lower()
    words = (*OWNERS, *_CLIENTS, Component.KERNEL)
    known = [word for word in words if name.startswith(str(word)) or f"-{word}." in name]
    return str(max(known, key=len)) if known else None


def _mark_copies(found: list[Process]) -> None:
    """Processes that share a start banner word for word are one; the fullest stands for all."""
    seen: dict[str, list[Process]] = {}
    for process in sorted(found, key=lambda p: (-p.records, p.source)):
        banners = [life.begun.text for life in process.lives if life.begun is not None]
        alike = [earlier for text in banners for earlier in seen.get(text, ()) if not _on_another_node(earlier, process)]
        if alike and alike[0].source != process.source:
            process.copy_of = alike[0]
            continue
        for text in banners:
            seen.setdefault(text, []).append(process)


def _on_another_node(one: Process, other: Process) -> bool:
    """A cluster that starts as one prints the same banners in the same second."""
    return one.node is not None and other.node is not None and one.node != other.node


def owners(found: list[Process]) -> list[Process]:
    """The processes whose attempts give the verdict."""
    originals = [process for process in found if process.copy_of is None and process.program != Component.FACT]
    for program in OWNERS:
        owning = [process for process in originals if process.program == program]
        if owning:
            return owning
    clients = [process for process in originals if process.program in set(_CLIENTS)]
    return clients or originals
