"""`k3slogs collect`: what is gathered from a node is what its logs say, within limits, without secrets, and what is missing is said."""

from __future__ import annotations

import gzip
import json
import os
import signal
import stat
import subprocess
import tarfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import k3slogs
from k3slogs.collecting import Collected, Node, collect, parts, top_name
from k3slogs.collecting.item import Allowance
from k3slogs.collecting.redaction import whole_lines
from k3slogs.safety import redact
from k3slogs.sources.zstd import zstd
from tests.conftest import HEALTHY, SEED, klog
from tests.test_journal import REAL, REMOTE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs import RuleBook
    from tests.conftest import Cli

SAMPLES = Path(__file__).parents[1] / "samples"
AT = datetime(2026, 11, 23, 16, 5, 12, tzinfo=UTC)
ROOT = "kubelet-rootfs-info-memory-cache"
TOKEN = "K10" + "5f" * 32 + "::server:hunter2secret"
POD = "var/log/pods/kube-system_coredns-7b_1f2e/coredns/0.log"
CONTAINERD = "var/lib/rancher/k3s/agent/containerd/containerd.log"
DATA = "var/lib/rancher/k3s/data/current/bin"


@dataclass
class Machine:
    """A node made of files, with commands of its own."""

    root: Path
    bin: Path
    target: Path

    def write(self, path: str, content: str | bytes) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        return place

    def command(self, name: str, script: str, folder: Path | None = None) -> None:
        path = (folder or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def collect(self, **options: Any) -> Collected:
        known = {key: options.pop(key) for key in ("since", "live", "units") if key in options}
        return collect(self.target, Node(root=self.root, **{"live": True, **known}), at=AT, **options)

    @property
    def held(self) -> dict[str, bytes]:
        """The members, by their paths below the bundle's folder."""
        with zstd.open(self.target, "rb") as file, tarfile.open(fileobj=file, mode="r|") as archive:
            return {info.name.partition("/")[2]: archive.extractfile(info).read() for info in archive}  # type: ignore[union-attr]

    @property
    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.held["manifest.json"])
        return found


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """An empty node, whose commands tell of nothing."""
    made = Machine(tmp_path / "root", tmp_path / "bin", tmp_path / "bundle.tar.zst")
    made.root.mkdir()
    made.command("journalctl", "exit 0")
    made.command("dmesg", "exit 0")
    made.command("k3s", "echo k3s version v1.33.5+k3s1")
    monkeypatch.setenv("PATH", f"{made.bin}:{os.environ['PATH']}")
    return made


def reasons(done: Collected, *, lost: bool | None = None) -> dict[str, str]:
    return {each.source: each.reason for part in done.parts for each in part.missing if lost is None or each.lost == lost}


# --- what is gathered ----------------------------------------------------------------------------------------------


def test_a_bundle_gives_the_verdict_of_the_logs_themselves(machine: Machine, book: RuleBook, tmp_path: Path) -> None:
    logs = SAMPLES / "addons-without-registry"
    machine.write("var/log/k3s.log", (logs / "k3s.log").read_bytes())
    machine.write(CONTAINERD, (logs / "containerd.log").read_bytes())
    machine.write("etc/rancher/k3s/config.yaml", "disable:\n  - traefik\n")
    machine.collect()
    plain = tmp_path / "plain"
    plain.mkdir()
    for name in ("k3s.log", "containerd.log"):
        (plain / name).write_bytes((logs / name).read_bytes())
    found, expected = k3slogs.analyze(machine.target, rules=book), k3slogs.analyze(plain, rules=book)
    assert (found.verdict.outcome, found.verdict.chain) == (expected.verdict.outcome, expected.verdict.chain)
    assert found.verdict.furthest_stage == expected.verdict.furthest_stage
    assert sorted(each.lines for each in found.inputs) == sorted(each.lines for each in expected.inputs)
    assert {each.unit for each in found.inputs} == {"k3s", "containerd"}
    assert {each.node for each in found.inputs} == {os.uname().nodename}
    assert found.failures == ()


