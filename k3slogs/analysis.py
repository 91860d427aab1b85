"""Analysis and Comparison: what a user holds after `analyze` and `compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs import frames, renderers
from k3slogs.document import Document

if TYPE_CHECKING:
    import polars as pl

    from k3slogs import document as doc
    from k3slogs.comparison import ComparisonDocument, RunEntry
    from k3slogs.errors import SourceError


class Analysis:
    """The result of an analysis. Attributes are named as in the JSON document, `timeline` is a polars frame."""

    def __init__(self, document: Document, failures: tuple[SourceError, ...] = ()) -> None:
        self.document = document
        self.failures = failures
        """Inputs that could not be read."""

    @classmethod
    def from_json(cls, text: str | bytes) -> Analysis:
        """An analysis from its own JSON document; raises pydantic.ValidationError if it is none."""
        return cls(Document.from_json(text))

    @property
    def verdict(self) -> doc.Verdict:
        return self.document.verdict

    @property
    def stages(self) -> tuple[doc.Rung, ...]:
        return self.document.stages

    @property
    def attempts(self) -> tuple[doc.AttemptEntry, ...]:
        return self.document.attempts

    @property
    def findings(self) -> tuple[doc.FindingEntry, ...]:
        return self.document.findings

    @property
    def coverage(self) -> doc.Coverage:
        return self.document.coverage

    @property
    def unknown(self) -> tuple[doc.UnknownShape, ...]:
        return self.document.unknown

    @property
    def inputs(self) -> tuple[doc.InputEntry, ...]:
        return self.document.inputs

    @property
    def environment(self) -> doc.Environment:
        return self.document.environment

    @property
    def assumptions(self) -> tuple[str, ...]:
        return self.document.assumptions

    @property
    def nodes(self) -> tuple[doc.NodeEntry, ...]:
        return self.document.nodes

    @property
    def cluster(self) -> doc.Cluster | None:
        return self.document.cluster

    @property
    def timeline(self) -> pl.DataFrame:
        """The timeline as a frame; its columns are those of `frames.timeline_frame`."""
        return frames.timeline_frame(self.document)

    def findings_frame(self) -> pl.DataFrame:
        """The findings as a frame; its columns are those of `frames.findings_frame`."""
        return frames.findings_frame(self.document)

    def render(self, name: str) -> str:
        """The analysis in one of `renderers.names()`; raises UsageError for another name."""
        return renderers.render(name, self.document)

    def to_json(self) -> str:
        """The JSON document, indented by two blanks."""
        return self.render("json")

    def to_markdown(self, *, mermaid: bool = False) -> str:
        """The report as Markdown; with `mermaid` its timeline is drawn as a gantt chart as well."""
        from k3slogs.renderers import md

        return md.render(self.document, mermaid=mermaid)

    def __repr__(self) -> str:
        root = self.verdict.root_cause
        return f"<Analysis {self.verdict.outcome}: {root.rule if root else self.verdict.reason}>"


class Comparison:
    """Runs side by side. Attributes are named as in the JSON document of `k3slogs compare`."""

    def __init__(self, document: ComparisonDocument, failures: tuple[SourceError, ...] = ()) -> None:
        self.document = document
        self.failures = failures
        """Runs, or inputs of runs, that could not be read."""

    @property
    def runs(self) -> tuple[RunEntry, ...]:
        return self.document.runs

    @property
    def furthest(self) -> tuple[str, ...]:
        """Names of the runs, best first, by `criterion`."""
        return self.document.furthest

    @property
    def criterion(self) -> str:
        return self.document.criterion

    def frame(self) -> pl.DataFrame:
        """One row for each run; its columns are those of `frames.comparison_frame`."""
        return frames.comparison_frame(self.document)

    def render(self, name: str, *, transpose: bool = False) -> str:
        """The comparison in one of `renderers.comparison_names()`; raises UsageError for another name."""
        return renderers.render_comparison(name, self.document, transpose=transpose)

    def to_json(self) -> str:
        return self.render("json")

    def to_markdown(self) -> str:
        return self.render("md")

    def __repr__(self) -> str:
        return f"<Comparison of {len(self.runs)} runs: {self.document.verdict}>"
