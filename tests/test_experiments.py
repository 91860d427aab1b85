"""The experiments of `samples/experiments`: the facts that their comparison and write-up must tell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import k3slogs
from k3slogs.taxonomy import Stage

if TYPE_CHECKING:
    from k3slogs import Comparison, RuleBook

FOLDER = Path(__file__).parents[1] / "samples" / "experiments"
LOOKS = Path(__file__).parent / "looks"
FLAG = "--kubelet-arg=--local-storage-capacity-isolation=false"


def folder(number: int) -> Path:
    return next(FOLDER.glob(f"{number}-*"))


@pytest.fixture(scope="module")
def three(book: RuleBook) -> Comparison:
    return k3slogs.compare([folder(15), folder(17), folder(18)], rules=book)


@pytest.fixture(scope="module")
def document(book: RuleBook) -> str:
    return k3slogs.writeup(folder(18), rules=book)


def section(document: str, heading: str) -> str:
    return document.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_the_table_is_that_of_the_seed(three: Comparison) -> None:
    fifteen, seventeen, eighteen = three.runs
    assert ("containerd" in fifteen.runtime, "containerd" in seventeen.runtime, "docker" in eighteen.runtime.lower()) == (True, True, True)
    assert fifteen.kubelet_start == "yes (with flags)"
    assert fifteen.pod_execution.startswith("no: cgroup blocker")
    assert fifteen.result == "15+ min stable"
    assert seventeen.kubelet_start.startswith("yes")
    assert seventeen.pod_execution == 'no: cgroup blocker "not a cgroup file"'
    assert seventeen.result == "pod sandbox fails"
    assert (eighteen.kubelet_start, eighteen.pod_execution, eighteen.result) == ("no", "N/A (never reached)", "kubelet crashes")
    assert not [text for run in three.runs for text in run.contradictions]


def test_fifteen_is_first_of_two_at_one_rung_for_its_time_and_by_its_flag(three: Comparison) -> None:
    document = three.document
    assert [run.furthest_stage for run in three.runs] == [Stage.SANDBOX, Stage.SANDBOX, Stage.KUBELET]
    assert document.leaders == (three.runs[0].name, three.runs[1].name)
    assert three.furthest == tuple(run.name for run in three.runs)
    to_seventeen, to_eighteen = document.differences
    assert to_seventeen.same_command_line
    assert FLAG in to_eighteen.lacks
    assert "up for 15 min" in document.verdict


def test_a_missing_file_became_a_refused_one(three: Comparison) -> None:
    change = three.document.changes[0]
    assert (change.error_before, change.error_after, change.stage) == ("no such file or directory", "not a cgroup file", Stage.SANDBOX)
    assert "same stage (sandbox), new root cause" in change.text


def test_the_write_up_of_eighteen_tells_the_timeline_of_the_seed(document: str) -> None:
    rows = section(document, "Timeline").strip().splitlines()
    marks = ["the kubelet starts", "cAdvisor", "failed to get rootfs info: unable to find data in memory cache", "kubelet exits", "k3s exits",
             "pods are never reached"]  # fmt: skip
    places = [next(number for number, row in enumerate(rows) if mark in row) for mark in marks]
    assert places == sorted(places)


def test_the_write_up_names_what_the_lines_prove_and_quotes_the_author_as_the_author(document: str) -> None:
    cause = section(document, "Root cause")
    proved, reading = cause.split("The author's reading, which no line proves:")
    assert "cpuacct.usage_percpu" in proved
    assert "cadvisor-update-stats-failed" in proved
    assert "9p" not in proved
    assert "9p" in reading
    assert "kubelet -> cAdvisor -> FATAL" in proved
    assert "never reaches: container runtime" in proved


def test_the_write_up_draws_its_conclusions_from_evidence_and_from_the_better_run(document: str) -> None:
    conclusions, comparison = section(document, "Conclusions"), section(document, "Comparison with previous experiments")
    assert "The container runtime is not what stopped it" in conclusions
    assert "k3s.log:" in conclusions
    assert "Exp 15 got further" in conclusions
    assert "### Why Exp 15 was better" in comparison
    assert FLAG in comparison
    assert "ephemeral storage" in comparison


def test_all_experiments_stand_in_one_table_with_what_fell_when(book: RuleBook) -> None:
    found = k3slogs.compare(FOLDER / "experiments.json", rules=book)
    assert len(found.runs) == 32
    assert found.furthest[0] == "Exp 32"
    fell = {blocker.stage: blocker.fell_in for blocker in found.document.blockers}
    assert (fell[Stage.KUBELET], fell[Stage.NETWORK], fell[Stage.SANDBOX]) == ("Exp 13", "Exp 16", "Exp 32")
    kubelet = next(blocker for blocker in found.document.blockers if blocker.stage is Stage.KUBELET)
    assert kubelet.again == ("Exp 18", "Exp 21")
    assert not any(run.proved for run in found.runs)
    text = found.render("terminal")
    assert max(map(len, text.splitlines())) <= 120
    assert all(f"Exp {number:02d}" in text for number in range(1, 33))


@pytest.mark.parametrize("name", ["comparison.txt", "comparison.md", "writeup-18.md"])
def test_it_looks_as_it_did(three: Comparison, document: str, name: str) -> None:
    """What is shown is judged by the tests above; this only tells of a change in looks. `python -m tests.looks` writes them anew."""
    shown = {
        "comparison.txt": lambda: three.render("terminal"),
        "comparison.md": lambda: three.render("md"),
        "writeup-18.md": lambda: document,
    }
    assert _lasting(shown[name]()) == (LOOKS / name).read_text("utf-8")


def _lasting(text: str) -> str:
    """Without the version line, which every new rule changes."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("- k3slogs "))
