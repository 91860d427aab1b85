"""Findings, timeline and comparisons as polars frames. polars is imported here, when a frame is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from k3slogs.comparison import ComparisonDocument
    from k3slogs.document import Document


def timeline_frame(document: Document) -> pl.DataFrame:
    """One row for each timeline entry, in order.

    Columns: timestamp (Datetime, microseconds, UTC; null where unknown), source, line (Int64), component, stage, effect, rule,
    text (String), count (Int64), kind (String).
    """
    import polars as pl

    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "timestamp": pl.Datetime("us", "UTC"), "source": pl.String, "line": pl.Int64, "component": pl.String, "stage": pl.String,
        "effect": pl.String, "rule": pl.String, "text": pl.String, "count": pl.Int64, "kind": pl.String,
    }  # fmt: skip
    rows = [[_plain(getattr(entry, name)) for name in schema] for entry in document.timeline]
    return pl.DataFrame(rows, schema=schema, orient="row")


def findings_frame(document: Document) -> pl.DataFrame:
    """One row for each finding.

    Columns: rule, title, category, component, stage, effect (String), count (Int64), first, last (Datetime, microseconds, UTC),
    resolved, tolerated (Boolean), caused_by (String), attempt (Int64), source (String) and line (Int64) of the first evidence.
    """
    import polars as pl

    moment = pl.Datetime("us", "UTC")
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "rule": pl.String, "title": pl.String, "category": pl.String, "component": pl.String, "stage": pl.String, "effect": pl.String,
        "count": pl.Int64, "first": moment, "last": moment, "resolved": pl.Boolean, "tolerated": pl.Boolean, "caused_by": pl.String,
        "attempt": pl.Int64,
    }  # fmt: skip
    rows = [
        [*(_plain(getattr(entry, name)) for name in schema), entry.evidence[0].source, entry.evidence[0].line]
        for entry in document.findings
    ]
    return pl.DataFrame(rows, schema={**schema, "source": pl.String, "line": pl.Int64}, orient="row")


def comparison_frame(document: ComparisonDocument) -> pl.DataFrame:
    """One row for each run, in the order of the document.

    Columns: name, title (String), number (Int64), runtime, kubelet_start, pod_execution, result, outcome, root_cause, error, category,
    furthest_stage, blocked_stage, ended (String), start (Datetime, microseconds, UTC), duration_s, time_to_failure_s (Float64,
    seconds), attempts (Int64), k3s_version (String), flags (List of String), proved (Boolean), and a String column for each column
    made by hand.
    """
    import polars as pl

    from k3slogs.comparison.cells import COLUMNS

    text = pl.String
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "name": text, "title": text, "number": pl.Int64, "runtime": text, "kubelet_start": text, "pod_execution": text, "result": text,
        "outcome": text, "root_cause": text, "error": text, "category": text, "furthest_stage": text, "blocked_stage": text, "ended": text,
        "start": pl.Datetime("us", "UTC"), "duration_s": pl.Float64, "time_to_failure_s": pl.Float64, "attempts": pl.Int64,
        "k3s_version": text, "flags": pl.List(text), "proved": pl.Boolean,
    }  # fmt: skip
    by_hand = list(dict.fromkeys(name for run in document.runs for name, cell in run.cells.items() if cell.noted and name not in COLUMNS))
    rows = [
        [
            *(list(run.flags) if name == "flags" else _plain(getattr(run, name)) for name in schema),
            *(run.cells[name].note if name in run.cells else None for name in by_hand),
        ]
        for run in document.runs
    ]
    return pl.DataFrame(rows, schema={**schema, **dict.fromkeys(by_hand, text)}, orient="row")


def _plain(value: object) -> object:
    """Members of string enums as plain strings."""
    return str(value) if isinstance(value, str) else value
