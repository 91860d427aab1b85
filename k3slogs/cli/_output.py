"""How text and errors leave the command line: exit codes, closed pipes, full disks, Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from enum import IntEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypedDict

from k3slogs.lazily import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Exit(IntEnum):
    OK = 0
    FOUND = 1
    """`--fail-on` named the outcome."""
    USAGE = 2
    UNREADABLE = 3
    OUTPUT = 4
    """The output could not be written."""
    TIMEOUT = 124
    """What was waited for did not come in time."""
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
    from shutil import get_terminal_size

    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Screen(width=get_terminal_size().columns, colour=colour)


_MARK = pattern(r"<!-- written by k3slogs; edit experiment\.yaml, not this file; sha256 ([0-9a-f]{64}) -->\n")


def marked(text: str) -> str:
    """The text under a line by which it is known later as ours, and as unedited."""
    return f"<!-- written by k3slogs; edit experiment.yaml, not this file; sha256 {sha256(text.encode()).hexdigest()} -->\n{text}"


def refuse_foreign(path: Path, *, force: bool) -> None:
    """Raises UsageError if the file is there and holds another's words."""
    from k3slogs.errors import UsageError

    if force or not path.exists():
        return
    if path.is_dir():
        raise UsageError(f"{path}: is a folder")
    text = path.read_text("utf-8", "replace")
    match = _MARK.match(text)
    if match is None:
        raise UsageError(f"{path}: is there already, and k3slogs did not make it; --force replaces it")
    if sha256(text[match.end() :].encode()).hexdigest() != match[1]:
        raise UsageError(f"{path}: was edited since k3slogs wrote it: move your words to experiment.yaml, or replace them with --force")


def save(path: Path, text: str) -> None:
    """Write a file whole or not at all; raises UsageError if its folder is not there."""
    from k3slogs.errors import UsageError

    if not path.parent.is_dir():
        raise UsageError(f"{path}: the folder {path.parent} is not there")
    if path.exists() and path.read_bytes() == text.encode():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, "utf-8")
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def complain(text: str) -> None:
    """One message on stderr, cleaned: it may quote a path or a line."""
    from k3slogs.safety import sanitise

    sys.stderr.write("\n".join(sanitise(line) for line in text.splitlines()) + "\n")


@contextmanager
def terminated() -> Iterator[None]:
    """A polite kill ends like Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


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
