"""Archives read in place: the same lines as from plain files, and nothing lost of what can be read, however an archive lies."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle
import struct
import subprocess
import tarfile
import zipfile
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import k3slogs
from k3slogs.sources import archives, find, listing, numbered, piped
from k3slogs.sources.archives import stream
from k3slogs.sources.zstd import zstd
from tests.conftest import SEED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from k3slogs.rulebook import RuleBook
    from k3slogs.sources import Input, Listing
    from tests.conftest import Cli

Files = dict[str, bytes]
LINE = b"E1123 05:07:38.580162 kubelet.go:1511] hello\n"


def tar_of(files: Files) -> bytes:
    return tar_with((tarfile.TarInfo(name), data) for name, data in files.items())


def tar_with(members: Iterable[tuple[tarfile.TarInfo, bytes]], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for info, data in members:
            info.size = len(data)
            info.mtime = info.mtime or 1_763_960_858
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zip_of(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


PACKERS: dict[str, Callable[[Files], bytes]] = {
    "tar": tar_of,
    "tar.gz": lambda files: gzip.compress(tar_of(files)),
    "tar.bz2": lambda files: bz2.compress(tar_of(files)),
    "tar.xz": lambda files: lzma.compress(tar_of(files)),
    "tar.zst": lambda files: zstd.compress(tar_of(files)),
    "zip": zip_of,
    "nested": lambda files: zip_of({"deep/inner.tgz": gzip.compress(tar_of(files))}),
}


def listing_of(folder: Path, data: bytes, name: str = "a.tgz") -> Listing:
    path = folder / name
    path.write_bytes(data)
    return find([path])


def lines(entry: Input) -> list[tuple[int, bytes]]:
    return [line for block in entry.open().blocks() for line in numbered(block)]


def inside(entries: Iterable[Input]) -> dict[str, bytes]:
    """What was read, by the path in the innermost archive."""
    return {entry.name.rpartition("!/")[2]: b"".join(block.data for block in entry.open().blocks()) for entry in entries}


def reasons(pairs: Iterable[object]) -> dict[str, str]:
    return {pair.path.rpartition("!/")[2]: pair.reason for pair in pairs}  # type: ignore[attr-defined]


# --- the same as plain files ---------------------------------------------------------------------------------------

NAMES = st.text("abcxyz-_. \u00e4", min_size=1, max_size=120).filter(lambda name: name.strip(". ") == name)
TEXTS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200), max_size=30).map(
    lambda parts: b"x" + "\n".join(parts).encode()
)


@pytest.mark.parametrize("kind", PACKERS)
@given(files=st.dictionaries(NAMES.map(lambda name: f"logs/{name}.log"), TEXTS, min_size=1, max_size=5), kept=st.booleans())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_files_read_the_same_in_any_archive(kind: str, files: Files, kept: bool, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("packed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archives, "KEPT", archives.KEPT if kept else 0)
        listing = listing_of(folder, PACKERS[kind](files), f"a.{kind}")
    plain = {}
    for number, (name, data) in enumerate(files.items()):
        (folder / str(number)).write_bytes(data)
        plain[name] = lines(*find([folder / str(number)]).inputs)
    assert not listing.failures
    assert {entry.name.rpartition("!/")[2]: lines(entry) for entry in listing.inputs} == plain


@pytest.mark.parametrize("kind", PACKERS)
def test_verdict_names_the_line_in_the_archive(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_bytes(PACKERS[kind]({"var/log/kubelet.log": LINE + SEED.encode(), "README.md": b"# no\n", "k3s": b"\x7fELF"}))
    found = k3slogs.analyze(path)
    assert found.verdict.root_cause
    assert found.verdict.root_cause.evidence.source.endswith("!/var/log/kubelet.log")
    assert found.verdict.root_cause.evidence.line == 2
    assert reasons(found.document.skipped) == {"README.md": "Markdown: name it to have it read", "k3s": "a program"}


def test_archives_in_a_directory_are_opened_but_not_those_of_images(tmp_path: Path) -> None:
    images = tmp_path / "agent/images"
    images.mkdir(parents=True)
    for place in (tmp_path / "b.tar.gz", images / "airgap.tar.gz"):
        place.write_bytes(PACKERS["tar.gz"]({"a.log": LINE}))
    listing = find([tmp_path])
    assert [entry.name for entry in listing.inputs] == [f"{tmp_path}/b.tar.gz!/a.log"]
    assert "images" in listing.skipped[0].reason


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_every_tar_format_is_read(form: int, tmp_path: Path) -> None:
    name = "/".join(["folder-with-a-name"] * 7) + "/k3s.log"
    data = tar_with([(tarfile.TarInfo(name), LINE), (tarfile.TarInfo("b.log"), b"x\n")], form)
    assert inside(listing_of(tmp_path, data).inputs) == {name: LINE, "b.log": b"x\n"}


def test_a_tar_without_magic_is_known_by_its_checksum(tmp_path: Path) -> None:
    header = bytearray(tar_of({"a.log": LINE})[:512])
    header[257:265] = b"\0" * 8
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + sum(header[156:]) + 8 * 32)
    data = bytes(header) + LINE.ljust(512, b"\0") + b"\0" * 1024
    assert inside(listing_of(tmp_path, data, "old").inputs) == {"a.log": LINE}


def test_a_big_archive_is_passed_through_a_few_times_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "KEPT", 0)
    walks = []
    walk = archives.walk

    def counted(path: Path) -> Iterator[object]:
        walks.append(path)
        return walk(path)

    monkeypatch.setattr(archives, "walk", counted)
    path = tmp_path / "a.tgz"
    path.write_bytes(gzip.compress(tar_of({f"pods/n_p{number}_u/c/0.log": LINE for number in range(300)})))
    found = k3slogs.analyze(path)
    assert found.coverage.lines == 300
    assert len(walks) <= 2, "one pass to look at the heads and one to read"


def test_rotated_files_of_an_archive_come_oldest_first(tmp_path: Path) -> None:
    order = ["k3s.log", "k3s.log.1", "other.log", "k3s.log.2.gz"]
    files = {name: gzip.compress(LINE) if name.endswith("gz") else LINE for name in order}
    names = [entry.name.rpartition("!/")[2] for entry in listing_of(tmp_path, tar_of(files)).inputs]
    assert names == ["k3s.log.2.gz", "k3s.log.1", "k3s.log", "other.log"]


@pytest.mark.parametrize("kept", [True, False])
def test_a_member_can_be_sent_to_another_process(kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not kept:
        monkeypatch.setattr(archives, "KEPT", 0)
    first, second = listing_of(tmp_path, tar_of({"a.log": LINE, "b.log": b"x\n"})).inputs
    lines(first)
    assert inside([pickle.loads(pickle.dumps(second))]) == {"b.log": b"x\n"}  # noqa: S301 - our own
    assert inside([second, first, second]) == {"a.log": LINE, "b.log": b"x\n"}


def test_two_members_can_be_read_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "KEPT", 0)
    big = {name: (name.encode() * 79 + b"\n") * 20_000 for name in "abc"}
    entries = listing_of(tmp_path, tar_of(big)).inputs
    readers = [entry.open(chunk=4096).blocks() for entry in entries]
    parts: list[bytes] = [b""] * len(entries)
    while any(block := [next(reader, None) for reader in readers]):
        parts = [part + (each.data if each else b"") for part, each in zip(parts, block, strict=True)]
    assert parts == list(big.values())


# --- archives that lie ---------------------------------------------------------------------------------------------


def special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


def test_links_and_devices_are_named_and_never_followed_out(tmp_path: Path) -> None:
    data = tar_with([
        (tarfile.TarInfo("a.log"), LINE),
        special("same.log", tarfile.SYMTYPE, "./a.log"),
        special("hard.log", tarfile.LNKTYPE, "a.log"),
        special("out.log", tarfile.SYMTYPE, "../../../../../etc/passwd"),
        special("circle", tarfile.SYMTYPE, "circle"),
        special("null", tarfile.CHRTYPE),
        special("pipe", tarfile.FIFOTYPE),
        (tarfile.TarInfo("b.log"), LINE),
    ])  # fmt: skip
    listing = listing_of(tmp_path, data)
    assert inside(listing.inputs) == {"a.log": LINE, "b.log": LINE}
    assert not listing.failures
    to_file, to_nothing, device = "a link to another file of the archive", "a link to nothing that the archive holds", "not a file"
    expected = {"same.log": to_file, "hard.log": to_file, "out.log": to_nothing, "circle": to_nothing, "null": device, "pipe": device}
    assert {name: reason for name, reason in reasons(listing.skipped).items() if not reason.startswith(expected[name])} == {}


def test_a_link_in_a_zip_is_a_link(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.log", LINE)
        link = zipfile.ZipInfo("b.log")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "a.log")
    listing = listing_of(tmp_path, out.getvalue())
    assert (inside(listing.inputs), list(reasons(listing.skipped))) == ({"a.log": LINE}, ["b.log"])


def test_names_that_lead_out_are_read_in_place_and_told(tmp_path: Path) -> None:
    listing = listing_of(tmp_path, tar_of({"../../evil.log": LINE, "/var/log/k3s.log": LINE, "a.log": LINE}))
    assert inside(listing.inputs) == {"evil.log": LINE, "var/log/k3s.log": LINE, "a.log": LINE}
    told = {entry.name.rpartition("/")[2]: entry.open().problems for entry in listing.inputs}
    assert ["leads out" in problem for problems in told.values() for problem in problems] == [True, True]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.tgz"]


def test_names_given_twice_are_both_read(tmp_path: Path) -> None:
    data = tar_with([(tarfile.TarInfo("a.log"), b"one\n"), (tarfile.TarInfo("a.log"), b"two\n")])
    listing = listing_of(tmp_path, data)
    assert sorted(inside(listing.inputs).values()) == [b"one\n", b"two\n"]
    assert len({entry.name for entry in listing.inputs}) == 2
    assert any("2 files of this name" in problem for entry in listing.inputs for problem in entry.open().problems)


@pytest.mark.parametrize("kind", [kind for kind in PACKERS if kind != "tar.bz2"])
def test_what_comes_before_the_cut_is_read(kind: str, tmp_path: Path) -> None:
    files = {f"{number}.log": LINE + os.urandom(30_000).hex().encode() + b"\n" for number in range(20)}
    whole = PACKERS[kind](files)
    listing = listing_of(tmp_path, whole[: len(whole) // 2])
    read = inside(listing.inputs)
    complete = [name for name, data in read.items() if data == files[name]]
    assert len(complete) >= 5
    assert len(read) < len(files)
    assert any(word in str(listing.failures[0]) for word in ("break", "damaged", "without a whole index"))


def test_a_damaged_header_ends_the_tar_and_is_told(tmp_path: Path) -> None:
    data = bytearray(tar_of({"a.log": LINE, "b.log": LINE, "c.log": LINE}))
    data[1024 + 10] ^= 0xFF
    listing = listing_of(tmp_path, bytes(data))
    assert inside(listing.inputs) == {"a.log": LINE}
    assert "damaged at byte 1024 of the tar, after 1 entries" in str(listing.failures[0])


class OneWay(io.BytesIO):
    """What a zip is written to by pieces: sizes come behind the data."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError

    def seek(self, *_: int) -> int:
        raise OSError


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("target", [io.BytesIO, OneWay])
@pytest.mark.parametrize("kept", [True, False])
def test_a_zip_without_its_index_is_told_and_read_as_far_as_it_goes(
    method: int, target: type[io.BytesIO], kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "KEPT", archives.KEPT if kept else 0)
    files = {"a.log": LINE, "ü/b.log": os.urandom(100_000).hex().encode(), "bare.log": b"", "c.log": LINE * 1000}
    out = target()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr("other.log", LINE, method)
        archive.writestr("last.log", LINE)
    data = out.getvalue()
    whole = listing_of(tmp_path, data).inputs
    listing = listing_of(tmp_path, data[: data.rindex(b"PK\1\2")])
    assert "without a whole index" in str(listing.failures[-1])
    found = inside(listing.inputs)
    told = method == zipfile.ZIP_DEFLATED or target is io.BytesIO
    assert {name: found[name] for name in files} == files
    assert ("last.log" in found) is told
    assert [entry.mtime for entry in listing.inputs][:4] == [entry.mtime for entry in whole][:4]


