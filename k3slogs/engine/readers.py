"""Windows are read by several processes at once, and their steps done in order: what is found is the same, sooner.

What goes over is a window's bytes, in memory that two processes share; in the same place come back its steps, and the kinds of lines that were
new, which the others hear with their next windows. This process does all steps, and reads what the others have no hands for. An executor would
do the same with threads in this process, which keep each other waiting.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import warnings
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from k3slogs.bulk import LONG, give_back_memory, keep_memory
from k3slogs.engine.reading import Step
from k3slogs.engine.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap
    from multiprocessing.connection import Connection

    from k3slogs.engine.kinds import Lesson
    from k3slogs.engine.reading import Reader
    from k3slogs.engine.sieve import Places

    Part = tuple[int, int]
    """Which one, of how many."""

WARM = 1
"""Windows that are read before it is worth to start other processes, unless the first one is long: a short log is done by then."""
SLOT = 5 * 1024 * 1024
"""Bytes of the largest window that is handed over, and of the most that may come back."""
AHEAD = 3
"""Windows that each other process has at a time."""
TIDY = 16
"""Windows after which memory that lies idle is given back."""
_FAILED = -1


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


class Ticket:
    """A window that was handed in, and what there is to do in it."""

    def __init__(self, window: Window, readers: Readers) -> None:
        self.window = window
        self.other: _Other | None = None
        """The process that reads it."""
        self.found: list[Step] | None = None
        self._readers = readers

    @property
    def is_ready(self) -> bool:
        if self.other is not None:
            self._readers.collect()
        return self.found is not None

    @property
    def is_left(self) -> bool:
        """No process reads it, or has."""
        return self.found is None and self.other is None

    def steps(self) -> list[Step]:
        """Waits for another process, or reads the window now."""
        if self.found is None:
            self.found = self._readers.result(self)
        return self.found


class Readers:
    """Reads windows in `jobs` processes, this one among them. Where none can be started, or one is lost, this one reads alone."""

    def __init__(self, reader: Reader, jobs: int) -> None:
        self._reader = reader
        self._wanted = jobs - 1 if sys.platform == "linux" else 0
        self._seen = 0
        self._others: list[_Other] = []
        self._dismissed: list[_Other] = []

    @property
    def ahead(self) -> int:
        """How many windows may wait before the first one's steps are asked for."""
        return AHEAD * len(self._others) + 1 if self._others else 0

    def submit(self, window: Window) -> Ticket:
        """Hand a window to a process that has a place for it; `result` reads what none had."""
        self._seen += 1
        if not self._others and self._wanted > 0 and (self._seen > WARM or len(window.data) >= LONG):
            self._start(window)
        if self._others and self._seen % TIDY == 0:
            give_back_memory()
        self.collect()
        ticket = Ticket(window, self)
        other = min(self._others, key=len, default=None)
        if other is not None and len(other) < AHEAD and len(window.data) <= SLOT:
            with self._alone_if_one_is_lost():
                other.give(ticket)
        return ticket

    def collect(self) -> None:
        """Take what the others have done."""
        with self._alone_if_one_is_lost():
            for other in self._others:
                while other.is_done:
                    self._take(other)

    def result(self, ticket: Ticket) -> list[Step]:
        with self._alone_if_one_is_lost():
            while ticket.other is not None:
                self._take(ticket.other)
        if ticket.found is None:
            ticket.found = self._reader.steps(ticket.window)
            self._tell_own()
        return ticket.found

    def _take(self, other: _Other) -> None:
        lessons = other.take()
        self._reader.kinds.hear(lessons)
        self._tell(lessons, other)

    def _tell_own(self) -> None:
        self._tell(self._reader.kinds.lessons)
        self._reader.kinds.lessons.clear()

    def _tell(self, lessons: list[Lesson], by: _Other | None = None) -> None:
        """What one process learned need not be learned by the others."""
        for other in self._others:
            if other is not by:
                other.news += lessons

    def close(self) -> None:
        """End the other processes; from now on this one reads alone."""
        self.dismiss()
        for other in self._dismissed:
            other.join()
        self._dismissed.clear()

    def dismiss(self) -> None:
        """The same, without waiting for their end: to give back what memory they hold takes a while."""
        self._wanted = 0
        for other in self._others:
            other.end()
        self._dismissed += self._others
        self._others = []

    def _start(self, window: Window) -> None:
        from multiprocessing import current_process

        if current_process().daemon:  # as those of a pool are: they may start none
            self.close()
            return
        places = self._reader.places(window)  # what is needed for it is imported now, and shared
        keep_memory()
        gc.freeze()  # what the processes share is not copied for the sake of the collector
        with self._alone_if_one_is_lost(), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # what is forked uses no lock of another thread
            while len(self._others) < self._wanted:
                self._others.append(_Other(self._reader))
        gc.unfreeze()
        if len(window.data) <= SLOT:
            self._learn(window, places)

    def _learn(self, window: Window, places: Places) -> None:
        """Nearly all lines of a first window are of new kinds: each process learns a part of them."""
        parts = len(self._others) + 1
        with self._alone_if_one_is_lost():
            for part, other in enumerate(self._others, 1):
                other.give(Ticket(window, self), (part, parts))
            self._reader.learn(window, places, 0, parts)
            self._tell_own()
            for other in self._others:
                self._take(other)

    @contextmanager
    def _alone_if_one_is_lost(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError):
            self.close()


