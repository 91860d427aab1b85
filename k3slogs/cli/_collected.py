"""What `k3slogs collect` prints while it gathers, and at its end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from k3slogs.collecting import Collected, Gathered, Member, Missing

_SHOWN = 5
"""Lines about one part before the rest is counted."""
_MARGIN = " " * 30


def part(gathered: Gathered) -> str:
    """One part: what there is of it, and what is missing and worth a word."""
    missing = sorted((each for each in gathered.missing if each.lost or not gathered.members), key=lambda each: not each.lost)
    notes = [_reason(each) for each in missing]
    if gathered.members:
        notes = [f"{member.item.source}: {cut}" for member in gathered.members for cut in member.item.cuts] + notes
        notes.insert(0, _what(gathered.members))
    size = human(sum(member.bytes for member in gathered.members)) if gathered.members else "nothing"
    first, *rest = _few(notes or ["there is none"])
    return "\n".join([f"{gathered.part:<15} {size:>11}   {first}", *(f"{_MARGIN}{note}" for note in rest)]) + "\n"


def _what(members: list[Member]) -> str:
    first = members[0].item.source
    return first if len(members) == 1 else f"{first} and {len(members) - 1} more"


def _reason(missing: Missing) -> str:
    return f"{'! ' if missing.lost else ''}{missing.source}: {missing.reason}"


def _few(lines: list[str]) -> list[str]:
    return (
        lines
        if len(lines) <= _SHOWN
        else [*lines[: _SHOWN - 1], f"and {len(lines) - _SHOWN + 1} more: manifest.json in the bundle has all"]
    )


def ending(done: Collected, target: Path, *, redacted: bool) -> str:
    """What to know, where the bundle is, what to do next."""
    lines = [""]
    if lost := len(done.lost):
        lines.append(f"What is marked with ! ({lost}) is on this node and could not be read whole.")
        if os.geteuid() != 0:
            lines.append("Run it again with sudo: root can read it.")
    if not done.tells_of_k3s:
        lines.append("No log of k3s, of containerd or of a pod was found. Is this the node? Does k3s log elsewhere (--unit)?")
    secrets = "secrets masked" if redacted else "WITH ITS SECRETS"
    lines.append(f"bundle  {target} ({human(target.stat().st_size)}, {secrets}, mode 0600)")
    if done.tells_of_k3s:
        lines.append(f"next    {'sudo ' if os.environ.get('SUDO_UID') else ''}k3slogs analyze {target}")
    return "\n".join(lines) + "\n"


def human(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.1f} KiB" if count < 1024**2 else f"{count / 1024**2:.1f} MiB"
