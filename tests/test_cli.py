"""The command line as a user meets it: what it prints, how it exits, and that no input, however bad, shows a traceback."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from k3slogs import cache, renderers, rulebook
from k3slogs.taxonomy import Category, Effect
from tests.conftest import SEED, klog

if TYPE_CHECKING:
    from collections.abc import Callable

    from k3slogs import RuleBook
    from tests.conftest import Cli, Pack, Ran

ROOT = "kubelet-rootfs-info-memory-cache"
FORMS = tuple(renderers.names())
TOKEN = "K10" + "5f" * 32 + "::server:hunter2secret"
CLIPBOARD = "\x1b]52;c;aGVsbG8=\x07"
HOSTILE = f"{CLIPBOARD}\x1b[31mred\x1b[0m \u202egpj.exe\u202c \x9b2J\u200b{TOKEN}"


def analyzed(ran: Ran) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(ran.out)
    return parsed


def is_unsafe(character: str) -> bool:
    """Control, bidi and zero-width characters; a newline is the only one that output needs."""
    return (
        (character < " " and character != "\n")
        or "\x7f" <= character <= "\x9f"
        or character in "\u200b\u202a\u202b\u202c\u202d\u202e\u2066\u2069"
    )


# --- analyze ---------------------------------------------------------------------------------------------------


def test_the_first_ten_lines_say_what_broke_where_and_what_to_try(cli: Cli, seed: Path) -> None:
    ran = cli("analyze", seed.name)
    top = "\n".join(ran.out.splitlines()[:10])
    assert ran.code == 0
    assert ran.err == ""
    assert top.startswith("FAILED")
    for expected in (ROOT, "kubelet.log:1", "05:07:38.580", "stage kubelet", "likely", "try"):
        assert expected in top


def test_standard_input_is_read_behind_a_dash(cli: Cli) -> None:
    ran = cli("analyze", "-", "--format", "json", stdin=SEED.encode())
    assert ran.code == 0
    assert analyzed(ran)["verdict"]["root_cause"]["rule"] == ROOT
    assert analyzed(ran)["verdict"]["root_cause"]["evidence"]["source"] == "<stdin>"


PROMISED: dict[str, set[str]] = {
    "": {
        "schema_version", "verdict", "stages", "attempts", "findings", "timeline", "coverage", "unknown", "inputs", "environment", "assumptions",
    },
    "verdict": {"outcome", "furthest_stage", "blocked_stage", "confidence", "reason", "remedy", "root_cause", "chain"},
    "verdict.root_cause": {"rule", "title", "category", "stage", "effect", "evidence"},
    "verdict.root_cause.evidence": {"source", "line", "timestamp", "text"},
    "stages.0": {"stage", "status", "timestamp", "evidence"},
    "attempts.0": {"number", "process", "start", "end", "duration_s", "ended", "outcome", "root_cause", "repeats"},
    "findings.0": {
        "rule", "title", "category", "component", "stage", "effect", "count", "first", "last", "resolved", "caused_by", "captures", "evidence",
    },
    "timeline.0": {"timestamp", "source", "line", "component", "stage", "effect", "rule", "text", "count"},
    "coverage": {"lines", "error_lines", "explained", "benign", "unknown"},
    "unknown.0": {"shape", "count", "first", "last", "example"},
    "inputs.0": {"source", "bytes", "lines", "first", "last", "formats", "truncated", "copy_of", "problems"},
    "environment": {"k3s_version", "kubernetes_version", "runtime", "flags", "node"},
}  # fmt: skip


def test_json_holds_every_promised_name(cli: Cli, seed: Path) -> None:
    seed.write_text(SEED + klog("a line that no rule knows") + "\n")
    ran = cli("analyze", seed.name, "--format", "json")
    parsed = analyzed(ran)
    assert parsed["schema_version"] == 1
    for place, names in PROMISED.items():
        part: Any = parsed
        for step in place.split(".") if place else ():
            part = part[int(step)] if step.isdigit() else part[step]
        assert names <= set(part), f"{place or 'the document'} lacks {names - set(part)}"


@pytest.mark.parametrize("name", ["md", "markdown"])
def test_markdown_is_a_document(cli: Cli, seed: Path, name: str) -> None:
    ran = cli("analyze", seed.name, "-f", name)
    assert ran.code == 0
    assert ran.out.startswith("# Failed")
    assert f"`{ROOT}`" in ran.out


@pytest.mark.parametrize(("log", "limit", "code"), [("seed", "failed", 1), ("seed", "degraded", 1), ("healthy", "degraded", 0)])
def test_fail_on_turns_the_outcome_into_the_exit_code(cli: Cli, request: pytest.FixtureRequest, log: str, limit: str, code: int) -> None:
    path: Path = request.getfixturevalue(log)
    ran = cli("analyze", path.name, "--fail-on", limit)
    assert ran.code == code
    assert ran.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("analyze", "x.log", "--format", "xml"), f"choose one of {', '.join(FORMS)}"),
        (("analyze",), "name log files or directories"),
        (("analyze", "x.log", "--fail-on", "sometimes"), "'failed', 'degraded'"),
        (("analyze", "x.log", "--tz", "Mars/Olympus"), "write UTC, +02:00 or Europe/Berlin"),
        (("analyse", "x.log"), "No such command"),
        (("rules", "list", "--category", "cgrup"), "'cgroup'"),
        (("analyze", "x.log", "--rules", "no-such-pack"), "holds no rules"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_usage_exits_with_2_and_names_what_is_valid(cli: Cli, arguments: tuple[str, ...], says: str) -> None:
    ran = cli(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert says in ran.err


# --- inputs that are not what they should be ----------------------------------------------------------------------


def test_what_cannot_be_read_is_named_and_what_can_is_still_reported(cli: Cli, seed: Path, tmp_path: Path) -> None:
    (tmp_path / "no-logs").mkdir()
    ran = cli("analyze", "missing.log", "no-logs", seed.name, "--format", "json")
    assert ran.code == 3
    assert "missing.log: no such file or directory" in ran.err
    assert "no-logs: holds no log" in ran.err
    assert analyzed(ran)["verdict"]["root_cause"]["rule"] == ROOT
    assert {entry["path"] for entry in analyzed(ran)["skipped"]} == {"missing.log", "no-logs"}


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_an_input_that_cannot_be_read(cli: Cli, seed: Path) -> None:
    seed.chmod(0)
    ran = cli("analyze", seed.name)
    assert ran.code == 3
    assert "no permission" in ran.err


def test_damaged_files_are_read_as_far_as_they_go(cli: Cli, seed: Path, tmp_path: Path) -> None:
    """Each bad file stands beside the seed's log; all are read in one run, each with its problem."""
    packed = gzip.compress(b"".join(klog(f"line {number}").encode() + b"\n" for number in range(2000)), mtime=1)
    damaged = {
        "binary.bin": b"\x7fELF\x02\x01" + bytes(range(256)) * 64,
        "cut.log.gz": packed[: len(packed) // 2],
        "long.log": b"x" * 3_000_000 + b"\n" + SEED.encode(),
        "nul.log": b"\x00" * 5000 + SEED.replace("kubelet", "kube\x00let").encode(),
        "broken-utf8.log": b"caf\xe9 \x80 \xff\xc3\n" + SEED.encode(),
        "empty.log": b"",
    }
    for name, data in damaged.items():
        (tmp_path / name).write_bytes(data)
    ran = cli("analyze", *damaged, seed.name, "--format", "json")
    assert ran.code == 3
    assert analyzed(ran)["verdict"]["root_cause"]["rule"] == ROOT
    inputs = {entry["source"]: entry for entry in analyzed(ran)["inputs"]}
    assert set(inputs) == {*damaged, seed.name}
    for name in ("binary.bin", "cut.log.gz", "long.log", "nul.log"):
        assert inputs[name]["problems"], f"nothing is said about {name}"
    assert inputs["cut.log.gz"]["truncated"]
    assert 0 < inputs["cut.log.gz"]["lines"] < 2000
    evidence = {(seen["source"], seen["line"]) for finding in analyzed(ran)["findings"] for seen in finding["evidence"]}
    assert {("long.log", 2), ("nul.log", 1), ("broken-utf8.log", 2)} <= evidence


def test_an_empty_file_is_inconclusive_alone_and_a_note_beside_others(cli: Cli, seed: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.log").touch()
    alone = cli("analyze", "empty.log")
    assert alone.code == 0
    assert alone.out.startswith("INCONCLUSIVE")
    beside = cli("analyze", "empty.log", seed.name)
    assert beside.code == 0
    assert beside.out.startswith("FAILED")
    assert "Empty: empty.log" in beside.out


def test_a_fifo_is_read_once(cli: Cli, tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    with subprocess.Popen(cli.command("analyze", "pipe"), cwd=cli.cwd, env=cli.env, stdout=subprocess.PIPE, text=True) as process:
        fifo.write_text(SEED)  # waits for the reader
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert ROOT in out
    assert "pipe:1" in out


# --- outputs that go away ------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize("arguments", [("analyze", "kubelet.log"), ("rules", "schema")], ids=" ".join)
def test_a_full_disk_is_said_and_exits_with_4(cli: Cli, seed: Path, arguments: tuple[str, ...]) -> None:
    assert seed.exists()
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            cli.command(*arguments), cwd=cli.cwd, env=cli.env, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 4
    assert done.stderr == "k3slogs: the output could not be written: No space left on device\n"


def test_a_reader_that_has_gone_is_no_error_worth_a_word(cli: Cli, seed: Path) -> None:
    assert seed.exists()
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        command = cli.command("analyze", "kubelet.log")
        done = subprocess.run(command, cwd=cli.cwd, env=cli.env, stdout=closed, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 141
    assert done.stderr == ""


def test_head_may_close_the_pipe(cli: Cli) -> None:
    command = f"{' '.join(cli.command('rules', 'list', '--format', 'json'))} | head -n 1"
    done = subprocess.run(command, shell=True, cwd=cli.cwd, env=cli.env, capture_output=True, text=True, check=True)  # noqa: S602 - the shell is the point
    assert (done.stdout, done.stderr) == ("[\n", "")


def test_ctrl_c_ends_it_with_130_and_one_word(cli: Cli, tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    with (
        subprocess.Popen(cli.command("analyze", "pipe"), cwd=cli.cwd, env=cli.env, stderr=subprocess.PIPE, text=True) as process,
        fifo.open("wb"),  # opens when the other end does: from then on it waits for lines
    ):
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "interrupted\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the children of a process")
@pytest.mark.parametrize(
    ("sign", "code", "said"), [(signal.SIGINT, 130, "interrupted\n"), (signal.SIGTERM, -15, ""), (signal.SIGKILL, -9, "")]
)
def test_other_processes_end_with_the_first_without_a_word(cli: Cli, sign: signal.Signals, code: int, said: str) -> None:
    command = cli.command("analyze", "-", "--jobs", "3")
    with subprocess.Popen(command, cwd=cli.cwd, env=cli.env, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b"".join(klog(f"quiet {number}", level="I").encode() + b"\n" for number in range(240_000)))
        process.stdin.flush()
        children = soon(lambda: Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split(), 2)
        time.sleep(0.5)  # a signal between two pieces of a pipe is seen with the next one
        process.send_signal(sign)
        err = process.stderr.read().decode()
    assert (process.returncode, err) == (code, said)
    soon(lambda: [child for child in children if not Path(f"/proc/{child}").exists()], 2)


def soon(found: Callable[[], list[str]], wanted: int) -> list[str]:
    """What is found, once it is as many."""
    for _ in range(200):
        if len(things := found()) >= wanted:
            return things
        time.sleep(0.1)
    raise AssertionError(found())


# --- hostile text --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_hostile_text_does_not_leave(cli: Cli, tmp_path: Path, form: str) -> None:
    lines = [
        SEED.splitlines()[0] + ' err="failed to get rootfs info: unable to find data in memory cache" ' + HOSTILE,
        klog("something new " + HOSTILE),
        f'time="2026-11-23T05:07:39Z" level=fatal msg="token {TOKEN} {CLIPBOARD}" token={TOKEN}',
    ]
    name = "k3s\x1b[31m\u202e.log"
    (tmp_path / name).write_text("\n".join(lines))
    ran = cli("analyze", name, "--format", form)
    assert ran.code == 0
    assert "hunter2secret" not in ran.out
    assert "5f5f5f5f" not in ran.out
    assert [character for character in ran.out if is_unsafe(character)] == []
    if form == "json":  # escaped there, so that the text itself must be looked at
        texts = strings(analyzed(ran))
        assert any("[redacted:" in text for text in texts)
        assert [text for text in texts if any(is_unsafe(character) for character in text)] == []


def strings(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [text for key, value in part.items() for text in (key, *strings(value))]
    if isinstance(part, list):
        return [text for value in part for text in strings(value)]
    return [part] if isinstance(part, str) else []


def test_hostile_text_does_not_leave_through_explain_or_an_error(cli: Cli) -> None:
    explained = cli("explain", "-", stdin=klog("something new " + HOSTILE).encode())
    failed = cli("analyze", "missing\x1b[31m\u202e.log")
    assert explained.code == 0
    assert failed.code == 3
    for text in (explained.out, failed.err):
        assert "hunter2secret" not in text
        assert [character for character in text if is_unsafe(character)] == []


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}, {"FORCE_COLOR": "1"}], ids=str)
def test_what_goes_into_a_pipe_has_no_colour(cli: Cli, seed: Path, env: dict[str, str]) -> None:
    assert "\x1b" not in cli("analyze", seed.name, env={"TERM": "xterm-256color", **env}).out


# --- explain -------------------------------------------------------------------------------------------------------


def test_explain_shows_a_rule_as_a_page(cli: Cli, book: RuleBook) -> None:
    ran = cli("explain", ROOT)
    assert ran.code == 0
    assert ran.out.startswith(f"# {ROOT}\n")
    assert book[ROOT].cause.strip() in ran.out
    assert "What to try:" in ran.out


def test_explain_says_what_is_seen_in_a_line_and_why_others_do_not_match(cli: Cli) -> None:
    line = 'E1123 16:17:13.606873      55 cri_stats_provider.go:369] "Failed to get the info of the filesystem" err="unable to find data in memory cache"'
    ran = cli("explain", line)
    assert ran.code == 0
    assert "format   klog" in ran.out
    assert "origin cri_stats_provider.go" in ran.out
    assert f"not      {ROOT}: text: 'failed to get rootfs info'" in ran.out


def test_explain_reads_standard_input(cli: Cli) -> None:
    ran = cli("explain", "-", stdin=SEED.encode())
    assert ran.code == 0
    assert f"matches  {ROOT} (cgroup, fatal)" in ran.out


def test_an_unknown_rule_is_answered_with_the_closest(cli: Cli) -> None:
    ran = cli("explain", ROOT[:-1])
    assert ran.code == 2
    assert f"did you mean {ROOT!r}?" in ran.err


# --- rules ---------------------------------------------------------------------------------------------------------


def test_rules_list_filters(cli: Cli, book: RuleBook) -> None:
    ran = cli("rules", "list", "--category", "cgroup", "--effect", "fatal", "--format", "json")
    expected = {rule.id for rule in book if rule.category is Category.CGROUP and rule.effect is Effect.FATAL}
    assert {rule["id"] for rule in json.loads(ran.out)} == expected
    assert ROOT in expected


def test_rules_list_is_one_row_a_rule(cli: Cli, book: RuleBook) -> None:
    rows = cli("rules", "list").out.splitlines()
    assert rows[-1] == f"{len(book)} rules"
    assert len(rows) == len(book) + 1


def test_rules_show_prints_the_file(cli: Cli, book: RuleBook) -> None:
    assert cli("rules", "show", ROOT).out == Path(book[ROOT].path).read_text("utf-8")


def test_the_schema_knows_every_key_of_the_built_in_rules(cli: Cli) -> None:
    schema = json.loads(cli("rules", "schema").out)
    known = set(schema["properties"])
    paths = sorted(rulebook.builtin_folder().glob("*/*.yaml"))
    written = {key for path in paths for key in yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))}  # noqa: S506 - a safe loader
    assert paths
    assert written <= known
    assert set(schema["required"]) == {"title", "component", "stage", "effect", "cause"}
    assert not schema["additionalProperties"]


