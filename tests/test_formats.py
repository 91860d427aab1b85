"""Lines -> records: every format reads its samples, no other claims them, and nothing at all makes the reader fail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k3slogs import formats
from k3slogs.formats._base import Envelope, LineFormat, Sample
from k3slogs.model import Line, Peel, Reading
from k3slogs.taxonomy import Level

ALL = list(formats.samples())
LINES = [(one, sample) for one, sample in ALL if isinstance(one, LineFormat)]
WRAPPERS = [(one, sample) for one, sample in ALL if isinstance(one, Envelope) and sample.expected.get("inner") == "hello"]
KUBELET = "E1123 05:05:19.580162    1203 kubelet.go:1703] "
CAUSE = "failed to get rootfs info: unable to find data in memory cache"


def labels(pairs: list[Any]) -> list[str]:
    return [f"{one.name}-{sample.text[:30]}" for one, sample in pairs]


def attribute(read: Reading | Peel, name: str) -> Any:
    stamp = read.stamp
    if name in ("moment", "elapsed", "ago", "yearless", "unit_s"):
        assert stamp is not None
        if name == "moment":
            return stamp.moment.isoformat() if stamp.moment else None
        return getattr(stamp, name.removesuffix("_s"))
    value = getattr(read, name)
    return dict(value) if name == "fields" else value


@pytest.mark.parametrize(("one", "sample"), ALL, ids=labels(ALL))
def test_each_sample_reads_as_declared(one: Envelope | LineFormat, sample: Sample) -> None:
    read = one.read(sample.text)
    assert read is not None
    assert {name: attribute(read, name) for name in sample.expected} == dict(sample.expected)


@pytest.mark.parametrize(("one", "sample"), ALL, ids=labels(ALL))
def test_exactly_one_format_claims_a_sample(one: Envelope | LineFormat, sample: Sample) -> None:
    claims = {other.name for other, _ in ALL if other.read(sample.text) is not None}
    assert claims == {one.name}


@pytest.mark.parametrize(("one", "sample"), ALL, ids=labels(ALL))
def test_the_first_character_leads_to_the_format(one: Envelope | LineFormat, sample: Sample) -> None:
    assert formats.read(1, sample.text).formats[0] == one.name


def skimmed(line: Line) -> Line:
    return line._replace(reading=Reading("", line.reading.stamp))


@pytest.mark.parametrize("text", sorted({sample.text for _, sample in ALL}))
def test_skimming_a_line_gives_its_formats_and_stamps(text: str) -> None:
    assert skimmed(formats.read(1, text, skim=True)) == skimmed(formats.read(1, text))


def test_of_a_line_that_is_skimmed_the_text_is_not_read() -> None:
    assert formats.read(1, f'{KUBELET}"x"', skim=True).reading.message == ""
    assert formats.read(1, f'2026-11-23T15:25:21.1Z stderr F {KUBELET}"x"', skim=True).reading.message == ""


def test_every_module_has_samples_and_a_name_of_its_own() -> None:
    names = formats.names()
    assert len(set(names)) == len(names)
    assert {one.name for one, _ in ALL} | {"plain"} == set(names)


@pytest.mark.parametrize(("envelope", "wrapper"), WRAPPERS, ids=labels(WRAPPERS))
def test_an_envelope_changes_nothing_of_what_it_holds(envelope: Envelope, wrapper: Sample) -> None:
    for one, sample in LINES:
        inner = sample.text
        if "{" not in wrapper.text[:8]:
            if "\n" in inner:
                continue
            text = wrapper.text.replace("hello", inner)
        else:
            text = wrapper.text.replace("hello", json.dumps(inner)[1:-1])
        line = formats.read(7, text)
        assert line.formats == (envelope.name, one.name)
        alone = formats.read(7, inner).reading
        if alone.level is None and line.envelopes[0].level in (Level.WARNING, Level.ERROR):
            alone = alone._replace(level=line.envelopes[0].level)
        assert (line.number, line.inner, line.reading) == (7, inner, alone)


def test_every_envelope_is_wrapped_around_the_lines() -> None:
    assert {one.name for one, _ in WRAPPERS} == {one.name for one, _ in ALL if isinstance(one, Envelope)}


def test_envelopes_nest() -> None:
    text = "[pod/web-1/web] 2026-11-23T15:43:29.5Z Nov 23 15:43:28 node-a k3s[7]: " + KUBELET + '"m" err="e"'
    line = formats.read(1, text)
    assert line.formats == ("kubectl-prefix", "timestamps", "journald-short", "klog")
    assert line.identity == ("node-a", "k3s", None)
    assert line.inner == KUBELET + '"m" err="e"'


def test_a_docker_log_of_the_journal_as_json_is_peeled() -> None:
    entry = json.dumps({"MESSAGE": 'time="2026-11-23T15:43:29Z" level=warning msg=x\n', "__REALTIME_TIMESTAMP": "1763874318580162"})
    line = formats.read(1, json.dumps({"log": entry + "\n", "stream": "stdout", "time": "2026-11-23T15:43:29Z"}))
    assert line.formats == ("docker-json", "journald-json", "logrus")
    assert line.reading.level is Level.WARNING
    assert line.identity == (None, None, "stdout")


@pytest.mark.parametrize(
    ("text", "program", "level"),
    [
        ("Nov 23 05:05:20 node-a kernel: Out of memory: Killed process 4242 (k3s-server)", "kernel", None),
        ("Nov 23 05:05:20 node-a systemd[1]: k3s.service: Main process exited, code=exited, status=1/FAILURE", "systemd", None),
        ("Sun 2025-11-23 05:05:20 UTC node-a init.scope[1]: k3s.service: Main process exited", "systemd", None),
        ("Nov 23 05:05:20 node-a k3s[1203]: multi", None, None),
        ('{"PRIORITY":"3","SYSLOG_IDENTIFIER":"kernel","MESSAGE":"Out of memory"}', "kernel", Level.ERROR),
        ('{"PRIORITY":"4","SYSLOG_IDENTIFIER":"k3s","MESSAGE":"hm"}', None, Level.WARNING),
        ('{"PRIORITY":"6","SYSLOG_IDENTIFIER":"k3s","MESSAGE":"hm"}', None, None),
        ('{"PRIORITY":"3","SYSLOG_IDENTIFIER":"k3s","MESSAGE":"I1123 05:05:19.580162 1 a.go:1] x"}', None, Level.INFO),
    ],
)
def test_an_envelope_speaks_only_for_plain_text(text: str, program: str | None, level: Level | None) -> None:
    reading = formats.read(1, text).reading
    assert (reading.program, reading.level) == (program, level)


def test_colours_and_line_ends_are_taken_off() -> None:
    line = formats.read(1, "\x1b[31mERRO\x1b[0m[0005] no such image                      \x1b[31merror\x1b[0m=busybox\r\n")
    assert line.formats == ("logrus-terminal",)
    assert (line.reading.message, line.reading.err) == ("no such image", "busybox")
    coloured = "".join(f"{number}," for number in b"\x1b[33mW1123 05:05:19.580162 1 a.go:1] x\x1b[0m")
    assert formats.read(1, f'{{"MESSAGE":[{coloured[:-1]}],"_PID":"7"}}').formats == ("journald-json", "klog")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("next record", False),
        (KUBELET + "x", False),
        ("\tindented", True),
        ("\t", True),
        ("    four blanks", True),
        (" >", True),
        (' > pod="ns/name"', True),
        (" (exit status 1)", True),
        ("  Warning  BackOff  4m  kubelet  Back-off restarting failed container", False),
        ("  Warning: not a row of events", True),
    ],
)
def test_what_continues_a_record(text: str, expected: bool) -> None:
    assert formats.continues(text) is expected


@pytest.mark.parametrize("text", ["panic: x", "fatal error: all goroutines are asleep", "SIGABRT: abort", "unexpected fault address 0x0"])
def test_what_starts_a_panic(text: str) -> None:
    assert formats.starts_panic(text)


@pytest.mark.parametrize("text", ["goroutine 1 [running]:", "panicked", KUBELET + "panic: x", ""])
def test_what_starts_none(text: str) -> None:
    assert not formats.starts_panic(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x0]",
        "goroutine 1 [running]:",
        "net/http.(*conn).serve(0xc0001, {0x1, 0x2})",
        "go.etcd.io/etcd/server/etcdserver.openBackend.func1()",
        "main.Map[...](...)",
        "\t/src/main.go:7 +0x1d",
        "created by main.main in goroutine 1",
        "exit status 2",
        "rax    0x0",
    ],
)
def test_what_continues_a_panic(text: str) -> None:
    assert formats.continues_panic(text)


@pytest.mark.parametrize(
    "text", [KUBELET + "x", 'time="2026-11-23T15:43:29Z" level=info msg="f(x)"', '{"level":"warn","ts":"x","msg":"f(x)"}', "panic: another"]
)
def test_what_ends_a_panic(text: str) -> None:
    assert not formats.continues_panic(text)


SAME_FAILURE = [
    KUBELET + "Failed to start ContainerManager " + CAUSE,
    KUBELET + f'"Failed to start ContainerManager" err="{CAUSE}"',
    KUBELET + '"Failed to start ContainerManager" err=<\n\tfailed to get rootfs info:\n\tunable to find data in memory cache\n >',
    KUBELET + f'"Failed to start ContainerManager"\n  err="{CAUSE}"',
    f'time="2026-11-23T15:43:29Z" level=error msg="Failed to start ContainerManager" error="{CAUSE}"',
    f'ERRO[0005] Failed to start ContainerManager              error="{CAUSE}"',
    f'{{"level":"error","msg":"Failed to start ContainerManager","error":"{CAUSE}","time":"2026-11-23T15:43:29Z"}}',
    f'{{"ts":1763874319580.162,"caller":"a/kubelet.go:1","msg":"Failed to start ContainerManager","err":"{CAUSE}"}}',
    f'{{"level":"error","ts":"2026-11-23T15:43:29Z","msg":"Failed to start ContainerManager","error":"{CAUSE}"}}',
]


@pytest.mark.parametrize("text", SAME_FAILURE)
def test_one_failure_has_one_text(text: str) -> None:
    assert formats.plain_text(formats.reread(text)[1]) == "Failed to start ContainerManager " + CAUSE


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (Reading("m", err="e", fields=(("b", "2"), ("a", "1"))), "m e b=2 a=1"),
        (Reading(r"a \\\"b\\\" \\n c \t d"), 'a "b" c d'),
        (Reading(r"\u003cnil\u003e \ud800"), "<nil> \N{REPLACEMENT CHARACTER}"),
        (Reading("a\n\t b"), "a b"),
        (Reading("\\" * 32 + '"'), '"'),
        (Reading("\\" * 256 + '"'), "\\" * 4 + '"'),
    ],
)
def test_plain_text(reading: Reading, expected: str) -> None:
    assert formats.plain_text(reading) == expected


def test_a_text_escaped_three_times_over() -> None:
    once = 'failed to "StartContainer" for "web" with CrashLoopBackOff: "back-off 5m0s"'
    thrice = json.dumps(json.dumps(json.dumps(once)[1:-1])[1:-1])[1:-1]
    assert formats.plain_text(formats.read(1, KUBELET + f'"Error syncing pod" err="{thrice}"').reading) == "Error syncing pod " + once


def test_rereading_a_joined_text() -> None:
    name, reading = formats.reread(KUBELET + '"Probe failed" err=<\n\tfirst\n\t\tsecond\n > pod="ns/web" n=1')
    assert (name, reading.err, reading.fields) == ("klog", "first\n\tsecond", (("pod", "ns/web"), ("n", "1")))
    name, reading = formats.reread(KUBELET + '"Probe failed" err=<\n    tabs lost\n    and no end')
    assert (name, reading.err) == ("klog", "tabs lost\nand no end")
    name, reading = formats.reread("panic: no\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1")
    assert (name, reading.message, reading.fields[0][0]) == ("go-panic", "panic: no", "stack")
    name, reading = formats.reread("F1123 05:05:19.580162       1 a.go:1] no\ngoroutine 1 [running]:\nmain.main()")
    assert (name, reading.message, reading.fields[0][0]) == ("klog", "no", "stack")
    name, reading = formats.reread("failed to start daemon: no\n (exit status 1)")
    assert formats.plain_text(reading) == "failed to start daemon: no (exit status 1)"
    name, reading = formats.reread('time="2026-11-23T15:43:29Z" level=info msg=a b=c\n\tmore')
    assert (name, formats.plain_text(reading)) == ("logrus", "a more b=c")


LOGRUS = 'time="2026-11-23T15:25:19Z" level=info msg="apply failure" error="no"'
RUNSC = '{"msg":"a }{ b","level":"error","time":"2026-11-23T15:57:44Z"}'


@pytest.mark.parametrize(
    "pieces",
    [
        [LOGRUS],
        ["unpacking busybox (sha256:f689)...", LOGRUS],
        ["REF", LOGRUS],
        ['{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.2/24"}]}', LOGRUS],
        ["no newline", KUBELET + '"m" err="e"'],
        [LOGRUS, KUBELET + '"m" err="e"', LOGRUS],
        [RUNSC, RUNSC, RUNSC],
        [RUNSC, LOGRUS],
        [RUNSC, RUNSC, '{"msg":"cut'],
        ["starting", '{"level":"warn","ts":"2025-11-23T05:05:20.080Z","msg":"x"}'],
        [KUBELET + 'free text with time="2026-11-23T15:25:19Z" level=info behind a blank'],
        ["Nov 23 05:05:18 node-a k3s[1203]: " + LOGRUS],
        ["??? " + KUBELET + "x"],
        ["MESSAGE=" + LOGRUS],
        ["MESSAGE=" + KUBELET + "x"],
        [r'time="2026-11-23T15:25:19Z" level=info msg="cleanup warnings time=\"2026-11-23T15:25:19Z\" level=warning msg=\"x\"\n"'],
        [r'time="2026-11-23T15:25:19Z" level=info msg="stderr:\nE1123 05:05:19.580162    1203 kubelet.go:1703] x"'],
        ['time="2026-11-23T15:25:19Z" level=info msg="shim|' + KUBELET + 'x"'],
        [""],
        ["{}", "{"],
    ],
)
def test_glued_records_are_split(pieces: list[str]) -> None:
    starts = [sum(map(len, pieces[:index])) for index in range(len(pieces))]
    assert formats.split_glued("".join(pieces)) == list(zip(starts, pieces, strict=True))


WORDS = [sample.text for _, sample in ALL] + [
    "{",
    "[",
    '"',
    "\\",
    "=<\n",
    "\n >",
    "\t",
    " ",
    "a=",
    '\\"',
    "\\ud800",
    "\x1b[",
    "9" * 5000,
    "{" * 2000,
]


@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from(WORDS), max_size=5).map("".join), st.tuples(st.sampled_from(WORDS), st.text()).map("".join)
    )
)
def test_any_text_gives_a_line(text: str) -> None:
    line = formats.read(3, text)
    assert isinstance(line, Line)
    assert line.number == 3
    assert len(line.formats) == len(line.envelopes) + 1
    assert formats.plain_text(line.reading) == " ".join(formats.plain_text(line.reading).split())
    formats.plain_text(formats.reread(text)[1]).encode("utf-16", "surrogatepass")
    formats.continues(text)
    formats.continues_panic(text)
    pieces = formats.split_glued(text)
    assert "".join(piece for _, piece in pieces) == text
    assert all(text.startswith(piece, start) for start, piece in pieces)


@given(st.sampled_from(LINES), st.data())
def test_a_damaged_line_gives_a_line(pair: tuple[LineFormat, Sample], data: st.DataObject) -> None:
    text = pair[1].text
    cut, end = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    formats.plain_text(formats.read(1, text[:cut] + data.draw(st.text(max_size=3)) + text[end:]).reading).encode()


@given(st.sampled_from(ALL), st.data())
def test_a_damaged_line_is_skimmed_as_it_is_read(pair: tuple[Envelope | LineFormat, Sample], data: st.DataObject) -> None:
    text = pair[1].text
    cut, end = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    text = text[:cut] + data.draw(st.text(max_size=3)) + text[end:]
    assert skimmed(formats.read(1, text, skim=True)) == skimmed(formats.read(1, text))
