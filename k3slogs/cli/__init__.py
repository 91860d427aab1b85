"""The command line: arguments in, text and exit code out. A module of this folder that has a `register` is a command."""

from __future__ import annotations

import sys
from typing import Any

from k3slogs.cli import _help
from k3slogs.cli._output import Exit, guarded, write


def main() -> None:
    """Run the command line; the process ends with its exit code."""
    sys.exit(guarded(_run))


def _run(**settings: Any) -> Any:
    if text := _help.written():
        write(text)
        return Exit.OK
    from k3slogs.cli._app import build

    return build()(**settings)