def test_everything_stands_under_its_name(machine: Machine) -> None:
    machine.write("proc/1/mounts", "none / 9p rw 0 0\n")
    machine.write("proc/cgroups", "#subsys_name\thierarchy\n")
    machine.write("etc/os-release", "ID=debian\n")
    machine.write("etc/rancher/k3s/config.yaml", "write-kubeconfig-mode: 644\n")
    machine.write("etc/rancher/k3s/k3s.yaml", "users: []\n")
    machine.write(POD, "2026-11-23T05:00:01Z stdout F hello\n")
    machine.command("check-config", "echo STATUS: pass", machine.root / DATA)
    machine.command("kubectl", "echo '{\"items\": []}'", machine.root / DATA)
    machine.command("dmesg", "echo '2026-11-23T15:01:06,000000+00:00 eth0: up'")
    machine.command("journalctl", f"cat {SAMPLES}/journal-forms/k3s.json.txt")
    done = machine.collect()
    held = machine.held
    assert set(held) >= {
        "facts/mounts", "facts/cgroups", "facts/uname", "facts/os-release", "facts/config.yaml", "facts/k3s-version",
        "facts/check-config", "events.json", "node/var/log/dmesg", "node/var/log/journal.json", f"node/{POD}", "manifest.json",
    }  # fmt: skip
    assert held["facts/k3s-version"] == b"k3s version v1.33.5+k3s1\n"
    assert "users" not in str(held)
    assert done.lost == []
    entry = next(each for each in machine.manifest["members"] if each["path"].endswith("0.log"))
    assert (entry["unit"], entry["namespace"], entry["pod"], entry["container"]) == (
        "kube-system/coredns-7b/coredns", "kube-system", "coredns-7b", "coredns",
    )  # fmt: skip


def test_check_config_is_kept_from_loading_a_module_and_from_sudo(machine: Machine, tmp_path: Path) -> None:
    for name in ("modprobe", "sudo"):
        machine.command(name, f"touch {tmp_path}/{name}-ran")
    machine.command("check-config", "modprobe configs || sudo modprobe configs || true; echo STATUS: 1; exit 1", machine.root / DATA)
    machine.collect()
    assert machine.held["facts/check-config"] == b"STATUS: 1\n"
    assert not list(tmp_path.glob("*-ran"))


def test_k3s_is_never_asked_what_would_make_it_unpack_itself(machine: Machine, tmp_path: Path) -> None:
    machine.write("etc/rancher/k3s/k3s.yaml", "x\n")
    machine.command("k3s", f'echo "$*" >> {tmp_path}/asked')
    machine.command("kubectl", "exit 1")
    machine.collect()
    assert (tmp_path / "asked").read_text() == "--version\n"


def test_nothing_on_the_node_is_changed(machine: Machine) -> None:
    machine.write("var/log/k3s.log", SEED)
    machine.write(POD, "2026-11-23T05:00:01Z stdout F hello\n")
    machine.write("etc/rancher/k3s/config.yaml", "token: x\n")

    def state() -> list[tuple[str, int, int]]:
        return [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(machine.root.rglob("*"))]

    before = state()
    machine.collect()
    assert state() == before


def test_another_data_dir_is_found(machine: Machine) -> None:
    machine.write("etc/rancher/k3s/config.yaml", 'data-dir: "/data/k3s"  # the big disk\n')
    machine.write("data/k3s/agent/containerd/containerd.log", "x\n")
    machine.collect()
    assert "node/data/k3s/agent/containerd/containerd.log" in machine.held


@pytest.mark.skipif(REAL is None, reason="needs journalctl and systemd-journal-remote")
def test_a_real_journal_gives_the_verdict_that_it_gives_itself(machine: Machine, book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.defpath)
    folder = machine.root / "var/log/journal" / ("0a" * 16)
    folder.mkdir(parents=True)
    machine.write("etc/machine-id", f"{'0a' * 16}\n")
    export = SAMPLES / "journal-forms" / "k3s.export.txt"
    subprocess.run([str(REMOTE), "-o", str(folder / "system.journal"), str(export)], check=True, capture_output=True)
    machine.collect(live=False)
    found, expected = k3slogs.analyze(machine.target, rules=book), k3slogs.analyze(folder / "system.journal", rules=book)
    assert (found.verdict.outcome, found.verdict.chain) == (expected.verdict.outcome, expected.verdict.chain)
    assert found.verdict.chain
    stamps = [json.loads(line)["__REALTIME_TIMESTAMP"] for line in machine.held["node/var/log/journal.json"].splitlines()]
    assert stamps == sorted(stamps)
    assert b"Out of memory" in machine.held["node/var/log/dmesg"]


