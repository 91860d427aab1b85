"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from k3slogs.rulebook import RuleBook

Packs = Annotated[
    list[Path] | None,
    typer.Option(
        "--rules",
        metavar="DIR",
        help="Add the rules of DIR/<category>/<id>.yaml to the built-in ones; may be repeated.",
        show_default=False,
    ),
]


def book(packs: list[Path] | None) -> RuleBook:
    from k3slogs.pipeline import load_rules

    return load_rules(*(packs or []))