def test_rules_graph_leads_to_the_chosen_rule(cli: Cli) -> None:
    ran = cli("rules", "graph", ROOT, "--format", "dot")
    assert ran.out.startswith("digraph")
    assert f'"cadvisor-update-stats-failed" -> "{ROOT}";' in ran.out


def test_a_good_pack_passes_its_test_and_explains_logs(cli: Cli, pack: Pack, tmp_path: Path) -> None:
    pack.rule("node/wheel-lost")
    tested = cli("rules", "test", pack.folder)
    assert (tested.code, tested.err) == (0, "")
    assert tested.out == "1 rules, 1 lines that fire, 1 that stay silent, 0 streams: no problems\n"
    (tmp_path / "k3s.log").write_text(klog("the wheel fell off"))
    assert "wheel-lost" in cli("analyze", "k3s.log", "--rules", pack.folder).out


def test_a_rule_whose_example_does_not_fire_is_told_why(cli: Cli, pack: Pack) -> None:
    pack.rule("node/wheel-lost", examples={"fires": [klog("the wheel stayed on")], "silent": [klog("fine", err="the wheel fell off")]})
    ran = cli("rules", "test", pack.folder)
    assert ran.code == 2
    assert "examples.fires.0: does not fire its rule" in ran.err
    assert "'the wheel fell off'" in ran.err


