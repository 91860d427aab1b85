"""Logs that grow: every line is read once whatever happens to its file, what is new is told once, and a script gets its answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import k3slogs
from k3slogs.engine import Calendar, Engine, folding
from k3slogs.engine import scanning as engine_scanning
from k3slogs.model import Block
from k3slogs.sources.live import Follower
from k3slogs.sources.live.tail import Tail
from k3slogs.watching import Happening, Watch
from tests.conftest import HEALTHY, SEED, klog, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k3slogs import RuleBook
    from k3slogs.watching import Event
    from tests.conftest import Cli, Pack

SAMPLES = Path(__file__).parents[1] / "samples"
ROOT = "kubelet-rootfs-info-memory-cache"
READY = 'I1123 05:00:18.000000       7 kubelet_node_status.go:500] "Fast updating node status as it just became ready"\n'
BANNER = HEALTHY.splitlines(keepends=True)[0]
FATAL = SEED.replace("\n  err=", " err=")
"""The seed's line, as the kubelet prints it today."""
PATIENCE = 60.0
"""Seconds that a test waits for what must come; it nearly always comes at once."""


# --- files -----------------------------------------------------------------------------------------------------------


class Log:
    """A log file and the things that are done to one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rotated = 0

    def append(self, text: str) -> None:
        with self.path.open("a") as file:
            file.write(text)

    def append_old(self, text: str) -> None:
        """The writer has not noticed the rotation."""
        with self.path.with_suffix(f".log.{self.rotated}").open("a") as file:
            file.write(text)

    def rename(self) -> None:
        self.rotated += 1
        self.path.rename(self.path.with_suffix(f".log.{self.rotated}"))

    def truncate(self) -> None:
        os.truncate(self.path, 0)


def lines(follower: Follower, polls: int = 3) -> list[tuple[int, str]]:
    """What some polls give: each line with its number."""
    found = []
    for _ in range(polls):
        for block in follower.poll():
            numbers = block.numbers or range(block.first_line, block.first_line + block.data.count(b"\n") + 1)
            found += list(zip(numbers, block.data.decode().splitlines(), strict=False))
    return found


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "k3s.log")


def follow(path: Path) -> Follower:
    return Follower(path.name, partial(Tail, path))


@pytest.fixture
def follower(log: Log) -> Iterator[Follower]:
    follower = follow(log.path)
    yield follower
    follower.close()


def test_a_file_may_come_later(log: Log, follower: Follower) -> None:
    assert lines(follower) == []
    assert follower.news == ["is not there yet: waiting for it"]
    log.append("one\n")
    assert lines(follower) == [(1, "one")]


def test_a_line_is_given_when_it_is_whole(log: Log, follower: Follower) -> None:
    log.append("one\ntw")
    assert lines(follower) == [(1, "one")]
    log.append("o\n")
    assert lines(follower) == [(2, "two")]


def test_a_rotation_by_rename_loses_nothing(log: Log, follower: Follower) -> None:
    log.append("one\n")
    assert lines(follower) == [(1, "one")]
    log.append("two\n")
    log.rename()
    log.append_old("three, still in the old file\n")
    log.append("four\n")
    assert lines(follower, 6) == [(2, "two"), (3, "three, still in the old file"), (4, "four")]
    assert any("rotated" in text for text in follower.problems)


def test_an_empty_new_file_does_not_end_the_old_one(log: Log, follower: Follower) -> None:
    """A rotation makes the new file before the writer knows of it."""
    log.append("one\n")
    lines(follower)
    log.rename()
    log.path.touch()
    assert lines(follower) == []
    log.append_old("two, in the old file\n")
    assert lines(follower) == [(2, "two, in the old file")]
    log.append("three\n")
    assert lines(follower) == [(3, "three")]


@pytest.mark.parametrize("mode", ["ab", "r+b"])
def test_copytruncate_goes_on_at_the_start(log: Log, follower: Follower, mode: str) -> None:
    """A writer that does not append goes on at its old place and leaves a hole of zeros."""
    log.append("an older line\n" * 40)
    with log.path.open(mode, buffering=0) as writer:
        writer.seek(0, os.SEEK_END)
        assert len(lines(follower)) == 40
        log.truncate()
        writer.write(b"fresh\n")
        assert lines(follower) == [(41, "fresh")]
        writer.write(b"and on\n")
        assert lines(follower) == [(42, "and on")]


def test_a_file_cut_short_that_has_grown_beyond_is_noticed(log: Log, follower: Follower) -> None:
    log.append("old\n")
    lines(follower)
    log.truncate()
    log.append("a new line that is longer than all that stood there\n")
    assert [text for _, text in lines(follower)] == ["a new line that is longer than all that stood there"]


def test_a_file_may_go_and_come_back(log: Log, follower: Follower) -> None:
    log.append("one\n")
    lines(follower)
    log.path.unlink()
    assert lines(follower, 60) == []
    log.append("two\n")
    assert lines(follower) == [(2, "two")]
    assert follower.news[-2:] == ["is gone: waiting for it", "is there now"]


def test_parts_of_a_cri_line_are_joined_over_polls(log: Log, follower: Follower) -> None:
    stamp = "2026-11-23T05:00:0{}.000000000Z stderr"
    log.append(f"{stamp.format(1)} F whole\n{stamp.format(2)} P one and \n")
    first = lines(follower)
    log.append(f"{stamp.format(3)} F the same\n")
    assert [text.partition("stderr ")[2] for _, text in first + lines(follower)] == ["F whole", "F one and the same"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x1f\x8b\x08\0\0\0\0\0\n", "compressed"),
        (b"\x7fELF\x02\n", "a program"),
        (b"__REALTIME_TIMESTAMP=1\n__CURSOR=s\nMESSAGE=x\n\n", "-o json"),
    ],
)
def test_what_cannot_be_followed_is_said(log: Log, follower: Follower, data: bytes, reason: str) -> None:
    log.path.write_bytes(data)
    assert lines(follower) == []
    assert follower.error is not None
    assert reason in str(follower.error)
    assert follower.ended


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["append", "append", "half", "rename", "truncate", "vanish"]), max_size=25))
def test_every_line_comes_once_and_in_order(tmp_path: Path, steps: list[str]) -> None:
    """Whatever is done to the file between two polls, as long as a truncation comes after what stood there was read."""
    folder = tmp_path / str(time.monotonic_ns())
    folder.mkdir()
    log = Log(folder / "k3s.log")
    follower = follow(log.path)
    wanted: list[str] = []
    got: list[str] = []
    for number, step in enumerate(steps):
        if step == "half":
            log.append(f"half {number} ")
            wanted.append(f"half {number} ")
        elif step == "append":
            log.append(f"line {number}\n")
            wanted.append(f"line {number}\n")
        elif log.path.exists():
            got += [text for _, text in lines(follower)]
            {"rename": log.rename, "truncate": log.truncate, "vanish": log.path.unlink}[step]()
            if wanted and not wanted[-1].endswith("\n"):
                wanted.append("\n")
            got += [text for _, text in lines(follower, 1)]
        got += [text for _, text in lines(follower, number % 3)]
    log.append("the end\n")
    got += [text for _, text in lines(follower, 6)]
    follower.close()
    expected = "".join([*wanted, "the end\n"]).splitlines()
    assert got == expected


# --- events ----------------------------------------------------------------------------------------------------------


def told(watch: Watch, polls: int = 4) -> list[Event]:
    """What some polls tell, each a moment of its own."""
    events = []
    for _ in range(polls):
        watch._next = 0.0
        events += watch.poll()
    return events


def kinds(events: list[Event]) -> list[str]:
    return [str(event.event) for event in events]


def stages(events: list[Event]) -> dict[str, str]:
    parts = [event.as_json() for event in events if event.event is Happening.STAGE]
    return {part["stage"]: part["status"] for part in parts}


@pytest.fixture
def watching(book: RuleBook, log: Log) -> Iterator[Watch]:
    log.path.touch()
    watch = Watch([str(log.path)], rules=book, year=2026)
    yield watch
    watch.finish()


def test_the_ladder_is_told_rung_by_rung(watching: Watch, log: Log) -> None:
    seen: list[str] = []
    for line in HEALTHY.splitlines(keepends=True):
        log.append(line)
        seen += stages(told(watching))
    assert seen == sorted(set(seen), key=seen.index) or len(seen) >= len(set(seen))
    assert {"datastore", "control-plane", "agent", "runtime", "kubelet", "node"} <= set(seen)
    assert told(watching) == []


def test_a_finding_is_told_once_with_its_line(watching: Watch, log: Log) -> None:
    log.append(BANNER + FATAL)
    events = told(watching)
    log.append(FATAL)
    events += told(watching)
    found = [event.as_json() for event in events if event.event is Happening.FINDING]
    assert [(each["rule"], each["evidence"][0]["line"], each["attempt"]) for each in found] == [(ROOT, 2, 1)]


def test_a_record_over_several_lines_is_not_cut(watching: Watch, log: Log, book: RuleBook) -> None:
    """Its lines may come in two writes with a look between them."""
    head, tail = (
        klog("Failed to start ContainerManager") + " err=<\n",
        "\tfailed to get rootfs info:\n\tunable to find data in memory cache\n >\n",
    )
    log.append(BANNER + head)
    events = told(watching, 1)
    log.append(tail)
    events += told(watching)
    assert [event.as_json()["rule"] for event in events if event.event is Happening.FINDING] == [ROOT]
    whole = k3slogs.analyze(str(log.path), rules=book, year=2026)
    assert watching.document().coverage == whole.coverage


def test_a_restart_is_a_new_attempt_and_recovery_is_told(watching: Watch, log: Log) -> None:
    log.append(BANNER + FATAL)
    first = told(watching)
    log.append(HEALTHY)
    first += told(watching)
    assert [kind for kind in kinds(first) if kind.startswith("attempt")] == ["attempt-begins", "attempt-ends", "attempt-begins"]
    assert "recovered" not in kinds(first)
    log.append(READY)
    assert "recovered" in kinds(told(watching))


def test_earlier_attempts_are_told_in_a_line_each_kind(watching: Watch, log: Log) -> None:
    log.append((BANNER + FATAL) * 5)
    events = told(watching)
    ends = [event.as_json() for event in events if event.event is Happening.ATTEMPT_ENDS]
    assert [(each["repeats"], each["root_cause"]) for each in ends[:1]] == [(4, ROOT)]
    assert kinds(events).count("attempt-begins") == 1


def test_what_happens_to_a_file_is_an_event(watching: Watch, log: Log) -> None:
    log.append(BANNER)
    told(watching)
    log.truncate()
    assert [event.text for event in told(watching) if event.event is Happening.INPUT] == ["was cut short: read again from its start"]


def test_a_folder_is_looked_at_again(tmp_path: Path, book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k3slogs.sources.live.followers._LOOK", 0.0)
    (tmp_path / "pods").mkdir()
    (tmp_path / "pods/one.log").write_text(BANNER)
    watch = Watch([str(tmp_path / "pods")], rules=book)
    told(watch)
    (tmp_path / "pods/two.log").write_text(FATAL)
    (tmp_path / "pods/one.log").rename(tmp_path / "pods/one.log.1")
    told(watch)
    assert sorted(Path(name).name for name in watch.sources) == ["one.log", "two.log"]
    assert watch.lines == 2
    watch.finish()


def settled(part: Any) -> Any:
    """Without the lines behind a line: when it was judged they may not have been written yet."""
    if isinstance(part, dict):
        return {name: settled(value) for name, value in part.items() if name != "after"}
    return [settled(value) for value in part] if isinstance(part, list | tuple) else part


@pytest.mark.parametrize("case", ["seed-journal", "healthy-k3s-etcd", "k3s-without-iptables", "workload-crash-loop"])
def test_what_was_followed_gives_the_verdict_of_an_analysis(case: str, tmp_path: Path, book: RuleBook) -> None:
    source = max((SAMPLES / case).glob("*.log"), key=lambda path: path.stat().st_size)
    log = Log(tmp_path / source.name)
    log.path.touch()
    watch = Watch([str(log.path)], rules=book, year=2026)
    text = source.read_text()
    for at in range(0, len(text), 20_000):
        log.append(text[at : at + 20_000])
        told(watch, 1)
    final = watch.finish()[-1]
    whole = k3slogs.analyze(str(log.path), rules=book, year=2026).document
    assert final.final
    assert final.part is not None
    assert settled(opened(final.part)) == settled(opened(whole.verdict))
    found, wanted = opened(watch.document()), opened(whole)
    for part in ("findings", "attempts", "stages"):
        assert settled(found[part]) == settled(wanted[part])


# --- memory ----------------------------------------------------------------------------------------------------------


def test_days_of_restarts_shapes_and_keys_take_no_more_memory(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept of a source is bounded, and no count is lost."""
    monkeypatch.setattr(folding, "MAX_LIVES", 20)
    monkeypatch.setattr(folding, "MAX_TOLD", 40)
    monkeypatch.setattr(folding, "MAX_KEYS", 10)
    monkeypatch.setattr(engine_scanning, "MAX_GAPS", 10)
    pack.milestone("node/k3s-starts", "Starting k3s", component="k3s", stage="process", proves="entered", begins="attempt")
    pack.rule("node/wheel-lost", captures={"wheel": r"wheel fell off (\w+)"}, key=["wheel"])
    pack.rule("node/axle-broken", "the axle is broken")
    scanning = Engine(pack.book()).begin("k3s.log", Calendar(datetime(2026, 11, 23, tzinfo=UTC), "a test"))
    number, hits = 1, 0
    for life in range(300):
        texts = ["Starting k3s", *(f"the wheel fell off w{life}x{wheel}" for wheel in range(life % 30))]
        texts += ["the axle is broken"] * (life % 2)
        hits += life % 30
        data = "".join(klog(text, second=life * 100) + "\n" for text in texts).encode()
        scanning.feed(Block(data, number))
        number += len(texts)
        scanning.settle()
    scan = scanning.close()
    folds = [fold for life in scan.lives for fold in life.folds.values()]
    assert len(scan.lives) <= 40
    assert len(scan.gaps) <= 10
    assert max(life.keys["wheel-lost"] for life in scan.lives) <= 11
    assert sum(life.repeats for life in scan.lives) == 300
    assert sum(fold.count for fold in folds if fold.rule.id == "wheel-lost") == hits


