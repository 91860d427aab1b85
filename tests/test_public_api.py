"""What a program may rely on: the names, how they are called, and the frames."""

from __future__ import annotations

import importlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import k3slogs
from tests.conftest import HEALTHY, SEED, klog

if TYPE_CHECKING:
    from k3slogs import RuleBook
    from tests.conftest import Pack

ROOT = "kubelet-rootfs-info-memory-cache"
MOMENT = pl.Datetime("us", "UTC")


def test_the_door_has_these_names_and_no_others() -> None:
    assert sorted(k3slogs.__all__) == [
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


@pytest.mark.parametrize("name", k3slogs.__all__)
def test_every_name_can_be_imported(name: str) -> None:
    found = getattr(importlib.import_module("k3slogs"), name)
    assert found.__name__ == name


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = k3slogs.nonsense


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(k3slogs.__file__).parent / "py.typed").is_file()


def test_all_errors_are_of_one_tree() -> None:
    errors = (k3slogs.RuleError, k3slogs.ExperimentError, k3slogs.SourceError, k3slogs.UsageError)
    assert all(issubclass(error, k3slogs.K3slogsError) for error in errors)


@pytest.mark.parametrize("way", ["text", "path", "list", "file", "stream", "folder"])
def test_analyze_takes_paths_and_binary_streams(seed: Path, book: RuleBook, way: str) -> None:
    with seed.open("rb") as file:
        ways: dict[str, Any] = {
            "text": str(seed),
            "path": seed,
            "list": [seed],
            "file": file,
            "stream": io.BytesIO(SEED.encode()),
            "folder": [seed.parent],
        }
        found = k3slogs.analyze(ways[way], rules=book)
    root = found.verdict.root_cause
    assert root is not None
    assert (root.rule, root.evidence.line) == (ROOT, 1)
    assert found.failures == ()


def test_a_text_stream_is_refused_by_name(book: RuleBook) -> None:
    found = k3slogs.analyze(io.StringIO(SEED), rules=book)
    assert [failure.reason for failure in found.failures] == ["is a text stream: open it in binary mode"]


def test_an_input_that_cannot_be_read_raises_nothing(seed: Path, tmp_path: Path, book: RuleBook) -> None:
    found = k3slogs.analyze([tmp_path / "missing.log", seed], rules=book)
    assert [(failure.path, failure.reason) for failure in found.failures] == [(str(tmp_path / "missing.log"), "no such file or directory")]
    assert found.verdict.outcome == "failed"


def test_attributes_are_named_as_in_the_document(seed: Path, book: RuleBook) -> None:
    found = k3slogs.analyze(seed, rules=book)
    for name in found.document._fields:
        if name not in {"schema_version", "timeline", "skipped"}:
            assert getattr(found, name) == getattr(found.document, name)


def test_the_timeline_is_a_frame(healthy: Path, book: RuleBook) -> None:
    frame = k3slogs.analyze(healthy, rules=book).timeline
    assert dict(frame.schema) == {
        "timestamp": MOMENT,
        "source": pl.String,
        "line": pl.Int64,
        "component": pl.String,
        "stage": pl.String,
        "effect": pl.String,
        "rule": pl.String,
        "text": pl.String,
        "count": pl.Int64,
        "kind": pl.String,
    }
    assert frame.height > 0
    assert frame["timestamp"].is_sorted()


def test_the_findings_are_a_frame(seed: Path, book: RuleBook) -> None:
    frame = k3slogs.analyze(seed, rules=book).findings_frame()
    assert dict(frame.schema) == {
        "rule": pl.String,
        "title": pl.String,
        "category": pl.String,
        "component": pl.String,
        "stage": pl.String,
        "effect": pl.String,
        "count": pl.Int64,
        "first": MOMENT,
        "last": MOMENT,
        "resolved": pl.Boolean,
        "tolerated": pl.Boolean,
        "caused_by": pl.String,
        "attempt": pl.Int64,
        "source": pl.String,
        "line": pl.Int64,
    }
    assert frame.row(0, named=True)["rule"] == ROOT


def test_an_empty_log_gives_empty_frames_of_the_same_shape(seed: Path, book: RuleBook) -> None:
    full, empty = k3slogs.analyze(seed, rules=book), k3slogs.analyze(io.BytesIO(), rules=book)
    assert empty.verdict.outcome == "inconclusive"
    assert empty.timeline.schema == full.timeline.schema
    assert empty.findings_frame().schema == full.findings_frame().schema
    assert empty.timeline.height == empty.findings_frame().height == 0


@pytest.mark.parametrize("text", [SEED, HEALTHY, ""], ids=["seed", "healthy", "empty"])
def test_an_analysis_survives_its_json(text: str, book: RuleBook) -> None:
    found = k3slogs.analyze(io.BytesIO(text.encode()), rules=book)
    again = k3slogs.Analysis.from_json(found.to_json())
    assert again.document == found.document
    assert again.to_json() == found.to_json()
    assert again.timeline.equals(found.timeline)


def test_progress_is_told_the_bytes(seed: Path, book: RuleBook) -> None:
    told: list[tuple[int, int | None]] = []
    k3slogs.analyze(seed, rules=book, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (len(SEED), len(SEED))


def test_a_bad_zone_and_a_bad_format_are_usage_errors(seed: Path, book: RuleBook) -> None:
    with pytest.raises(k3slogs.UsageError, match=r"write UTC, \+02:00 or Europe/Berlin"):
        k3slogs.analyze(seed, rules=book, tz="nowhere")
    with pytest.raises(k3slogs.UsageError, match="html, json, md, terminal"):
        k3slogs.analyze(seed, rules=book).render("xml")


def test_load_rules_adds_a_pack_to_the_built_in_rules(pack: Pack, book: RuleBook) -> None:
    pack.rule("node/wheel-lost", causes=[ROOT])
    both = k3slogs.load_rules(pack.folder)
    assert len(both) == len(book) + 1
    assert "wheel-lost" in both.causes_of[ROOT]


def test_a_broken_pack_raises_every_problem(pack: Pack) -> None:
    pack.rule("node/one", effect="fatale")
    pack.rule("node/two", stage="kublet")
    with pytest.raises(k3slogs.RuleError) as raised:
        k3slogs.load_rules(pack.folder)
    assert [(Path(problem.path).stem, problem.field) for problem in raised.value.problems] == [("one", "effect"), ("two", "stage")]


def test_explain_tells_formats_matches_and_near_misses(book: RuleBook) -> None:
    hit, miss = k3slogs.explain("\n".join([SEED.strip(), klog("Failed to start ContainerManager", err="no memory")]), rules=book)
    assert hit.formats == ("klog",)
    assert (hit.line, hit.level, hit.origin) == (1, "error", "kubelet.go")
    assert [match.rule.id for match in hit.matches if match.counts] == [ROOT]
    assert ROOT not in {match.rule.id for match in miss.matches}
    assert miss.line == 3
