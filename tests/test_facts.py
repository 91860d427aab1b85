"""Files beside the logs: what they tell of the node, that they never decide alone, and that no secret of theirs gets out."""

from __future__ import annotations

import gzip
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import k3slogs
from k3slogs.renderers import names, render
from k3slogs.sources import facts, find

if TYPE_CHECKING:
    from collections.abc import Callable

    from k3slogs import Analysis, RuleBook
    from k3slogs.sources.facts import Sample

SAMPLES = Path(__file__).parents[1] / "samples"
OF_KINDS = [(name, sample) for name, kind in facts.kinds().items() for sample in kind.SAMPLES]
each = pytest.mark.parametrize(("name", "sample"), OF_KINDS, ids=lambda value: value if isinstance(value, str) else value.path)

OVERLAY = "overlay on /var/lib/rancher type overlay (rw,relatime,lowerdir=/l,upperdir=/u,workdir=/w)\n"
ON_OVERLAY = f"/dev/vda on / type ext4 (rw,relatime)\n{OVERLAY}cgroup2 on /sys/fs/cgroup type cgroup2 (rw,relatime)\n"
FAILS = (
    'Nov 23 05:00:01 {0} k3s[7]: time="2025-11-23T05:00:01Z" level=info msg="Starting k3s v1.33.5+k3s1 (8a8e43b3)"\n'
    'Nov 23 05:00:09 {0} k3s[7]: time="2025-11-23T05:00:09Z" level=error msg="Failed to configure agent: \\"overlayfs\\" snapshotter cannot be '
    'enabled for \\"/var/lib/rancher/k3s/agent/containerd\\", try using \\"fuse-overlayfs\\" or \\"native\\": failed to mount overlay: invalid '
    'argument"\n'
)
BY_LOG, BY_FACT = "k3s-overlayfs-snapshotter-unsupported", "k3s-data-on-unfit-filesystem"


def uname(host: str, release: str = "6.1.0-23-amd64") -> str:
    return f"Linux {host} {release} #1 SMP PREEMPT_DYNAMIC Debian 6.1.99-1 x86_64 GNU/Linux\n"


@pytest.fixture
def analyze(tmp_path: Path, book: RuleBook) -> Callable[..., Analysis]:
    """Analyse a folder of these files."""

    def run(files: dict[str, str]) -> Analysis:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return k3slogs.analyze(tmp_path, rules=book)

    return run


def root(found: Analysis) -> str | None:
    return found.verdict.root_cause.rule if found.verdict.root_cause else None


# --- kinds ---------------------------------------------------------------------------------------------------------


@each
def test_a_kind_tells_its_facts_with_their_lines(name: str, sample: Sample) -> None:
    told = facts.facts_of(name, sample.text)
    assert set(sample.expected) <= {(fact.name, fact.value, fact.line) for fact in told}
    assert all(0 < fact.line <= sample.text.count("\n") + 1 for fact in told)


@each
def test_no_other_kind_claims_a_sample_by_its_place_or_by_its_text(name: str, sample: Sample) -> None:
    assert [other for other, kind in facts.kinds().items() if kind.accepts(sample.text)] == [name]
    assert [other for other, kind in facts.kinds().items() if kind.PLACE.search(sample.path)] == [name]


@each
def test_a_file_that_ends_anywhere_is_read_as_far_as_it_goes(name: str, sample: Sample) -> None:
    whole = {(fact.name, fact.line) for fact in facts.facts_of(name, sample.text)}
    for end in range(0, len(sample.text), 7):
        for fact in facts.facts_of(name, sample.text[:end]):
            assert (
                fact.name in {"cgroup_controller_missing", "cgroup_controllers_not_mounted", "cgroup_version"}
                or (fact.name, fact.line) in whole
            )


def test_no_log_is_taken_for_a_file_of_facts() -> None:
    """What kinds claim by their text is no log any more, so they must not claim one."""
    logs = [entry for path in sorted(SAMPLES.iterdir()) for entry in find([path]).inputs]
    claimed = {entry.name: facts.recognise(entry.open().head(8192)) for entry in logs}
    assert len(claimed) > 50
    assert {name: kind for name, kind in claimed.items() if kind and not facts.is_log(kind)} == {}