def test_clocks_that_go_to_and_fro_take_no_more_memory(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_scanning, "MAX_CLOCKS", 10)
    pack.rule("node/wheel-lost")
    scanning = Engine(pack.book()).begin("k3s.log", Calendar(datetime(2026, 11, 23, tzinfo=UTC), "a test"))
    for number in range(1, 400, 2):
        lines = [klog("the wheel fell off", second=number), f'time="{2020 + number % 4}-11-23T05:00:01Z" level=error msg="it is lost"']
        scanning.feed(Block("".join(f"{line}\n" for line in lines).encode(), number))
        scanning.settle()
        assert len(scanning._clocks) <= 12
    (fold,) = (fold for life in scanning.close().lives for fold in life.folds.values())
    assert (fold.count, fold.first.line, fold.last.line) == (200, 1, 399)


def test_sources_that_come_and_go_in_one_journal_are_forgotten(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "MAX_LIVES", 20)
    monkeypatch.setattr(folding, "MAX_TOLD", 40)
    pack.rule("node/wheel-lost")
    scanning = Engine(pack.book()).begin("journal", Calendar(datetime(2026, 11, 23, tzinfo=UTC), "a test"))
    for number in range(1, 500):
        line = f"Nov 23 05:00:01 node1 session-{number}[{number}]: {klog('the wheel fell off')}\n"
        scanning.feed(Block(line.encode(), number))
        scanning.settle()
    assert len(scanning.close().lives) <= 41


