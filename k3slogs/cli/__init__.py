"""The command line: arguments in, text and exit code out. A module of this folder that has a `register` is a command."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

from k3slogs.cli import _help
from k3slogs.cli._output import Exit, guarded, write

_COLLECTED = 300_000
"""New objects after which the garbage collector looks for circles. It would look at the rules, which stay, every 700 objects."""


def main() -> None:
    """Run the command line; the process ends with its exit code."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for some reads the metadata of every installed package
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy would start threads for a kind of work that is not done here
    gc.set_threshold(_COLLECTED)
    code = guarded(_run)
    gc.freeze()  # what is left goes with the process: nothing to look through at its end
    sys.exit(code)


def _run(**settings: Any) -> Any:
    if text := _help.written():
        write(text)
        return Exit.OK
    if sys.argv[1:2] == ["analyze"] and os.name != "nt":  # there typer looks for what a name with * stands for
        from k3slogs.cli import _arguments
        from k3slogs.cli.analyze import analyze

        if (given := _arguments.plain(analyze, sys.argv[2:])) is not None:
            return analyze(**given)
    from k3slogs.cli._app import build

    return build(*sys.argv[1:2])(**settings)