def test_what_the_check_could_not_read_is_no_fact() -> None:
    """Without zgrep the check calls every option missing."""
    text = "Generally Necessary:\n- zgrep: /bin/gzip: Permission denied\nCONFIG_MEMCG: missing (fail)\n- CONFIG_VXLAN: missing\n"
    assert facts.facts_of("check_config", text) == []


def test_only_a_whole_mount_table_tells_what_is_not_mounted() -> None:
    part = "cgroup on /sys/fs/cgroup/cpu type cgroup (rw,relatime,cpu)\n"
    assert {fact.name for fact in facts.facts_of("mounts", part)} == {"cgroup_version"}
    whole = facts.facts_of("mounts", f"/dev/vda on / type ext4 (rw)\n{part}")
    assert {fact.value for fact in whole if fact.name == "cgroup_controller_missing"} == {"cpuacct", "cpuset", "memory", "pids"}


# --- where they lie ------------------------------------------------------------------------------------------------


def test_a_file_is_found_by_its_text_in_a_plain_folder_and_by_name(
    analyze: Callable[..., Analysis], tmp_path: Path, book: RuleBook
) -> None:
    files = {"k3s.log": FAILS.format("web-1"), "mnt": ON_OVERLAY, "who": uname("web-1")}
    for found in (analyze(files), k3slogs.analyze([tmp_path / name for name in files], rules=book)):
        assert [Path(entry.source).name for entry in found.inputs] == ["k3s.log"]
        assert found.document.skipped == ()
        assert (found.environment.kernel, found.environment.root_filesystem, found.environment.cgroup_version) == (
            "6.1.0-23-amd64",
            "ext4",
            "2",
        )
        assert {(Path(fact.evidence.source).name, fact.node) for fact in found.environment.facts} == {("mnt", "web-1"), ("who", "web-1")}


def test_a_bundle_tells_them_by_their_places(tmp_path: Path, book: RuleBook) -> None:
    """Compressed ones too, and in an archive."""
    bundle = tmp_path / "edge-1"
    for name in ("var/log", "etc/rancher/k3s", "proc/self"):
        (bundle / name).mkdir(parents=True)
    (bundle / "var/log/k3s.log").write_text(FAILS.format("edge-1"))
    (bundle / "etc/rancher/k3s/config.yaml").write_text("snapshotter: overlayfs\nan-option-of-tomorrow: 7\n")
    (bundle / "proc/self/mountinfo").write_text("26 1 254:0 / / rw,relatime shared:1 - 9p none rw\n")
    (bundle / "proc/cgroups").write_bytes(gzip.compress(b"#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t1\t1\n"))
    with tarfile.open(tmp_path / "edge-1.tar", "w") as tar:
        tar.add(bundle, "edge-1")
    for path in (bundle, tmp_path / "edge-1.tar"):
        found = k3slogs.analyze(path, rules=book)
        assert root(found) == BY_FACT
        assert found.verdict.root_cause
        assert found.verdict.root_cause.evidence.source.endswith("proc/self/mountinfo")
        assert set(found.environment.flags) == {"--snapshotter=overlayfs", "--an-option-of-tomorrow=7"}
        assert "cgroup_controllers" in {fact.name for fact in found.environment.facts}


def test_a_kernel_log_is_a_log_and_tells_its_version(analyze: Callable[..., Analysis]) -> None:
    banner = "[    0.000000] Linux version 5.10.0-30-amd64 (builder@example.org) (gcc-10) #1 SMP\n"
    found = analyze({"kernel.log": banner + "[   17.500000] Out of memory: Killed process 1234 (k3s)\n", "k3s.log": FAILS.format("a")})
    assert {Path(entry.source).name for entry in found.inputs} == {"kernel.log", "k3s.log"}
    assert found.environment.kernel == "5.10.0-30-amd64"


def test_a_file_in_its_place_that_tells_nothing_is_said(tmp_path: Path, book: RuleBook) -> None:
    (tmp_path / "var/log").mkdir(parents=True)
    (tmp_path / "var/log/k3s.log").write_text(FAILS.format("a"))
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/mounts").write_text("cat: /proc/mounts: Permission denied\n")
    (skipped,) = [entry for entry in k3slogs.analyze(tmp_path, rules=book).document.skipped if entry.path.endswith("mounts")]
    assert skipped.reason == "mount table: no fact was read from it"