class _Other:
    """Another process, which reads windows in the order in which it gets them."""

    def __init__(self, reader: Reader) -> None:
        from mmap import mmap
        from multiprocessing import get_context

        context = get_context("fork")
        self._memory = mmap(-1, AHEAD * SLOT)
        self._free = [slot * SLOT for slot in range(AHEAD)]
        self._tickets: deque[tuple[Ticket, int]] = deque()
        self.news: list[Lesson] = []
        """What it is told with its next window."""
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(self._pipe, theirs, self._memory, reader), daemon=True)
        self._process.start()
        theirs.close()

    def __len__(self) -> int:
        """Windows that it has."""
        return len(self._tickets)

    @property
    def is_done(self) -> bool:
        """With its first window."""
        return bool(self._tickets) and self._pipe.poll()

    def give(self, ticket: Ticket, part: Part | None = None) -> None:
        """Of a part it only learns the kinds. Raises OSError if the process is lost, as `take` does."""
        window, at = ticket.window, self._free.pop()
        self._memory[at : at + len(window.data)] = window.data
        ticket.other = self
        self._tickets.append((ticket, at))
        self._pipe.send((at, len(window.data), window.begin, window.end, self.news, part))
        self.news = []

    def take(self) -> list[Lesson]:
        """Wait until its first window is read, and say what was learned in it."""
        size = self._pipe.recv()
        ticket, at = self._tickets.popleft()
        self._free.append(at)
        ticket.other = None
        if size == _FAILED:
            return []
        columns, lessons = pickle.loads(self._memory[at : at + size])  # noqa: S301 - this program wrote it
        ticket.found = list(map(Step._make, zip(*columns, strict=True)))
        return lessons  # type: ignore[no-any-return]

    def end(self) -> None:
        """What it has not read is left."""
        self._pipe.close()
        self._process.terminate()
        for ticket, _ in self._tickets:
            ticket.other = None

    def join(self) -> None:
        self._process.join()


def _serve(givers: Connection, pipe: Connection, memory: mmap, reader: Reader) -> None:
    """Read windows until nobody gives any more. Steps go over by columns, which takes an eighth of the time."""
    givers.close()  # or this process would wait for itself
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends the others
    lessons = reader.kinds.lessons
    with suppress(EOFError, OSError):
        while True:
            at, size, begin, end, news, part = pipe.recv()
            reader.kinds.hear(news)
            try:
                steps = _steps(reader, Window(memory[at : at + size], begin, end), part)
                told = pickle.dumps((list(zip(*steps, strict=True)), lessons))
            except Exception:  # noqa: BLE001 - the first process will meet it as well, and knows whom to tell
                told = b""
            lessons.clear()
            if 0 < len(told) <= SLOT:
                memory[at : at + len(told)] = told
            pipe.send(len(told) if 0 < len(told) <= SLOT else _FAILED)


def _steps(reader: Reader, window: Window, part: Part | None) -> list[Step]:
    """None, where a part of its kinds is only to be learned."""
    if part is None:
        return reader.steps(window)
    reader.learn(window, reader.places(window), *part)
    return []