# --- limits --------------------------------------------------------------------------------------------------------


def test_of_a_log_that_is_too_long_the_newest_is_kept_and_the_cut_is_told(machine: Machine) -> None:
    lines = "".join(klog(f"line {number}", second=number / 10) + "\n" for number in range(20_000))
    machine.write("var/log/k3s.log", lines)
    machine.write("var/log/k3s.log.1.gz", gzip.compress(lines.replace("line", "older").encode()))
    machine.collect(max_size=400_000)
    held = machine.held
    for path, name in (("node/var/log/k3s.log", "line"), ("node/var/log/k3s.log.1", "older")):
        text = held[path].decode()
        assert lines.replace("line", name).endswith(text)
        assert text.startswith("E1123")
    entry = next(each for each in machine.manifest["members"] if each["path"] == "node/var/log/k3s.log")
    cut = int(entry["cuts"][0].removeprefix("the oldest ").split()[0])
    assert len(lines) - len(held["node/var/log/k3s.log"]) in range(cut, cut + 100)
    assert sum(map(len, held.values())) < 400_000


def test_the_newest_of_a_journal_is_kept_in_its_order(machine: Machine) -> None:
    script = 'i=9999; while [ $i -ge 1000 ]; do echo "{\\"n\\":$i,\\"MESSAGE\\":\\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\"}"; i=$((i-1)); done'
    machine.command("journalctl", script)
    machine.collect(max_size=1_400_000)
    numbers = [json.loads(line)["n"] for line in machine.held["node/var/log/journal.json"].splitlines()]
    assert numbers == list(range(numbers[0], 10_000))
    assert numbers[0] == 1000
    machine.target.unlink()
    machine.command("journalctl", script.replace("9999", "99999"))
    machine.collect(max_size=1_400_000)
    numbers = [json.loads(line)["n"] for line in machine.held["node/var/log/journal.json"].splitlines()]
    assert numbers == list(range(numbers[0], 100_000))
    assert numbers[0] > 1000
    entry = next(each for each in machine.manifest["members"] if each["path"].endswith("journal.json"))
    assert entry["cuts"] == ["what is older was left out: its share of --max-size was used"]


def test_pods_of_kube_system_come_before_others_and_new_logs_before_old(machine: Machine) -> None:
    for pod in ("app_web_1", "kube-system_coredns_2"):
        for number, age in (("0.log.20261123-070407", 60), ("1.log", 0)):
            path = machine.write(f"var/log/pods/{pod}/c/{number}", "2026-11-23T05:00:01Z stdout F hello\n")
            os.utime(path, (time.time() - age,) * 2)
    machine.collect()
    pods = [each["path"].removeprefix("node/var/log/pods/") for each in machine.manifest["members"] if each["part"] == "pod logs"]
    assert pods == [
        "kube-system_coredns_2/c/1.log", "app_web_1/c/1.log", "kube-system_coredns_2/c/0.log.20261123-070407", "app_web_1/c/0.log.20261123-070407",
    ]  # fmt: skip


def test_what_was_written_before_since_is_left_out(machine: Machine) -> None:
    old = machine.write("var/log/k3s-2026-11-01T05-00-00.000.log", SEED)
    os.utime(old, (time.time() - 90_000,) * 2)
    machine.write("var/log/k3s.log", SEED)
    machine.command("journalctl", 'echo "$@" >&2; exit 1')
    done = machine.collect(since=86_400.0)
    assert [path for path in machine.held if path.startswith("node/")] == ["node/var/log/k3s.log"]
    assert reasons(done)["/var/log/k3s-2026-11-01T05-00-00.000.log"] == "was written last before --since"
    assert "--since=-86400s" in reasons(done)["journalctl of k3s, k3s-agent"]