# --- the command -----------------------------------------------------------------------------------------------------


class Running:
    """`k3slogs watch` as a process of its own, with its output in files."""

    def __init__(self, cli: Cli, *arguments: str | Path, stdin: int | None = subprocess.DEVNULL) -> None:
        self._out, self._err = cli.cwd / "out", cli.cwd / "err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(cli.command("watch", *arguments), stdin=stdin, stdout=out, stderr=err, cwd=cli.cwd, env=cli.env)

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines(keepends=True) if line.endswith("\n")]

    def until(self, seen: Callable[[], object]) -> None:
        limit = time.monotonic() + PATIENCE
        while not seen():
            assert time.monotonic() < limit, f"it did not come: {self.out}\n{self._err.read_text()}"
            assert self.process.poll() is None or seen(), f"ended: {self.out}\n{self._err.read_text()}"
            time.sleep(0.05)

    def end(self) -> int:
        code = self.process.wait(PATIENCE)
        assert "Traceback" not in self._err.read_text()
        return code

    def error(self) -> str:
        return self._err.read_text()


def test_a_growing_rotated_and_truncated_file_is_followed(cli: Cli, log: Log) -> None:
    running = Running(cli, log.path, "--format", "jsonl", "--year", "2026")
    running.until(lambda: "not there yet" in running.out)
    log.append(BANNER)
    running.until(lambda: any(event["event"] == "attempt-begins" for event in running.events))
    log.rename()
    log.append(FATAL)
    running.until(lambda: any(event.get("rule") == ROOT for event in running.events))
    log.truncate()
    running.until(lambda: "cut short" in running.out)
    log.append(HEALTHY + READY)
    running.until(lambda: any(event["event"] == "recovered" for event in running.events))
    running.process.send_signal(signal.SIGINT)
    assert running.end() == 130
    last = running.events[-1]
    assert (last["event"], last["final"], last["outcome"]) == ("verdict", True, "degraded")


