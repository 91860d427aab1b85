"""The timeline as a drawing: lanes, bands and marks in percent of the width. timeline.js draws the same when a reader zooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING

from k3slogs.renderers import _words as words
from k3slogs.taxonomy import Effect, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from k3slogs.document import AttemptEntry, Document, FindingEntry, TimelineEntry

MAX_ROWS = 1500
FIRST_ROWS = 300
"""Of more rows than `MAX_ROWS`, so many from the start are kept; the rest are the last ones."""
LANE = 26
"""Height of a lane in pixels."""
_APART = 2.6
"""Marks that are nearer, in percent of the width, become one with a number."""
_LABEL = 11.0
"""Percent of the width that a mark's name needs on its right."""
_MARGIN = 1.5
STAGES, SILENCE = "stages", "silence"
_TONES = ("fatal", "degraded", "symptom", "stage", "attempt", "gap", "milestone")
"""What a mark says, the gravest first: of several marks in one, the gravest gives the looks."""
_STEPS = (
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600,
    43200, 86400, 172800, 604800, 1209600, 2592000, 7776000, 31536000,
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A row of the table below the drawing. `start` and `end` are seconds since the drawing's first moment."""

    entry: TimelineEntry
    lane: str
    tone: str
    finding: int | None
    """Number of the finding on the page."""
    start: float | None
    end: float | None
    name: str
    """A word that fits beside the mark."""


@dataclass(frozen=True)
class Mark:
    x: float
    end: float
    tone: str
    count: int
    label: str
    title: str


@dataclass(frozen=True)
class Band:
    """A stretch of time: an attempt, or silence."""

    x: float
    width: float
    start: float
    end: float
    tone: str
    label: str


@dataclass(frozen=True)
class Lane:
    name: str
    marks: tuple[Mark, ...] = ()
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True)
class Drawing:
    begin: datetime | None
    end: datetime | None
    rows: tuple[Row, ...]
    left_out: int
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    judged: tuple[float, float] | None
    """The judged attempt, in seconds, where it is not all there is."""
    untimed: int

    @property
    def height(self) -> int:
        return LANE * len(self.lanes)

    @property
    def span(self) -> float:
        return (self.end - self.begin).total_seconds() if self.begin and self.end else 0.0


def drawing(document: Document, base: str, numbers: Mapping[tuple[str, str], int]) -> Drawing:
    entries = _entries(document)
    left_out = max(0, len(entries) - MAX_ROWS)
    if left_out:
        entries = entries[:FIRST_ROWS] + entries[FIRST_ROWS - MAX_ROWS :]
    begin, end = _range(document, entries)
    scale = _Scale(begin, end)
    rows = tuple(_rows(entries, scale, numbers))
    return Drawing(
        begin=begin, end=end, rows=rows, left_out=left_out, lanes=_lanes(document, rows, scale, base) if begin else (),
        ticks=tuple(_ticks(scale)) if begin else (), judged=_judged(document, scale), untimed=sum(row.start is None for row in rows),
    )  # fmt: skip


class _Scale:
    """Times to seconds since the first, seconds to percent of the width."""

    def __init__(self, begin: datetime | None, end: datetime | None) -> None:
        self.begin = begin
        self.span = (end - begin).total_seconds() if begin and end else 0.0

    def seconds(self, when: datetime | None) -> float | None:
        return round((when - self.begin).total_seconds(), 6) if when and self.begin else None

    def percent(self, seconds: float) -> float:
        share = seconds / self.span if self.span else 0.5
        return round(_MARGIN + share * (100 - 2 * _MARGIN), 3)


def _entries(document: Document) -> list[TimelineEntry]:
    """The timeline's rows and the milestones between them, in the order of time."""
    entries = [*document.timeline, *(_milestone(f) for f in document.findings if f.effect is Effect.MILESTONE)]
    never = datetime.max.replace(tzinfo=UTC)
    return sorted(entries, key=lambda entry: (entry.timestamp or never, entry.source, entry.line))


def _milestone(finding: FindingEntry) -> TimelineEntry:
    from k3slogs.document import TimelineEntry

    seen = finding.evidence[0]
    return TimelineEntry(
        timestamp=finding.first, source=seen.source, line=seen.line, component=finding.component, stage=finding.stage,
        effect=finding.effect, rule=finding.rule, text=finding.title, count=finding.count, kind="milestone",
    )  # fmt: skip


def _range(document: Document, entries: Iterable[TimelineEntry]) -> tuple[datetime | None, datetime | None]:
    times = [when for entry in entries for when in (entry.timestamp, entry.last) if when]
    times += [when for attempt in document.attempts for when in (attempt.start, attempt.end) if when]
    return (min(times), max(times)) if times else (None, None)


def _rows(entries: Iterable[TimelineEntry], scale: _Scale, numbers: Mapping[tuple[str, str], int]) -> Iterable[Row]:
    for entry in entries:
        start, end = scale.seconds(entry.timestamp), scale.seconds(entry.last)
        yield Row(
            entry=entry, lane=_lane(entry), tone=_tone(entry), finding=numbers.get((entry.rule or "", entry.text)), start=start,
            end=end if end is not None else start, name=str(entry.stage or "") if entry.kind == "stage" else "",
        )  # fmt: skip


