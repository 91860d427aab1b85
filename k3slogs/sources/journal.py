"""The journal, of this machine or in binary files: journalctl prints it, one JSON object a line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, cast

from k3slogs.errors import SourceError
from k3slogs.sources.reader import Input

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable
    from pathlib import Path

UNITS = ("k3s", "k3s-agent")
MAGIC = b"LPKSHHRH"
NAME = "journal"
"""What the live journal is called where a file's name would stand."""

_FIELDS = "MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_SYSTEMD_UNIT,_PID,_HOSTNAME,_COMM"
_PRINT = ("--output=json", "--all", "--no-pager", f"--output-fields={_FIELDS}")
_FOLLOW = ("--follow", "--lines=all")
_EMPTY = ("-- No entries --", "No journal files were found.")
_ABSENT = "needs journalctl, which is not here: on a machine with systemd run {} -o json > journal.json, and analyze that file"


def journal(*units: str, since: str | None = None, until: str | None = None, boot: str | None = None) -> Input:
    """The journal of this machine, to be given to `analyze`: of the units, by default k3s and k3s-agent.

    `since`, `until` and `boot` are what journalctl takes under these names: `2 hours ago`, `2026-11-23 05:00`, `-1`. Nothing is read
    before the analysis; it then needs journalctl, and lists what goes wrong under its `failures`.
    """
    units = units or UNITS
    return _input(
        NAME,
        _picked(units, since=since, until=until, boot=boot),
        f"no entry of {', '.join(units)}: see which units there are with systemctl list-units 'k3s*'",
    )


def following(*units: str, since: str | None = None, boot: str | None = None) -> list[str]:
    """The command that prints the journal of the units and goes on; by default what there is of this boot comes first."""
    picked = _picked(units or UNITS, since=since, boot=boot if boot or since else "0")
    return ["journalctl", *_PRINT, *_FOLLOW, *picked]


def newest_first(units: Iterable[str], *, seconds: float | None = None, root: str | None = None) -> list[str]:
    """What journalctl is told to print the units' entries of the last seconds, from new to old; of another file tree, if one is given."""
    since = None if seconds is None else f"-{int(seconds)}s"
    return [*_PRINT, "--reverse", *_picked(units, since=since, root=root)]


def kernel(root: str | None = None) -> list[str]:
    """What journalctl is told to print the kernel's last messages: of this boot, or of another file tree."""
    which = ["--dmesg", "--boot"] if root is None else [f"--root={root}", "_TRANSPORT=kernel"]
    return [*_PRINT, "--lines=20000", *which]


def _picked(units: Iterable[str], **bounds: str | None) -> list[str]:
    return [*(f"--unit={unit}" for unit in units), *(f"--{name}={value}" for name, value in bounds.items() if value is not None)]


def absence(error: OSError, told: Iterable[str]) -> str:
    """Why journalctl, which was told this, does not start."""
    if not isinstance(error, FileNotFoundError):
        return f"journalctl does not start ({error.strerror})"
    return _ABSENT.format(" ".join(["journalctl", *(word for word in told if word not in {*_PRINT, *_FOLLOW})]))


def file(path: Path, name: str) -> Input:
    """One binary journal."""
    return _input(name, [f"--file={path}"], "no entry in it")


def directory(path: Path) -> Input:
    """All binary journals of a directory, merged by time."""
    return _input(str(path), [f"--directory={path}"], "no entry in its journals")


def _input(name: str, picked: list[str], empty: str) -> Input:
    return Input(name, stream=cast("BinaryIO", _Printed(name, picked, empty)))


@dataclass
class _Printed:
    """What journalctl prints; it is started when the first bytes are wanted."""

    name: str
    picked: list[str]
    empty: str
    problems: list[str] = field(default_factory=list)
    """What journalctl said beside the entries; complete at the end."""
    _run: subprocess.Popen[bytes] | None = None
    _said: BinaryIO | None = None
    _any: bool = False

    def read(self, size: int) -> bytes:
        """The next bytes, none at the end. Raises SourceError if journalctl is missing or gives up."""
        if self._run is None:
            self._start()
        assert self._run is not None
        assert self._run.stdout is not None
        data = self._run.stdout.read(size)
        if data.strip() in {b"", b"-- No entries --"}:
            data = b""
        self._any = self._any or bool(data)
        if not data:
            self._end()
        return data

    def _start(self) -> None:
        import subprocess
        import tempfile

        self._said = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - closed when it has been read
        try:
            self._run = subprocess.Popen(  # noqa: S603 - arguments go as they are, without a shell
                ["journalctl", *_PRINT, *self.picked],  # noqa: S607 - wherever the system keeps it
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._said,
            )  # fmt: skip
        except OSError as error:
            self._said.close()
            raise SourceError(self.name, absence(error, self.picked)) from None

    def _end(self) -> None:
        assert self._run is not None
        if self._run.stdout and not self._run.stdout.closed:
            self._run.stdout.close()
            code = self._run.wait()
            said = self._words()
            if code or (said and said[-1] in _EMPTY and not self._any):
                raise SourceError(self.name, f"journalctl says: {' '.join(said) or f'nothing, and ends with {code}'}")
            self.problems += [f"journalctl says: {line}" for line in said]
            if not self._any:
                self.problems.append(self.empty)

    def _words(self) -> list[str]:
        """What it wrote beside the entries, each line once, the hint about permissions without its advice to silence it."""
        assert self._said is not None
        self._said.seek(0)
        text = self._said.read(64 * 1024).decode("utf-8", "replace")
        self._said.close()
        lines = [line.strip() for line in text.splitlines() if "turn off this notice" not in line]
        return list(dict.fromkeys(filter(None, lines)))
