"""Bytes in, whole lines out: whatever the chunk borders, the compression, the form or the damage."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import random
import socket
import sys
import threading
import tracemalloc
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k3slogs.sources import MAX_LINE, Input, Reader, find, numbered
from k3slogs.sources.compression import kind_of
from k3slogs.sources.framing import framings, join_for
from k3slogs.sources.lines import MARK, Notes, blocks
from k3slogs.sources.zstd import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TEXT = b"".join(b"E1123 15:43:29.%06d  1 kubelet.go:1] line %d\n" % (number, number) for number in range(5000))
MIB = 1024 * 1024
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1}),
}


def reader_of(data: bytes, chunk: int = 4096) -> Reader:
    return Input("x", stream=io.BytesIO(data)).open(chunk=chunk)


def text_of(reader: Reader) -> bytes:
    return b"".join(block.data for block in reader.blocks())


def lines_of(reader: Reader) -> list[tuple[int, bytes]]:
    return [line for block in reader.blocks() for line in numbered(block)]


def names(paths: list[Any]) -> list[str]:
    return [entry.name for entry in find(paths).inputs]


# --- lines --------------------------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=40), max_size=40).map(b"\n".join), st.integers(1, 50))
def test_any_bytes_come_back_with_their_numbers(data: bytes, chunk: int) -> None:
    reader = reader_of(b"x" + data, chunk)
    assert text_of(reader) == b"x" + data
    lines = (b"x" + data).split(b"\n")
    expected = [(number, line) for number, line in enumerate(lines, 1) if number < len(lines) or line]
    assert lines_of(reader_of(b"x" + data, chunk)) == expected
    assert reader.lines_read == len(expected)
    assert reader.bytes_read == len(data) + 1


@given(
    st.lists(st.sampled_from([0, 1, 5, MAX_LINE - 1, MAX_LINE, MAX_LINE + 1, 3 * MAX_LINE]), min_size=1, max_size=4),
    st.sampled_from([1 << 16, 100_003, 1 << 22]),
)
def test_long_lines_are_shortened_alike_wherever_chunks_end(sizes: list[int], chunk: int) -> None:
    lines = [b"head%d" % size + b"y" * (size - 10) + b"tail" if size > 20 else b"y" * size for size in sizes]
    data = b"\n".join(lines)
    reader = reader_of(data, chunk)
    found = text_of(reader)
    for line, short in zip(lines, found.split(b"\n"), strict=True):
        assert len(short) == min(len(line), MAX_LINE)
        assert (short == line) is (len(line) <= MAX_LINE)
        assert (short[:4], short[-4:]) == (line[:4], line[-4:])
        assert (MARK in short) is (len(line) > MAX_LINE)
    assert text_of(reader_of(found, chunk)) == found
    assert len(reader.problems) == reader.truncated == any(size > MAX_LINE for size in map(len, lines))


@pytest.mark.parametrize("near", [0, 30, 16 * 1024])
@pytest.mark.parametrize("chunk", [1, 40, 1000, 100_000])
def test_a_file_is_read_up_to_ends_of_lines_where_they_are_near(
    near: int, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("k3slogs.sources.reader._NEAR", near)
    path = tmp_path / "k3s.log"
    path.write_bytes(b"".join(b"x" * (number % 61) + b"\n" for number in range(400)) + b"no newline")
    reader = Input("x", path=path).open(chunk=chunk)
    assert lines_of(reader) == lines_of(reader_of(path.read_bytes()))
    assert reader.bytes_read == path.stat().st_size
    assert not reader.truncated


def test_long_lines_are_one_problem_that_names_the_first() -> None:
    reader = reader_of(b"a\n" + b"y" * 600_000 + b"\nb\n" + b"z" * 300_000 + b"\n")
    assert [number for number, _ in lines_of(reader)] == [1, 2, 3, 4]
    assert reader.problems == ["line 2 is 600000 bytes long: only its head and tail were read (and of 1 more such lines)"]


class Endless(io.RawIOBase):
    """So many bytes without a newline."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1) -> bytes:
        given = min(size, self.left)
        self.left -= given
        return b"y" * given


