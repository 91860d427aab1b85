"""The timeline as a Mermaid gantt chart, in epoch milliseconds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k3slogs.taxonomy import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from k3slogs.document import Document, TimelineEntry

MAX_ROWS = 40
"""Findings drawn; Mermaid gives each a row of its own."""
_ORDER = (Effect.FATAL, Effect.DEGRADED, Effect.SYMPTOM)
_UNSAFE = re.compile(r"[^\w .,/()'=+-]")
_KEYWORD = re.compile(
    r"(?:gantt|title|section|click|call|href|dateformat|axisformat|tickinterval|todaymarker|excludes|includes|weekday|weekend|acctitle|accdescr"
    r"|inclusiveenddates|topaxis|\d{4}-)",
    re.IGNORECASE,
)
"""At the start of a line these are Mermaid's own."""


def gantt(document: Document) -> str:
    """The chart without its fence, or nothing if no line has a time. Texts are reduced to what Mermaid takes for text."""
    rows = [row for row in document.timeline if row.timestamp is not None]
    if not rows:
        return ""
    lines = ["gantt", f"    title {_text(_title(document))}", "    dateFormat x", "    axisFormat %H:%M:%S"]
    for heading, tasks in (
        ("attempts", _attempts(document)),
        ("stages", _stages(rows, document.verdict.attempt)),
        ("findings", _findings(rows)),
    ):
        drawn = list(tasks)
        if drawn:
            lines += [f"    section {heading}", *(f"    {task}" for task in drawn)]
    return "\n".join(lines)


def _title(document: Document) -> str:
    verdict = document.verdict
    return f"{verdict.outcome} at {verdict.blocked_stage or verdict.furthest_stage or 'no stage'}"


def _attempts(document: Document) -> Iterator[str]:
    for entry in document.attempts:
        if entry.start and entry.end:
            times = f" x {entry.repeats}" if entry.repeats > 1 else ""
            state = "crit, " if entry.outcome == "failed" else ""
            yield f"{_text(f'attempt {entry.number}{times}, {entry.ended}')} :{state}{_ms(entry.start)}, {max(_ms(entry.end), _ms(entry.start) + 1)}"


def _stages(rows: list[TimelineEntry], judged: int | None) -> Iterator[str]:
    """Those of the judged attempt: of a restart loop all would be hundreds."""
    for row in rows:
        if row.kind == "stage" and row.timestamp and row.attempt in {None, judged}:
            yield f"{_text(row.text.removeprefix('stage '))} :milestone, {_ms(row.timestamp)}, 0ms"


def _findings(rows: list[TimelineEntry]) -> Iterator[str]:
    found = [row for row in rows if row.rule and row.timestamp]
    worst = sorted(found, key=lambda row: _ORDER.index(row.effect) if row.effect in _ORDER else len(_ORDER))[:MAX_ROWS]
    for row in (row for row in found if row in worst):
        if row.timestamp:
            state = "crit, " if row.effect is Effect.FATAL else "active, " if row.effect is Effect.DEGRADED else ""
            yield f"{_text(row.text)} :{state}milestone, {_ms(row.timestamp)}, 0ms"


def _ms(when: datetime) -> int:
    return int(when.timestamp() * 1000)


def _text(text: str) -> str:
    """One line that Mermaid takes for a name: no colon, semicolon, hash, quote or keyword."""
    plain = " ".join(_UNSAFE.sub(" ", text).split())[:100] or "unnamed"
    return f"- {plain}" if _KEYWORD.match(plain) else plain
