"""A run's document: its sections, its words, its templates, and where it is written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import k3slogs
from k3slogs import experiment
from k3slogs.renderers import _writeup
from tests.conftest import HEALTHY, SEED

if TYPE_CHECKING:
    from k3slogs import RuleBook
    from tests.conftest import Cli

FACTS: dict[str, Any] = {
    "number": 18, "title": "Docker", "date": "2026-11-23", "status": "broken", "hypothesis": "It *might* work", "context": "After 17",
    "runtime": "docker", "flags": ["server", "--docker"], "environment": {"sandbox": "gVisor"},
    "method": [{"title": "Docker", "commands": "docker info"}, {"title": "Start", "commands": "k3s server --docker", "result": "It died"}],
    "expectations": {"success": ["a pod runs"], "failure": ["none does"]}, "observed": {"result": "crash", "root_cause": "9p is not known"},
    "conclusions": ["Docker is not to blame"], "recommendations": ["Go back to 15"], "notes": "## Aside\n\nwords | with `marks`",
}  # fmt: skip
WORDS = ("It *might* work", "After 17", "It died", "a pod runs", "none does", "9p is not known", "Docker is not to blame", "Go back to 15",
         "words | with `marks`", "docker info", "k3s server --docker", "gVisor", "broken", "crash")  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "18-docker"
    folder.mkdir()
    (folder / "k3s.log").write_text(HEALTHY.partition("I1123 05:00:12")[0] + SEED.replace("05:07:38", "05:00:12"))
    (folder / "experiment.yaml").write_text(json.dumps(FACTS))
    return folder


def written(run: Path, book: RuleBook, **options: Any) -> str:
    return k3slogs.writeup(run, rules=book, year=2026, **options)


def test_every_section_and_every_word_of_the_author_is_there(run: Path, book: RuleBook) -> None:
    text = written(run, book)
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == [
        "## Context", "## Environment", "## Method", "## Expected outcomes", "## Results", "## Root cause", "## Timeline", "## Conclusions",
        "## Recommendations", "## Notes", "## Aside", "## Appendix",
    ]  # fmt: skip
    assert text.startswith("# Experiment 18: Docker\n")
    for word in WORDS:
        assert word in text


def test_the_decisive_line_is_quoted_with_its_place_in_the_phase_that_met_it(run: Path, book: RuleBook) -> None:
    text = written(run, book)
    phase = text.partition("### Phase 2: Start\n\nIt died")[2].partition("\n## ")[0]
    assert "`k3s.log:9`" in phase
    assert "unable to find data in memory cache" in phase


def test_the_chain_is_drawn_and_says_what_was_never_reached(run: Path, book: RuleBook) -> None:
    drawn = written(run, book).partition("```text\nk3s -> ")[2].partition("```")[0]
    assert drawn.startswith("kubelet -> FATAL")
    assert "never reaches: container runtime" in drawn


def test_the_timeline_goes_from_the_start_to_what_was_never_reached(run: Path, book: RuleBook) -> None:
    section = written(run, book).partition("## Timeline")[2].partition("\n## ")[0]
    rows = [line.partition(". ")[2] for line in section.strip().splitlines()]
    marks = ["k3s starts", "the kubelet starts", "failed to get rootfs info", "kubelet exits", "k3s exits", "pods are never reached"]
    found = [
        next((number for number, row in enumerate(rows) if mark in row), None)
        for mark in marks
        if mark != "k3s exits" or "k3s exits" in section
    ]
    assert None not in found
    assert found == sorted(number for number in found if number is not None)


def test_the_author_stands_before_the_rules_and_is_not_taken_for_proof(run: Path, book: RuleBook) -> None:
    text = written(run, book)
    recommendations = text.partition("## Recommendations")[2]
    assert recommendations.index("Go back to 15") < recommendations.index("kubelet-rootfs-info-memory-cache")
    assert "The author's reading, which no line proves:\n\n> 9p is not known" in text


def test_it_is_the_same_every_time_and_wherever_it_is_written(run: Path, book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    first = written(run, book)
    assert written(run, book) == first
    monkeypatch.chdir(run.parent)
    assert k3slogs.writeup(run.name, rules=book, year=2026) == first
    monkeypatch.chdir(run)
    assert written(Path(), book) == first
    with (run / "k3s.log").open("a") as log:
        log.write("more\n")
    assert written(run, book) != first


def test_earlier_runs_are_set_beside_it(run: Path, book: RuleBook) -> None:
    better = run.parent / "15-better"
    better.mkdir()
    (better / "k3s.log").write_text(HEALTHY)
    flag = "--kubelet-arg=--local-storage-capacity-isolation=false"
    (better / "experiment.yaml").write_text(json.dumps({"number": 15, "flags": ["server", flag]}))
    (run / "experiment.yaml").write_text(json.dumps({**FACTS, "earlier": ["../15-better", "../gone"]}))
    text = written(run, book)
    assert "### Why Exp 15 was better" in text
    assert flag in text.partition("### Why Exp 15 was better")[2].partition("###")[0]
    assert "the earlier run '../gone' is not there" in text
    assert text.count("| Exp ") == 2
    assert "### Why Exp 15 was better" not in written(run, book, compare=[run / "k3s.log"])


def test_a_run_without_logs_has_a_document_that_claims_nothing(tmp_path: Path, book: RuleBook) -> None:
    (tmp_path / "experiment.yaml").write_text(json.dumps(FACTS))
    text = written(tmp_path, book)
    assert "There are no logs of this run." in text
    assert "What the lines prove" not in text
    assert all(word in text for word in WORDS)


def test_a_folder_with_nothing_is_an_error_that_says_so(tmp_path: Path, book: RuleBook) -> None:
    with pytest.raises(k3slogs.SourceError, match="holds no log"):
        written(tmp_path, book)


# --- templates ---------------------------------------------------------------------------------------------------------


def test_a_template_of_the_users_replaces_or_builds_on_ours(run: Path, tmp_path: Path, book: RuleBook) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "notes.md.j2").write_text("## Mine\n\n{{ known.title }}\n")
    replaced = written(run, book, template=own)
    assert "## Mine\n\nDocker" in replaced
    assert "## Aside" not in replaced
    (own / "writeup.md.j2").write_text('{% extends "k3slogs/writeup.md.j2" %}{% block timeline %}no time{% endblock %}')
    built = written(run, book, template=own)
    assert "no time" in built
    assert "## Timeline" not in built
    assert "## Root cause" in built


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("one\n{% if %}\n", r"notes\.md\.j2:2: "),
        ("one\ntwo\n{{ known.titel }}", r"notes\.md\.j2:3: .*titel"),
        ("{{ ''.__class__.__mro__ }}", r"notes\.md\.j2:1: .*unsafe"),
        ("\n{{ 1 / 0 }}", r"notes\.md\.j2:2: division by zero"),
        ("{% include 'gone' %}", r"notes\.md\.j2:1: there is no template 'gone'"),
    ],
)
def test_a_template_that_is_wrong_is_told_by_file_and_line(run: Path, tmp_path: Path, book: RuleBook, template: str, message: str) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "notes.md.j2").write_text(template)
    with pytest.raises(k3slogs.UsageError, match=message):
        written(run, book, template=own)


def test_a_folder_without_templates_says_which_there_may_be(run: Path, tmp_path: Path, book: RuleBook) -> None:
    with pytest.raises(k3slogs.UsageError, match=r"timeline\.md\.j2"):
        written(run, book, template=tmp_path)
    with pytest.raises(k3slogs.UsageError, match="is no folder"):
        written(run, book, template=tmp_path / "gone")
    assert "writeup.md.j2" in _writeup.names()


# --- the command line -------------------------------------------------------------------------------------------------


def test_the_document_is_written_again_but_never_over_another_hand(cli: Cli, run: Path) -> None:
    target = run / "README.md"
    assert cli("writeup", run.name, "-o", target, "--year", "2026").code == 0
    before = target.stat().st_mtime_ns, target.read_bytes()
    assert cli("writeup", run.name, "-o", target, "--year", "2026").code == 0
    assert (target.stat().st_mtime_ns, target.read_bytes()) == before
    target.write_text(target.read_text() + "my own words\n")
    ran = cli("writeup", run.name, "-o", target, "--year", "2026")
    assert (ran.code, target.read_text().endswith("my own words\n")) == (2, True)
    assert "was edited since" in ran.err
    target.write_text("mine\n")
    assert "did not make it" in cli("writeup", run.name, "-o", target).err
    assert cli("writeup", run.name, "-o", target, "--force", "--year", "2026").code == 0
    assert target.read_text().startswith("<!-- written by k3slogs")
    assert "is not there" in cli("writeup", run.name, "-o", run / "no" / "where.md").err
    assert cli("writeup", run.name).out.startswith("# Experiment 18: Docker")


def test_a_new_experiment_file_is_filled_in_and_can_be_read(cli: Cli, run: Path) -> None:
    (run / "experiment.yaml").unlink()
    assert cli("experiment", "new", run.name, "--year", "2026").code == 0
    known = experiment.read(run / "experiment.yaml")
    assert (known.number, known.title, str(known.date), known.k3s_version) == (18, "Docker", "2026-11-23", "v1.33.5+k3s1")
    assert "root cause kubelet-rootfs-info-memory-cache" in (run / "experiment.yaml").read_text()
    again = cli("experiment", "new", run.name)
    assert (again.code, "--force replaces it" in again.err) == (2, True)
    assert cli("experiment", "new", run.name, "--force").code == 0
    assert cli("experiment", "new", "gone").code == 3


def test_a_new_experiment_file_needs_no_logs_and_survives_hostile_ones(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert cli("experiment", "new", "empty").code == 0
    assert experiment.read(tmp_path / "empty" / "experiment.yaml").title == "Empty"
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    flag = 'x="}\\n- a: [&b *c # !!python'
    (hostile / "k3s.log").write_text(HEALTHY.replace("--node-labels=", f"--max-pods={flag}"))
    assert cli("experiment", "new", "hostile").code == 0
    assert experiment.read(hostile / "experiment.yaml").number is None


def test_samples_are_no_part_of_the_program(run: Path, tmp_path: Path, book: RuleBook) -> None:
    """A run is judged by what its folder holds, wherever it lies."""
    moved = tmp_path / "elsewhere" / "18-docker"
    shutil.copytree(run, moved)
    assert written(moved, book) == written(run, book)
