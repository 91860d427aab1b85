"""What a finding shows beside its own fields: its number on the page, its state in one word, what it can be filtered by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from k3slogs.renderers import _words as words
from k3slogs.taxonomy import FAULTS, Effect, Stage

if TYPE_CHECKING:
    from k3slogs.document import Document, FindingEntry


STATES = ("open", "follows", "earlier", "resolved", "tolerated")


@dataclass(frozen=True)
class FindingView:
    number: int
    entry: FindingEntry
    state: str
    """open, follows, resolved, tolerated or earlier: a closed list, so that it can be filtered by."""
    standing: str
    """The state in full: what it follows from, or which attempt had it."""
    rate: str


def choices(found: list[FindingView]) -> dict[str, list[str]]:
    """What the findings can be filtered by, each in its own order."""
    return {
        "effect": [effect for effect in Effect if effect in FAULTS and any(view.entry.effect is effect for view in found)],
        "stage": [stage for stage in Stage if any(view.entry.stage is stage for view in found)],
        "component": sorted({view.entry.component for view in found}),
        "state": [state for state in STATES if any(view.state == state for view in found)],
    }


def view(number: int, finding: FindingEntry, document: Document) -> FindingView:
    return FindingView(number, finding, _state(finding, document), words.state(finding, document), words.rate(finding))


def _state(finding: FindingEntry, document: Document) -> str:
    if finding.resolved:
        return "resolved"
    if finding.tolerated:
        return "tolerated"
    if finding.caused_by:
        return "follows"
    return "open" if finding.attempt == document.verdict.attempt else "earlier"