def test_a_cut_zip_says_in_which_file_it_breaks_off(tmp_path: Path) -> None:
    data = zip_of({"a.log": LINE, "b.log": os.urandom(200_000).hex().encode()})
    whole, cut = listing_of(tmp_path, data[:100_000]).inputs
    assert inside([whole]) == {"a.log": LINE}
    reader = cut.open()
    list(reader.blocks())
    assert reader.bytes_read > 100_000
    assert "is damaged or cut off in the zip" in str(reader.error)


def test_a_damaged_file_of_a_zip_spoils_no_other(tmp_path: Path) -> None:
    text = LINE * 100 + os.urandom(100_000).hex().encode() + b"\n"
    data = bytearray(zip_of({"a.log": text, "b.log": LINE}))
    data[90_000] ^= 0xFF
    damaged, good = listing_of(tmp_path, bytes(data)).inputs
    assert inside([good]) == {"b.log": LINE}
    reader = damaged.open()
    assert b"".join(block.data for block in reader.blocks()).startswith(LINE * 100)
    assert reader.truncated
    assert "damaged in the zip" in str(reader.error)


def test_a_file_of_a_zip_that_is_damaged_from_its_start_spoils_no_other(tmp_path: Path) -> None:
    data = bytearray(zip_of({"a.log": LINE, "b.log": LINE * 100, "c.log": LINE}))
    data[data.index(b"PK\3\4", 4)] ^= 0xFF
    first, damaged, last = listing_of(tmp_path, bytes(data)).inputs
    assert inside([first, last]) == {"a.log": LINE, "c.log": LINE}
    reader = damaged.open()
    assert not list(reader.blocks())
    assert "damaged in the zip" in str(reader.error)


