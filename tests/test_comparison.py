"""Runs side by side: cells, ranking, differences, changes, and what is wrong with what people give."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from pydantic import TypeAdapter

import k3slogs
from k3slogs import renderers
from k3slogs.comparison import ComparisonDocument
from k3slogs.comparison.facts import inner_error
from k3slogs.comparison.flags import missing
from tests.conftest import HEALTHY, SEED, unsafe

if TYPE_CHECKING:
    from pathlib import Path

    from k3slogs import Comparison, RuleBook
    from tests.conftest import Cli

SHIM = (
    'time="2026-11-23T05:20:30Z" level=error msg="RunPodSandbox for &PodSandboxMetadata{{Name:web,}} failed, error" error="failed to create '
    "containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: unable to "
    'apply cgroup configuration: {error}: unknown"\n'
)
FLAGS = ["server", "--flannel-backend=none", '--kubelet-arg="--local-storage-capacity-isolation=false"']


class Lab:
    """Folders of runs."""

    def __init__(self, folder: Path, book: RuleBook) -> None:
        self.folder, self.book = folder, book

    def run(self, name: str, log: str | None = None, **facts: Any) -> Path:
        where = self.folder / name
        where.mkdir()
        if log is not None:
            (where / "k3s.log").write_text(log)
        if facts:
            (where / "experiment.yaml").write_text(json.dumps(facts))
        return where

    def compare(self, *runs: Path, **options: Any) -> Comparison:
        return k3slogs.compare(runs, rules=self.book, year=2026, **options)


@pytest.fixture
def lab(tmp_path: Path, book: RuleBook) -> Lab:
    return Lab(tmp_path, book)


def sandboxed(error: str) -> str:
    return HEALTHY + SHIM.format(error=error)


PROCS = "failed to write 1: open /sys/fs/cgroup/cpu/kubepods/pod1/cgroup.procs: no such file or directory"
REFUSED = "failed to write 1: openat2 /sys/fs/cgroup/cpu/kubepods/pod1/cgroup.procs: not a cgroup file"


@pytest.fixture
def three(lab: Lab) -> Comparison:
    """A run that stays up, one that stops at the same rung, one whose kubelet dies."""
    return lab.compare(
        lab.run("stays", sandboxed(PROCS), number=15, title="Stays", flags=FLAGS, runtime="containerd/runc"),
        lab.run("refused", sandboxed(REFUSED).replace("05:20:30", "05:01:30"), number=17, flags=FLAGS, runtime="containerd/runc"),
        lab.run(
            "dies", HEALTHY.partition("I1123 05:00:12")[0] + SEED.replace("05:07:38", "05:00:12"), number=18, flags=["server", "--docker"]
        ),
    )


# --- the table -----------------------------------------------------------------------------------------------------


def test_each_cell_is_a_state_and_a_note(three: Comparison) -> None:
    stays, refused, dies = three.runs
    assert stays.kubelet_start == refused.kubelet_start == "yes (with flags)"
    assert stays.pod_execution.startswith("no: cgroup blocker")
    assert "not a cgroup file" in refused.pod_execution
    assert stays.result == "20+ min stable"
    assert refused.result == "pod sandbox fails"
    assert (dies.kubelet_start, dies.pod_execution, dies.result) == ("no", "N/A (never reached)", "kubelet crashes")


def test_a_run_that_works_says_so(lab: Lab) -> None:
    (run,) = lab.compare(lab.run("fine", HEALTHY)).runs
    assert (run.kubelet_start, run.root_cause) == ("yes", None)


def test_columns_are_chosen_in_any_spelling_and_those_made_by_hand_are_there(lab: Lab) -> None:
    one = lab.run("one", HEALTHY, columns={"Wrapper": "ptrace"})
    two = lab.run("two", HEALTHY)
    assert [row[-1] for row in csv.reader(io.StringIO(lab.compare(one, two).render("csv")))] == ["Wrapper", "ptrace", ""]
    chosen = lab.compare(one, two, columns=["Wrapper", "k3s version", "time-to-failure", "Duration"])
    assert chosen.document.columns == ("Wrapper", "k3s_version", "time_to_failure", "duration")
    with pytest.raises(k3slogs.UsageError, match="did you mean 'runtime'"):
        lab.compare(one, columns=["runtme"])


def test_a_transposed_table_has_runs_as_columns(three: Comparison) -> None:
    straight = list(csv.reader(io.StringIO(three.render("csv"))))
    swapped = list(csv.reader(io.StringIO(three.render("csv", transpose=True))))
    assert swapped == [list(column) for column in zip(*straight, strict=True)]


@pytest.mark.parametrize(("sort", "names"), [("stage", ["b", "a"]), ("time", ["b", "a"]), ("name", ["a", "b"]), (None, ["b", "a"])])
def test_runs_are_sorted_as_asked(lab: Lab, sort: str | None, names: list[str]) -> None:
    runs = [lab.run("b", HEALTHY), lab.run("a", SEED)]
    assert [run.name for run in lab.compare(*runs, sort=sort).runs] == names


def test_a_spreadsheet_takes_no_cell_for_a_formula(lab: Lab) -> None:
    run = lab.run("one", HEALTHY, columns={"Sum": "=1+1"})
    assert list(csv.reader(io.StringIO(lab.compare(run).render("csv"))))[1][-1] == "'=1+1"


# --- who got furthest, and what differs ---------------------------------------------------------------------------


def test_the_longest_of_those_on_the_highest_rung_is_first(three: Comparison) -> None:
    assert three.furthest == ("stays", "refused", "dies")
    assert three.document.leaders == ("stays", "refused")
    assert three.criterion == "highest furthest stage, then not ended by itself, then longest time up"
    assert "Exp 15 and Exp 17 reached the same rung, sandbox; Exp 15 is first" in three.document.verdict


def test_flags_differ_in_substance_not_in_spelling(three: Comparison) -> None:
    same, other = three.document.differences
    assert same.same_command_line
    assert "share a command line" in same.text
    assert sorted(other.lacks) == sorted(FLAGS[1:])
    assert "local-storage-capacity-isolation" in other.lacks[0], "what the root cause's rule advises comes first"
    assert other.adds == ("--docker",)
    assert missing(["--kubelet-arg=--x=y", "--kubelet-arg", "--a=b"], ['--kubelet-arg="x=y"', "--a=b"]) == ("--kubelet-arg",)


def test_a_changed_error_at_the_same_stage_is_told(three: Comparison) -> None:
    first, second = three.document.changes
    assert (first.stage, first.error_before, first.error_after) == ("sandbox", "no such file or directory", "not a cgroup file")
    assert first.text == '"no such file or directory" became "not a cgroup file": same stage (sandbox), new root cause'
    assert set(first.new) != set(first.gone)
    assert "stops earlier: sandbox -> kubelet" in second.text


def test_a_blocker_falls_in_the_first_run_that_gets_past_it(lab: Lab) -> None:
    dies = HEALTHY.partition("I1123 05:00:12")[0] + SEED.replace("05:07:38", "05:00:12")
    runs = [
        lab.run("1", dies, number=1, flags=["server"]),
        lab.run("2", HEALTHY, number=2, flags=["server", "--kubelet-arg=x=y"]),
        lab.run("3", dies, number=3),
    ]
    (blocker,) = lab.compare(*runs).document.blockers
    assert (blocker.stage, blocker.blocked, blocker.fell_in, blocker.again) == ("kubelet", ("1",), "2", ("3",))
    assert blocker.by == ("--kubelet-arg=x=y",)
    (late,) = lab.compare(*runs[1:]).document.blockers
    assert (late.blocked, late.fell_in, late.earlier) == (("3",), None, ("2",))


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('level=error msg="RunPodSandbox failed" error="a: b: no such file or directory: unknown"', "no such file or directory"),
        ('E1 kubelet.go:1] "Failed" err="x: \\"y\\": not a cgroup file"', "not a cgroup file"),
        (
            'W1 container.go:586] Failed to update stats for container "/": open /x: input/output error, continuing to push stats',
            "input/output error",
        ),
        ("", ""),
    ],
)
def test_the_innermost_clause_is_the_error(line: str, error: str) -> None:
    assert inner_error(line) == error


# --- what runs can be -------------------------------------------------------------------------------------------------


def test_a_saved_document_a_log_a_folder_of_runs_and_an_analysis_are_runs(lab: Lab) -> None:
    inner = lab.run("inner", SEED, number=1)
    saved = lab.folder / "saved.json"
    analysis = k3slogs.analyze(inner, rules=lab.book, year=2026)
    saved.write_text(analysis.to_json())
    found = k3slogs.compare([lab.folder, saved, inner / "k3s.log", analysis], rules=lab.book, year=2026)
    assert len(found.runs) == 4
    assert len({run.name for run in found.runs}) == 4
    assert {run.root_cause for run in found.runs} == {"kubelet-rootfs-info-memory-cache"}


def test_a_list_of_experiments_is_compared_as_noted(lab: Lab) -> None:
    entries = [
        {"number": 1, "title": "One", "furthest_stage_name": "kubelet", "blocked_at_stage_name": "kubelet", "kubelet_started": "no"},
        {"number": 2, "title": "Two", "furthest_stage_name": "node", "blocked_at_stage_name": None, "kubelet_started": "yes (30-60 s)"},
        {"number": 3, "title": "Three", "furthest_stage_name": "none (k3s not run)", "kubelet_started": "not run"},
    ]
    path = lab.folder / "experiments.json"
    path.write_text(json.dumps({"schema": "k3slogs/experiments/1", "experiments": entries}))
    found = lab.compare(path)
    assert [run.kubelet_start for run in found.runs] == ["no", "yes (30-60 s)", "N/A (not run)"]
    assert found.furthest == ("Exp 02", "Exp 01", "Exp 03")
    assert not any(run.proved for run in found.runs)
    assert found.document.blockers[0].fell_in == "Exp 02"


def test_a_run_without_logs_shows_what_its_author_noted(lab: Lab) -> None:
    noted = lab.run("noted", number=4, observed={"furthest_stage": "node", "kubelet_start": True, "result": "came up"})
    seen = lab.run("seen", SEED)
    found = lab.compare(noted, seen)
    assert (found.runs[0].kubelet_start, found.runs[0].result, found.runs[0].proved) == ("yes", "came up", False)
    assert "came up*" in found.render("terminal")
    assert "no logs" in found.runs[0].problems[0]


def test_notes_that_contradict_the_logs_are_shown_beside_them(lab: Lab) -> None:
    facts = {
        "number": 5, "date": "2026-11-20", "k3s_version": "v1.28.5+k3s1", "runtime": "docker", "flags": ["server"],
        "observed": {"outcome": "running", "furthest_stage": "running", "kubelet_start": "no"},
    }  # fmt: skip
    log = HEALTHY.replace("kubelet --node-labels=", "kubelet --container-runtime-endpoint=unix:///run/containerd.sock --max-pods=9")
    (run,) = lab.compare(lab.run("five", log, **facts)).runs
    said = " | ".join(run.contradictions)
    for text in ("v1.28.5+k3s1; the logs say v1.33.5+k3s1", "2026-11-20; the logs say 2026-11-23", "docker; the logs say containerd",
                 "running; the logs say node", "kubelet start", "no --kubelet-arg=max-pods=9"):  # fmt: skip
        assert text in said
    assert run.furthest_stage == "node"


def test_two_runs_of_one_number_go_by_their_names(lab: Lab) -> None:
    found = lab.compare(lab.run("a", SEED, number=7), lab.run("b", SEED, number=7))
    assert [run.cells["experiment"].note for run in found.runs] == ["a", "b"]
    assert all("the number 7 is that of 2 runs" in run.problems[0] for run in found.runs)


def test_an_earlier_run_that_is_missing_is_told(lab: Lab) -> None:
    (run,) = lab.compare(lab.run("a", SEED, earlier=["../gone"])).runs
    assert run.problems == ("the earlier run '../gone' is not there",)


def test_what_cannot_be_read_spoils_nothing(lab: Lab) -> None:
    found = lab.compare(lab.run("a", SEED), lab.folder / "gone", lab.run("empty"))
    assert [run.name for run in found.runs] == ["a"]
    assert [failure.reason for failure in found.failures] == ["no such file or directory", "holds no log"]
    with pytest.raises(k3slogs.UsageError, match="no run to compare"):
        lab.compare(lab.folder / "gone")


def test_all_problems_of_an_experiment_file_come_at_once(lab: Lab) -> None:
    folder = lab.run("a", SEED)
    (folder / "experiment.yaml").write_text("number: many\ntitel: x\nmethod:\n  - title: t\n    comands: c\nobserved:\n  outcome: broken\n")
    with pytest.raises(k3slogs.ExperimentError) as caught:
        lab.compare(folder)
    text = str(caught.value)
    for part in ("experiment.yaml:1: number:", "experiment.yaml:2: titel: is no key", "did you mean 'title'?",
                 "experiment.yaml:5: method.0.comands: is no key", "did you mean 'commands'?", "experiment.yaml:7: observed.outcome:"):  # fmt: skip
        assert part in text


def test_secrets_of_an_experiment_file_are_masked(lab: Lab) -> None:
    run = lab.run("a", SEED, flags=["server", "--token=K10abcdef0123456789::server:topsecret"], title="\x1b]0;x\x07evil")
    text = lab.compare(run, columns=["experiment", "flags"]).to_json()
    assert "topsecret" not in text
    assert "\\u001b" not in text


# --- forms -------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a file's name cannot hold any bytes")
@pytest.mark.parametrize("form", [*renderers.comparison_names(), "writeup"])
def test_names_of_files_and_texts_of_saved_documents_are_safe_to_print(lab: Lab, form: str) -> None:
    named = lab.folder / os.fsdecode(b"a\n\x1b]0;owned\x07\xff.log")
    named.write_text(SEED)
    saved = lab.folder / "saved.json"
    value = json.loads(k3slogs.analyze(named, rules=lab.book, year=2026).to_json())
    value["verdict"]["root_cause"]["title"] += "\x1b[31m\u202e token=hunter2hunter2"
    saved.write_text(json.dumps(value))
    for path in (named, saved):
        assert all("\n" not in run.name for run in lab.compare(path).runs)
        said = k3slogs.writeup(path, rules=lab.book) if form == "writeup" else lab.compare(path).render(form)
        assert unsafe(said.replace("\n", "").replace("\r", "")) == []
        assert "hunter2" not in said
    assert "hunter2" in lab.compare(saved, redact=False).to_json()
    root = k3slogs.Analysis.from_json(saved.read_text()).verdict.root_cause
    assert root is not None
    assert unsafe(root.title) == []


@pytest.mark.parametrize("name", renderers.comparison_names())
def test_every_form_is_filled_and_the_same_every_time(three: Comparison, name: str) -> None:
    text = three.render(name)
    assert text.endswith("\n")
    assert text == three.render(name)
    again = TypeAdapter(ComparisonDocument).validate_json(three.to_json())
    assert renderers.render_comparison(name, again) == text
    for part in ("Exp 15", "not a cgroup file", "kubelet crashes"):
        assert part in text


def test_the_document_has_the_names_that_others_rely_on(three: Comparison) -> None:
    document = json.loads(three.to_json())
    assert {"schema_version", "runs", "furthest", "criterion", "changes"} <= set(document)
    names = {"name", "title", "runtime", "stages", "kubelet_start", "pod_execution", "result", "root_cause", "category", "furthest_stage"}
    assert names | {"duration_s", "flags"} <= set(document["runs"][0])
    assert isinstance(document["runs"][0]["kubelet_start"], str)


def test_the_frame_has_a_row_for_each_run(three: Comparison) -> None:
    frame = three.frame()
    assert frame["name"].to_list() == ["stays", "refused", "dies"]
    assert frame.schema["start"] == pl.Datetime("us", "UTC")
    assert frame["flags"].to_list()[0] == FLAGS
    assert frame.filter(pl.col("furthest_stage") == "sandbox").height == 2


def test_the_command_prints_the_table_and_says_what_is_missing(cli: Cli, lab: Lab) -> None:
    lab.run("a", SEED, number=1)
    ran = cli("compare", "a", "gone", "--columns", "experiment,result")
    assert ran.code == 3
    assert "kubelet crashes" in ran.out
    assert "gone: no such file or directory" in ran.err
    assert cli("compare", "a", "--format", "xml").code == 2
    assert json.loads(cli("compare", "a", "--format", "json").out)["runs"][0]["name"] == "a"
