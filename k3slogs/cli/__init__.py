"""The command line: arguments in, text and exit code out. A module of this folder that has a `register` is a command."""

from __future__ import annotations

import sys

from k3slogs.cli._app import build
from k3slogs.cli._output import guarded


def main() -> None:
    """Run the command line; the process ends with its exit code."""
    sys.exit(guarded(build()))