def test_an_endless_line_takes_little_memory() -> None:
    tracemalloc.start()
    reader = Input("x", stream=cast("BinaryIO", Endless(100_000_000))).open(chunk=1 << 20)
    assert len(text_of(reader)) == MAX_LINE
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MIB
    assert "100000000 bytes long" in reader.problems[0]
    assert reader.bytes_read == 100_000_000


def test_lone_nul_bytes_carriage_returns_and_broken_utf8_are_kept() -> None:
    data = b"one\r\n" + b"plain text\n" * 20 + b"t\0wo\n\xff\xfe broken \xc3\n"
    assert text_of(reader_of(data)) == data


def test_nothing_gives_nothing() -> None:
    reader = reader_of(b"")
    assert not list(reader.blocks())
    assert (reader.bytes_read, reader.lines_read, reader.problems, reader.error, reader.truncated) == (0, 0, [], None, False)


def test_a_reader_that_is_left_early_closes() -> None:
    reader = reader_of(b"y" * 300_000 + b"\n" + TEXT)
    next(reader.blocks())
    assert "300000 bytes long" in reader.problems[0]


# --- encodings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 3, 4096])
@pytest.mark.parametrize(("encoding", "mark"), [("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"), ("utf-8", b"\xef\xbb\xbf")])
def test_marked_encodings_become_utf8(encoding: str, mark: bytes, chunk: int) -> None:
    text = 'E1123 "Größe 😀"\r\nnext\r\n'
    reader = reader_of(mark + text.encode(encoding), chunk)
    assert text_of(reader) == text.encode()
    assert not reader.problems


def test_half_a_character_at_the_end_is_replaced() -> None:
    assert text_of(reader_of("\ufeffab".encode("utf-16-le")[:-1])) == "a\ufffd".encode()


# --- compression --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [7, 4096, 1 << 20])
@pytest.mark.parametrize("name", COMPRESSIONS)
def test_compressed_streams_are_read_through(name: str, chunk: int) -> None:
    pack = COMPRESSIONS[name]
    for data in (pack(TEXT), pack(TEXT[:1000]) + pack(TEXT[1000:]), pack(TEXT) + b"\0" * 100):
        reader = reader_of(data, chunk)
        assert text_of(reader) == TEXT
        assert (reader.problems, reader.lines_read, reader.bytes_read) == ([], 5000, len(TEXT))


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_what_follows_a_compressed_stream_is_told(name: str) -> None:
    reader = reader_of(COMPRESSIONS[name](TEXT) + b"garbage", 11)
    assert text_of(reader) == TEXT
    assert reader.problems == [f"something else follows the {name} stream after {len(TEXT)} bytes of text: not read"]
    assert str(reader.error) == f"x: {reader.problems[0]}"


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_a_stream_that_breaks_off_gives_what_came_before(name: str) -> None:
    data = b"".join(COMPRESSIONS[name](TEXT[at : at + 50_000]) for at in range(0, len(TEXT), 50_000))
    reader = reader_of(data[:-20])
    found = text_of(reader)
    assert TEXT.startswith(found)
    assert len(found) >= 200_000
    assert reader.problems == [f"{name} stream breaks off after {len(found)} bytes of text: what came before was read"]
    assert str(reader.error) == f"x: {reader.problems[0]}"


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_a_damaged_stream_gives_what_came_before(name: str) -> None:
    parts = [COMPRESSIONS[name](TEXT[at : at + 50_000]) for at in range(0, len(TEXT), 50_000)]
    middle = len(parts[3]) // 2
    parts[3] = parts[3][:middle] + b"\xff" * 40 + parts[3][middle + 40 :]
    reader = reader_of(b"".join(parts))
    found = text_of(reader)
    assert TEXT[:100_000] == found[:100_000]
    assert len(reader.problems) == 1
    assert "stream is damaged after" in reader.problems[0]
    assert reader.truncated
    assert reader.error