def test_a_command_that_hangs_costs_its_own_time_only(machine: Machine) -> None:
    machine.command("journalctl", 'echo \'{"MESSAGE":"the newest"}\'; sleep 600 & sleep 600')
    machine.write("var/log/k3s.log", SEED)
    machine.command("dmesg", "echo '[    1.5] up'")
    started = time.monotonic()
    done = machine.collect(max_seconds=4.0)
    assert time.monotonic() - started < 8
    assert done.lost == []
    assert b"the newest" in machine.held["node/var/log/journal.json"]
    assert {"path": "node/var/log/journal.json", "cuts": ["what is older was left out: the time was up (--max-time)"]}.items() <= next(
        each for each in machine.manifest["members"] if each["part"] == "journal"
    ).items()
    assert "node/var/log/k3s.log" in machine.held


def test_a_command_that_never_says_a_word_could_not_be_read(machine: Machine) -> None:
    machine.command("journalctl", "sleep 600")
    machine.command("dmesg", "echo '[    1.5] up'")
    machine.write("var/log/k3s.log", SEED)
    done = machine.collect(max_seconds=2.0)
    assert reasons(done, lost=True) == {"journalctl of k3s, k3s-agent": "journalctl did not end in time"}
    assert "node/var/log/k3s.log" in machine.held


def test_a_flood_on_stderr_is_no_flood_here(machine: Machine) -> None:
    machine.command(
        "journalctl", "i=0; while [ $i -lt 20000 ]; do echo 'all is lost and more' >&2; i=$((i+1)); done; echo enough >&2; exit 1"
    )
    done = machine.collect()
    assert reasons(done, lost=True)["journalctl of k3s, k3s-agent"].endswith("enough")
    assert len(reasons(done)["journalctl of k3s, k3s-agent"]) < 500


# --- what cannot be read -------------------------------------------------------------------------------------------


