"""Which attempt speaks, how it ended, and what silence means: short logs, each in the program's own words."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest

import k3slogs

if TYPE_CHECKING:
    from pathlib import Path

    from k3slogs import Analysis, RuleBook

K3S = 'time="2026-11-23T15:{at}Z" level=info msg="Starting k3s v1.31.2+k3s1 (6da20424)"'
KINE = 'time="2026-11-23T15:{at}Z" level=info msg="Kine available at unix://kine.sock"'
APISERVER = 'time="2026-11-23T15:{at}Z" level=info msg="Running kube-apiserver --advertise-port=6443"'
API_UP = 'time="2026-11-23T15:{at}Z" level=info msg="Kube API server is now running"'
FATAL = 'time="2026-11-23T15:{at}Z" level=fatal msg="starting kubernetes: preparing server: bootstrap data already found and encrypted with different token"'
STOPPED = 'time="2026-11-23T15:{at}Z" level=fatal msg="flannel exited: <nil>"'
KUBELET = 'I1123 15:{at}.292284      90 server.go:520] "Kubelet version" kubeletVersion="v1.32.13"'
REGISTER = 'I1123 15:{at}.292284      90 kubelet_node_status.go:76] "Attempting to register node" node="n1"'


def log(*lines: tuple[str, str]) -> bytes:
    return "".join(line.format(at=at) + "\n" for at, line in lines).encode()


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return k3slogs.load_rules()


def analyze(book: RuleBook, *lines: tuple[str, str]) -> Analysis:
    return k3slogs.analyze(BytesIO(log(*lines)), rules=book, year=2026)


def root(analysis: Analysis) -> str | None:
    return analysis.verdict.root_cause.rule if analysis.verdict.root_cause else None


def test_an_exit_without_a_word_is_named_with_its_last_stage(book: RuleBook) -> None:
    found = analyze(
        book, ("10:00", K3S), ("10:01", KINE), ("10:02", APISERVER), ("10:20", K3S), ("10:21", KINE), ("10:22", APISERVER), ("10:40", K3S)
    )
    assert (root(found), found.verdict.outcome, found.verdict.furthest_stage) == ("ended-without-a-word", "failed", "control-plane")
    assert found.verdict.confidence == "likely"


def test_a_stage_that_is_retried_and_never_passed_waits_for_ever(book: RuleBook) -> None:
    tries = [(f"10:{second:02d}", REGISTER) for second in (10, 20, 30)]
    found = analyze(book, ("10:00", KUBELET), *tries)
    assert (root(found), found.verdict.furthest_stage, found.verdict.confidence) == ("waits-for-ever", "node", "possible")
    assert root(analyze(book, ("10:00", KUBELET), tries[0])) is None


def test_an_attempt_cut_short_by_the_end_of_the_log_does_not_hide_the_failure(book: RuleBook) -> None:
    found = analyze(book, ("10:00", K3S), ("10:01", FATAL), ("10:06", K3S), ("10:07", KINE))
    assert (root(found), found.verdict.outcome, found.verdict.attempt) == ("bootstrap-token-mismatch", "failed", 1)


def test_a_start_that_comes_up_after_failed_ones_is_degraded_and_resolved(book: RuleBook) -> None:
    found = analyze(book, ("10:00", K3S), ("10:01", FATAL), ("10:06", K3S), ("10:07", KINE), ("10:08", APISERVER), ("10:20", API_UP))
    assert found.verdict.outcome == "degraded"
    assert found.verdict.root_cause is not None
    assert found.verdict.root_cause.resolved
    assert not [finding for finding in found.findings if finding.effect == "fatal" and not finding.resolved]


def test_equal_failures_fold_and_the_operators_stop_is_no_failure(book: RuleBook) -> None:
    failures = [step for second in (0, 10, 20) for step in ((f"10:{second:02d}", K3S), (f"10:{second + 1:02d}", FATAL))]
    folded = analyze(book, *failures)
    assert [(entry.repeats, entry.ended) for entry in folded.attempts] == [(3, "exited")]
    stopped = analyze(book, ("10:00", K3S), ("10:01", KINE), ("10:02", APISERVER), ("10:20", API_UP), ("10:50", STOPPED))
    assert (stopped.verdict.outcome, root(stopped), stopped.attempts[0].ended) == ("running", None, "stopped")


def test_a_rotated_log_goes_on_with_the_life_it_was_cut_from(book: RuleBook, tmp_path: Path) -> None:
    (tmp_path / "k3s.log.1").write_bytes(log(("10:00", K3S), ("10:01", KINE), ("10:02", APISERVER)))
    (tmp_path / "k3s.log").write_bytes(log(("10:03", FATAL)))
    found = k3slogs.analyze(tmp_path, rules=book)
    assert len(found.attempts) == 1
    assert root(found) == "bootstrap-token-mismatch"
    assert found.verdict.confidence == "certain"


def test_a_text_with_some_letters_changed_looks_like_its_rule(book: RuleBook) -> None:
    changed = 'time="2026-11-23T15:10:01Z" level=error msg="starting kubernetes: bootstrap data already found and encrypted with a different token"'
    found = k3slogs.analyze(BytesIO(changed.encode()), rules=book)
    assert [shape.looks_like for shape in found.unknown] == ["bootstrap-token-mismatch"]


@pytest.mark.parametrize(
    ("options", "runtime"),
    [
        ("--container-runtime-endpoint=unix:///run/k3s/containerd/containerd.sock --container-runtime=remote", "containerd"),
        ("--container-runtime-endpoint=unix:///run/k3s/cri-dockerd/cri-dockerd.sock", "docker"),
        ("--network-plugin=cni --pod-manifest-path=/x", "docker"),
        ("--node-labels=", None),
    ],
)
def test_the_runtime_is_the_one_that_the_kubelet_asks_and_no_guess(book: RuleBook, options: str, runtime: str | None) -> None:
    line = f'time="2026-11-23T05:00:09Z" level=info msg="Running kubelet {options}"\n'
    start = 'time="2026-11-23T05:00:01Z" level=info msg="Starting k3s v1.33.5+k3s1 (8a8e43b3)"\n'
    assert k3slogs.analyze(BytesIO((start + line).encode()), rules=book).environment.runtime == runtime