def _lane(entry: TimelineEntry) -> str:
    if entry.kind in {"stage", "gap"}:
        return STAGES if entry.kind == "stage" else SILENCE
    return entry.component or STAGES


def _tone(entry: TimelineEntry) -> str:
    if entry.effect:
        return str(entry.effect)
    return "attempt" if entry.kind == "end" else entry.kind


def _judged(document: Document, scale: _Scale) -> tuple[float, float] | None:
    for attempt in document.attempts:
        start, end = scale.seconds(attempt.start), scale.seconds(attempt.end)
        held = attempt.number <= (document.verdict.attempt or 0) < attempt.number + attempt.repeats
        if held and start is not None and end is not None and 0 < end - start < 0.95 * scale.span:
            return start, end
    return None


# --- lanes --------------------------------------------------------------------------------------------------------


def _lanes(document: Document, rows: Sequence[Row], scale: _Scale, base: str) -> tuple[Lane, ...]:
    """The lives of processes, then the stages, then the components as they first speak."""
    lanes = list(_lives(document.attempts, scale, base))
    names = dict.fromkeys([STAGES, *(row.lane for row in rows)])
    for name in names:
        seen = [row for row in rows if row.lane == name and row.start is not None]
        if name == SILENCE:
            lanes.append(Lane("silence", bands=tuple(_band(scale, row.start, row.end, "gap", row.entry.text) for row in seen)))
        elif seen:
            lanes.append(Lane(name, marks=tuple(_marks(seen, scale))))
    return tuple(lanes)


def _lives(attempts: Iterable[AttemptEntry], scale: _Scale, base: str) -> Iterable[Lane]:
    processes: dict[str, list[AttemptEntry]] = {}
    for attempt in attempts:
        processes.setdefault(attempt.process.replace(base, "") if base else attempt.process, []).append(attempt)
    for process, lives in processes.items():
        bands = tuple(
            _band(scale, scale.seconds(life.start), scale.seconds(life.end), _TONE_OF[life.outcome], _life(life))
            for life in lives
            if life.start
        )
        if bands:
            yield Lane(process, bands=bands)


_TONE_OF = {Outcome.FAILED: "fatal", Outcome.DEGRADED: "degraded", Outcome.RUNNING: "good", Outcome.INCONCLUSIVE: "neutral"}


def _life(life: AttemptEntry) -> str:
    number = f"attempts {life.number} to {life.number + life.repeats - 1}" if life.repeats > 1 else f"attempt {life.number}"
    return f"{number}: {life.outcome}, {life.ended}"


def _band(scale: _Scale, start: float | None, end: float | None, tone: str, label: str) -> Band:
    start = start or 0.0
    end = start if end is None else end
    x = scale.percent(start)
    return Band(x, round(max(scale.percent(end) - x, 0.3), 3), start, end, tone, label)


def _marks(rows: Sequence[Row], scale: _Scale) -> Iterable[Mark]:
    groups: list[list[Row]] = []
    for row in rows:
        if groups and scale.percent(row.start or 0) - scale.percent(groups[-1][0].start or 0) < _APART:
            groups[-1].append(row)
        else:
            groups.append([row])
    starts = [scale.percent(group[0].start or 0) for group in groups]
    for group, x, following in zip(groups, starts, [*starts[1:], 100.0], strict=True):
        yield Mark(
            x=x,
            end=scale.percent(max(row.end or 0 for row in group)),
            tone=min((row.tone for row in group), key=_TONES.index),
            count=len(group),
            label=group[0].name if len(group) == 1 and following - x > _LABEL else "",
            title=_hint(group),
        )


def _hint(group: Sequence[Row]) -> str:
    shown = [f"{words.clock(row.entry.timestamp)} {row.entry.text}{_times(row.entry.count)}" for row in group[:8]]
    return "\n".join([*shown, *([f"and {len(group) - 8} more"] if len(group) > 8 else [])])


def _times(count: int) -> str:
    return f" x {count:,}" if count > 1 else ""


def _ticks(scale: _Scale) -> Iterable[Tick]:
    if scale.begin is None:
        return
    step = next((step for step in _STEPS if scale.span / step <= 7), _STEPS[-1])
    begin = scale.begin.timestamp()
    for number in range(ceil(begin / step), int((begin + scale.span) / step) + 1):
        when = datetime.fromtimestamp(number * step, UTC)
        yield Tick(scale.percent(number * step - begin), _tick_label(when, step))


def _tick_label(when: datetime, step: float) -> str:
    if step < 1:
        return f"{when:%H:%M:%S}.{when.microsecond // 1000:03d}"
    return f"{when:%H:%M:%S}" if step < 60 else f"{when:%m-%d %H:%M}" if step >= 3600 else f"{when:%H:%M}"