def test_no_permission_in_the_middle_loses_nothing_else(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.write("var/log/k3s.log", SEED)
    machine.write(POD, "2026-11-23T05:00:01Z stdout F hello\n")
    machine.write("var/log/pods/a_b_c/d/0.log", "2026-11-23T05:00:01Z stdout F hello\n")
    guarded = Node.names

    def names(node: Node, path: str) -> list[str]:
        if path.endswith("coredns-7b_1f2e"):
            raise PermissionError(13, "Permission denied")
        return guarded(node, path)

    monkeypatch.setattr(Node, "names", names)
    done = machine.collect()
    assert reasons(done, lost=True) == {"/var/log/pods/kube-system_coredns-7b_1f2e": "no permission to read it (try with sudo)"}
    assert {"node/var/log/k3s.log", "node/var/log/pods/a_b_c/d/0.log"} <= set(machine.held)


def test_a_journal_that_shows_only_a_part_says_so(machine: Machine) -> None:
    hint = "Hint: You are currently not seeing messages from other users and the system."
    machine.command("journalctl", f"echo '{{\"MESSAGE\":\"mine\"}}'; echo '{hint}' >&2")
    done = machine.collect()
    assert hint in reasons(done, lost=True)["journalctl of k3s, k3s-agent"]
    assert b"mine" in machine.held["node/var/log/journal.json"]


def test_links_are_followed_within_the_node_only(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("outside\n")
    machine.write("etc/shadow", "inside, but no log\n")
    machine.write("mnt/disk/agent/containerd/containerd.log", "moved\n")
    (machine.root / "var/lib/rancher").mkdir(parents=True)
    (machine.root / "var/lib/rancher/k3s").symlink_to("/mnt/disk")
    pod = machine.root / "var/log/pods/a_b_c/d"
    pod.mkdir(parents=True)
    container = machine.write(f"var/lib/docker/containers/{'0a' * 32}/{'0a' * 32}-json.log", '{"log":"of docker\\n"}\n')
    (pod / "0.log").symlink_to(f"/{container.relative_to(machine.root)}")
    (pod / "1.log").symlink_to("/etc/shadow")
    (pod / "2.log").symlink_to(tmp_path / "secret")
    (pod / "3.log").symlink_to("3.log")
    os.mkfifo(pod / "4.log")
    (pod / "5.log").mkdir()
    done = machine.collect()
    held = machine.held
    assert held["node/var/log/pods/a_b_c/d/0.log"] == b'{"log":"of docker\\n"}\n'
    assert held[f"node/{CONTAINERD}"] == b"moved\n"
    assert not any(b"side" in data for data in held.values())
    told = {Path(source).name: reason for source, reason in reasons(done).items() if "/pods/" in source}
    assert told["1.log"] == "a link that leads out of /var/log/pods: not followed"
    assert told["2.log"] == "is not here"
    assert "Too many levels" in told["3.log"]
    assert "not a file" in told["4.log"]
    assert "not a file" in told["5.log"]


def test_a_folder_that_becomes_a_link_meanwhile_is_not_followed(machine: Machine) -> None:
    machine.write("etc/secret/0.log", "x\n")
    machine.write("var/log/pods/0.log", "x\n")
    node = Node(root=machine.root)
    real = node.real("/var/log/pods/0.log")
    (machine.root / "var/log/pods/0.log").unlink()
    (machine.root / "var/log/pods").rmdir()
    (machine.root / "var/log/pods").symlink_to("/etc/secret")
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        node.open(real)


# --- secrets -------------------------------------------------------------------------------------------------------

CONFIG = """\
token: hunter2
"agent-token": 'hunter3'
datastore-endpoint: >-
  mysql://k3s:
  hunter4@tcp(db:3306)/k3s
disable:
  - traefik
etcd-s3-secret-key:
- hunter5
# token: hunter6
token-file: /run/token
kubelet-arg:
  - "v=4"
{token: hunter7, node-name: a}
"""


def test_no_secret_is_anywhere_in_a_bundle(machine: Machine) -> None:
    machine.write("etc/rancher/k3s/config.yaml", CONFIG)
    machine.write("etc/rancher/k3s/config.yaml.d/a.yaml", "vpn-auth: name=tailscale,joinKey=hunter8\n")
    machine.write("var/log/k3s.log", f'time="x" level=info msg="joining with --token {TOKEN}"\n')
    machine.write("var/log/k3s.log.1.gz", gzip.compress(f"K3S_TOKEN={TOKEN}\n".encode()))
    numbers = json.dumps({"MESSAGE": list(f"\x1b[36mINFO\x1b[0m --token {TOKEN}".encode())})
    machine.command("journalctl", f"echo '{numbers}'")
    machine.write(POD, f"2026-11-23T05:00:01Z stdout F Authorization: Bearer {'ey' * 20}1\n")
    machine.collect()
    held = machine.held
    everything = b"".join(held.values())
    assert b"hunter" not in everything
    assert b"5f5f5f" not in everything
    assert b"eyeyey" not in everything
    assert b"[36mINFO" in held["node/var/log/journal.json"]
    config = held["facts/config.yaml"].decode()
    for kept in ("traefik", "token-file: /run/token", '"v=4"'):
        assert kept in config


def test_secrets_of_logs_stay_where_they_are_asked_to_stay(machine: Machine) -> None:
    machine.write("var/log/k3s.log", f"--token {TOKEN}\n")
    machine.collect(redact=False)
    assert machine.held["node/var/log/k3s.log"] == f"--token {TOKEN}\n".encode()
    assert machine.manifest["redacted"] is False


KEY = ["-----BEGIN RSA PRIVATE KEY-----", *(f"{'MIIEpAIBAAKCAQEA' * 4}" for _ in range(20)), "q9Zx==", "-----END RSA PRIVATE KEY-----"]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_key_that_spans_lines_is_masked_from_either_end(backwards: bool) -> None:
    lines = [f"2026-11-23T05:00:01Z stdout F {line}\nI1123 05:00:01.000000 1 a.go:1] others speak\n".encode() for line in KEY]
    text = b"".join(whole_lines(reversed(lines) if backwards else lines, [], redacted=True))
    assert b"MIIE" not in text
    assert b"q9Zx" not in text
    assert text.count(b"others speak") == len(KEY)


def test_an_endless_line_is_kept_short_and_told(machine: Machine) -> None:
    machine.write("var/log/k3s.log", b"x" * 3_000_000 + b"\n" + SEED.encode())
    machine.collect()
    assert len(machine.held["node/var/log/k3s.log"]) < 300_000
    assert "only its head and tail" in machine.manifest["members"][-1]["cuts"][0]


# --- the file ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["tar.zst", "tar.gz", "tgz", "tar"])
def test_a_bundle_is_packed_as_its_name_says_and_private(machine: Machine, ending: str, book: RuleBook) -> None:
    machine.write("var/log/k3s.log", SEED)
    machine.target = machine.target.with_name(f"b.{ending}")
    machine.collect()
    assert stat.S_IMODE(machine.target.stat().st_mode) == 0o600
    if ending != "tar.zst":
        with tarfile.open(machine.target) as archive:
            assert archive.getnames()[-1].endswith("/manifest.json")
    assert k3slogs.analyze(machine.target, rules=book).verdict.chain == (ROOT,)
    assert sorted(path.name for path in machine.target.parent.iterdir()) == sorted([machine.target.name, "bin", "root"])


def test_a_bundle_that_lost_its_end_is_still_read_by_its_places(machine: Machine, book: RuleBook) -> None:
    machine.write("var/log/k3s.log", SEED)
    machine.write(POD, "2026-11-23T05:00:01Z stdout F hello\n" * 50_000)
    machine.target = machine.target.with_name("b.tar")
    machine.collect()
    data = machine.target.read_bytes()
    machine.target.write_bytes(data[: len(data) - 100_000])
    found = k3slogs.analyze(machine.target, rules=book)
    assert found.verdict.chain == (ROOT,)
    assert {each.unit for each in found.inputs} >= {"k3s", "kube-system/coredns-7b/coredns"}
    assert found.failures


def test_the_time_of_collection_anchors_years(machine: Machine, book: RuleBook) -> None:
    machine.write("var/log/k3s.log", SEED)
    collect(machine.target, Node(root=machine.root, live=False), at=datetime(2024, 2, 3, tzinfo=UTC))
    found = k3slogs.analyze(machine.target, rules=book)
    assert found.verdict.root_cause
    assert found.verdict.root_cause.evidence.timestamp
    assert found.verdict.root_cause.evidence.timestamp.year == 2023
    assert any("manifest.json" in text for text in found.assumptions)


def test_all_parts_say_what_they_are() -> None:
    assert len({part.NAME for part in parts.in_order()}) == len(parts.in_order()) == 12
    assert [part.RANK for part in parts.in_order()] == sorted(part.RANK for part in parts.in_order())


def test_an_allowance_is_shared_by_halves() -> None:
    now = time.monotonic()
    half = Allowance(100, now + 100).part(0.5)
    assert half.size == 50
    assert 45 < half.until - now < 55
    assert Allowance(100, now + 100).part(0.5, 3).until - now < 4


def test_a_host_name_makes_no_path() -> None:
    assert top_name("../a b/\x1b[1m", AT) == "k3slogs-a-b-1m-20261123T160512Z"


# --- the command ---------------------------------------------------------------------------------------------------


def test_the_command_says_what_there_is_and_what_comes_next(cli: Cli, machine: Machine) -> None:
    machine.write("etc/hostname", "edge-9\n")
    machine.write("var/log/k3s.log", SEED)
    ran = cli("collect", "--root", machine.root)
    (bundle,) = cli.cwd.glob("k3slogs-edge-9-*Z.tar.zst")
    assert ran.code == 0
    assert f"k3slogs analyze {bundle.name}" in ran.out
    assert "/var/log/k3s.log" in ran.out
    assert cli("analyze", bundle.name, "--format", "json").code == 0


def test_a_machine_with_nothing_of_k3s_says_so(cli: Cli, machine: Machine) -> None:
    ran = cli("collect", "--root", machine.root, "-o", "b.tar")
    assert ran.code == 3
    assert "No log of k3s" in ran.out
    assert (cli.cwd / "b.tar").exists()


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["-o", "b.zip"], 2, "ends with .tar.zst"),
        (["-o", "no/b.tar"], 2, "the folder no is not there"),
        (["-o", "there.tar"], 2, "--force replaces it"),
        (["-o", "b.tar", "--max-size", "much"], 2, "write 64K, 256M or 1G"),
        (["-o", "b.tar", "--max-time", "long"], 2, "write 90s, 5m or 1h"),
        (["-o", "b.tar", "--root", "nowhere"], 2, "is no folder"),
    ],
)
def test_what_cannot_be_asked_is_refused(cli: Cli, options: list[str], code: int, said: str) -> None:
    (cli.cwd / "there.tar").write_text("mine")
    ran = cli("collect", *options)
    assert (ran.code, said in ran.err) == (code, True), ran.err
    assert (cli.cwd / "there.tar").read_text() == "mine"