def test_a_rule_that_is_found_by_a_common_text_is_told_what_that_costs(cli: Cli, pack: Pack) -> None:
    path = pack.rule("node/wheel-lost", "loading plugin")
    ran = cli("rules", "test", pack.folder)
    assert ran.code == 0
    assert ran.out.endswith(": no problems\n")
    line = next(number for number, text in enumerate(path.read_text().splitlines(), 1) if text.startswith("- message"))
    warning = re.fullmatch(
        rf"warning: {re.escape(str(path))}:{line}: match\.0: is found by 'loading plugin', which about (\d+) of 1,000 ordinary lines hold: "
        r"reading a log takes about (\d+) % longer \(ask for a longer or a rarer text, in place of it or beside it\)\n",
        ran.err,
    )
    assert warning, ran.err
    assert all(int(figure) > 100 for figure in warning.groups())


def test_a_rarer_text_beside_a_common_one_is_enough(cli: Cli, pack: Pack) -> None:
    phrase = "loading plugin: the wheel fell off"
    pack.rule("node/wheel-lost", phrase, match=[{"message": ["loading plugin", "wheel fell off"]}])
    assert cli("rules", "test", pack.folder).err == ""


def test_a_line_in_which_no_anchor_stands_as_it_is_printed_is_told(cli: Cli, pack: Pack) -> None:
    spaced = {"fires": [klog("the  wheel  fell  off")], "silent": [klog("fine", err="the wheel fell off")]}
    pack.rule("node/wheel-lost", examples=spaced)
    ran = cli("rules", "test", pack.folder)
    assert ran.code == 2
    assert "examples.fires.0: holds no anchor of the rule as it is printed" in ran.err