@pytest.mark.parametrize("chunk", [13, 1000, 1 << 20])
def test_damaged_gzip_gives_the_same_text_for_any_chunks(chunk: int) -> None:
    data = bytearray(gzip.compress(TEXT, mtime=0))
    data[20_000:20_040] = b"\xff" * 40
    expected = zlib.decompressobj(wbits=31).decompress(bytes(data[:20_000]))
    reader = reader_of(bytes(data), chunk)
    found = text_of(reader)
    assert found.startswith(expected)
    assert found == text_of(reader_of(bytes(data), 777))


@pytest.mark.parametrize(
    ("pack", "decoder", "loss"),
    [
        (gzip.compress, lambda: zlib.decompressobj(wbits=31), 1),
        (lambda data: bz2.compress(data, 1), bz2.BZ2Decompressor, 8 * 1024),
        (lzma.compress, lzma.LZMADecompressor, 8 * 1024),
        (zstd.compress, zstd.ZstdDecompressor, 8 * 1024),
    ],
)
@pytest.mark.parametrize("part", [3, 5, 7])
def test_damage_costs_little_of_what_comes_before(pack: Callable[[bytes], bytes], decoder: Any, loss: int, part: int) -> None:
    whole = bytearray(pack(random.Random(part).randbytes(400_000).hex().encode()))  # noqa: S311 - a text, no secret
    at = len(whole) * part // 8
    whole[at : at + 40] = b"\xff" * 40
    expected = decoder().decompress(bytes(whole[:at]))
    reader = reader_of(bytes(whole))
    list(reader.blocks())
    assert reader.bytes_read >= len(expected) - loss > 0
    assert reader.truncated


def test_a_wrong_checksum_costs_no_text() -> None:
    data = bytearray(gzip.compress(TEXT))
    data[-8] ^= 1
    reader = reader_of(bytes(data))
    assert text_of(reader) == TEXT
    assert reader.problems == [f"gzip stream is damaged after {len(TEXT)} bytes of text: what came before was read"]


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_a_bomb_is_stopped(name: str) -> None:
    reader = reader_of(COMPRESSIONS[name](b"y" * (80 * MIB)))
    assert len(text_of(reader)) == MAX_LINE
    assert 64 * MIB < reader.bytes_read <= 73 * MIB
    assert any("grows more than 200 times" in problem for problem in reader.problems)
    assert reader.truncated
    assert reader.error is None, "a limit of ours is no damage"


def test_many_tiny_members_are_read() -> None:
    assert text_of(reader_of(gzip.compress(b"x\n") * 20_000, 1 << 20)) == b"x\n" * 20_000


# --- texts over several lines -------------------------------------------------------------------------------------

