"""Writes the pages that come from the code: `python -m tests.generate_docs`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import k3slogs
from k3slogs import rulepages
from k3slogs.cli import _help as _help_text

DOCS = Path(__file__).parents[1] / "docs"
COMMANDS = (
    (),
    ("analyze",),
    ("collect",),
    ("explain",),
    ("watch",),
    ("rules",),
    ("rules", "list"),
    ("rules", "show"),
    ("rules", "test"),
    ("rules", "schema"),
    ("rules", "graph"),
)

KEPT = """\
## What is kept on disk

The rules that were read and the patterns made of them are kept from run to run, so that a command starts at once: in `K3SLOGS_CACHE_DIR`, else in
`k3slogs` below `XDG_CACHE_HOME`, else in `~/.cache/k3slogs`. A changed rule is always noticed, and the folder may be deleted at any time. With
`K3SLOGS_CACHE_DIR=` (empty) nothing is kept. A folder that somebody else owns or may write to is not used.
"""


def rule_pages() -> dict[str, str]:
    """The index of the rules, and a page for each category, by path below docs/."""
    book = k3slogs.load_rules()
    categories = sorted({rule.category for rule in book})
    return {
        "rules.md": rulepages.index(book, "rules"),
        **{f"rules/{category}.md": rulepages.category_page(category, book) for category in categories},
    }


def cli_page() -> str:
    """Every command's own help."""
    parts = ["# Command line\n", "This page is generated from the commands' own help.\n"]
    for command in COMMANDS:
        name = " ".join(("k3slogs", *command))
        parts.append(f"## {name}\n\n```text\n{_help(command)}\n```\n")
    return "\n".join([*parts, KEPT])


def root_help() -> str:
    """What `k3slogs --help` prints where there is room."""
    return f"{_help(())}\n"


def _help(command: tuple[str, ...]) -> str:
    environment = {**os.environ, "COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"}
    arguments = [sys.executable, "-m", "k3slogs", *command, "--help"]
    text = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True).stdout
    return "\n".join(line.rstrip() for line in text.strip().splitlines()).replace("python -m k3slogs", "k3slogs")


def main() -> None:
    (DOCS / "rules").mkdir(parents=True, exist_ok=True)
    for name, text in {**rule_pages(), "cli.md": cli_page()}.items():
        (DOCS / name).write_text(text, "utf-8")
    _help_text.TEXT.write_text(root_help(), "utf-8")


if __name__ == "__main__":
    main()
