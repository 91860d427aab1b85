"""What a place tells: whose lines a source holds and when they were written, by the layout that it is part of."""

from __future__ import annotations

import tarfile
import zipfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import k3slogs
from k3slogs.engine import Calendar
from k3slogs.model import NOBODY, Identity
from k3slogs.sources import Input, bundles, find
from k3slogs.sources.bundles import NO_LOG

if TYPE_CHECKING:
    from k3slogs import Analysis, RuleBook
    from k3slogs.engine import Engine

SAMPLES = Path(__file__).parents[1] / "samples"
ERR = 'err="failed to get rootfs info: unable to find data in memory cache"'

KLOG = 'E1123 05:07:38.580162 kubelet.go:1511] "Failed to start ContainerManager"\n'
JOURNAL = f"Nov 23 05:07:38 node2 kubelet[7]: {KLOG}"


def test_place_tells_whose_lines_they_are_where_no_envelope_does(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "any.log"
    path.write_text(KLOG + JOURNAL)
    source = Input("any.log", path=path, identity=Identity("node1", "k3s"))
    scan = engine.scan(source.open().blocks(), source.name, Calendar(datetime(2025, 11, 24, tzinfo=UTC), "a test"), source.identity)
    assert {life.identity for life in scan.lives} == {("node1", "k3s"), ("node2", "kubelet")}


# --- layouts -------------------------------------------------------------------------------------------------------

BUNDLES = sorted(path for path in SAMPLES.iterdir() if path.name.startswith("bundle-"))


def files_of(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def packed(folder: Path, target: Path) -> Path:
    """The folder as an archive, with its files at the top."""
    if target.suffix == ".zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path in files_of(folder).items():
                archive.write(path, name)
    else:
        with tarfile.open(target, "w:gz") as tar:
            tar.add(folder, ".")
    return target


def said(found: Analysis, base: str) -> list[object]:
    """What must not depend on how the bundle is packed."""
    verdict = found.verdict
    inputs = sorted((each.source.removeprefix(base), each.lines, each.node, each.unit, each.first) for each in found.inputs)
    skipped = sorted((each.path.removeprefix(base), each.reason) for each in found.document.skipped)
    nodes = [(entry.node, entry.outcome, entry.root_cause, entry.first_failure) for entry in found.document.nodes]
    return [verdict.outcome, verdict.chain, verdict.confidence, verdict.furthest_stage, inputs, skipped, sorted(nodes, key=str)]


@pytest.mark.parametrize("ending", ["tar.gz", "zip"])
@pytest.mark.parametrize("sample", BUNDLES, ids=lambda path: path.name)
def test_a_bundle_is_judged_alike_as_folder_and_as_archive(sample: Path, ending: str, book: RuleBook, tmp_path: Path) -> None:
    archive = packed(sample, tmp_path / f"{sample.name}.{ending}")
    assert said(k3slogs.analyze(archive, rules=book), f"{archive}!/") == said(k3slogs.analyze(sample, rules=book), f"{sample}/")


@pytest.mark.parametrize("sample", BUNDLES, ids=lambda path: path.name)
def test_only_one_layout_claims_a_folder(sample: Path) -> None:
    read = {name: partial(path.read_text, "utf-8") for name, path in files_of(sample).items()}
    (bundle,) = bundles.recognise("x", read)
    assert [layout.NAME for layout in bundles.layouts() if layout.accepts(bundle.files)] == [bundle.layout.NAME]


def test_every_layout_has_its_sample() -> None:
    known = {entry.bundle.partition("(")[2].rstrip(")") for sample in BUNDLES for entry in find([sample]).inputs}
    assert known == {layout.NAME for layout in bundles.layouts()}


def test_a_folder_of_logs_is_no_bundle() -> None:
    for sample in SAMPLES.iterdir():
        if sample not in BUNDLES:
            assert not any(entry.bundle for entry in find([sample]).inputs)


POD = "kube-system/coredns-7b/coredns"
PLACES = {
    "rancher_collector": {
        "journald/k3s": Identity(unit="k3s"),
        "k3s/podlogs/kube-system-coredns-7b": Identity(unit="kube-system/coredns-7b"),
        "k3s/podlogs/kube-system-coredns-7b-previous": Identity(unit="kube-system/coredns-7b"),
        "k3s/podlogs/kube-system_coredns-7b_1f/coredns/0.log": Identity(unit=POD),
        "systeminfo/dmesg": Identity(unit="kernel"),
        "k3s/kubectl/events": NOBODY,
        "k3s/kubectl/pods": NO_LOG,
        "networking/iptablessave": NO_LOG,
    },
    "k3s_node": {
        "var/log/pods/kube-system_coredns-7b_1f/coredns/12.log.20251124-070407.gz": Identity(unit=POD),
        "var/lib/rancher/k3s/agent/containerd/containerd-2025-11-24T07-04-07.368.log.gz": Identity(unit="containerd"),
        "var/log/k3s.log.2.gz": Identity(unit="k3s"),
        "var/log/k3s-agent.log": Identity(unit="k3s-agent"),
        "var/log/syslog.1": NOBODY,
        "var/log/dpkg.log": NO_LOG,
        "etc/rancher/k3s/k3s.yaml": NO_LOG,
    },
    "kind_export": {
        "dev-worker/journal.log": Identity("dev-worker"),
        "dev-worker/kubelet.log": Identity("dev-worker", "kubelet"),
        "dev-worker/pods/kube-system_coredns-7b_1f/coredns/0.log": Identity("dev-worker", POD),
        "dev-worker/inspect.json": NO_LOG,
        "docker-info.txt": NO_LOG,
    },
    "troubleshoot": {
        "cluster-resources/pods/logs/kube-system/coredns-7b/coredns.log": Identity(unit=POD),
        "cluster-resources/pods/logs/kube-system/coredns-7b/coredns-previous.log": Identity(unit=POD),
        "cluster-resources/events/default.json": NOBODY,
        "cluster-resources/nodes.json": NO_LOG,
        "host-collectors/run-host/journal.txt": NOBODY,
    },
    "sosreport": {
        "sos_commands/logs/journalctl_--no-pager_--boot": NOBODY,
        "sos_commands/logs/journalctl_--list-boots": NO_LOG,
        "var/log/pods/kube-system_coredns-7b_1f/coredns/0.log": Identity(unit=POD),
        "sos_commands/kernel/dmesg_-T": Identity(unit="kernel"),
        "etc/fstab": NO_LOG,
    },
    "cluster_info_dump": {
        "kube-system/coredns-7b/logs.txt": Identity(unit="kube-system/coredns-7b"),
        "default/events.json": NOBODY,
        "default/services.json": NO_LOG,
    },
}


@pytest.mark.parametrize("layout", PLACES)
def test_a_place_tells_what_a_file_is(layout: str) -> None:
    module = next(each for each in bundles.layouts() if each.__name__.endswith(f".{layout}"))  # type: ignore[attr-defined]
    files = bundles.Files("x", {})
    found = {path: module.place(path, files) for path in PLACES[layout]}
    assert found == PLACES[layout]


def test_the_containers_of_docker_are_named_by_their_configuration(tmp_path: Path) -> None:
    folder = tmp_path / "containers" / ("0a" * 32)
    folder.mkdir(parents=True)
    (folder / "config.v2.json").write_text('{"Name": "/k3d-dev-server-0", "Config": {"Hostname": "server-0"}}')
    (folder / f"{'0a' * 32}-json.log").write_text('{"log":"hello\\n","stream":"stderr","time":"2025-11-24T05:00:00Z"}\n')
    (entry,) = find([tmp_path]).inputs
    assert entry.identity == Identity("server-0")


def test_a_link_of_a_support_bundle_tells_whose_log_it_is(tmp_path: Path) -> None:
    """troubleshoot.sh links the logs of pods to the folders of its collectors."""
    top = tmp_path / "support-bundle-2025-11-24T05_07_38"
    real, link = top / "app-logs/coredns-7b/coredns.log", top / "cluster-resources/pods/logs/kube-system/coredns-7b/coredns.log"
    for path in (real, link):
        path.parent.mkdir(parents=True)
    (top / "version.yaml").write_text("x\n")
    real.write_text(KLOG)
    link.symlink_to("../../../../../app-logs/coredns-7b/coredns.log")
    archive = packed(tmp_path, tmp_path.parent / f"{tmp_path.name}.tar.gz")
    for given in (top, archive):
        (entry,) = find([given]).inputs
        assert entry.identity.unit == POD


@pytest.mark.parametrize(
    ("date", "stamp"),
    [
        ("Mon Nov 24 06:07:38 CET 2025\n", "2025-11-23T04:07:38.580162Z"),
        ("Mon 24 Nov 2025 05:07:38 AM UTC\n", "2025-11-23T05:07:38.580162Z"),
        ("2025-11-24T05:07:38+00:00\n", "2025-11-23T05:07:38.580162Z"),
    ],
)
def test_the_date_of_a_bundle_gives_year_and_zone(date: str, stamp: str, book: RuleBook, tmp_path: Path) -> None:
    found = k3slogs.analyze(collected(tmp_path, date), rules=book)
    assert found.verdict.root_cause
    assert found.verdict.root_cause.evidence.timestamp == datetime.fromisoformat(stamp)
    assert any("by the bundle's date (systeminfo/date)" in text for text in found.assumptions)


def test_without_its_date_the_name_of_a_bundle_gives_the_year(book: RuleBook, tmp_path: Path) -> None:
    found = k3slogs.analyze(collected(tmp_path, "garbage\n"), rules=book)
    assert found.verdict.root_cause
    assert found.verdict.root_cause.evidence.timestamp
    assert found.verdict.root_cause.evidence.timestamp.year == 2025
    assert any("by the date in the bundle's name" in text for text in found.assumptions)


def collected(folder: Path, date: str) -> Path:
    """A bundle of Rancher's collector with one line that has neither year nor zone."""
    top = folder / "web-1-2025-11-24_05_07_38"
    for name, text in {"systeminfo/date": date, "journald/kubelet": JOURNAL.replace("node2", "web-1").replace('"\n', f'" {ERR}\n')}.items():
        (top / name).parent.mkdir(parents=True)
        (top / name).write_text(text)
    return top


def test_a_collector_that_left_out_the_date_is_known_all_the_same(book: RuleBook, tmp_path: Path) -> None:
    top = tmp_path / "web-1-2025-11-24_05_07_38"
    for name, text in {
        "systeminfo/uptime": "up 1 day",
        "journald/k3s": "Nov 23 05:00:00 web-1 k3s[1]: Starting k3s\n",
        "k3s/crictl/psa": "x\n",
    }.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    found = k3slogs.analyze(top, rules=book)
    assert [(entry.node, entry.unit, entry.bundle) for entry in found.inputs] == [("web-1", "k3s", f"{top.name} (Rancher logs collector)")]
    assert found.inputs[0].first == datetime(2025, 11, 23, 5, tzinfo=UTC)
    assert any("the date in the bundle's name" in text for text in found.assumptions)


def test_no_permission_in_the_middle_of_a_tree_loses_nothing_else(tmp_path: Path, book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    top = collected(tmp_path, "Mon Nov 24 05:07:38 UTC 2025\n")
    (top / "journald/k3s").write_text(KLOG)
    whole = type(top).open

    def guarded(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == "k3s":
            raise PermissionError(13, "Permission denied")
        return whole(path, *arguments, **options)

    monkeypatch.setattr(type(top), "open", guarded)
    found = k3slogs.analyze(top, rules=book)
    assert [failure.path for failure in found.failures] == [f"{top}/journald/k3s"]
    assert found.verdict.root_cause


def test_many_files_of_one_fate_are_one_line_for_people(book: RuleBook, tmp_path: Path) -> None:
    top = collected(tmp_path, "Mon Nov 24 05:07:38 UTC 2025\n")
    for number in range(100):
        (top / f"networking-{number}").write_text("x\n")
    found = k3slogs.analyze(top, rules=book)
    assert sum(NO_LOG in line for line in found.render("terminal").splitlines()) == 1
    assert len([each for each in found.document.skipped if each.reason == NO_LOG]) == 101
