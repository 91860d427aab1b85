"""The node that is asked: its file tree, and what its commands say. Nothing here changes anything on it."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import TYPE_CHECKING, BinaryIO, cast

from k3slogs.collecting.item import Allowance, UnavailableError
from k3slogs.sources.journal import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DATA = "/var/lib/rancher/k3s"
CONFIG = "/etc/rancher/k3s/config.yaml"
STEP = 64 * 1024
_PLACES = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/opt/bin")
"""Where commands are looked for besides PATH: sudo may leave out /usr/local/bin, where k3s lies."""
_LINKS = 40
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW
_SAID = 4096


@dataclass(frozen=True)
class Node:
    """Whose logs are gathered, and which of them."""

    root: Path = Path("/")
    """Top of its file tree."""
    live: bool = True
    """It is this machine, so that commands tell of it."""
    units: tuple[str, ...] = UNITS
    since: float | None = None
    """Seconds back from now; what was written last before that is left out."""

    @property
    def name(self) -> str:
        if self.live:
            return os.uname().nodename
        try:
            text = self.text("/etc/hostname").strip()
        except (OSError, UnavailableError):
            text = ""
        return text.partition("\n")[0] or self.root.absolute().name or "node"

    @property
    def data(self) -> str:
        """k3s' folder of data."""
        try:
            found = re.search(r"^[\"']?data-dir[\"']?:\s*[\"']?([^\"'#\n]+)", self.text(CONFIG), re.MULTILINE)
        except (OSError, UnavailableError):
            found = None
        return found[1].strip() if found else DATA

    # --- files ---------------------------------------------------------------------------------------------------

    def real(self, path: str) -> str:
        """The path without links, each followed as if the root were `/`. Raises OSError."""
        done: list[str] = []
        todo = path.split("/")[::-1]
        links = 0
        while todo:
            part = todo.pop()
            if part in {"", "."}:
                continue
            if part == "..":
                done = done[:-1]
                continue
            try:
                target = str(self.root.joinpath(*done, part).readlink())
            except OSError as error:
                if error.errno != errno.EINVAL:  # which says: no link
                    raise
                done.append(part)
                continue
            links += 1
            if links > _LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            done = [] if target.startswith("/") else done
            todo += target.split("/")[::-1]
        return "/" + "/".join(done)

    def open(self, real: str) -> BinaryIO:
        """A file by its path without links; one that was put there meanwhile is not followed. Raises OSError, UnavailableError."""
        *folders, name = real.strip("/").split("/")
        at = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for folder in folders:
                below = os.open(folder, _FOLDER, dir_fd=at)
                os.close(at)
                at = below
            found = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=at)
        finally:
            os.close(at)
        if not stat.S_ISREG(os.fstat(found).st_mode):
            os.close(found)
            raise UnavailableError("is not a file (a folder, device, pipe or socket)", lost=False)
        return cast("BinaryIO", os.fdopen(found, "rb", 0))

    def text(self, path: str, most: int = 1024 * 1024) -> str:
        """The head of a small file. Raises OSError, UnavailableError."""
        with self.open(self.real(path)) as file:
            return file.read(most).decode("utf-8", "replace")

    def outside(self, path: str) -> str:
        """A path of the node as this machine has it. Raises OSError."""
        return str(self.root / self.real(path).lstrip("/"))

    def names(self, path: str) -> list[str]:
        """What a folder holds, in order. Raises OSError."""
        return sorted(entry.name for entry in Path(self.outside(path)).iterdir())

    # --- commands ------------------------------------------------------------------------------------------------

    def command(self, name: str, *, everywhere: bool = False) -> str:
        """The path of a command; `everywhere`: it can look into another machine's files. Raises UnavailableError."""
        if not self.live and not everywhere:
            raise UnavailableError(f"{name} would tell of this machine, not of {self.root}", lost=False)
        found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *_PLACES]))
        if found is None:
            raise UnavailableError(f"{name} is not here", lost=False)
        return found

    def run(self, words: list[str], allowed: Allowance, *, env: Mapping[str, str] | None = None, codes: bool = True) -> Iterator[bytes]:
        """What a command prints, as it comes. Raises UnavailableError where it fails or takes too long.

        `codes` are believed: a code other than 0 is a failure.
        """
        try:
            run = subprocess.Popen(  # noqa: S603 - arguments go as they are, without a shell
                words,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                cwd="/", env={**os.environ, "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "TZ": "UTC", **(env or {})},
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise UnavailableError(f"{words[0]} does not start ({error.strerror})", lost=True) from None
        said = _Said()
        name = os.path.basename(words[0])  # noqa: PTH119 - a word, not a path
        try:
            yield from _output(run, said, name, allowed)
            code = run.wait(max(allowed.until - time.monotonic(), 1.0))
        except subprocess.TimeoutExpired:
            raise UnavailableError(f"{name} did not end in time", lost=True) from None
        finally:
            _end(run)
        if code and codes:
            raise UnavailableError(f"{name} says: {said.words().removeprefix(f'{name}: ') or f'nothing, and ends with {code}'}", lost=True)
        if said.denied():
            raise UnavailableError(f"{name} says: {said.words()}", lost=True)


class _Said:
    """The end of what a command wrote to stderr."""

    def __init__(self) -> None:
        self._text = b""

    def add(self, data: bytes) -> None:
        self._text = (self._text + data)[-_SAID:]

    def words(self) -> str:
        lines = [
            " ".join(line.split()) for line in self._text.decode("utf-8", "replace").splitlines() if "turn off this notice" not in line
        ]
        return " ".join(dict.fromkeys(filter(None, lines)))[-400:]

    def denied(self) -> bool:
        """As journalctl says it, which shows what it may and succeeds."""
        return any(hint in self._text for hint in (b"not seeing messages from other users", b"insufficient permissions"))


def _output(run: subprocess.Popen[bytes], said: _Said, name: str, allowed: Allowance) -> Iterator[bytes]:
    assert run.stdout is not None
    assert run.stderr is not None
    some = False
    with DefaultSelector() as selector:
        selector.register(run.stdout, EVENT_READ, data=True)
        selector.register(run.stderr, EVENT_READ, data=False)
        while selector.get_map():
            left = allowed.until - time.monotonic()
            ready = selector.select(left) if left > 0 else []
            if not ready:
                raise UnavailableError(f"{name} did not end in time", lost=not some)
            for key, _ in ready:
                data = os.read(key.fd, STEP)
                if not data:
                    selector.unregister(key.fileobj)
                elif key.data:
                    some = True
                    yield data
                else:
                    said.add(data)


def _end(run: subprocess.Popen[bytes]) -> None:
    """Stop it with all that it started; one that hangs in the kernel is left behind."""
    if run.poll() is None:
        try:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait(2)
        except (ProcessLookupError, PermissionError, subprocess.TimeoutExpired):
            pass
    for pipe in (run.stdout, run.stderr):
        if pipe:
            pipe.close()
