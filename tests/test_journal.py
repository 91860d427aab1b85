"""The journal in all forms, in binary files, and live: always the same records, and plain words where journalctl gives up."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import k3slogs
from k3slogs import sources
from k3slogs.engine import Calendar
from k3slogs.engine.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from k3slogs import RuleBook
    from k3slogs.engine import Engine
    from k3slogs.model import Record
    from tests.conftest import Cli

FORMS = Path(__file__).parents[1] / "samples" / "journal-forms"
NAMES = sorted(path.name for path in FORMS.glob("k3s.*"))
REMOTE = next(
    (path for path in (Path("/usr/lib/systemd/systemd-journal-remote"), Path("/lib/systemd/systemd-journal-remote")) if path.exists()), None
)
REAL = shutil.which("journalctl") if REMOTE else None
ROOT = "kubelet-rootfs-info-memory-cache"


def records(engine: Engine, name: str) -> list[Record]:
    (source,) = sources.find([FORMS / name]).inputs
    clock = Clock(Calendar(datetime(2025, 11, 23, tzinfo=UTC), "the test"))
    return [found.record for found in engine.records(source.open().blocks(), name, clock, every=True)]


def said(record: Record) -> tuple[object, ...]:
    """What must not depend on the form; text forms print unreadable messages as `[10B blob data]`, json-less ones know no priority."""
    unreadable = "blob data" in record.message or record.message.startswith("bin")
    return (
        "unreadable" if unreadable else " ".join(record.message.split()),
        record.err,
        record.fields,
        record.origin,
        record.program,
        record.identity[:2],
    )


@pytest.mark.parametrize("name", [name for name in NAMES if "cat" not in name])
def test_every_form_gives_the_same_records(name: str, engine: Engine) -> None:
    expected = records(engine, "k3s.json.txt")
    found = records(engine, name)
    assert [said(record) for record in found] == [said(record) for record in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.timestamp is not None
        assert other.timestamp is not None
        assert abs((one.timestamp - other.timestamp).total_seconds()) < 1


def test_messages_alone_give_the_same_texts(engine: Engine) -> None:
    def texts(name: str) -> str:
        return "".join("".join(record.text.split()) for record in records(engine, name))

    assert texts("k3s.cat.txt") == texts("k3s.json.txt")


def test_there_are_thirteen_forms() -> None:
    assert len(NAMES) == 13


# --- journalctl ---------------------------------------------------------------------------------------------------


class Stage(NamedTuple):
    """A journalctl of our own: it notes its arguments and says what it is told to."""

    folder: Path
    env: dict[str, str]

    @property
    def asked(self) -> list[str]:
        return (self.folder / "asked").read_text().splitlines()


@pytest.fixture
def staged(tmp_path: Path) -> Callable[..., Stage]:
    def make(*, prints: Path | None = None, says: str = "", code: int = 0) -> Stage:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        script = folder / "journalctl"
        (folder / "says").write_text(says)
        cat = f"cat '{prints}'" if prints else ":"
        script.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > '{folder}/asked'\n{cat}\ncat '{folder}/says' >&2\nexit {code}\n")
        script.chmod(0o755)
        return Stage(folder, {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"})

    return make


@pytest.fixture
def binary(tmp_path: Path, staged: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a binary journal: a real one where systemd can make it, else one that our own journalctl pretends to read."""
    path = tmp_path / "journals" / "system.journal"
    path.parent.mkdir()
    if REAL and REMOTE:
        subprocess.run([REMOTE, "-o", path, FORMS / "k3s.export.txt"], check=True, capture_output=True)
    else:
        path.write_bytes(b"LPKSHHRH")
        for name, value in staged(prints=FORMS / "k3s.json.txt").env.items():
            monkeypatch.setenv(name, value)
    return path


def test_a_binary_journal_gives_what_its_text_gives(binary: Path, book: RuleBook) -> None:
    text = k3slogs.analyze(FORMS / "k3s.json.txt", rules=book)
    for given in (binary, binary.parent):
        found = k3slogs.analyze(given, rules=book)
        assert found.failures == ()
        assert [(entry.rule, entry.count, entry.first) for entry in found.findings] == [(e.rule, e.count, e.first) for e in text.findings]
        assert found.verdict.root_cause is not None
        assert found.verdict.root_cause.evidence.source == str(given)


def test_the_journals_of_a_folder_are_one_input_beside_its_logs(binary: Path) -> None:
    shutil.copy(binary, binary.with_name("user-1000.journal"))
    (binary.parent / "containerd.log").write_text("x\n")
    listing = sources.find([binary.parent])
    assert sorted(entry.name for entry in listing.inputs) == [str(binary.parent), str(binary.parent / "containerd.log")]
    assert not listing.skipped


def test_a_damaged_journal_is_a_failure_with_the_words_of_journalctl(tmp_path: Path, staged: Callable[..., Stage], cli: Cli) -> None:
    (tmp_path / "x.journal").write_bytes(b"LPKSHHRH" + bytes(100))
    env = None if REAL else staged(says="Failed to open files: No data available\n", code=1).env
    ran = cli("analyze", "x.journal", env=env)
    assert ran.code == 3
    assert "k3slogs: x.journal: journalctl says: Failed to open" in ran.err