def test_a_broken_pack_is_told_everything_at_once(cli: Cli, pack: Pack, seed: Path) -> None:
    first = pack.rule("node/one", remdy=[{"note": "spelled wrong"}])
    second = pack.rule("network/two", effect="fatale")
    third = pack.rule("runtime/three", caused_by=["cadvisor-update-stat-failed"])
    ran = cli("analyze", seed.name, "--rules", pack.folder)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("k3slogs: 3 problems in the rules:\n")
    for path, key, closest in (
        (first, "remdy", "remedy"),
        (second, "effect", "fatal"),
        (third, "caused_by", "cadvisor-update-stats-failed"),
    ):
        line = next(number for number, text in enumerate(path.read_text().splitlines(), 1) if text.startswith(key))
        assert f"{path}:{line}: {key}: " in ran.err
        assert f"did you mean '{closest}'?" in ran.err


def test_the_version_is_printed(cli: Cli) -> None:
    assert cli("--version").out.startswith("k3slogs ")


HELP = """
import sys
from k3slogs.cli import main
sys.argv = ["k3slogs", sys.argv[1]]
try:
    main()
finally:
    print("typer" in sys.modules)
"""


@pytest.mark.parametrize(
    ("option", "columns", "built"), [("--help", 200, False), ("-h", 80, False), ("--help", 79, True), ("-h", 60, True)]
)
def test_help_is_printed_as_it_was_written_where_there_is_room(option: str, columns: int, built: bool, cli: Cli) -> None:
    env = {**cli.env, "COLUMNS": str(columns)}
    quick = subprocess.run([sys.executable, "-c", HELP, option], cwd=cli.cwd, env=env, capture_output=True, text=True, check=True)
    slow = cli(option, env=env).out
    assert quick.stdout == slow.replace("python -m k3slogs", "k3slogs") + f"{built}\n"


