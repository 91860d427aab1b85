"""Options that several commands share."""

from __future__ import annotations

import gc
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from k3slogs.cli._arguments import Option

if TYPE_CHECKING:
    from k3slogs.rulebook import Rule, RuleBook

Packs = Annotated[
    list[Path] | None,
    Option(
        "--rules",
        metavar="DIR",
        help="Add the rules of DIR/<category>/<id>.yaml to the built-in ones; may be repeated.",
        show_default=False,
    ),
]

Year = Annotated[int | None, Option(min=1970, max=9998, help="The year of stamps that print none.", show_default=False)]
Zone = Annotated[
    str | None,
    Option("--tz", metavar="ZONE", help="The zone of stamps that print none: UTC, +02:00, Europe/Berlin.", show_default=False),
]
Redact = Annotated[bool, Option("--redact/--no-redact", help="Mask tokens, passwords and keys in what is printed.")]


def book(packs: list[Path] | None) -> RuleBook:
    from k3slogs.pipeline import load_rules

    rules = load_rules(*(packs or []))
    gc.freeze()  # they stay until the end, so the garbage collector need never look at them
    return rules


def rule(rules: RuleBook, rule_id: str) -> Rule:
    """The rule of that id; raises UsageError with the closest one."""
    from k3slogs.errors import UsageError
    from k3slogs.yamlfile import closest

    found = rules.get(rule_id)
    if found is None:
        raise UsageError(f"there is no rule {rule_id!r} ({closest(rule_id, list(rules.rules)) or 'k3slogs rules list shows all'})")
    return found


def seconds(option: str, text: str) -> float:
    """A length of time as an option takes it; raises UsageError."""
    from k3slogs.errors import UsageError
    from k3slogs.model import seconds as parsed

    try:
        return max(parsed(text).total_seconds(), 0.0)
    except (ValueError, OverflowError):
        raise UsageError(f"{option}: {text!r} is no length of time: write 90s, 5m or 1h") from None


def size(option: str, text: str) -> int:
    """A number of bytes as an option takes it: `64K`, `256M`, `1G`; raises UsageError."""
    from k3slogs.errors import UsageError

    found = re.fullmatch(r"(\d{1,12})([KMG]?)(?:i?B)?", text.strip(), re.IGNORECASE | re.ASCII)
    if found is None or not int(found[1]):
        raise UsageError(f"{option}: {text!r} is no size: write 64K, 256M or 1G")
    return int(found[1]) << 10 * " KMG".index(found[2].upper() or " ")
