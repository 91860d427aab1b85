"""The journal of this machine as it grows: journalctl prints it and goes on."""

from __future__ import annotations

import os
import subprocess
import tempfile
from typing import TYPE_CHECKING, cast

from k3slogs.errors import SourceError
from k3slogs.sources import journal
from k3slogs.sources.live.pipe import Pipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO


class Journal:
    """Gives what journalctl prints. Raises SourceError when it is made and journalctl is not there."""

    opened = True

    def __init__(self, *units: str, since: str | None = None, boot: str | None = None) -> None:
        command = journal.following(*units, since=since, boot=boot)
        self._said = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - closed with the journal
        try:
            self._run = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._said)  # noqa: S603 - no shell
        except OSError as error:
            self._said.close()
            raise SourceError(journal.NAME, journal.absence(error, command[1:])) from None
        assert self._run.stdout is not None
        self._out = self._run.stdout
        self._pipe = Pipe(self._out.fileno())
        self._heard = 0
        self._tell: Callable[[str], None] | None = None

    def heard_by(self, tell: Callable[[str], None]) -> Journal:
        """`tell` hears what journalctl says beside the entries."""
        self._tell = tell
        return self

    @property
    def ended(self) -> bool:
        return self._pipe.ended

    @property
    def words(self) -> str:
        """What journalctl said beside the entries."""
        self._said.seek(0)
        return " ".join(self._said.read(4096).decode("utf-8", "replace").split())

    def read(self) -> bytes:
        data = self._pipe.read()
        self._listen()
        if self.ended and not data and self._run.wait():
            raise SourceError(journal.NAME, f"journalctl says: {self.words or 'nothing'}, and ends")
        return b"" if data.strip() == b"-- No entries --" else data

    def _listen(self) -> None:
        said = os.fstat(self._said.fileno()).st_size
        if said > self._heard and self._tell and not self.ended:
            self._heard = said
            self._tell(f"journalctl says: {self.words}")

    def key(self) -> None:
        return None

    def close(self) -> None:
        if self._run.poll() is None:
            self._run.terminate()
            self._run.wait()
        self._pipe.close()
        if not self._out.closed:
            self._out.close()
            self._said.close()
