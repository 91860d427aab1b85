"""YAML files -> Rule -> RuleBook."""

from __future__ import annotations

from pathlib import Path

from k3slogs.rulebook.book import RuleBook
from k3slogs.rulebook.loading import load
from k3slogs.rulebook.rule import Rule

__all__ = ["Rule", "RuleBook", "builtin_folder", "load"]


def builtin_folder() -> Path:
    """The rules in the installed package, or those of the checkout."""
    package = Path(__file__).parent.parent
    packaged = package / "rules"
    return packaged if packaged.is_dir() else package.parent / "rules"
