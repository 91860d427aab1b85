"""How text and errors leave the command line: exit codes, closed pipes, full disks, Ctrl-C."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable


class Exit(IntEnum):
    OK = 0
    FOUND = 1
    """`--fail-on` named the outcome."""
    USAGE = 2
    UNREADABLE = 3
    OUTPUT = 4
    """The output could not be written."""
    INTERRUPTED = 130
    CLOSED_PIPE = 141


def write(text: str) -> None:
    """Print, with what the terminal's encoding cannot say replaced."""
    stream = sys.stdout
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        _silence_stdout()
        raise SystemExit(Exit.CLOSED_PIPE) from None


class Screen(TypedDict):
    width: int
    colour: bool


def screen() -> Screen:
    """Width and colours of the terminal; of a file or pipe what reads well everywhere."""
    if not sys.stdout.isatty():
        return Screen(width=120, colour=False)
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Screen(width=shutil.get_terminal_size().columns, colour=colour)


def complain(text: str) -> None:
    """One message on stderr, cleaned: it may quote a path or a line."""
    from k3slogs.safety import sanitise

    sys.stderr.write("\n".join(sanitise(line) for line in text.splitlines()) + "\n")


def guarded(app: Callable[..., Any]) -> int:
    """Run the application and turn what may go wrong outside it into a message and an exit code."""
    from k3slogs.errors import K3slogsError, RuleError, SourceError, UsageError

    try:
        return _said(int(app(standalone_mode=False) or 0))
    except KeyboardInterrupt:
        complain("interrupted")
        return Exit.INTERRUPTED
    except (RuleError, UsageError) as error:
        complain(f"k3slogs: {error}")
        return Exit.USAGE
    except SourceError as error:
        complain(f"k3slogs: {error}")
        return Exit.UNREADABLE
    except K3slogsError as error:
        complain(f"k3slogs: {error}")
        return Exit.USAGE
    except OSError as error:
        complain(f"k3slogs: the output could not be written: {error.strerror or error}")
        _silence_stdout()
        return Exit.OUTPUT
    except Exception as error:  # noqa: BLE001 - the last door: no traceback ever reaches a user
        return _usage(error)


def _said(code: int) -> int:
    """Typer turns Ctrl-C into its exit code without a word."""
    if code == Exit.INTERRUPTED:
        complain("interrupted")
    return code


def _usage(error: Exception) -> int:
    """Exceptions of typer carry an exit code and know how to show themselves."""
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if type(error).__name__ == "Abort":
        complain("interrupted")
        return Exit.INTERRUPTED
    if code is None:
        complain(f"k3slogs: internal error: {type(error).__name__}: {error}\nPlease report it with the command and, if you can, the line.")
        if os.environ.get("K3SLOGS_DEBUG"):
            raise error
        return Exit.USAGE
    if callable(show):
        show(file=sys.stderr)
    return int(code)


def _silence_stdout() -> None:
    """Nothing more can be written; keep the interpreter from trying at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    signal.signal(signal.SIGPIPE, signal.SIG_DFL) if hasattr(signal, "SIGPIPE") else None
