"""Windows are read by several processes at once, and their steps done in order: what is found is the same, sooner.

What goes over is a window's bytes, in memory that they share, and back come its steps and the kinds of lines that were new. This process does
all steps, and reads what the others have no hands for.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import warnings
from typing import TYPE_CHECKING, Any

from k3slogs.bulk import keep_memory
from k3slogs.engine.reading import Step
from k3slogs.engine.window import Window

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor
    from mmap import mmap

    from k3slogs.engine.kinds import Lesson
    from k3slogs.engine.reading import Reader

    _Result = tuple[list[tuple[Any, ...]], list[Lesson]]
    """Steps by columns, which go over in an eighth of the time, and what was learned."""

WARM = 1
"""Windows that are read before it is worth to start other processes: a short log is done by then."""
SLOT = 5 * 1024 * 1024
"""Bytes of the largest window that is handed over."""
AHEAD = 3
"""Windows that each other process has at a time."""


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


class Ticket:
    """A window that was handed in, and what there is to do in it."""

    def __init__(self, window: Window, readers: Readers, future: Future[_Result] | None = None) -> None:
        self.window = window
        self.future = future
        self._readers = readers
        self._steps: list[Step] | None = None

    @property
    def is_ready(self) -> bool:
        return self._steps is not None or (self.future is not None and self.future.done())

    @property
    def is_left(self) -> bool:
        """No process reads it, or has."""
        return self._steps is None and self.future is None

    def steps(self) -> list[Step]:
        """Waits for another process, or reads the window now."""
        if self._steps is None:
            self._steps = self._readers.result(self)
        return self._steps


class Readers:
    """Reads windows in `jobs` processes, this one among them. Where none can be started, or one is lost, this one reads alone."""

    def __init__(self, reader: Reader, jobs: int) -> None:
        self._reader = reader
        self._others = jobs - 1 if sys.platform == "linux" else 0
        self._seen = 0
        self._pool: ProcessPoolExecutor | None = None
        self._memory: mmap | None = None
        self._free: list[int] = []
        self._lent: list[tuple[Future[_Result], int]] = []

    @property
    def ahead(self) -> int:
        """How many windows may wait before the first one's steps are asked for."""
        return AHEAD * self._others + 1 if self._pool else 0

    def submit(self, window: Window) -> Ticket:
        """Hand a window to a process that has a place for it; `result` reads what none had."""
        self._seen += 1
        if self._pool is None and self._others > 0 and self._seen > WARM:
            self._start()
        self._reclaim()
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
        self._lent.append((future, slot))
        return Ticket(window, self, future)

    def _reclaim(self) -> None:
        """The places of windows that were read are free, even if their steps are not done yet."""
        self._free += [slot for future, slot in self._lent if future.done()]
        self._lent = [(future, slot) for future, slot in self._lent if not future.done()]

    def result(self, ticket: Ticket) -> list[Step]:
        if ticket.future is not None:
            from concurrent.futures import CancelledError

            try:
                columns, lessons = ticket.future.result()
            except (CancelledError, RuntimeError, OSError):
                self.close()
            else:
                self._reader.kinds.hear(lessons)
                return list(map(Step._make, zip(*columns, strict=True)))
        return self._reader.steps(ticket.window)

    def close(self) -> None:
        """End the other processes; from now on this one reads alone."""
        self._others = 0
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _start(self) -> None:
        from concurrent.futures import ProcessPoolExecutor
        from mmap import mmap
        from multiprocessing import get_context

        slots = AHEAD * self._others
        keep_memory()
        try:
            self._memory = mmap(-1, slots * SLOT)
            self._free = list(range(slots))
            self._pool = ProcessPoolExecutor(self._others, get_context("fork"), _begin, (self._memory, self._reader))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # what is forked uses no lock of another thread
                gc.freeze()  # what the processes share is not copied for the sake of the collector
                self._pool.submit(os.getpid)
                gc.unfreeze()
        except (OSError, ValueError, RuntimeError):
            self.close()


_own: tuple[mmap, Reader] | None = None
"""What a reading process got when it was forked: the shared memory, and a reader that knows what was learned so far."""


def _begin(memory: mmap, reader: Reader) -> None:
    global _own  # noqa: PLW0603 - a process of a pool has no other place
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends the others
    reader.kinds.lessons = []
    _own = memory, reader


def _steps(at: int, size: int, begin: int, end: int) -> _Result:
    assert _own is not None
    memory, reader = _own
    steps = reader.steps(Window(memory[at : at + size], begin, end))
    lessons, reader.kinds.lessons = reader.kinds.lessons, []
    return list(zip(*steps, strict=True)), lessons or []