def test_a_process_is_watched_through_a_pipe(cli: Cli) -> None:
    """Its lines are told while it runs; its end ends the watch with the verdict."""
    running = Running(cli, "-", "--format", "jsonl", "--year", "2026", stdin=subprocess.PIPE)
    pipe = running.process.stdin
    assert pipe is not None
    pipe.write((BANNER + FATAL).encode())
    pipe.flush()
    running.until(lambda: any(event["event"] == "finding" for event in running.events))
    pipe.close()
    assert running.end() == 0
    assert running.events[-1]["root_cause"]["rule"] == ROOT


@pytest.mark.parametrize(
    ("text", "until", "code", "words"),
    [
        (HEALTHY + READY, "running", 0, "RUNNING"),
        (BANNER + FATAL, "running", 1, ROOT),
        (BANNER + FATAL, "failed", 0, ROOT),
        (HEALTHY, "running", 124, "having reached the stage node"),
        (HEALTHY + READY, "failed", 1, "RUNNING"),
    ],
)
def test_a_script_waits_for_an_outcome(cli: Cli, text: str, until: str, code: int, words: str) -> None:
    log = Log(cli.cwd / "k3s.log")
    log.append(text)
    ran = cli("watch", log.path, "--until", until, "--timeout", "4s" if code == 124 else "50s", "--grace", "0s", "--year", "2026")
    assert (ran.code, ran.err) == (code, "")
    assert words in ran.out


