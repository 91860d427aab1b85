"""The files of a folder or an archive -> the logs and the facts among them, with what their place in a bundle tells."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from k3slogs.model import NOBODY, Identity
from k3slogs.sources import bundles, facts
from k3slogs.sources.bundles import _places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k3slogs.sources.bundles import Bundle
    from k3slogs.sources.reader import Input

TEXT = 1024 * 1024
"""What a layout may see of a file."""


@dataclass
class Entry:
    """A file in a tree."""

    path: str
    """From the top of the tree, with `/`."""
    source: Input
    refused: str | None = None
    """Why it is no log, by its name or head."""
    archive: bool = False
    aliases: list[str] = field(default_factory=list)
    """Paths of links to it."""
    fact: str | None = None
    """The kind of facts that it holds, by its head or its place; never where its head or name refuses it."""

    @property
    def is_log(self) -> bool:
        return not self.refused and (self.fact is None or facts.is_log(self.fact))


def placed(entries: list[Entry], name: str) -> Iterator[Entry]:
    """The entries in order, with what their places tell; those that are neither logs nor facts are refused."""
    found = bundles.recognise(name, {path: _reader(entry) for entry in entries for path in (entry.path, *entry.aliases)})
    for entry in entries:
        bundle = next((bundle for bundle in found if entry.path.startswith(bundle.root)), None)
        yield _in_bundle(entry, bundle) if bundle else _anywhere(entry)


def _reader(entry: Entry) -> Callable[[], str]:
    return lambda: entry.source.open(chunk=64 * 1024).head(TEXT).decode("utf-8", "replace")


def _in_bundle(entry: Entry, bundle: Bundle) -> Entry:
    if entry.refused:
        return entry
    paths = [path.removeprefix(bundle.root) for path in (entry.path, *entry.aliases)]
    places = [bundle.layout.place(path, bundle.files) for path in paths]
    known = sorted((place for place in places if isinstance(place, Identity)), key=lambda place: place == NOBODY)
    fact = next(filter(None, map(facts.at, paths)), entry.fact)
    wanted = known[0] if known else NOBODY
    about = bundle.about
    source = replace(
        entry.source,
        identity=Identity(wanted.node or about.node, wanted.unit),
        anchor=about.anchor,
        anchor_from=about.anchor_from,
        bundle=f"{bundle.files.name} ({bundle.layout.NAME})",
    )
    return replace(entry, source=source, fact=fact, refused=None if known else str(places[0]))


def _anywhere(entry: Entry) -> Entry:
    """A file that is no part of a known bundle is read wherever it lies."""
    identity = _places.place(entry.path) or _places.place(entry.source.name)
    return replace(entry, source=replace(entry.source, identity=identity)) if identity else entry
