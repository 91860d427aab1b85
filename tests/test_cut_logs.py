"""Logs that are not whole: torn last lines, and marks of what someone left out, are told; what is only short is not."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from k3slogs.engine import Calendar
from k3slogs.sources import Input

if TYPE_CHECKING:
    from k3slogs.engine import Engine

LINE = 'E1123 05:00:08.580162       7 kubelet.go:1511] "Failed to start ContainerManager" err="failed to get rootfs info"'


def logrus(second: int, message: str = "Something") -> str:
    return f'time="2025-11-23T05:00:0{second}Z" level=info msg="{message}"\n'


def problems(text: str, engine: Engine) -> tuple[str, ...]:
    reader = Input("x", stream=io.BytesIO(text.encode())).open()
    return tuple(engine.scan(reader.blocks(), "x", Calendar(datetime(2025, 11, 23, tzinfo=UTC), "a test")).problems)


WHOLE = [
    logrus(0, "Running kubelet --node-labels="),
    LINE + "\n",
    'E1123 05:00:00.000000       7 log.go:32] "Probe failed" err=<\n\tfirst "line\n > pod="ns/name"\n',
    '{"level":"warn","ts":"2025-11-23T05:00:02.080Z","caller":"etcdserver/util.go:170","msg":"took too long","took":"112.3ms"}\n',
    f"Nov 23 05:00:08 node-a k3s[1203]: {LINE}\n",
    f"2025-11-23T05:00:08.123456789Z stderr F {LINE}\n",
]
SAID = "ends in the middle: the log was cut there, or copied while it was written, and what came after is missing"


@pytest.mark.parametrize("line", WHOLE)
@pytest.mark.parametrize("newline", ["", "\n"])
def test_a_last_line_that_is_torn_is_told_and_one_that_lacks_its_newline_is_not(line: str, newline: str, engine: Engine) -> None:
    before = logrus(0, "Starting")
    assert problems(before + line.rstrip("\n") + newline, engine) == ()
    told = [cut for cut in range(12, len(line) - 1) if any(SAID in said for said in problems(before + line[:cut] + newline, engine))]
    quotes = [cut for cut in range(12, len(line) - 1) if line[:cut].replace('\\"', "").count('"') % 2]
    if "first" not in line:
        assert set(quotes) <= set(told), "an open quote is always told"
    assert 12 in told
    assert len(told) > len(line) // 3


@pytest.mark.parametrize(
    "last",
    ["Killed", 'W1123 05:00:00.000000       7 x.go:1] a disk of 5" is missing', "signal: killed", "panic: no", "exit status 2", "  at:"],
)
def test_plain_last_lines_are_not_torn(last: str, engine: Engine) -> None:
    assert problems(logrus(0) + last, engine) == ()


@pytest.mark.parametrize(
    "mark",
    [
        "...", "[...]", "  ....", "\N{HORIZONTAL ELLIPSIS}", "[truncated]", "<snip>", "--- snip ---", "... 1,234 more lines ...", "(120 lines omitted)",
        "[12 lines skipped]", "*** log truncated ***", "... output omitted ...", "many lines removed",
    ],
)  # fmt: skip
@pytest.mark.parametrize("last", [False, True])
def test_lines_that_someone_left_out_are_told(mark: str, last: bool, engine: Engine) -> None:
    text = logrus(0) + mark + "\n" + ("" if last else logrus(1))
    assert problems(text, engine) == ("line 2 says that lines were left out: the line that matters may be among them",)


@pytest.mark.parametrize(
    "line",
    ["Waiting for the API server...", "file truncated", "3 lines", "error: output was truncated at 4096", "the rest is removed from /x"],
)
def test_words_about_cutting_are_no_mark(line: str, engine: Engine) -> None:
    assert problems(logrus(0) + line + "\n" + logrus(1, line), engine) == ()