T = b"2025-11-23T05:05:20.1+01:00"
CRI = b"".join(
    [
        T + b" stdout F whole\n",
        T + b" stderr P first \n",
        T + b" stdout F between\n",
        T + b" stderr P:x second \n",
        T + b" stderr F third\n",
        T + b" stdout F \n",
        T + b" stdout P never ends\n",
    ]
)
DOCKER = b"".join(
    [
        rb'{"log":"whole\n","stream":"stderr","time":"1"}' + b"\n",
        rb'{"log":"first \\n","stream":"stderr","time":"2"}' + b"\n",
        rb'{"log":"out\n","stream":"stdout","time":"3"}' + b"\n",
        rb'{"log":"last \"x\"\n","stream":"stderr","attrs":{},"time":"4"}' + b"\n",
        rb'{"log":"no end","stream":"stdout","time":"5"}' + b"\n",
    ]
)
FIELDS = b"_BOOT_ID=1\n_HOSTNAME=node-a\nPRIORITY=6\nSYSLOG_IDENTIFIER=k3s\n_SYSTEMD_UNIT=k3s.service\n_PID=12\n"
EXPORT = b"".join(
    [
        b"__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1763874318580162\n" + FIELDS + b'MESSAGE=E1123 "Gr\xc3\xb6\xc3\x9fe" x=y\n\n',
        b"__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1763874319580162\nMESSAGE\n"
        + (10).to_bytes(8, "little")
        + b"multi\nli\xffe\n"
        + FIELDS
        + b"\n",
        b"__CURSOR=s=1;i=3\n__REALTIME_TIMESTAMP=1763874320580162\nMESSAGE=last\nPRIORITY=3\n",
    ]
)
VERBOSE = b"".join(
    b"Sun 2025-11-23 05:05:18.580162 UTC [s=1;i=1;b=d2;m=4c;t=%x;x=6f]\n" % micros + b"".join(b"    " + line + b"\n" for line in lines)
    for micros, lines in [
        (1763874318580162, [*FIELDS.splitlines(), b'MESSAGE=E1123 "Gr\xc3\xb6\xc3\x9fe" x=y']),
        (1763874319580162, [b"MESSAGE=multi", b"        li\xffe", *FIELDS.splitlines()]),
        (1763874320580162, [b"MESSAGE=last", b"PRIORITY=3"]),
    ]
)
PRETTY = b"".join(
    json.dumps(fields, indent="\t", separators=(",", " : ")).encode() + b"\n"
    for fields in [
        {"__REALTIME_TIMESTAMP": "1763874318580162", "_PID": "12", "MESSAGE": 'E1123 "x"'},
        {"__REALTIME_TIMESTAMP": "1763874319580162", "MESSAGE": list(b"\x1b[31mred")},
        {"__REALTIME_TIMESTAMP": "1763874320580162", "MESSAGE": None},
        {"__REALTIME_TIMESTAMP": "1763874321580162", "MESSAGE": ["one", "two"]},
    ]
)
DMESG = (
    b'{\n   "dmesg": [\n      {\n         "pri": 5,\n         "time":     0.000000,\n         "msg": "Linux version 6.18"\n      },{\n'
    b'         "pri": 3,\n         "time":  1234.500000,\n         "msg": "oom \\"k3s\\""\n      }\n   ]\n}\n'
)
FORMS = {"cri": CRI, "docker": DOCKER, "export": EXPORT, "verbose": VERBOSE, "pretty": PRETTY, "dmesg": DMESG}


def entries_of(data: bytes) -> list[tuple[int, dict[str, Any]]]:
    return [(number, json.loads(line)) for number, line in lines_of(reader_of(data))]


def test_cri_lines_are_joined_by_stream() -> None:
    assert lines_of(reader_of(CRI)) == [
        (1, T + b" stdout F whole"),
        (3, T + b" stdout F between"),
        (2, T + b" stderr F first second third"),
        (6, T + b" stdout F "),
        (7, T + b" stdout P never ends"),
    ]


def test_docker_lines_are_joined_by_stream() -> None:
    assert lines_of(reader_of(DOCKER)) == [
        (1, rb'{"log":"whole\n","stream":"stderr","time":"1"}'),
        (3, rb'{"log":"out\n","stream":"stdout","time":"3"}'),
        (2, rb'{"log":"first \\nlast \"x\"\n","stream":"stderr","time":"2"}'),
        (5, rb'{"log":"no end","stream":"stdout","time":"5"}'),
    ]


@pytest.mark.parametrize(("data", "where"), [(EXPORT, [9, 13, 26]), (VERBOSE, [8, 10, 19])])
def test_journal_entries_become_one_line_each(data: bytes, where: list[int]) -> None:
    known = {"_HOSTNAME": "node-a", "PRIORITY": "6", "SYSLOG_IDENTIFIER": "k3s", "_SYSTEMD_UNIT": "k3s.service", "_PID": "12"}
    reader = reader_of(data)
    assert [(number, json.loads(line)) for number, line in lines_of(reader)] == [
        (where[0], {"__REALTIME_TIMESTAMP": "1763874318580162", **known, "MESSAGE": 'E1123 "Größe" x=y'}),
        (where[1], {"__REALTIME_TIMESTAMP": "1763874319580162", **known, "MESSAGE": "multi\nli\ufffde"}),
        (where[2], {"__REALTIME_TIMESTAMP": "1763874320580162", "MESSAGE": "last", "PRIORITY": "3"}),
    ]
    assert reader.lines_read == data.count(b"\n")


def test_pretty_entries_become_one_line_each() -> None:
    assert [(number, entry["MESSAGE"]) for number, entry in entries_of(PRETTY)] == [
        (4, 'E1123 "x"'),
        (8, "\x1b[31mred"),
        (21, None),
        (25, "one"),
    ]


