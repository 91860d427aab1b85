"""Several nodes: one verdict each, the worst for all, and what one saw of the other's failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import k3slogs

if TYPE_CHECKING:
    from pathlib import Path

    from k3slogs import RuleBook

SERVER = """\
Nov 23 05:00:01 {0} k3s[7]: time="2025-11-23T05:00:01Z" level=info msg="Starting k3s v1.33.5+k3s1 (8a8e43b3)"
Nov 23 05:00:03 {0} k3s[7]: time="2025-11-23T05:00:03Z" level=info msg="Running kube-apiserver --advertise-address=10.0.0.15"
Nov 23 05:00:08 {0} k3s[7]: time="2025-11-23T05:00:08Z" level=info msg="Containerd is now running"
Nov 23 05:00:09 {0} k3s[7]: E1123 05:00:09.000000       7 kubelet.go:1511] "Failed to start ContainerManager" err="{1}"
"""
FATAL = "failed to get rootfs info: unable to find data in memory cache"
AGENT = """\
Nov 23 05:00:01 {0} k3s[9]: time="2025-11-23T05:00:01Z" level=info msg="Starting k3s agent v1.33.5+k3s1 (8a8e43b3)"
Nov 23 05:00:08 {0} k3s[9]: time="2025-11-23T05:00:08Z" level=info msg="Containerd is now running"
Nov 23 05:00:09 {0} k3s[9]: time="2025-11-23T05:00:09Z" level=info msg="Running kubelet --node-labels="
Nov 23 05:00:12 {0} k3s[9]: I1123 05:00:12.000000       9 kubelet_node_status.go:78] "Successfully registered node" node="{0}"
"""
REFUSED = (
    'Nov 23 05:00:39 {0} k3s[9]: time="2025-11-23T05:00:39Z" level=error msg="Remotedialer proxy error" '
    'error="dial tcp 10.0.0.15:6443: connect: connection refused"\n'
)


@pytest.fixture
def both(tmp_path: Path) -> Path:
    """A server that dies, and an agent that loses it."""
    (tmp_path / "a.log").write_text(SERVER.format("server-1", FATAL))
    (tmp_path / "b.log").write_text(AGENT.format("agent-1") + REFUSED.format("agent-1"))
    return tmp_path


def test_each_node_has_its_verdict_and_the_worst_is_that_of_all(both: Path, book: RuleBook) -> None:
    found = k3slogs.analyze(both, rules=book)
    nodes = {entry.node: entry for entry in found.document.nodes}
    assert {name: entry.outcome for name, entry in nodes.items()} == {"server-1": "failed", "agent-1": "degraded"}
    assert nodes["server-1"].root_cause == "kubelet-rootfs-info-memory-cache"
    assert nodes["server-1"].sources == (f"{both}/a.log",)
    assert found.verdict.outcome == "failed"
    assert found.verdict.root_cause
    assert found.verdict.root_cause.rule == nodes["server-1"].root_cause
    assert found.environment.node == "server-1"
    assert {entry.node for entry in found.attempts} == {"server-1", "agent-1"}


def test_the_first_failure_and_what_the_other_saw_of_it(both: Path, book: RuleBook) -> None:
    cluster = k3slogs.analyze(both, rules=book).document.cluster
    assert cluster
    assert (cluster.failed_first, cluster.root_cause) == ("server-1", "kubelet-rootfs-info-memory-cache")
    (witness,) = cluster.seen_by
    assert (witness.node, witness.evidence.line, witness.names_it) == ("agent-1", 5, True)


def test_several_nodes_are_shown_to_people(both: Path, book: RuleBook) -> None:
    found = k3slogs.analyze(both, rules=book)
    for form in ("terminal", "md", "html"):
        text = found.render(form).replace("\\", "")
        assert "server-1 failed first" in text
        assert "agent-1 30 s later" in text
        assert "it names server-1" in text


def test_nodes_that_start_as_one_are_no_copies_of_each_other(tmp_path: Path, book: RuleBook) -> None:
    for name in ("node-1", "node-2"):
        (tmp_path / f"{name}.log").write_text(SERVER.format(name, FATAL))
    found = k3slogs.analyze(tmp_path, rules=book)
    assert [entry.node for entry in found.document.nodes] == ["node-1", "node-2"]
    assert not any(entry.copy_of for entry in found.inputs)


def test_a_short_and_a_full_name_are_one_node(tmp_path: Path, book: RuleBook) -> None:
    (tmp_path / "a.log").write_text(SERVER.format("node-1", FATAL))
    (tmp_path / "b.log").write_text(AGENT.format("node-1.example.com"))
    assert len(k3slogs.analyze(tmp_path, rules=book).document.nodes) == 1


def test_a_log_that_names_no_node_is_no_node(both: Path, book: RuleBook) -> None:
    line = 'time="2025-11-23T05:00:08.5Z" level=error msg="failed to load cni during init, please check CRI plugin status before setting up network for pods" '
    (both / "containerd.log").write_text(line + 'error="cni config load failed: no network config found in /etc/cni/net.d"\n')
    found = k3slogs.analyze(both, rules=book)
    assert [entry.node for entry in found.document.nodes] == ["server-1", "agent-1"]


def test_places_that_the_user_names_are_nodes_where_no_line_tells(tmp_path: Path, book: RuleBook) -> None:
    for name in ("left", "right"):
        (tmp_path / name).mkdir()
        bare = "".join(line.partition(": ")[2] for line in SERVER.format("x", FATAL).splitlines(keepends=True))
        (tmp_path / name / "k3s.log").write_text(bare.replace("05:00", "05:00" if name == "left" else "06:00"))
    found = k3slogs.analyze([tmp_path / "left", tmp_path / "right"], rules=book)
    assert [entry.node for entry in found.document.nodes] == ["left", "right"]
    assert len(k3slogs.analyze(tmp_path, rules=book).document.nodes) == 1, "a folder below a folder is no node by itself"


def test_one_node_has_one_verdict_and_no_cluster(tmp_path: Path, book: RuleBook) -> None:
    (tmp_path / "k3s.log").write_text(SERVER.format("node-1", FATAL))
    found = k3slogs.analyze(tmp_path, rules=book)
    assert [entry.node for entry in found.document.nodes] == ["node-1"]
    assert found.document.cluster is None
    assert "Nodes" not in found.render("terminal")
