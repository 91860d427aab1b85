"""Findings and timeline as polars frames. polars is imported here, when a frame is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

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


def _plain(value: object) -> object:
    """Members of string enums as plain strings."""
    return str(value) if isinstance(value, str) else value
