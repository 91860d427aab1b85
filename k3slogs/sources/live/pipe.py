"""A pipe or a terminal that someone writes to."""

from __future__ import annotations

import os
import select

from k3slogs.sources.live.tail import CHUNK


class Pipe:
    """Gives what has come through a file descriptor, without waiting for more."""

    opened = True

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.ended = False

    def read(self) -> bytes:
        if self.ended or not select.select([self._descriptor], [], [], 0)[0]:
            return b""
        try:
            data = os.read(self._descriptor, CHUNK)
        except OSError:  # a terminal that was hung up
            data = b""
        self.ended = not data
        return data

    def key(self) -> None:
        return None

    def close(self) -> None:
        self.ended = True
