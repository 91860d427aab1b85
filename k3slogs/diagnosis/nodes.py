"""Processes -> nodes: whose they are, and with whom the others are judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from k3slogs.taxonomy import OWNERS, Component

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from k3slogs.diagnosis.processes import Process

_NAMELESS = {"localhost", "localhost.localdomain", "(none)", "-"}
"""What a machine is called before it has a name, and by syslogs that do not ask."""


@dataclass
class Node:
    """A machine, with the processes that are judged together."""

    name: str | None
    own: list[Process]
    shared: list[Process] = field(default_factory=list)
    """Of no node that is known: what they say counts on every node, unless they are facts."""


def settle_names(found: Iterable[Process]) -> None:
    """One name for a node that some lines call by its full name; a process without one takes that of its neighbours or its place."""
    processes = list(found)
    for process in processes:
        if process.node and process.node.lower() in _NAMELESS:
            process.node = None
    spelled = _spellings(process.node for process in processes if process.node)
    for process in processes:
        process.node = spelled.get(process.node, process.node) if process.node else None
    _name_by_place(processes)


def _name_by_place(processes: list[Process]) -> None:
    """Where several places hold a log of the same owner, each place is a node: of the name that lines in it tell, else of its own."""
    top = next((program for program in OWNERS if any(process.program == program for process in processes)), None)
    owning: dict[str, set[str | None]] = {}
    for process in processes:
        if process.place and process.program == top:
            owning.setdefault(process.place, set()).add(process.node)
    if len(owning) < 2:
        return
    for process in processes:
        if process.node is None and len(names := owning.get(process.place, ())) == 1:
            process.node = next(iter(names)) or process.place


def _spellings(names: Iterable[str]) -> dict[str, str]:
    """Each name, and the one that it goes by: a short name and the only full one that begins with it are one machine."""
    count = Counter(names)
    folded: dict[str, list[str]] = {}
    for name in count:
        folded.setdefault(name.lower(), []).append(name)
    full: dict[str, set[str]] = {}
    for name in folded:
        first, dot, _ = name.partition(".")
        if dot and not first.isdigit():
            full.setdefault(first, set()).add(name)
    found: dict[str, str] = {}
    for name, spellings in folded.items():
        first = name.partition(".")[0]
        key = first if len(full.get(first, ())) == 1 and first in folded else name
        found |= dict.fromkeys(spellings, folded[key][0])
    return found


def nodes(found: Sequence[Process], owning: Sequence[Process]) -> list[Node]:
    """The nodes that a bundle names, or that have processes that can own a run; all processes are one node's where there is no second.

    `owning` are those that would own the run if there were no nodes: those without a name are one more node beside several named ones.
    """
    names = dict.fromkeys(process.node for process in found if process.node and (process.bundled or process.program in OWNERS))
    if len(names) <= 1:
        name = next(iter(names), None) or _only_name(found)
        return [Node(name, [process for process in found if not _stray(process, name)])]
    own: dict[str | None, list[Process]] = {name: [] for name in names}
    shared = []
    for process in found:
        if process.node in own and process.node is not None:
            own[process.node].append(process)
        elif process.node is None and process in owning:
            own.setdefault(None, []).append(process)
        elif process.program != Component.FACT:
            shared.append(process)
    return [Node(name, processes, shared) for name, processes in own.items()]


def _stray(process: Process, name: str | None) -> bool:
    """Facts of another machine than the one whose logs there are."""
    return process.program == Component.FACT and None not in {name, process.node} and process.node != name


def _only_name(found: Iterable[Process]) -> str | None:
    names = {process.node for process in found if process.node}
    return names.pop() if len(names) == 1 else None
