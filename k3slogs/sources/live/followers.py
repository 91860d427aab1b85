"""What the user named -> followers; a folder is looked at again and again for new files."""

from __future__ import annotations

import os
import stat
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from k3slogs.errors import SourceError
from k3slogs.model import NOBODY, Identity
from k3slogs.sources.compression import LONGEST_MAGIC, kind_of
from k3slogs.sources.journal import NAME
from k3slogs.sources.listing import find
from k3slogs.sources.live.follower import Follower
from k3slogs.sources.live.journal import Journal
from k3slogs.sources.live.pipe import Pipe
from k3slogs.sources.live.tail import Tail
from k3slogs.sources.reader import STDIN, reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from k3slogs.sources.live.follower import Stream

MAX_FOLLOWED = 200
"""Files that are open at once; for a new one in a folder the one that is gone longest is let go."""
_LOOK = 5.0
"""Seconds between two looks into the folders."""


class Followers:
    """All that is followed. `failures` holds what cannot be."""

    def __init__(self, paths: Iterable[str | Journal]) -> None:
        self.all: list[Follower] = []
        self.failures: list[SourceError] = []
        self._folders: list[Path] = []
        self._looked = 0.0
        for path in paths:
            try:
                self._follow(NAME, path.heard_by) if isinstance(path, Journal) else self._add(path)
            except OSError as error:
                self.failures.append(SourceError(str(path), reason_of(error)))
        self.look()

    @property
    def ended(self) -> bool:
        """Nothing more can come from any of them."""
        return not self._folders and all(follower.ended for follower in self.all)

    @property
    def missing(self) -> list[str]:
        """Names of files of which nothing was read yet."""
        return [follower.name for follower in self.all if not follower.bytes_read and not follower.stream.opened]

    def look(self) -> None:
        """Follow what is new in the folders, at most every few seconds."""
        if not self._folders or (self._looked and time.monotonic() - self._looked < _LOOK):
            return
        self._looked = time.monotonic()
        known = {follower.name for follower in self.all}
        keys = {follower.stream.key() for follower in self.all}
        for found in find(self._folders).inputs:
            if found.path and found.name not in known and _key(found.path) not in keys and not _compressed(found.path):
                self._follow(found.name, partial(Tail, found.path), found.identity)

    def close(self) -> None:
        for follower in self.all:
            follower.close()

    def _add(self, name: str) -> None:
        if name == "-":
            self._follow(STDIN, _given(Pipe(sys.stdin.fileno())))
            return
        path = Path(name)
        mode = path.stat().st_mode if path.exists() else stat.S_IFREG
        if stat.S_ISDIR(mode):
            self._folders.append(path)
        elif stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
            self._follow(name, _given(Pipe(os.open(path, os.O_RDONLY | os.O_NONBLOCK))))
        else:
            self._follow(name, partial(Tail, path))

    def _follow(self, name: str, stream: Callable[[Callable[[str], None]], Stream], identity: Identity = NOBODY) -> None:
        if len(self.all) >= MAX_FOLLOWED:
            gone = next((each for each in self.all if each.ended or not each.stream.opened), None)
            if gone is None:
                full = SourceError("files beyond these", f"not followed: {MAX_FOLLOWED} are followed already")
                self.failures = [*(failure for failure in self.failures if failure.path != full.path), full]
                return
            self.all.remove(gone)
        self.all.append(Follower(name, stream, identity))


def _given(stream: Stream) -> Callable[[Callable[[str], None]], Stream]:
    """A stream that has nothing to tell."""
    return lambda _tell: stream


def _key(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _compressed(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return kind_of(file.read(LONGEST_MAGIC)) is not None
    except OSError:
        return False