def test_a_restart_loop_has_failed_without_waiting(cli: Cli, log: Log) -> None:
    log.append((BANNER + SEED_EXIT) * 3)
    ran = cli("watch", log.path, "--until", "running", "--timeout", "50s", "--grace", "1h", "--year", "2026")
    assert ran.code == 1


SEED_EXIT = FATAL + 'F1123 05:07:39.000000       7 server.go:1] "Failed to run kubelet"\n'


def test_another_stage_may_count_as_running(cli: Cli, log: Log) -> None:
    log.append(HEALTHY)
    assert cli("watch", log.path, "--until", "running", "--stage", "node", "--grace", "0s", "--timeout", "50s").code == 0


def test_the_end_of_the_input_decides(cli: Cli) -> None:
    assert cli("watch", "-", "--until", "running", stdin=(HEALTHY + READY).encode()).code == 0
    assert cli("watch", "-", "--until", "running", stdin=(BANNER + FATAL).encode()).code == 1
    assert cli("watch", "-", "--until", "running", stdin=b"nothing that a rule knows\n").code == 1
    assert cli("watch", "-", "--until", "running", stdin=b"").code == 1


def test_ctrl_c_and_kill_end_with_the_verdict(cli: Cli, log: Log) -> None:
    log.append(BANNER + FATAL)
    for number in (signal.SIGINT, signal.SIGTERM):
        running = Running(cli, log.path)
        running.until(lambda: ROOT in running.out)  # noqa: B023 - called at once
        running.process.send_signal(number)
        assert running.end() == 130
        assert running.out.splitlines()[-1].startswith("✓ reached")
        assert f"rule   {ROOT}" in running.out


