"""`k3s --version`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.model import Fact
from k3slogs.sources.facts._base import Sample, first, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "k3s --version"
PLACE = pattern(r"(?:^|/)(?:k3s/version|k3s-version(?:\.txt)?)$")
_VERSION = pattern(r"k3s version (v\d\S+)(?: \(\w+\))?")


def accepts(text: str) -> bool:
    return _VERSION.fullmatch(first(text)) is not None


def facts(text: str) -> Iterator[Fact]:
    for number, line in numbered(text):
        if found := _VERSION.fullmatch(line):
            yield Fact("k3s_version", found[1], number, line)
            return


SAMPLES = (Sample("k3s/version", "k3s version v1.28.4+k3s2 (6ba6c1b6)\ngo version go1.20.11\n", (("k3s_version", "v1.28.4+k3s2", 1),)),)