def test_dmesg_document_becomes_lines() -> None:
    assert lines_of(reader_of(DMESG)) == [(6, b"<5>[    0.000000] Linux version 6.18"), (10, b'<3>[ 1234.500000] oom "k3s"')]


@pytest.mark.parametrize("name", FORMS)
@given(chunk=st.integers(1, 60))
def test_joined_lines_do_not_depend_on_chunks(name: str, chunk: int) -> None:
    assert lines_of(reader_of(FORMS[name], chunk)) == lines_of(reader_of(FORMS[name], 1 << 20))


@pytest.mark.parametrize("name", FORMS)
@given(data=st.data())
def test_damaged_forms_raise_nothing(name: str, data: st.DataObject) -> None:
    whole = FORMS[name]
    at = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.binary(max_size=20))
    keep = data.draw(st.integers(at, len(whole)))
    damaged = whole[:at] + junk + whole[keep:]
    reader = reader_of(damaged, 16)
    lines_of(reader)
    assert reader.error is None or kind_of(damaged) is not None  # what begins as a compressed file does is a damaged one


def test_each_form_has_one_framing_and_plain_logs_have_none() -> None:
    for data in FORMS.values():
        assert sum(framing.accepts([line for line in data.split(b"\n") if line.strip()]) for framing in framings()) == 1
    for data in (TEXT, b"", b'{"level":"info"}\n', b'{"log":"x","level":"info","time":"1"}\n', b'{"MESSAGE":"x","_PID":"1"}\n'):
        assert join_for(data) is blocks


def test_what_needs_no_joining_passes_untouched() -> None:
    whole = (T + b" stdout F whole\n") * 1000
    assert all(block.numbers is None for block in reader_of(whole).blocks())
    assert text_of(reader_of(whole)) == whole


def test_a_text_in_endless_parts_takes_little_memory() -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(3000):
            yield (T + b" stderr P " + b"y" * 16_000 + b"\n")
        yield T + b" stderr F end\n"

    tracemalloc.start()
    notes = Notes()
    found = list(join_for(CRI)(chunks(), notes))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MIB
    assert found[-1].data.endswith(b"yyyend\n")
    assert MARK in found[-1].data
    notes.close()
    assert "line 1 is 48000003 bytes long" in notes.problems[0]


def test_a_journal_field_of_absurd_length_is_told() -> None:
    reader = reader_of(EXPORT.replace((10).to_bytes(8, "little"), b"\xff" * 8))
    assert lines_of(reader)
    assert "bytes long: it was not read" in reader.problems[0]


# --- files, directories, streams ----------------------------------------------------------------------------------


