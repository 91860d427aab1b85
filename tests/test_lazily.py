"""Patterns that are compiled late are right all the same, and behave like those of `re`."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import walk_packages

import pytest

import k3slogs
from k3slogs.lazily import _Pattern, pattern

LATE = {
    f"{module.name}.{name}": value
    for module in walk_packages(k3slogs.__path__, "k3slogs.")
    if not module.name.endswith("__main__")
    for name, value in vars(import_module(module.name)).items()
    if isinstance(value, _Pattern)
}


def test_there_are_some() -> None:
    assert len(LATE) > 100


@pytest.mark.parametrize("name", LATE)
def test_every_late_pattern_can_be_compiled(name: str) -> None:
    assert isinstance(LATE[name]._compile(), re.Pattern)


def test_a_late_pattern_is_one_of_re() -> None:
    late, early = pattern(r"(?P<a>x+)Y", re.IGNORECASE), re.compile(r"(?P<a>x+)Y", re.IGNORECASE)
    assert (late.pattern, late.flags, late.groupindex) == (early.pattern, early.flags, early.groupindex)
    assert late.sub(r"\g<a>!", "axxyb") == early.sub(r"\g<a>!", "axxyb") == "axx!b"
    assert "search" not in vars(late)
    assert late.search("xy") is not None
    assert "search" in vars(late)


def test_a_wrong_pattern_is_told_when_it_is_asked() -> None:
    late = pattern(b"(")
    with pytest.raises(re.error):
        late.search(b"")
