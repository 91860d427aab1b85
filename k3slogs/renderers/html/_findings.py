"""What a finding shows beside its own fields: its number on the page, its state in one word, what it can be filtered by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from k3slogs.renderers import _words as words
from k3slogs.taxonomy import FAULTS, Effect, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k3slogs.document import Document, FindingEntry


STATES = ("open", "follows", "earlier", "resolved", "tolerated")


@dataclass(frozen=True)
class FindingView:
    number: int
    entry: FindingEntry
    others: tuple[FindingEntry, ...]
    """Of the same rule, in the same state."""
    state: str
    """open, follows, resolved, tolerated or earlier: a closed list, so that it can be filtered by."""
    standing: str
    """The state in full: what it follows from, or which attempt had it."""
    rate: str

    @property
    def count(self) -> int:
        return self.entry.count + sum(other.count for other in self.others)


def choices(found: list[FindingView]) -> dict[str, list[str]]:
    """What the findings can be filtered by, each in its own order."""
    return {
        "effect": [effect for effect in Effect if effect in FAULTS and any(view.entry.effect is effect for view in found)],
        "stage": [stage for stage in Stage if any(view.entry.stage is stage for view in found)],
        "component": sorted({view.entry.component for view in found}),
        "state": [state for state in STATES if any(view.state == state for view in found)],
    }


def views(findings: Iterable[FindingEntry], document: Document) -> list[FindingView]:
    """In their order; those of one rule in the same state are one."""
    groups: dict[tuple[str, ...], list[FindingEntry]] = {}
    for finding in findings:
        key = (finding.rule, finding.effect, finding.stage, finding.component, words.state(finding, document))
        groups.setdefault(key, []).append(finding)
    return [
        FindingView(number, first, tuple(others), _state(first, document), words.state(first, document), words.rate(first))
        for number, (first, *others) in enumerate(groups.values(), 1)
    ]


def numbers(views: Iterable[FindingView]) -> dict[tuple[str, str], int]:
    """Where on the page a rule's finding with a title stands."""
    found: dict[tuple[str, str], int] = {}
    for view in views:
        for entry in (view.entry, *view.others):
            found.setdefault((entry.rule, entry.title), view.number)
    return found


def _state(finding: FindingEntry, document: Document) -> str:
    if finding.resolved:
        return "resolved"
    if finding.tolerated:
        return "tolerated"
    if finding.caused_by:
        return "follows"
    return "open" if finding.attempt == document.verdict.attempt else "earlier"