def test_force_replaces_a_bundle(cli: Cli, machine: Machine) -> None:
    machine.write("var/log/k3s.log", HEALTHY)
    (cli.cwd / "there.tar").write_text("old")
    assert cli("collect", "--root", machine.root, "-o", "there.tar", "--force").code == 0
    assert tarfile.is_tarfile(cli.cwd / "there.tar")


def test_a_disk_that_is_full_leaves_nothing_and_says_so(cli: Cli, machine: Machine) -> None:
    machine.write("var/log/k3s.log", os.urandom(300_000).hex())
    command = ["sh", "-c", 'ulimit -f 64; exec "$@"', "sh", *cli.command("collect", "--root", machine.root, "-o", "b.tar")]
    done = subprocess.run(command, cwd=cli.cwd, env=cli.env, capture_output=True, text=True, check=False)
    assert (done.returncode, "could not be written" in done.stderr) == (4, True), done.stderr
    assert not list(cli.cwd.glob("*b.tar*"))


def test_a_kill_leaves_nothing_behind(cli: Cli, machine: Machine) -> None:
    machine.command("journalctl", "touch started; sleep 60")
    (machine.bin / "journalctl").write_text(f"#!/bin/sh\ntouch {machine.bin}/started\nsleep 60\n")
    run = subprocess.Popen(
        cli.command("collect", "-o", "b.tar"), cwd=cli.cwd, env={**cli.env, "PATH": os.environ["PATH"]}, stdout=subprocess.DEVNULL
    )
    for _ in wait(20):
        if (machine.bin / "started").exists():
            break
    run.send_signal(signal.SIGTERM)
    assert run.wait(20) == 130
    assert not list(cli.cwd.glob("*b.tar*"))


def wait(seconds: float) -> Iterator[None]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.05)
        yield


def test_names_of_files_do_no_harm_to_a_terminal(cli: Cli, machine: Machine) -> None:
    machine.write("var/log/pods/a_\x1b]0;owned\x07_c/d/0.log", "x\n")
    ran = cli("collect", "--root", machine.root, "-o", "b.tar")
    assert ran.code == 0
    assert "\x1b" not in ran.out
    assert "\x07" not in ran.out


def test_lines_are_masked_as_each_alone_would_be() -> None:
    """Whole blocks are looked through at once; that must find the same."""
    lines = [line for path in sorted(SAMPLES.glob("*/*.log"))[:60] for line in path.read_bytes().splitlines(keepends=True)]
    lines += [
        f"--token {TOKEN}".encode(),
        b"\n",
        b"\n",
        f"x K3S_TOKEN={TOKEN}\n".encode(),
        b"last line: Authorization: Bearer eyeyeyeyeyeyeyeyey1",
    ]
    expected = b"".join(redact(line.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape") for line in lines)
    assert b"".join(whole_lines([b"".join(lines)], [], redacted=True)) == expected
    assert b"5f5f" not in expected
