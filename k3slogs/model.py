"""The plain nouns that flow from bytes to verdict."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from array import array

    from k3slogs.taxonomy import Level

MAX_TEXT = 64 * 1024
"""Longest line that is decoded, in bytes; of a longer one the head and the tail are kept."""


class Block(NamedTuple):
    """Whole lines of one source. `numbers` holds the number of each line where joining made them other than consecutive."""

    data: bytes
    first_line: int
    numbers: array[int] | None = None


class Identity(NamedTuple):
    """Whose lines a source holds, where its place tells: envelopes of single lines stand above it."""

    node: str | None = None
    unit: str | None = None
    """systemd unit, or namespace/pod/container."""
    place: str = ""
    """Folder or archive that the user named, where there were several."""


NOBODY = Identity()


class Stamp(NamedTuple):
    """A clock reading as printed.

    `moment` is naive where no zone was printed, and in the year 2000 where no year was (`yearless`).
    `elapsed` is in seconds since the boot or the process start, in place of `moment`.
    `ago` is in seconds before the text was collected, in place of `moment`.
    `unit` is what the last printed digit is worth, in seconds.
    """

    moment: datetime | None
    yearless: bool = False
    elapsed: float | None = None
    unit: float = 1.0
    ago: float | None = None


class Peel(NamedTuple):
    """What an envelope (journald, CRI, syslog ...) says about the text it holds."""

    inner: str
    stamp: Stamp | None = None
    level: Level | None = None
    host: str | None = None
    unit: str | None = None
    """Identifier, systemd unit, or namespace/pod/container."""
    pid: str | None = None
    stream: str | None = None
    partial: bool = False
    """The inner text goes on in the next line of the same stream."""


class Reading(NamedTuple):
    """What a line format reads from a text that has no envelope any more."""

    message: str
    stamp: Stamp | None = None
    level: Level | None = None
    err: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    origin: str | None = None
    pid: str | None = None
    program: str | None = None


class Line(NamedTuple):
    """One physical line, read: its envelopes from outside to inside, and the reading of what they hold."""

    number: int
    formats: tuple[str, ...]
    envelopes: tuple[Peel, ...]
    inner: str
    reading: Reading

    @property
    def format(self) -> str:
        return self.formats[-1]

    @property
    def outer_stamp(self) -> Stamp | None:
        """That of the innermost envelope that has one."""
        return next((peel.stamp for peel in reversed(self.envelopes) if peel.stamp), None)

    @property
    def identity(self) -> tuple[str | None, str | None, str | None]:
        """Who wrote it, as far as the envelopes tell: host, unit, stream."""
        host = unit = stream = None
        for peel in self.envelopes:
            host, unit, stream = peel.host or host, peel.unit or unit, peel.stream or stream
        return host, unit, stream


class Record(NamedTuple):
    """A parsed line, or several that belong together."""

    source: str
    line: int
    last_line: int
    timestamp: datetime | None
    stamp: Stamp | None
    level: Level | None
    program: str | None
    origin: str | None
    message: str
    err: str | None
    fields: tuple[tuple[str, str], ...]
    format: str
    text: str
    """Message, err and the other fields in the order printed, unescaped."""
    raw: str
    """The inner text as printed, without envelopes."""
    identity: tuple[str | None, str | None, str | None] = (None, None, None)
    pid: str | None = None
    year_assumed: bool = False
    """No stamp of the line prints the year of `timestamp`."""


class Fact(NamedTuple):
    """What a file beside the logs says of its node: a mount, a version, a line of the configuration. It has no time."""

    name: str
    value: str
    line: int
    text: str
    """The line of the file, or of a secret what may be shown of it."""
    fields: tuple[tuple[str, str], ...] = ()
    """What else it says."""


def seconds(text: str) -> timedelta:
    """`90`, `90s`, `5m`, `2h` or `1d` as a duration; raises ValueError."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    number, unit = (text[:-1], text[-1]) if text[-1:] in units else (text, "s")
    return timedelta(seconds=float(number) * units[unit])
