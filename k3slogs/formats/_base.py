"""What a format module declares: how it reads, what a text must begin with, and samples that prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from k3slogs.model import Peel, Reading, Stamp

DIGITS = "0123456789"


class Sample(NamedTuple):
    """A text and what must be read from it: attributes of the Reading or Peel, and `moment`, `elapsed`, `yearless`, `unit_s` of its stamp."""

    text: str
    expected: Mapping[str, Any]


class Envelope(NamedTuple):
    """Reads what a transport put around a text."""

    name: str
    starts: str
    """Characters with which a text of this form can begin; empty: any."""
    read: Callable[[str], Peel | None]
    samples: tuple[Sample, ...]


class LineFormat(NamedTuple):
    """Reads what a program printed."""

    name: str
    starts: str
    read: Callable[[str], Reading | None]
    samples: tuple[Sample, ...]
    multiline: bool = False
    """The reader understands a text of several lines; of the others the first line is read and the rest joins the message."""
    stamp: Callable[[str], Stamp | None] | None = None
    """The stamp that `read` would give, without the rest of the text; None: ask `read`. Worth it for what most logs hold."""
