"""Windows are read by several processes at once, and their steps done in order: what is found is the same, sooner.

A process learns nothing that another one needs, so all that goes over is a window's bytes, in memory that they share, and its steps.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from typing import TYPE_CHECKING, NamedTuple

from k3slogs.engine.window import Window

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor
    from mmap import mmap

    from k3slogs.engine.reading import Reader, Step

WARM = 8
"""Windows that are read before it is worth to start other processes: a short log is done by then."""
SLOT = 5 * 1024 * 1024
"""Bytes of the largest window that is handed over."""
AHEAD = 2
"""Windows that wait for each process."""


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


class Ticket(NamedTuple):
    """A window that was handed in: `steps()` waits for what there is to do."""

    window: Window
    readers: Readers
    future: Future[list[Step]] | None = None
    slot: int = -1

    def steps(self) -> list[Step]:
        return self.readers.result(self)


class Readers:
    """Reads windows in `jobs` processes. Where none can be started, or one is lost, this process reads them itself."""

    def __init__(self, reader: Reader, jobs: int) -> None:
        self._reader = reader
        self._jobs = jobs if sys.platform == "linux" else 1
        self._seen = 0
        self._pool: ProcessPoolExecutor | None = None
        self._memory: mmap | None = None
        self._free: list[int] = []

    @property
    def ahead(self) -> int:
        """How many windows may wait before the first one's steps are asked for."""
        return AHEAD * self._jobs if self._pool else 0

    def submit(self, window: Window) -> Ticket:
        self._seen += 1
        if self._pool is None and self._jobs > 1 and self._seen > WARM:
            self._start()
        if self._pool is None or self._memory is None or not self._free or len(window.data) > SLOT:
            return Ticket(window, self)
        slot = self._free.pop()
        at = slot * SLOT
        self._memory[at : at + len(window.data)] = window.data
        try:
            future = self._pool.submit(_steps, at, len(window.data), window.begin, window.end)
        except RuntimeError:  # a broken pool is one
            self.close()
            return Ticket(window, self)
        return Ticket(window, self, future, slot)

    def result(self, ticket: Ticket) -> list[Step]:
        if ticket.future is not None:
            try:
                steps = ticket.future.result()
            except (RuntimeError, OSError):
                self.close()
            else:
                self._free.append(ticket.slot)
                return steps
        return self._reader.steps(ticket.window)

    def close(self) -> None:
        """End the other processes; from now on this one reads alone."""
        self._jobs = 1
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _start(self) -> None:
        from concurrent.futures import ProcessPoolExecutor
        from mmap import mmap
        from multiprocessing import get_context

        slots = AHEAD * self._jobs + 1
        try:
            self._memory = mmap(-1, slots * SLOT)
            self._free = list(range(slots))
            self._pool = ProcessPoolExecutor(self._jobs, get_context("fork"), _begin, (self._memory, self._reader))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # what is forked uses no lock of another thread
                self._pool.submit(os.getpid)
        except (OSError, ValueError, RuntimeError):
            self.close()


_own: tuple[mmap, Reader] | None = None
"""What a reading process got when it was forked: the shared memory, and a reader that knows what was learned so far."""


def _begin(memory: mmap, reader: Reader) -> None:
    global _own  # noqa: PLW0603 - a process of a pool has no other place
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends the others
    _own = memory, reader


def _steps(at: int, size: int, begin: int, end: int) -> list[Step]:
    assert _own is not None
    memory, reader = _own
    return reader.steps(Window(memory[at : at + size], begin, end))
