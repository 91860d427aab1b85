"""The report as one HTML page that loads nothing from anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.renderers import _words as words
from k3slogs.renderers.html import _findings, _timeline
from k3slogs.renderers.html._page import page

if TYPE_CHECKING:
    from k3slogs.document import Document

MAX_FINDINGS = 200
MAX_ROWS = 300
"""Rows of a table; a note says what was left out, and JSON holds all."""


def render(document: Document) -> str:
    base = words.base(document)
    faults = words.faults(document)
    findings = _findings.views(faults[:MAX_FINDINGS], document)
    return page(
        "report.html.j2",
        document=document,
        subject=_subject(document),
        base=base,
        findings=findings,
        choices=_findings.choices(findings),
        left_out=len(faults) - MAX_FINDINGS,
        benign=sorted(words.benign(document), key=lambda finding: -finding.count),
        most=MAX_ROWS,
        drawing=_timeline.drawing(document, base, _findings.numbers(findings)),
    )


def _subject(document: Document) -> str:
    """What the logs are, in a few words: their folder, or the one file."""
    base = words.base(document).rstrip("/").rpartition("/")[2]
    names = [entry.source for entry in document.inputs]
    if len(names) == 1:
        return names[0].rpartition("/")[2] or names[0]
    return base or words.plural(len(names), "input")
