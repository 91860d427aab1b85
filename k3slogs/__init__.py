"""k3slogs reads the logs of a k3s node and says what broke."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k3slogs.analysis import Analysis, Comparison
    from k3slogs.errors import ExperimentError, K3slogsError, RuleError, SourceError, UsageError
    from k3slogs.explaining import explain
    from k3slogs.pipeline import analyze, load_rules
    from k3slogs.rulebook import Rule, RuleBook
    from k3slogs.runs import compare, writeup
    from k3slogs.sources.journal import journal

__all__ = [
    "Analysis",
    "Comparison",
    "ExperimentError",
    "K3slogsError",
    "Rule",
    "RuleBook",
    "RuleError",
    "SourceError",
    "UsageError",
    "analyze",
    "compare",
    "explain",
    "journal",
    "load_rules",
    "writeup",
]

_HOMES = {
    "Analysis": "analysis",
    "Comparison": "analysis",
    "ExperimentError": "errors",
    "K3slogsError": "errors",
    "Rule": "rulebook",
    "RuleBook": "rulebook",
    "RuleError": "errors",
    "SourceError": "errors",
    "UsageError": "errors",
    "analyze": "pipeline",
    "compare": "runs",
    "explain": "explaining",
    "journal": "sources.journal",
    "load_rules": "pipeline",
    "writeup": "runs",
}


def __getattr__(name: str) -> Any:
    """Names are imported when first used, so that the command line starts without what it does not need."""
    if name not in _HOMES:
        raise AttributeError(f"module 'k3slogs' has no attribute {name!r}")
    return getattr(import_module(f"k3slogs.{_HOMES[name]}"), name)
