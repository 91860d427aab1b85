"""The help of the whole command line, written down: to build it costs six times what Python needs to start."""

from __future__ import annotations

import sys
from pathlib import Path

TEXT = Path(__file__).with_name("help.txt")
WIDTH = 80
"""Columns from which on the help looks the same, in colour or not."""


def written() -> str | None:
    """The help, if that is what was asked for and it has the room that it was written for."""
    asked = Path(sys.argv[0]).name == "k3slogs" and sys.argv[1:] in (["--help"], ["-h"])
    if not asked:
        return None
    from shutil import get_terminal_size

    if get_terminal_size().columns < WIDTH:
        return None
    try:
        return TEXT.read_text("utf-8")
    except OSError:
        return None
