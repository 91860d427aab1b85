"""Files of the node as items: the newest part of one that is too long, compressed ones as text."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO

from k3slogs.collecting.item import Allowance, Item, Missing, UnavailableError
from k3slogs.sources.compression import LONGEST_MAGIC, expand, kind_of
from k3slogs.sources.lines import Notes
from k3slogs.sources.reader import reason_of

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator
    from typing import Any

    from k3slogs.collecting.node import Node

STEP = 256 * 1024


def fact(node: Node, name: str, *paths: str) -> Item | Missing:
    """The first of the files that is there and can be read, under the name of a fact."""
    refused: Missing | None = None
    for path in paths:
        found = file(node, path, log=False)
        if isinstance(found, Item):
            found.path = f"facts/{name}"
            return found
        refused = refused if refused and (refused.lost or not found.lost) else found
    assert refused is not None
    return refused


def logs(node: Node, folder: str, pattern: re.Pattern[str], unit: str) -> Iterator[Item | Missing]:
    """The files of a folder whose names match, the newest first."""
    try:
        names = [name for name in node.names(folder) if pattern.fullmatch(name)]
    except OSError as error:
        yield refusal(folder, error)
        return
    yield from newest_first(node, (file(node, f"{folder}/{name}", within=(folder,), unit=unit) for name in names))
    if not names:
        yield Missing(folder, f"holds no log of {unit}", lost=False)


def newest_first(node: Node, found: Iterable[Item | Missing]) -> Iterator[Item | Missing]:
    """Those that cannot be had, then the items, the newest first; what was written last too long ago is left out."""
    items = []
    for each in found:
        if isinstance(each, Missing):
            yield each
        else:
            items.append(each)
    for item in sorted(items, key=lambda item: -(item.mtime or 0)):
        yield Missing(item.source, "was written last before --since", lost=False) if _old(node, item) else item


def _old(node: Node, item: Item) -> bool:
    import time

    return node.since is not None and (item.mtime or 0) < time.time() - node.since


def refusal(path: str, error: OSError) -> Missing:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Missing(path, "is not here", lost=False)
    return Missing(path, reason_of(error), lost=True)


def file(node: Node, path: str, *, within: tuple[str, ...] = (), **known: Any) -> Item | Missing:
    """A file by its path on the node. A link may lead only below the folders `within`, if any are given."""
    try:
        real = node.real(path)
        if within and not any(real.startswith(f"{node.real(folder)}/") for folder in within if _there(node, folder)):
            return Missing(path, f"a link that leads out of {within[0]}: not followed", lost=False)
        with node.open(real) as opened:
            found = os.fstat(opened.fileno())
            packed = kind_of(opened.read(LONGEST_MAGIC)) is not None
    except UnavailableError as error:
        return Missing(path, error.reason, error.lost)
    except OSError as error:
        return refusal(path, error)
    name = path.rpartition(".")[0] if packed and "." in path.rpartition("/")[2] else path
    item = Item(f"node{name}", path, lambda allowed: _content(node, real, allowed, item.cuts), mtime=found.st_mtime, **known)
    return item


def _there(node: Node, folder: str) -> bool:
    try:
        return node.real(folder) != "/"
    except OSError:
        return False


def _content(node: Node, real: str, allowed: Allowance, cuts: list[str]) -> Iterator[bytes]:
    """The text of a file, or its newest part."""
    with node.open(real) as opened:
        head = opened.read(LONGEST_MAGIC)
        opened.seek(0)
        size = os.fstat(opened.fileno()).st_size
        if kind_of(head):
            yield from _expanded(opened, allowed, cuts)
        else:
            skipped = max(size - allowed.size, 0)
            opened.seek(max(skipped - 1, 0))
            left = _bounded(opened, size - opened.tell() if size else allowed.size)
            yield from _from_whole_line(left, skipped, cuts)


def _bounded(opened: BinaryIO, size: int) -> Iterator[bytes]:
    """What was there when it was opened; of a file without a size, as those of /proc, what is allowed."""
    while size > 0 and (chunk := opened.read(min(STEP, size))):
        size -= len(chunk)
        yield chunk


def _expanded(opened: BinaryIO, allowed: Allowance, cuts: list[str]) -> Iterator[bytes]:
    """Read twice where its text is too long: once to know how long."""
    size = 0
    for chunk in expand(_chunks(opened), Notes(), STEP):
        size += len(chunk)
        if allowed.over:
            raise UnavailableError("the time was up before it was unpacked (--max-time)", lost=False)
    opened.seek(0)
    notes = Notes()
    skipped = max(size - allowed.size, 0)
    text = _skip(expand(_chunks(opened), notes, STEP), max(skipped - 1, 0))
    yield from _from_whole_line(text, skipped, cuts)
    cuts += notes.problems


def _chunks(opened: BinaryIO) -> Iterator[bytes]:
    while chunk := opened.read(STEP):
        yield chunk


def _skip(chunks: Iterator[bytes], count: int) -> Iterator[bytes]:
    for chunk in chunks:
        if count < len(chunk):
            yield chunk[count:]
        count = max(count - len(chunk), 0)


def _from_whole_line(chunks: Iterator[bytes], skipped: int, cuts: list[str]) -> Iterator[bytes]:
    """The chunks from the first whole line on, if something before them was left out."""
    if skipped:
        cuts.append(f"the oldest {skipped} bytes were left out (--max-size)")
        for chunk in chunks:
            _, newline, rest = chunk.partition(b"\n")
            if newline:
                yield rest
                break
    yield from chunks
