"""Write-ups, issues and pastes: the log lines come out as they were printed, with the line where they stand; prose and commands do not."""

from __future__ import annotations

import html
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import k3slogs
from k3slogs.sources import Input, numbered
from k3slogs.sources.framing import join_for, pasted
from k3slogs.sources.lines import blocks

if TYPE_CHECKING:
    from pathlib import Path

    from k3slogs import RuleBook
    from tests.conftest import Cli

ROOT = "kubelet-rootfs-info-memory-cache"
LOG = [
    'time="2026-11-23T15:51:51.073279998Z" level=info msg="Starting k3s v1.21.2+k3s-aef8a6aa (aef8a6aa)"',
    'W1123 15:52:01.561765      73 container.go:586] Failed to update stats for container "/": read /sys/fs/cgroup/x: input/output error',
    'E1123 15:52:01.597392      73 kubelet.go:1384] "Failed to start ContainerManager" err="failed to get rootfs info: unable to find data"',
    '{"level":"warn","ts":"2026-11-23T15:52:02.080Z","caller":"etcdserver/util.go:170","msg":"apply request took too long","took":"112.3ms"}',
]
WRITE_UP = """\
# Experiment 7: another runtime

**Date**: 2025-11-23
**Status**: FAILED

The kubelet said fatal error: no idea, and `E1123 05:00:00.000000` once.

```bash
k3s server --docker \\
  --kubelet-arg="--fail-swap-on=false"
$ tail -f k3s.log
```

**Result**: k3s crashed

```
E1123 05:07:38.580162 kubelet.go:1511] "Failed to start ContainerManager"
  err="failed to get rootfs info: unable to find data in memory cache"
```

| Run | Result |
|-----|--------|
| 7   | panic: in the table |
"""


def texts(document: str) -> list[tuple[int, str]]:
    reader = Input("paste", stream=io.BytesIO(document.encode())).open()
    return [(number, line.decode()) for block in reader.blocks() for number, line in numbered(block)]


def logs(document: str) -> list[str]:
    return [line for _, line in texts(document)]


def fenced(lines: list[str], before: str = "") -> str:
    return "\n".join(
        ["# A title", "", "words", "", f"{before}```", *(before + line for line in lines), f"{before}```", "", "more words", ""]
    )


# --- documents ----------------------------------------------------------------------------------------------------


def test_a_write_up_is_read_by_its_fences(tmp_path: Path, cli: Cli, book: RuleBook) -> None:
    path = tmp_path / "experiment-7.md"
    path.write_text(WRITE_UP)
    found = k3slogs.analyze(path, rules=book)
    assert found.verdict.root_cause is not None
    root = found.verdict.root_cause
    assert (root.rule, root.stage, root.evidence.line) == (ROOT, "kubelet", 17)
    assert root.evidence.timestamp == datetime(2025, 11, 23, 5, 7, 38, 580162, tzinfo=UTC)
    assert root.evidence.year_from == "the document's date"
    assert [finding.rule for finding in found.findings] == [ROOT]
    assert found.coverage.error_lines == 1
    assert found.coverage.lines == WRITE_UP.count("\n")
    ran = cli("analyze", tmp_path)
    assert ran.code == 3, "Markdown in a directory is read only if it is named"


def test_commands_prompts_and_other_languages_are_no_logs() -> None:
    document = fenced(
        [
            "$ k3s server",
            "# systemctl status k3s",
            "root@node1:~# k3s server \\",
            "  --disable traefik",
            "[pi@node ~]$ ls",
            LOG[0],
            "exited",
        ]
    )
    assert logs(document) == [LOG[0], "exited"]
    assert logs(document.replace("```", "```yaml", 1)) == []


def test_log_lines_between_prose_are_read_and_prose_is_not() -> None:
    document = (
        f"# Title\n\nIt panics: panic: no. See below.\n\n    {LOG[1]}\n\nand then - see the docs - nothing.\n\n    {LOG[2]}\n      pod=x\n"
    )
    assert texts(document) == [(5, LOG[1]), (9, LOG[2]), (10, "  pod=x")]


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("**Date**: 2025-11-23", datetime(2025, 11, 23, tzinfo=UTC)),
        ("Date: 23 November 2024", datetime(2024, 11, 23, tzinfo=UTC)),
        ("| Date | : Nov 3, 2023 |", datetime(2023, 11, 3, tzinfo=UTC)),
        ("- *created*: 2022-02-31", None),
        ("Update: 2025-11-23", None),
    ],
)
def test_the_date_of_a_document(line: str, day: datetime | None) -> None:
    reader = Input("paste", stream=io.BytesIO(f"# T\n{line}\n```\n{LOG[0]}\n```\n".encode())).open()
    list(reader.blocks())
    assert reader.dated == day


# --- pastes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("escape", [str, html.escape])
@pytest.mark.parametrize("before", ["", "> ", ">> ", "    "])
def test_quoted_escaped_and_indented_lines_come_out_as_printed(before: str, escape: type[str]) -> None:
    shown = [before + escape(line) for line in LOG]
    assert logs("\n".join(shown) + "\n") == LOG
    if before != "    ":
        assert logs(fenced([escape(line) for line in LOG], before)) == LOG


def hard(line: str, width: int) -> list[str]:
    return [line[at : at + width] for at in range(0, len(line), width)]


@given(width=st.sampled_from([80, 100, 120]), count=st.integers(1, 4))
def test_a_terminals_wrap_is_undone(width: int, count: int) -> None:
    pieces = [piece for line in LOG[-count:] for piece in hard(line, width)]
    found = logs(fenced(pieces))
    whole = [line for line in LOG[-count:] if line.count('"', 0, width) % 2 or line.startswith("{")]
    assert [line for line in found if line in whole] == whole


@pytest.mark.parametrize("words", [10, 11, 12, 14, 15, 17, 18, 20])
def test_a_wrap_between_words_is_undone(words: int) -> None:
    parts = LOG[2].split(" ")
    first, second = " ".join(parts[:words]), " ".join(parts[words:])
    assert first.count('"') % 2, "the wrap is inside of quotes"
    assert logs(fenced([first, second])) == [LOG[2]]


@given(data=st.binary(max_size=300), chunk=st.integers(1, 60))
def test_any_bytes_are_read_alike_however_they_come(data: bytes, chunk: int) -> None:
    whole = WRITE_UP.encode() + data
    found = [list(numbered(block)) for block in Input("x", stream=io.BytesIO(whole)).open(chunk=chunk).blocks()]
    again = [list(numbered(block)) for block in Input("x", stream=io.BytesIO(whole)).open().blocks()]
    assert [line for part in found for line in part] == [line for part in again for line in part]


@pytest.mark.parametrize(
    "log",
    [
        "\n".join(LOG),
        'E1123 15:27:20.946410      83 log.go:32] "Probe failed" err=<\n\tfirst "line"\n\tsecond\n > pod="ns/name"\n',
        "goroutine 1 [running]:\nmain.main()\n\t/x/main.go:1 +0x1\n",
        '{"apiVersion":"v1"}\n',
        "#!/bin/sh\n# a comment\n",
    ],
)
def test_plain_logs_are_no_pastes(log: str) -> None:
    assert join_for(log.encode()) is blocks
    assert not pasted.accepts([line for line in log.encode().split(b"\n") if line.strip()])
