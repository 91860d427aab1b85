"""`k3slogs collect`: what an analysis needs from this node, in one file."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from k3slogs.cli import _collected, _options, _output
from k3slogs.cli._arguments import Option

if TYPE_CHECKING:
    from k3slogs.cli._app import App


def register(app: App) -> None:
    app.add("collect", collect)


def collect(
    output: Annotated[
        Path | None,
        Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="Where to write the bundle: .tar.zst, .tar.gz or .tar. Else k3slogs-HOST-TIME.tar.zst in this folder.",
        ),
    ] = None,
    unit: Annotated[
        list[str] | None,
        Option(metavar="UNIT", help="Take the journal of this unit, in place of k3s and k3s-agent; may be repeated.", show_default=False),
    ] = None,
    since: Annotated[
        str | None, Option(metavar="TIME", help="Leave out what was written before: 90m, 12h, 3d.", show_default=False)
    ] = None,
    max_size: Annotated[
        str, Option(metavar="SIZE", help="Text that is gathered at most, before it is packed; the newest is kept.")
    ] = "256M",
    max_time: Annotated[str, Option(metavar="TIME", help="End after this long, with what is there by then.")] = "2m",
    root: Annotated[
        Path, Option(metavar="DIR", help="The node's file tree, if it is not this machine's: a mounted disk, /host in a debug pod.")
    ] = Path("/"),
    force: Annotated[bool, Option("--force", help="Replace a file that is there.")] = False,
    redact: Annotated[bool, Option("--redact/--no-redact", help="Mask tokens, passwords and keys on their way into the bundle.")] = True,
) -> int:
    """Gather what an analysis needs from this node into one file: journal, logs, events, mounts, cgroups, kernel. Changes nothing."""
    from k3slogs.collecting import Node, top_name
    from k3slogs.collecting import collect as run
    from k3slogs.errors import UsageError
    from k3slogs.sources.journal import UNITS

    if not sys.platform.startswith("linux"):
        raise UsageError("collect reads what Linux keeps of a node: run it on the node itself")
    if not root.is_dir():
        raise UsageError(f"{root}: is no folder")
    back = _options.seconds("--since", since) if since is not None else None
    size, limit = _options.size("--max-size", max_size), _options.seconds("--max-time", max_time)
    live = root.resolve() == Path("/")
    node = Node(root=Path("/") if live else root, live=live, units=tuple(unit or UNITS), since=back)
    at = datetime.now(UTC)
    target = output or Path(f"{top_name(node.name, at)}.tar.zst")
    with _output.terminated():
        done = run(
            target,
            node,
            at=at,
            max_size=size,
            max_seconds=limit,
            redact=redact,
            force=force,
            told=lambda part: _print(_collected.part(part)),
        )
    _print(_collected.ending(done, target, redacted=redact))
    return _output.Exit.UNREADABLE if done.lost or not done.tells_of_k3s else _output.Exit.OK


def _print(text: str) -> None:
    """What is printed may hold names that anybody gave to a file."""
    from k3slogs.safety import sanitise

    _output.write(sanitise(text, newlines=True))