def test_facts_without_a_log_give_no_verdict(analyze: Callable[..., Analysis]) -> None:
    found = analyze({"mount.txt": ON_OVERLAY, "uname": uname("web-1")})
    assert (found.verdict.outcome, root(found), found.findings) == ("inconclusive", None, ())
    assert (found.environment.node, found.environment.kernel) == ("web-1", "6.1.0-23-amd64")


# --- the verdict ---------------------------------------------------------------------------------------------------


def test_a_fact_explains_what_the_log_shows(analyze: Callable[..., Analysis]) -> None:
    alone = analyze({"k3s.log": FAILS.format("web-1")})
    found = analyze({"mount.txt": ON_OVERLAY})
    assert (root(alone), root(found)) == (BY_LOG, BY_FACT)
    assert found.verdict.chain == (BY_FACT, BY_LOG)
    assert found.verdict.root_cause
    assert (found.verdict.root_cause.evidence.line, found.verdict.root_cause.evidence.text) == (2, OVERLAY.strip())
    assert (found.verdict.outcome, found.verdict.blocked_stage, found.verdict.confidence) == (
        alone.verdict.outcome, alone.verdict.blocked_stage, alone.verdict.confidence,
    )  # fmt: skip
    assert found.document.stages == alone.document.stages


def test_the_first_ten_lines_name_the_fact_and_the_line_of_the_log(analyze: Callable[..., Analysis]) -> None:
    found = analyze({"k3s.log": FAILS.format("web-1"), "mount.txt": ON_OVERLAY})
    head = render("terminal", found.document).splitlines()[:10]
    assert any("mount.txt:2" in line for line in head)
    assert any("k3s.log:2" in line for line in head)
    assert sum("2. " in line for line in head) == 1
    for name in ("terminal", "md", "html"):
        assert "mount.txt" in render(name, found.document)


WORST = (
    "none on / type 9p (rw)\n",
    "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t1\t0\nmemory\t0\t1\t0\n",
    "Generally Necessary:\n- cgroup hierarchy: nonexistent?? (fail)\n- CONFIG_VXLAN: missing\n- CONFIG_OVERLAY_FS: missing\n",
    "Linux vm 3.10.0 #1 SMP x86_64 GNU/Linux\n",
    "flannel-iface: wg9\n",
)


@pytest.mark.parametrize(
    "sample", ["healthy-k3s-fuse-root", "healthy-containerd", "healthy-kubelet", "disk-pressure", "etcd-corrupt-database"]
)
def test_facts_that_explain_nothing_change_nothing(sample: str, tmp_path: Path, book: RuleBook) -> None:
    """However bad they look."""
    logs = [path for path in sorted((SAMPLES / sample).iterdir()) if path.name != "expect.yaml"]
    files = []
    for number, text in enumerate(WORST):
        files.append(tmp_path / f"{number}.txt")
        files[-1].write_text(text)
    plain, told = k3slogs.analyze(logs, rules=book), k3slogs.analyze([*logs, *files], rules=book)
    assert len(told.environment.facts) > 10
    for name in ("verdict", "stages", "attempts", "findings", "timeline", "coverage", "inputs"):
        assert getattr(told.document, name) == getattr(plain.document, name), name


def test_a_fact_holds_for_every_attempt(book: RuleBook) -> None:
    found = k3slogs.analyze(SAMPLES / "kubelet-no-cpuset", rules=book)
    assert [entry.root_cause for entry in found.attempts] == ["cgroup-controllers-not-mounted"] * 2


def test_no_line_of_a_log_is_a_fact(analyze: Callable[..., Analysis]) -> None:
    forged = 'time="2025-11-23T05:00:02Z" level=error msg="fact" data_filesystem=overlay program=k3s mount=/var/lib/rancher\n'
    found = analyze({"k3s.log": forged + FAILS.format("a") + f"fact mounts: {OVERLAY}"})
    assert root(found) == BY_LOG


# --- whose they are ------------------------------------------------------------------------------------------------