def test_what_is_printed_is_cleaned(cli: Cli, log: Log) -> None:
    token = "K10" + "5f" * 32 + "::server:hunter2secret"
    log.append(BANNER + FATAL.rstrip("\n") + f" \x1b[31m\x9b2J\u202e token={token}\n")
    for form in ("terminal", "jsonl"):
        ran = cli("watch", log.path, "--format", form, "--until", "failed", "--grace", "0s", "--timeout", "50s")
        assert ran.code == 0
        assert ROOT in ran.out
        for bad in ("hunter2secret", "\x1b", "\x9b", "\u202e"):
            assert bad not in ran.out


def test_what_cannot_be_followed_is_exit_3(cli: Cli, log: Log, tmp_path: Path) -> None:
    log.path.write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\n")
    ran = cli("watch", log.path)
    assert ran.code == 3
    assert "compressed" in ran.err
    (tmp_path / "other.log").write_text(BANNER + FATAL)
    ran = cli("watch", log.path, "other.log", "--timeout", "2s")
    assert ran.code == 3
    assert ROOT in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--timeout", "soon"],
        ["--grace", "x"],
        ["--until", "ready"],
        ["--stage", "nowhere", "--until", "running"],
        ["--stage", "node"],
        ["--tz", "Nowhere"],
    ],
)
def test_bad_usage_is_exit_2(cli: Cli, log: Log, arguments: list[str]) -> None:
    log.append(BANNER)
    assert cli("watch", log.path, *arguments).code == 2


def test_a_reader_that_goes_away_ends_it_quietly(cli: Cli, log: Log) -> None:
    log.append(BANNER + FATAL)
    with subprocess.Popen(
        cli.command("watch", log.path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cli.cwd, env=cli.env
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        log.append((BANNER + FATAL) * 3)
        code = process.wait(PATIENCE)
        assert (code, process.stderr.read()) == (141, b"")


def stage(cli: Cli, script: str) -> dict[str, str]:
    """A journalctl of our own on the PATH."""
    folder = cli.cwd / "bin"
    folder.mkdir(exist_ok=True)
    (folder / "journalctl").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "journalctl").chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def test_the_journal_is_followed(cli: Cli) -> None:
    entry = {"__REALTIME_TIMESTAMP": "1795409999000000", "SYSLOG_IDENTIFIER": "k3s", "_HOSTNAME": "node1", "PRIORITY": "6"}
    entries = [json.dumps({**entry, "MESSAGE": line}) for line in (HEALTHY + READY).splitlines()]
    (cli.cwd / "entries").write_text("\n".join(entries) + "\n")
    env = stage(cli, f"echo \"$@\" > '{cli.cwd}/asked'; cat '{cli.cwd}/entries'; exec sleep 60")
    ran = cli("watch", "--journal", "my-k3s", "--until", "running", "--grace", "0s", "--timeout", "50s", env=env)
    assert (ran.code, ran.err) == (0, "")
    assert "journal:10" in ran.out
    asked = (cli.cwd / "asked").read_text()
    for word in ("--follow", "--lines=all", "--boot=0", "--unit=my-k3s", "--output=json"):
        assert word in asked


def test_a_journal_that_cannot_be_followed_is_exit_3(cli: Cli) -> None:
    ran = cli("watch", "--journal", env=stage(cli, "echo 'Failed to open the journal' >&2; exit 1"))
    assert ran.code == 3
    assert "Failed to open the journal" in ran.err
    ran = cli("watch", "--journal", env={"PATH": str(cli.cwd / "nowhere")})
    assert ran.code == 3
    assert "run journalctl --unit=k3s --unit=k3s-agent --boot=0 -o json > journal.json" in ran.err
