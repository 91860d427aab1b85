"""`/etc/os-release`: the distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.model import Fact
from k3slogs.sources.facts._base import Sample, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "os-release"
PLACE = pattern(r"(?:^|/)(?:systeminfo/osrelease|(?:etc|usr/lib)/os-release|run-host/os-release\.txt)$|^os-release(?:\.txt)?$")
_LINE = pattern(r"[A-Z][A-Z0-9_]*=.*|#.*")
_PRETTY = pattern(r"""PRETTY_NAME=(["']?)(.+)\1""")


def accepts(text: str) -> bool:
    lines = [line for _, line in numbered(text)]
    return all(map(_LINE.fullmatch, lines)) and any(map(_PRETTY.fullmatch, lines)) and any(line.startswith("ID=") for line in lines)


def facts(text: str) -> Iterator[Fact]:
    for number, line in numbered(text):
        if found := _PRETTY.fullmatch(line):
            yield Fact("os", found[2], number, line)
            return


SAMPLES = (
    Sample(
        "systeminfo/osrelease",
        'NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n',
        (("os", "Debian GNU/Linux 12 (bookworm)", 2),),
    ),
)
