"""A file that grows; it may be rotated by rename, cut short, taken away, and it need not be there yet."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from k3slogs.sources.reader import reason_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import FileIO
    from pathlib import Path

CHUNK = 1024 * 1024
_REMEMBERED = 64
"""Bytes before the reading position that must still be there: a file that was cut short may have grown beyond it since."""
_PATIENCE = 40
"""Polls without a byte after which a file that has no name any more is let go."""


class Tail:
    """Gives a file's bytes from its start on, each once, over every rotation; `tell` hears what happens to it."""

    ended = False

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        self._path = path
        self._tell = tell
        self._file: FileIO | None = None
        self._at = 0
        self._last = b""
        self._hole = False
        self._quiet = 0
        self._been = False
        self._said: str | None = None

    @property
    def opened(self) -> bool:
        return self._file is not None

    def read(self) -> bytes:
        """What is new, at most CHUNK bytes; a line that a rotation cut in two is ended."""
        try:
            if self._file is None and not self._open():
                return b""
            return self._cut_short() + self._more() or self._renamed()
        except OSError as error:
            self._say(reason_of(error))
            return b""

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def key(self) -> tuple[int, int] | None:
        """Device and inode of the open file."""
        if self._file is None:
            return None
        found = os.fstat(self._file.fileno())
        return found.st_dev, found.st_ino

    def _say(self, text: str) -> None:
        """Each state once, not at every poll."""
        if text != self._said:
            self._said = text
            self._tell(text)

    def _open(self) -> bool:
        try:
            if not stat.S_ISREG(self._path.stat().st_mode):
                self._say("is no file: it cannot be followed")
                return False
            self._file = self._path.open("rb", buffering=0)
        except FileNotFoundError:
            self._say("is gone: waiting for it" if self._been else "is not there yet: waiting for it")
            return False
        if self._said is not None:
            self._tell("is there now")
            self._said = None
        self._start()
        return True

    def _start(self) -> None:
        self._been = True
        self._at, self._last, self._quiet = 0, b"", 0

    def _cut_short(self) -> bytes:
        """Notice a truncation; begin again at the start."""
        if self._file is None or not self._at:
            return b""
        size = os.fstat(self._file.fileno()).st_size
        same = size == self._at or (
            size > self._at and os.pread(self._file.fileno(), len(self._last), self._at - len(self._last)) == self._last
        )
        if same:
            return b""
        torn = self._torn()
        self._file.seek(0)
        self._start()
        self._hole = True
        self._tell("was cut short: read again from its start")
        return torn

    def _torn(self) -> bytes:
        return b"" if self._last.endswith(b"\n") or not self._last else b"\n"

    def _more(self) -> bytes:
        data = self._file.read(CHUNK) if self._file else None
        if not data:
            self._quiet += 1
            return b""
        self._quiet = 0
        self._at += len(data)
        self._last = (self._last + data)[-_REMEMBERED:]
        if self._hole:  # a writer that does not append goes on at its old place, behind zeros
            data = data.lstrip(b"\0")
            self._hole = not data
        return data

    def _renamed(self) -> bytes:
        """With nothing left to read here: does the name stand for another file now, with something in it?"""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            self._say("is gone: waiting for it")
            if self._quiet > _PATIENCE:
                self.close()
            return b""
        if (found.st_dev, found.st_ino) == self.key():
            self._said = None
            return b""
        if not found.st_size:
            return b""
        torn = self._torn()
        self.close()
        if self._said is None:
            self._tell("was rotated: the new file is read")
        self._open()
        return torn + self._more()