def fill(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def test_rotated_files_come_oldest_first(tmp_path: Path) -> None:
    order = [
        "0.log",
        "2.log",
        "10.log",
        "containerd-2025-11-24T07-04-07.368.log.gz",
        "containerd-2025-11-25T07-04-07.368.log",
        "containerd.log",
        "k3s.log.10.gz",
        "k3s.log.2.gz",
        "k3s.log.1",
        "k3s.log",
        "messages-20251122.xz",
        "messages-20251123",
        "messages",
        "web-previous.log",
        "web.log",
        "sub/a.log",
    ]
    fill(tmp_path, dict.fromkeys(order, b"x\n"))
    assert names([tmp_path]) == [str(tmp_path / name) for name in [*order[:13], "sub/a.log", *order[13:15]]]


REFUSED = {
    "truth.json": b"{}",
    "expect.yaml": b"outcome: failed",
    "experiment.yaml": b"",
    "README.md": b"# x",
    ".hidden.log": b"x\n",
    ".git/config": b"x\n",
    "report.json": b'{\n  "schema_version": 1,\n  "verdict": {}}',
    "compare.json": b'{"schema_version": 1, "runs": []}',
    "k3s": b"\x7fELF\x02",
    "shot.log": b"\x89PNG\r\n",
    "state.db": b"SQLite format 3\0",
    "meta.log": b"\0\1\2\0" * 100,
    "b.log": b"Rar!\x1a\x07",
    "c.tar": b"x",
    "d.tar.zst": b"x",
    "e.tgz": b"x",
}


def test_what_is_no_log_is_listed_as_skipped(tmp_path: Path) -> None:
    fill(tmp_path, {**REFUSED, "k3s.log": b"x\n", "journal": "\ufeffx\n".encode("utf-16-le"), "empty.log": b""})
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "nothing").symlink_to("nowhere")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "again.log").symlink_to("k3s.log")
    listing = find([tmp_path])
    skipped = {skipped.path.removeprefix(f"{tmp_path}/"): skipped.reason for skipped in listing.skipped}
    top = {name.split("/")[0] for name in REFUSED}
    assert set(skipped) == top | {"pipe", "circle", "self", "nothing", "zero", "k3s.log"}
    assert not listing.failures
    assert [entry.name for entry in listing.inputs] == [str(tmp_path / name) for name in ("again.log", "empty.log", "journal")]
    assert {name for name, reason in skipped.items() if "archive" in reason} == {"b.log", "c.tar", "d.tar.zst", "e.tgz"}
    assert "the same file as" in skipped["k3s.log"]
    assert skipped["circle"] == skipped["self"] == "link in a circle"


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_named_explicitly_is_always_tried(tmp_path: Path, name: str) -> None:
    fill(tmp_path, {name: REFUSED[name]})
    (entry,) = find([tmp_path / name]).inputs
    reader = entry.open()
    list(reader.blocks())
    assert reader.error is None
    assert bool(reader.problems) is (
        name
        in {
            "report.json",
            "compare.json",
            "k3s",
            "shot.log",
            "state.db",
            "meta.log",
            "b.log",
        }
    )


def test_one_bad_path_spoils_nothing(tmp_path: Path) -> None:
    fill(tmp_path, {"good.log": b"x\n", "none/README.md": b"# x"})
    server = socket.socket(socket.AF_UNIX)
    old = os.getcwd()  # noqa: PTH109 - a socket's path must be short
    os.chdir(tmp_path)
    server.bind("s")
    os.chdir(old)
    listing = find([tmp_path / "missing.log", tmp_path / "none", tmp_path / "s", "a\0b", tmp_path / "good.log"])
    server.close()
    assert [entry.name for entry in listing.inputs] == [str(tmp_path / "good.log")]
    reasons = {failure.path.rsplit("/", 1)[-1]: failure.reason for failure in listing.failures}
    assert reasons == {
        "missing.log": "no such file or directory",
        "none": "holds no log",
        "s": "is a socket, not a log",
        "a\0b": "no such file or directory",
    }


def test_a_path_given_twice_is_read_once(tmp_path: Path) -> None:
    fill(tmp_path, {"a.log": b"x\n", "b.log": b"x\n"})
    (tmp_path / "c.log").symlink_to("a.log")
    file = tmp_path / "a.log"
    assert names([file, str(file), tmp_path, tmp_path / "c.log", "-", "-"]) == [str(file), str(tmp_path / "b.log"), "<stdin>"]
    assert not find([file, file]).failures
    assert not find([file, tmp_path / "b.log", tmp_path]).failures


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission_is_a_failure(tmp_path: Path) -> None:
    fill(tmp_path, {"a.log": b"x\n", "b.log": b"x\n"})
    (tmp_path / "a.log").chmod(0)
    for given_paths in ([tmp_path], [tmp_path / "a.log", tmp_path / "b.log"]):
        listing = find(given_paths)
        assert len(listing.inputs) == 1
        assert "no permission" in listing.failures[0].reason


