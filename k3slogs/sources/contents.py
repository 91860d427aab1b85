"""An archive on disk -> the logs in it, what is left out and why, and what should be readable and is not."""

from __future__ import annotations

import posixpath
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from k3slogs.sources import names
from k3slogs.sources.archives import SEPARATOR, Archive, Keeper, Left, Link, Member, walk
from k3slogs.sources.archives.tar import normal, resolved
from k3slogs.sources.facts import FactFile, recognise
from k3slogs.sources.reader import Input
from k3slogs.sources.sniff import HEAD, refusal
from k3slogs.sources.trees import Entry, placed

if TYPE_CHECKING:
    from pathlib import Path

    from k3slogs.sources.archives import Found


class Contents(NamedTuple):
    """Pairs are a name and a reason."""

    inputs: list[Input]
    facts: list[FactFile]
    skipped: list[tuple[str, str]]
    failures: list[tuple[str, str]]


def contents(path: Path, name: str, held: object = None) -> Contents:
    """Look through an archive once; `held` keeps its path alive. Raises OSError if it cannot be opened."""
    reading = _Reading(path, name, held)
    for step in walk(path):
        if isinstance(step, Left):
            reading.left(step)
        elif isinstance(step, Link):
            reading.links.append(step)
        else:
            reading.file(step)
    reading.resolve_links()
    return Contents([entry.source for entry in reading.logs()], reading.facts, reading.skipped, reading.failures)


class _Reading:
    """What is known of an archive while it is looked through."""

    def __init__(self, path: Path, name: str, held: object) -> None:
        self._name = name
        self._archive = Archive(path, held)
        self._keeper = Keeper()
        self._trees: dict[str, list[Entry]] = {}
        """The files of each archive in it, by that archive's place."""
        self._seen: Counter[str] = Counter()
        self.links: list[Link] = []
        self.facts: list[FactFile] = []
        self.skipped: list[tuple[str, str]] = []
        self.failures: list[tuple[str, str]] = []

    def left(self, step: Left) -> None:
        place = f"{self._name}{SEPARATOR}{step.name}" if step.name else self._name
        (self.failures if step.lost else self.skipped).append((place, step.reason))

    def file(self, found: Found) -> None:
        place, path = _split(found.name)
        shown = f"{self._name}{SEPARATOR}{place}{path}"
        self._seen[shown] += 1
        notes = tuple(_oddities(found.name, self._seen[shown]))
        member = Member(self._archive, found.number, found.name, self._keeper.keep(found))
        if self._seen[shown] > 1:
            shown += f" ({self._seen[shown]})"
        source = Input(shown, len(member.kept) if member.kept is not None else None, found.mtime, member=member, notes=notes)
        head = found.chunks.peek(HEAD)[:HEAD]
        refused = next(filter(None, map(names.refused, path.split("/"))), None) or refusal(head)
        self._trees.setdefault(place, []).append(Entry(path, source, refused, fact=None if refused else recognise(head)))

    def resolve_links(self) -> None:
        """A link's name may say whose log it is; the log itself is read once."""
        files = {(place, entry.path): entry for place, tree in self._trees.items() for entry in tree}
        targets = {}
        for link in self.links:
            place, path = _split(link.name)
            targets[place, path] = place, resolved(path, link.target, hard=link.hard)
        for (place, path), target in targets.items():
            for _ in targets:
                if target not in targets:
                    break
                target = targets[target]  # noqa: PLW2901 - a link to a link
            entry = files.get(target)
            if entry:
                entry.aliases.append(path)
            reason = "a link to another file of the archive" if entry else "a link to nothing that the archive holds"
            self.skipped.append((f"{self._name}{SEPARATOR}{place}{path}", reason))

    def logs(self) -> list[Entry]:
        """In the archive's order, so that one pass reads them all, but for rotated files: these come oldest first."""
        found: list[Entry] = []
        for place, tree in self._trees.items():
            for entry in placed(tree, names.stem(posixpath.basename(place.removesuffix(SEPARATOR) or self._name))):
                if entry.fact:
                    self.facts.append(FactFile(entry.source, entry.fact))
                if entry.is_log:
                    found.append(entry)
                elif not entry.fact:
                    self.skipped.append((entry.source.name, entry.refused or ""))
        return _oldest_first(found)


def _split(name: str) -> tuple[str, str]:
    """The archives on the way, and the path in the innermost one, without roots and `..`."""
    place, _, path = name.rpartition(SEPARATOR)
    return "".join(f"{normal(part)}{SEPARATOR}" for part in place.split(SEPARATOR)) if place else "", normal(path)


def _oddities(name: str, times: int) -> list[str]:
    found = []
    path = name.rpartition(SEPARATOR)[2]
    if path.startswith("/") or ".." in path.split("/"):
        found.append(f"its name leads out of the archive ({path}): it was read, and nothing is ever unpacked")
    if times > 1:
        found.append(f"the archive holds {times} files of this name: each was read")
    return found


def _oldest_first(entries: list[Entry]) -> list[Entry]:
    """Siblings that only rotation tells apart come together, where the first of them stands."""
    groups: dict[tuple[str, str], list[tuple[names.Age, Entry]]] = {}
    for entry in entries:
        folder, name = posixpath.split(entry.source.name)
        age = names.age_key(name)
        groups.setdefault((folder, str(age[0])), []).append((age, entry))
    return [entry for group in groups.values() for _, entry in sorted(group, key=lambda pair: pair[0][1])]