LOADED = """
import sys
from k3slogs.cli import main
sys.argv = ["k3slogs", *sys.argv[1:]]
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
SPARED = {
    "bz2",
    "difflib",
    "email",
    "html",
    "jinja2",
    "lzma",
    "polars",
    "pydantic",
    "rich",
    "shutil",
    "subprocess",
    "tarfile",
    "tempfile",
    "typer",
}
SPARED |= {"yaml", "zipfile", "zlib_ng", "zoneinfo"}


def test_a_plain_analysis_imports_nothing_dear_that_it_does_not_need(cli: Cli, seed: Path, tmp_path: Path) -> None:
    environment = {**cli.env, cache.VARIABLE: str(tmp_path / "cache")}  # what other tests keep would push out what this one does

    def loaded(*arguments: str) -> set[str]:
        command = [sys.executable, "-c", LOADED, "analyze", seed.name, *arguments]
        return set(subprocess.run(command, cwd=cli.cwd, env=environment, capture_output=True, text=True, check=True).stderr.split())

    loaded("--format", "json")  # keeps the rules
    assert loaded("--format", "json", "--year", "2026") & SPARED == set()
    assert loaded("--format=json") & SPARED >= {"typer"}


def test_help_names_every_command(cli: Cli) -> None:
    ran = cli("--help")
    assert ran.code == 0
    for command in ("analyze", "explain", "rules"):
        assert f"  {command} " in ran.out


def test_a_profile_says_where_the_time_went(cli: Cli, seed: Path) -> None:
    ran = cli("analyze", "--profile", "--format", "json", seed)
    assert json.loads(ran.out)["verdict"]["outcome"] == "failed"
    rows = {row.split()[0]: float(row.split()[1]) for row in ran.err.splitlines()}
    assert {"scan", "parse", "match", "diagnose", "render", "read", "all"} <= set(rows)
    assert sum(seconds for stage, seconds in rows.items() if stage != "all") == pytest.approx(rows["all"], abs=0.01)
    assert rows["rules"] > 0
