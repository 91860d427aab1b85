"""A command line that is understood without typer means what it means to typer."""

from __future__ import annotations

from functools import wraps
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k3slogs.cli import _arguments
from k3slogs.cli._app import App
from k3slogs.cli.analyze import FailOn, analyze

NAMES = sorted(_arguments._declared(analyze)[1])
VALUES = ("a.log", "-", "", "2026", "1969", "9999", " 7", "1_0", "0", "failed", "FAILED", "json", "+02:00", "-02:00", "-1", "ü", "a b")
OTHERS = ("--", "---", "-x", "-fjson", "-jf", "--form", "--format=json", "--no-journal", "--help", "-h", "--year=2026", "--Format")


def by_typer(words: list[str]) -> dict[str, Any] | None:
    """What typer calls the command with, or None if it does not call it."""
    called: dict[str, Any] = {}

    @wraps(analyze)
    def noted(**values: Any) -> int:
        called.update(values)
        return 0

    app = App(add_completion=False, rich_markup_mode=None)
    app.add("analyze", noted)
    try:
        app(words, standalone_mode=False)
    except Exception as error:
        if not hasattr(error, "show"):  # typer's own know how to show themselves
            raise
    return called or None


def without_typer(words: list[str]) -> dict[str, Any] | None:
    found = _arguments.plain(analyze, words)
    return None if found is None else {name: each.default for name, each in signature(analyze).parameters.items()} | found


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_understood_as_typer_does(name: str) -> None:
    understood = 0
    for value in ("failed", "2026"):
        words = ["a.log", name, value]
        found = without_typer(words)
        understood += found is not None
        assert found in (None, by_typer(words))
    assert understood


@settings(deadline=None)
@given(st.lists(st.sampled_from([*NAMES, *VALUES, *OTHERS]), max_size=6))
def test_what_is_understood_is_what_typer_says(words: list[str]) -> None:
    found = without_typer(words)
    assert found is None or found == by_typer(words)


@pytest.mark.parametrize("word", OTHERS)
def test_what_is_not_plain_is_left_to_typer(word: str) -> None:
    assert _arguments.plain(analyze, ["a.log", word, "json"]) is None


@pytest.mark.parametrize("words", [["--year", "1969"], ["--year", "9999"], ["--year", "x"], ["--fail-on", "x"], ["--tz"], ["--tz", "-1"]])
def test_a_value_that_is_missing_or_wrong_is_left_to_typer(words: list[str]) -> None:
    assert _arguments.plain(analyze, ["a.log", *words]) is None


def test_all_that_a_command_line_can_say() -> None:
    words = [
        "a.log",
        "--format",
        "md",
        "--mermaid",
        "--rules",
        "r",
        "--rules",
        "s",
        "--year",
        "2026",
        "--tz",
        "UTC",
        "--fail-on",
        "degraded",
        "--no-redact",
        "-j",
        "2",
        "-",
        "--profile",
        "b.log",
    ]
    assert _arguments.plain(analyze, words) == {
        "paths": ["a.log", "-", "b.log"], "form": "md", "mermaid": True, "packs": [Path("r"), Path("s")], "year": 2026, "tz": "UTC",
        "fail_on": FailOn.DEGRADED, "redact": False, "jobs": 2, "profile": True,
    }  # fmt: skip