def test_an_encrypted_file_of_a_zip_is_told(tmp_path: Path) -> None:
    data = bytearray(zip_of({"a.log": LINE}))
    index = data.rindex(b"PK\x01\x02")
    data[index + 8] |= 1
    listing = listing_of(tmp_path, bytes(data))
    assert "encrypted" in str(listing.failures[0])


def test_a_bomb_is_stopped_and_the_rest_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (stream, archives.stream):
        monkeypatch.setattr(room, "FREE", 1 << 20)
    bomb = bytes(8 << 20)
    listing = listing_of(tmp_path, gzip.compress(tar_of({"a.log": LINE, "zeros.log": b"x\n" + bomb, "b.log": LINE})))
    assert inside(listing.inputs)["a.log"] == LINE
    assert "as only a bomb does" in " ".join(map(str, listing.failures))


@pytest.mark.parametrize("packed", [zip_of, tar_of])
def test_a_bomb_in_parts_is_stopped_too(packed: Callable[[Files], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part alone is harmless; an archive in an archive multiplies what it grows."""
    monkeypatch.setattr(stream, "FREE", 1 << 20)
    part = gzip.compress(tar_of({"zeros.bin": bytes(1 << 18)}))
    listing = listing_of(tmp_path, gzip.compress(packed({f"{number}.tgz": part for number in range(100)})))
    assert "as only a bomb does" in " ".join(map(str, listing.failures))


def test_archives_nested_too_deep_are_told(tmp_path: Path) -> None:
    data = tar_of({"a.log": LINE})
    for level in range(3):
        data = tar_of({f"{level}.tar": data, f"beside{level}.log": LINE})
    listing = listing_of(tmp_path, data)
    assert sorted(inside(listing.inputs)) == ["beside0.log", "beside1.log", "beside2.log"]
    assert "3 archives deep" in str(listing.failures[0])


def test_too_many_members_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MEMBERS", 3)
    listing = listing_of(tmp_path, tar_of({f"{number}.log": LINE for number in range(5)}))
    assert len(listing.inputs) == 3
    assert "more than 3 files" in str(listing.failures[0])


def test_a_header_cannot_ask_for_memory(tmp_path: Path) -> None:
    """An extended header of 4 GiB that is not there."""
    info = tarfile.TarInfo("x")
    info.type, info.size = b"x", 1 << 32
    listing = listing_of(tmp_path, tar_of({"a.log": LINE})[:1024] + info.tobuf(tarfile.GNU_FORMAT))
    assert inside(listing.inputs) == {"a.log": LINE}
    assert "breaks off" in str(listing.failures[0])


def test_a_negative_size_is_damage(tmp_path: Path) -> None:
    header = bytearray(tarfile.TarInfo("b.log").tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 4 + struct.pack(">q", -512)
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + sum(header[156:]) + 8 * 32)
    listing = listing_of(tmp_path, tar_of({"a.log": LINE})[:1024] + bytes(header))
    assert inside(listing.inputs) == {"a.log": LINE}
    assert "damaged" in str(listing.failures[0])


def test_an_archive_that_changes_between_passes_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "KEPT", 0)
    (entry,) = listing_of(tmp_path, tar_of({"a.log": LINE})).inputs
    (tmp_path / "a.tgz").write_bytes(tar_of({"other.log": LINE}))
    reader = entry.open()
    list(reader.blocks())
    assert "changed while it was read" in str(reader.error)


@cache
def damageable(kind: str) -> bytes:
    """Made once: the times in it decide how long it is."""
    return PACKERS[kind]({"a.log": LINE * 20, "dir/b.log.gz": gzip.compress(LINE), "c.log": LINE})


@pytest.mark.parametrize("kind", PACKERS)
@given(data=st.data())
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_damage_raises_nothing(kind: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    whole = damageable(kind)
    at = data.draw(st.integers(0, len(whole)))
    junk, keep = data.draw(st.binary(max_size=20)), data.draw(st.integers(at, len(whole)))
    for entry in listing_of(tmp_path_factory.mktemp("damaged"), whole[:at] + junk + whole[keep:], f"a.{kind}").inputs:
        list(entry.open().blocks())


def damaged(data: bytes) -> bytes:
    return data[: len(data) * 3 // 4]


BROKEN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a.log.gz": (lambda log: damaged(gzip.compress(log)), "a.log.gz: gzip stream breaks off"),
    "a.log.zst": (lambda log: damaged(zstd.compress(log)), "a.log.zst: zstd stream breaks off"),
    "a.tar": (lambda log: tar_of({"logs/a.log.gz": damaged(gzip.compress(log))}), "a.tar!/logs/a.log.gz: gzip stream breaks off"),
    "a.zip": (lambda log: zip_of({"a.log.gz": damaged(gzip.compress(log))}), "a.zip!/a.log.gz: gzip stream breaks off"),
    "cut.tar": (lambda log: damaged(tar_of({"a.log": log})), "cut.tar!/a.log: the archive breaks off in it"),
    "cut.tgz": (lambda log: damaged(gzip.compress(tar_of({"a.log": log}))), "cut.tgz: gzip stream breaks off"),
    "all.zip": (lambda log: zip_of({"in.tar": damaged(tar_of({"a.log": log}))}), "all.zip!/in.tar!/a.log: the archive breaks off in it"),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("named", ["file", "folder", "-"])
def test_damage_is_a_failure_and_what_came_before_is_judged(name: str, named: str, book: RuleBook, tmp_path: Path) -> None:
    pack, failure = BROKEN[name]
    data = pack(SEED.encode() + b"".join(LINE.replace(b"hello", os.urandom(40).hex().encode()) for _ in range(3000)))
    (tmp_path / name).write_bytes(data)
    (tmp_path / "whole.log").write_bytes(LINE)
    given = cast("BinaryIO", Pipe(data)) if named == "-" else tmp_path / name if named == "file" else tmp_path
    found = k3slogs.analyze(given, rules=book)
    told = [str(each).removeprefix(f"{tmp_path}/") for each in found.failures]
    assert any(each.startswith(failure.replace(name, "<stream>", 1) if named == "-" else failure) for each in told), told
    assert len(told) == len(set(told))
    assert found.verdict.root_cause
    assert found.coverage.lines > 500
    assert any(each.truncated and each.problems for each in found.inputs)


def test_limits_of_ours_are_told_and_are_no_damage(cli: Cli) -> None:
    (cli.cwd / "long.log").write_bytes(SEED.encode() + b"y" * 300_000 + b"\n")
    (cli.cwd / "bomb.log.gz").write_bytes(gzip.compress(SEED.encode() + b"y" * (80 << 20)))
    ran = cli("analyze", "long.log", "bomb.log.gz")
    assert ran.code == 0
    assert "only its head and tail were read" in ran.out
    assert "grows more than 200 times" in ran.out


def test_damage_ends_with_its_exit_code_and_the_rest_is_judged(cli: Cli, tmp_path: Path) -> None:
    whole = tar_of({"kubelet.log": SEED.encode(), "b.log": LINE * 100})
    (tmp_path / "cut.tar").write_bytes(whole[:3000])
    ran = cli("analyze", "cut.tar")
    assert ran.code == 3
    assert "cut.tar!/kubelet.log:1" in ran.out
    assert "cut.tar: breaks off" in ran.err


# --- from a stream -------------------------------------------------------------------------------------------------


class Pipe:
    """Gives a few bytes at a time, and can be read once."""

    def __init__(self, data: bytes, step: int = 1000) -> None:
        self._data = io.BytesIO(data)
        self._step = step

    def read(self, size: int) -> bytes:
        return self._data.read(min(size, self._step))


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("kept", [True, False])
def test_an_archive_on_a_stream_is_opened_as_a_path_is(kind: str, kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "KEPT", archives.KEPT if kept else 0)
    data = PACKERS[kind]({"var/log/k3s.log": LINE * 500 + os.urandom(20_000).hex().encode(), "b.log": b"x\n", "k3s": b"\x7fELF"})
    by_path = listing_of(tmp_path, data)
    by_stream = find([cast("BinaryIO", Pipe(data))])
    assert inside(by_stream.inputs) == inside(by_path.inputs)
    assert reasons(by_stream.skipped) == reasons(by_path.skipped)
    assert all(entry.name.startswith("<stream>!/") for entry in by_stream.inputs)


def packed_seed(kind: str) -> bytes:
    return PACKERS[kind]({"var/log/kubelet.log": SEED.encode()})


INSIDE = "<stdin>!/var/log/kubelet.log"
STDIN: dict[str, tuple[bytes, str, int]] = {
    **{kind: (packed_seed(kind), INSIDE, 0) for kind in ("tar", "tar.gz", "tar.zst", "zip")},
    "cut tar": (packed_seed("tar")[:1024], INSIDE, 3),
    "cut tar.gz": (packed_seed("tar.gz")[:-12], INSIDE, 3),
    "log": (SEED.encode(), "<stdin>", 0),
    "log.gz": (gzip.compress(SEED.encode()), "<stdin>", 0),
    "cut log.gz": (gzip.compress(SEED.encode())[:-8], "<stdin>", 3),
}
"""What is given, where its line is found, and the exit code."""


@pytest.mark.parametrize("kind", STDIN)
@pytest.mark.parametrize("seekable", [True, False])
def test_standard_input_may_be_an_archive(kind: str, seekable: bool, cli: Cli, tmp_path: Path) -> None:
    data, source, code = STDIN[kind]
    (tmp_path / "given").write_bytes(data)
    (tmp_path / "temporary").mkdir()
    shell = 'exec "$@" < given' if seekable else 'cat given | "$@"'
    command = ["sh", "-c", shell, "sh", *cli.command("analyze", "-", "--format", "json")]
    env = {**cli.env, "TMPDIR": str(tmp_path / "temporary")}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, check=False)
    assert done.returncode == code, done.stderr
    assert bool(done.stderr) is (code != 0)
    assert f'"source": "{source}"'.encode() in done.stdout
    assert list((tmp_path / "temporary").iterdir()) == []


def test_an_archive_through_a_named_pipe_is_opened(cli: Cli) -> None:
    os.mkfifo(cli.cwd / "pipe")
    (cli.cwd / "a.tgz").write_bytes(PACKERS["tar.gz"]({"a/kubelet.log": SEED.encode()}))
    with subprocess.Popen(["sh", "-c", "cat a.tgz > pipe"], cwd=cli.cwd):
        ran = cli("analyze", "pipe")
    assert ran.code == 0, ran.err
    assert "pipe!/a/kubelet.log:1" in ran.out


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zstd.compress])
def test_a_log_on_a_stream_is_not_held(pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(listing, "hold", refused)
    (entry,) = find([cast("BinaryIO", Pipe(pack(LINE * 5000)))]).inputs
    assert len(lines(entry)) == 5000


def test_an_archive_on_a_stream_that_is_too_large_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piped, "LIMIT", 1024**2)
    found = k3slogs.analyze(cast("BinaryIO", Pipe(tar_of({"a.log": LINE * 50_000}))))
    assert [failure.reason for failure in found.failures] == [
        "is an archive of more than 1 MiB on a stream: save it to a file and name that"
    ]


def test_a_stream_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    data = gzip.compress(tar_of({"a.log": LINE, "b.log": os.urandom(200_000).hex().encode()}))
    found = find([cast("BinaryIO", Pipe(data[:50_000]))])
    assert inside(found.inputs)["a.log"] == LINE
    assert [failure.path for failure in found.failures] == ["<stream>"]
    assert listing_of(tmp_path, data[:50_000]).failures[0].reason == found.failures[0].reason


def test_a_full_disk_under_a_stream_is_told(cli: Cli) -> None:
    command = ["sh", "-c", 'ulimit -f 64; exec "$@"', "sh", *cli.command("analyze", "-")]
    done = subprocess.run(
        command, input=tar_of({"a.log": os.urandom(300_000).hex().encode()}), cwd=cli.cwd, env=cli.env, capture_output=True, check=False
    )
    assert done.returncode == 3
    assert b"save it to a file" in done.stderr


def test_what_came_through_a_stream_lives_as_long_as_its_inputs() -> None:
    data = tar_of({"a.log": LINE * 50_000, "b.log": LINE * 50_000})
    entries = find([cast("BinaryIO", Pipe(data))]).inputs
    held = entries[0].member.archive.path  # type: ignore[union-attr]
    assert [len(lines(entry)) for entry in (*entries, *entries)] == [50_000] * 4
    assert held.exists()
    del entries
    assert not held.exists()