def test_without_journalctl_it_says_what_to_run(binary: Path, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = cli("analyze", binary, env={"PATH": str(tmp_path / "empty")})
    assert ran.code == 3
    assert f"journalctl --file={binary} -o json > journal.json" in ran.err


# --- the live journal ---------------------------------------------------------------------------------------------


def test_the_live_journal_is_asked_for_the_units_of_k3s(staged: Callable[..., Stage], cli: Cli) -> None:
    stage = staged(prints=FORMS / "k3s.json.txt")
    ran = cli("analyze", "--journal", "--format", "json", env=stage.env)
    assert ran.code == 0
    assert f'"rule": "{ROOT}"' in ran.out
    assert '"source": "journal"' in ran.out
    assert [word for word in stage.asked if word.startswith("--unit")] == ["--unit=k3s", "--unit=k3s-agent"]
    assert {"--output=json", "--all", "--no-pager"} <= set(stage.asked)


def test_units_bounds_and_files_are_handed_on(staged: Callable[..., Stage], cli: Cli, seed: Path) -> None:
    stage = staged(prints=FORMS / "k3s.json.txt")
    ran = cli(
        "analyze", "--journal", "rke2-server", f"./{seed.name}", "--since", "-1h", "--until", "now", "--boot", "-1", "-f", "json", env=stage.env
    )  # fmt: skip
    assert ran.code == 0
    assert [word for word in stage.asked if "=" in word][-4:] == ["--unit=rke2-server", "--since=-1h", "--until=now", "--boot=-1"]
    assert f'"source": "./{seed.name}"' in ran.out
    assert '"source": "journal"' in ran.out


@pytest.mark.parametrize(
    ("says", "code", "wanted"),
    [
        ("Failed to parse timestamp: soon\n", 1, "journal: journalctl says: Failed to parse timestamp: soon"),
        ("No journal files were found.\n", 0, "journal: journalctl says: No journal files were found."),
        ("", 4, "journal: journalctl says: nothing, and ends with 4"),
    ],
)
def test_what_journalctl_refuses_is_told(staged: Callable[..., Stage], cli: Cli, says: str, code: int, wanted: str) -> None:
    ran = cli("analyze", "--journal", env=staged(says=says, code=code).env)
    assert ran.code == 3
    assert wanted in ran.err


HINT = (
    "Hint: You are currently not seeing messages from other users and the system.\n"
    "      Users in groups 'adm', 'systemd-journal' can see all messages.\n"
    "      Pass -q to turn off this notice.\n"
)


def test_a_hint_about_permissions_is_a_problem_of_the_input(
    staged: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch, book: RuleBook
) -> None:
    monkeypatch.setenv("PATH", staged(prints=FORMS / "k3s.json.txt", says=HINT).env["PATH"])
    found = k3slogs.analyze(k3slogs.journal("k3s"), rules=book)
    assert found.failures == ()
    assert found.verdict.root_cause is not None
    assert any("not seeing messages from other users" in problem for problem in found.inputs[0].problems)
    assert not any("turn off this notice" in problem for problem in found.inputs[0].problems)


def test_a_journal_without_entries_says_where_to_look(
    staged: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, book: RuleBook
) -> None:
    (tmp_path / "none").write_text("-- No entries --\n")
    monkeypatch.setenv("PATH", staged(prints=tmp_path / "none").env["PATH"])
    found = k3slogs.analyze(k3slogs.journal(), rules=book)
    assert found.verdict.outcome == "inconclusive"
    assert "systemctl list-units" in found.inputs[0].problems[0]


def test_bounds_go_only_with_the_journal(cli: Cli, seed: Path) -> None:
    ran = cli("analyze", seed.name, "--since", "yesterday")
    assert ran.code == 2
    assert "--since goes with --journal" in ran.err


# --- pasted lines of the journal ----------------------------------------------------------------------------------

LINE = 'host k3s[1203]: E1123 05:05:19.580162    1203 kubelet.go:1703] "Failed to start ContainerManager" err="failed to get rootfs info: unable to find data in memory cache"'


@pytest.mark.parametrize(
    "stamp", ["  Nov 23 05:05:19", "nov. 23 05:05:19", "Nov. 23 05:05:19", " 11月 23 05:05:19", "    11月 23 05:05:19", "нояб. 23 05:05:19"]
)
def test_pasted_and_localised_stamps_are_envelopes(stamp: str, tmp_path: Path, book: RuleBook) -> None:
    path = tmp_path / "paste.log"
    path.write_text(f"{stamp} {LINE}\n" * 3)
    found = k3slogs.analyze(path, rules=book, year=2025)
    assert found.verdict.root_cause is not None
    assert found.verdict.root_cause.rule == ROOT
    assert found.verdict.root_cause.evidence.text.startswith("E1123")
    assert found.verdict.root_cause.evidence.timestamp == datetime(2025, 11, 23, 5, 5, 19, 580162, tzinfo=UTC)
    assert set(found.inputs[0].formats) <= {"journald-local.klog", "journald-short.klog"}