def test_facts_belong_to_their_node(tmp_path: Path, book: RuleBook) -> None:
    for node, table in (("web-1", ON_OVERLAY), ("web-2", "/dev/vda on / type xfs (rw)\ncgroup2 on /sys/fs/cgroup type cgroup2 (rw)\n")):
        folder = tmp_path / node
        folder.mkdir()
        (folder / "k3s.log").write_text(FAILS.format(node))
        (folder / "mount.txt").write_text(table)
    found = k3slogs.analyze([tmp_path / "web-1", tmp_path / "web-2"], rules=book)
    assert {entry.node: entry.root_cause for entry in found.document.nodes} == {"web-1": BY_FACT, "web-2": BY_LOG}
    assert {(fact.node, fact.value) for fact in found.environment.facts if fact.name == "root_filesystem"} == {
        ("web-1", "ext4"),
        ("web-2", "xfs"),
    }
    assert found.document.cluster
    assert all(entry.first_failure for entry in found.document.nodes)


def test_facts_of_another_machine_do_not_count(analyze: Callable[..., Analysis]) -> None:
    found = analyze({"k3s.log": FAILS.format("web-1"), "uname.txt": uname("laptop", "3.10.0")})
    assert (found.environment.kernel, found.environment.facts) == (None, ())
    assert [text for text in found.assumptions if "laptop" in text and "do not count" in text]


def test_facts_of_nobody_count_for_none_of_several_nodes(analyze: Callable[..., Analysis]) -> None:
    found = analyze({"a.log": FAILS.format("web-1"), "b.log": FAILS.format("web-2"), "mount.txt": ON_OVERLAY})
    assert {entry.root_cause for entry in found.document.nodes} == {BY_LOG}
    assert [text for text in found.assumptions if "nothing tells of which node" in text]


def test_where_a_file_contradicts_the_log_the_log_counts(analyze: Callable[..., Analysis]) -> None:
    found = analyze({"k3s.log": FAILS.format("web-1"), "version.txt": "k3s version v1.31.1+k3s1 (aa)\n"})
    assert found.environment.k3s_version == "v1.33.5+k3s1"
    assert [text for text in found.assumptions if "version.txt:1 says v1.31.1+k3s1" in text and "the logs count" in text]


def test_two_files_that_differ_are_told(analyze: Callable[..., Analysis]) -> None:
    banner = "[    0.000000] Linux version 5.10.0-30-amd64 (builder@example.org) (gcc-10) #1 SMP\n"
    found = analyze({"k3s.log": FAILS.format("web-1"), "a-dmesg.log": banner, "uname.txt": uname("web-1")})
    assert [text for text in found.assumptions if "kernel" in text and "5.10.0-30-amd64" in text and "6.1.0-23-amd64" in text]


# --- secrets -------------------------------------------------------------------------------------------------------

SECRET = "moon-over-the-harbour"  # noqa: S105 - made up
SECRETS = (
    f"token: {SECRET}",
    f'"agent-token" : "{SECRET}"',
    f"TOKEN: {SECRET}",
    f"token+: {SECRET}",
    f"datastore-endpoint: postgres://k3s:{SECRET}@db/k3s",
    f"token:\n  {SECRET}",
    f"token: |\n  {SECRET}",
    f"token:\n  - {SECRET}",
    f"disable:\n- traefik\nmy-secret:\n- {SECRET}",
    f"etcd-s3-secret-key: '{SECRET}'",
    f"vpn-auth: name=tailscale,joinKey={SECRET}",
    f"kube-apiserver-arg:\n  - oidc-client-secret={SECRET}",
    f"kube-apiserver-arg: [v=2, service-account-key={SECRET}]",
    f"kubelet-arg:\n  - token: {SECRET}",
    f"node-name: a # the token is {SECRET}",
    f"token: {SECRET} # rotate me",
)


@pytest.mark.parametrize("text", SECRETS)
def test_no_secret_of_the_configuration_gets_out(text: str, tmp_path: Path, book: RuleBook) -> None:
    """Not even where redaction is switched off."""
    (tmp_path / "etc/rancher/k3s").mkdir(parents=True)
    (tmp_path / "etc/rancher/k3s/config.yaml").write_text(f"node-label: a=b\n{text}\nwith-node-id: true\n")
    (tmp_path / "var/log").mkdir(parents=True)
    (tmp_path / "var/log/k3s.log").write_text(FAILS.format("a"))
    found = k3slogs.analyze(tmp_path, rules=book, redact=False)
    assert {"--node-label=a=b", "--with-node-id"} <= set(found.environment.flags)
    for name in names():
        assert SECRET not in render(name, found.document)