def test_no_permission_is_told_by_the_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, {"a.log": b"x\n"})
    (entry,) = find([tmp_path / "a.log"]).inputs
    monkeypatch.setattr("pathlib.Path.open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    reader = entry.open()
    assert not list(reader.blocks())
    assert "no permission" in str(reader.error)
    assert len(find([tmp_path]).failures) == 1


def test_a_file_that_is_gone_is_told_by_the_reader(tmp_path: Path) -> None:
    fill(tmp_path, {"a.log": b"x\n"})
    (entry,) = find([tmp_path / "a.log"]).inputs
    (tmp_path / "a.log").unlink()
    reader = entry.open()
    assert not list(reader.blocks())
    assert str(reader.error) == f"{tmp_path}/a.log: no such file or directory"


class Failing(io.BytesIO):
    """A disk that fails after the first bytes."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 0:
            raise OSError(5, "Input/output error")
        return super().read(size)


def test_a_read_error_keeps_what_was_read() -> None:
    reader = Input("disk", stream=Failing(TEXT)).open(chunk=1000)
    assert TEXT.startswith(text_of(reader)[:900])
    assert reader.bytes_read == 1000
    assert reader.truncated
    assert str(reader.error) == "disk: cannot be read (Input/output error)"


def test_a_file_that_grows_is_read_up_to_its_end_of_when_it_was_opened(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    file.write_bytes(TEXT)
    (entry,) = find([file]).inputs
    reader = entry.open(chunk=10_000)
    found = b""
    for block in reader.blocks():
        found += block.data
        with file.open("ab") as out:
            out.write(TEXT)
    assert found.startswith(TEXT[:-100])
    assert len(TEXT) <= reader.bytes_read < len(TEXT) + 10_000
    assert reader.problems == [f"grew while it was read: what came after {reader.bytes_read} bytes is not in this report"]
    assert reader.error is None


def test_a_file_that_is_cut_short_while_it_is_read_is_a_failure(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    file.write_bytes(TEXT)
    (entry,) = find([file]).inputs
    reader = entry.open(chunk=10_000)
    for _ in reader.blocks():
        os.truncate(file, 100)
    assert f"was cut short while it was read, from {len(TEXT)} to 100 bytes" in str(reader.error)


@pytest.mark.skipif(not Path("/proc/mounts").exists(), reason="a file of Linux")
def test_a_file_of_the_kernel_is_read_whole() -> None:
    (entry,) = find(["/proc/self/status"]).inputs
    reader = entry.open(chunk=100)
    assert b"VmPeak" in text_of(reader)
    assert not reader.problems


def test_size_and_time_of_a_file(tmp_path: Path) -> None:
    fill(tmp_path, {"a.log": b"x\n", "a.log.1.gz": gzip.compress(b"x\n", mtime=1_700_000_000), "b.log.gz": gzip.compress(b"x\n", mtime=0)})
    for name in ("a.log", "b.log.gz"):
        os.utime(tmp_path / name, (1_600_000_000, 1_600_000_000))
    older, live, unset = find([tmp_path]).inputs
    assert (live.size, live.mtime) == (2, datetime.fromtimestamp(1_600_000_000, UTC))
    assert older.mtime == datetime.fromtimestamp(1_700_000_000, UTC)
    assert unset.mtime == datetime.fromtimestamp(1_600_000_000, UTC)
    assert text_of(pickle.loads(pickle.dumps(older)).open()) == b"x\n"  # noqa: S301 - our own


def test_a_fifo_named_explicitly_is_read_as_a_stream(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(TEXT,))
    writer.start()
    (entry,) = find([pipe]).inputs
    assert (entry.name, entry.size, entry.path) == (str(pipe), None, None)
    assert text_of(entry.open()) == TEXT
    writer.join()


def test_streams_and_stdin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stream = io.BytesIO(gzip.compress(TEXT))
    fill(tmp_path, {"a.log": b"x\n"})
    with (tmp_path / "a.log").open("rb") as file, (tmp_path / "a.log").open() as text:
        assert names([stream, stream, file, text]) == ["<stream>", str(tmp_path / "a.log"), str(tmp_path / "a.log")]
    assert [failure.reason for failure in find([cast("BinaryIO", io.StringIO("x"))]).failures] == [
        "is a text stream: open it in binary mode"
    ]
    (entry,) = find([stream]).inputs
    assert text_of(entry.open()) == TEXT
    assert not stream.closed
    stream.close()
    reader = entry.open()
    assert not list(reader.blocks())
    assert str(reader.error) == "<stream>: is closed"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT)))
    assert text_of(find(["-"]).inputs[0].open()) == TEXT
