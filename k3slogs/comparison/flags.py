"""Command lines side by side: equal flags in different spellings, and the lists that several flags hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ARGUMENT = re.compile(r"--([\w-]+-arg)[= ]\"?(?:--)?([^\"]*)\"?")


def normal(flag: str) -> str:
    """`--kubelet-arg="--x=y"`, `--kubelet-arg=x=y` and `--kubelet-arg x=y` are one flag."""
    flag = flag.strip().strip("\"'")
    if match := _ARGUMENT.fullmatch(flag):
        return f"--{match[1]}={match[2]}"
    return flag.replace('="', "=").rstrip('"')


def missing(mine: Iterable[str], theirs: Iterable[str]) -> tuple[str, ...]:
    """Flags of mine that the others do not have, as I wrote them."""
    known = {normal(flag) for flag in theirs}
    return tuple(flag for flag in mine if normal(flag) not in known)


def advised(texts: Iterable[str]) -> tuple[str, ...]:
    """The k3s flags that remedies name."""
    found = [match[0].rstrip(".,;:") for text in texts for match in re.finditer(r"--[a-z][\w-]*(?:=[^\s,;)]*)?", text)]
    return tuple(dict.fromkeys(flag for flag in found if "=" in flag))
