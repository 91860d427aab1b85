"""What is compiled tells lines apart as Python does, within the room that it is given."""

from __future__ import annotations

import re
from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k3slogs import compiled
from k3slogs.engine import Engine, known, reading, sieve
from k3slogs.engine import window as windows
from k3slogs.engine.known import Known
from k3slogs.engine.shapes import all_masked, all_without_ids
from k3slogs.engine.window import Window
from k3slogs.model import Block
from tests.conftest import klog
from tests.test_counting import CALENDAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from k3slogs import RuleBook
    from k3slogs.engine.sieve import Places
    from tests.conftest import Pack

pytestmark = pytest.mark.skipif(
    compiled.library() is None, reason="nothing was compiled: no C compiler was found when k3slogs was installed"
)

LINES = st.lists(
    st.sampled_from([b"", b"9", b"17 wheels", b"18 wheels", b"1x wheels", b"\xff\x00:7", b"a" * 15, b"a" * 16, b"7" * 33]), max_size=30
)
IDS = (b"1a2b3c4d", b"c0de", b"c0ffee123456", b"f" * 32, b"0d" * 20, b"e1" * 32, b"01234567-89ab-cdef-0123-456789abcdef")
"""And what is too short for one."""
WITH_IDS = st.lists(st.sampled_from([b"-", b" ", b"/", b"x", b"A", b"0", b"f", b"\xc3", b"." * 1000, *IDS]), max_size=12).map(b"".join)


def masked(line: bytes) -> bytes:
    return all_without_ids(all_masked([line]))[0]


@given(
    texts=st.lists(LINES.map(b"\n".join), max_size=4),
    before=st.sampled_from([b"", b"3 carts\n"]),
    after=st.sampled_from([b"", b"\n4 carts"]),
)
def test_shapes_are_what_lines_are_when_they_are_masked(texts: list[bytes], before: bytes, after: bytes) -> None:
    shapes = compiled.Shapes(64, 4096, 64)
    wanted: list[bytes] = []
    for text in texts:
        known_before = len(shapes)
        seen = shapes.see(before + text + after, len(before), len(before + text))
        assert seen is not None
        own = text.removesuffix(b"\n").split(b"\n") if text else []
        assert [(before + text)[start:end] for start, end in zip(seen.starts, seen.ends, strict=True)] == own
        wanted += dict.fromkeys(shape for shape in map(masked, own) if shape not in wanted)
        assert [wanted[shape] for shape in seen.which] == list(map(masked, own))
        new, ends = shapes.since(known_before)
        assert [bytes(new[start : end - 1]) for start, end in pairwise([0, *ends])] == wanted[known_before:]
    assert [shapes.text(number) for number in range(len(shapes))] == wanted


@given(lines=st.lists(WITH_IDS, max_size=20))
def test_long_ids_are_masked(lines: list[bytes]) -> None:
    shapes = compiled.Shapes(64, 1 << 18, 64)
    seen = shapes.see(b"".join(line + b"\n" for line in lines), 0, sum(map(len, lines)) + len(lines))
    assert seen is not None
    assert [shapes.text(shape) for shape in seen.which] == list(map(masked, lines))


def test_what_is_too_long_for_an_id_stays() -> None:
    shapes = compiled.Shapes(64, 1 << 23, 64)
    seen = shapes.see(b"a" * (1 << 22), 0, 1 << 22)
    assert seen is not None
    assert shapes.text(0) == b"a" * (1 << 22)


@pytest.mark.parametrize(("most", "room", "lines"), [(2, 4096, 64), (64, 12, 64), (64, 4096, 2)])
def test_where_there_is_too_little_room_that_is_told(most: int, room: int, lines: int) -> None:
    shapes = compiled.Shapes(most, room, lines)
    assert shapes.see(b"one\ntwo\nfour\n", 0, 13) is None
    shapes.clear()
    seen = shapes.see(b"one\n1\n", 0, 6)
    assert seen is not None
    assert (len(shapes), seen.which.tolist()) == (2, [0, 1])


@given(size=st.integers(0, 2000), every=st.integers(1, 300))
def test_newlines_are_counted(size: int, every: int) -> None:
    text = bytes(ord("\n") if at % every == 0 else ord("x") for at in range(size))
    assert compiled.newlines(text) == text.count(b"\n")


@given(
    lines=st.lists(st.tuples(st.sampled_from(["ab 12 cd", "ab 13 cd", "ab 12 ce", "xx 99 yy"]), st.integers(0, 2)), max_size=40),
    spans=st.lists(st.lists(st.sampled_from([(0, 2), (3, 5), (3, 4), (7, 8)]), unique=True), min_size=3, max_size=3),
)
def test_kinds_are_lines_of_one_layout_with_equal_spans(lines: list[tuple[str, int]], spans: list[list[tuple[int, int]]]) -> None:
    text = "".join(f"{line}\n" for line, _ in lines).encode()
    starts, layouts = np.arange(len(lines)) * 9, np.array([layout for _, layout in lines], np.int64)
    firsts, which = compiled.kinds(text, starts, layouts, spans)
    keys = [(layout, *(line[start:end] for start, end in spans[layout])) for line, layout in lines]
    each = list(dict.fromkeys(keys))
    assert [each[kind] for kind in which] == keys
    assert firsts.tolist() == [keys.index(key) for key in each]


@given(words=st.lists(st.sampled_from(["ab", "ac", "bb"]), max_size=20), size=st.integers(1, 2))
def test_neighbours_are_compared(words: list[str], size: int) -> None:
    found = compiled.differ("".join(words).encode(), np.arange(len(words)) * 2, size)
    assert found.tolist() == [one[:size] != other[:size] for one, other in pairwise(words)]


def test_a_library_of_another_source_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled.library.cache_clear()
    try:
        with monkeypatch.context() as patch:
            patch.setattr(compiled, "SOURCE", compiled.SOURCE.with_name("build.py"))
            assert compiled.library() is None
    finally:
        compiled.library.cache_clear()
    assert compiled.library() is not None


def window(lines: list[str], begin: int = 0) -> Window:
    text = "".join(f"{line}\n" for line in lines).encode()
    return Window(text, begin, len(text))


def beside_ids(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Two lines of one shape for each way in which an anchor may match a part of an id: it does so in the first one."""
    for word in words:
        for at in range(len(word) + 1):
            head, tail = word[:at], word[at:]
            if re.fullmatch("[0-9a-f]{1,12}", tail) and not head[-1:].isalnum():
                yield f"of {head}{tail:1<64} and", f"of {head}{'2' * 64} and"
                yield f"of {head}{tail:1<8}-1111-1111-1111-{'1' * 12} and", f"of {head}22222222-2222-2222-2222-{'2' * 12} and"
            if re.fullmatch("[0-9a-f]{1,12}", head) and not tail[:1].isalnum():
                yield f"of {head:1>32}{tail} and", f"of {'2' * 32}{tail} and"
                yield f"of {'1' * 12}-{head:1>12}{tail} and", f"of {'2' * 12}-{'2' * 12}{tail} and"


MARKERS_BESIDE_IDS = [
    (f"{'a' * 11}1 E | x", f"{'a' * 12} E | x"),
    (f"Suppressed 1{'a' * 31}", f"Suppressed {'a' * 32}"),
    (f"lost {'1' * 40} messages", f"lost {'a' * 40} messages"),
]


def test_where_an_id_decides_each_line_is_looked_at(book: RuleBook, pack: Pack) -> None:
    """An anchor may match a part of it, by chance."""
    pack.rule("node/decade-lost", "decade")
    own = pack.book()
    assert list(own.anchors) == ["decade"]
    for engine, pairs in (
        (Engine(own), [*beside_ids(own.anchors), (f"of {'decade':1<40}", "2" * 40)]),
        (Engine(book), [*beside_ids(book.anchors), *MARKERS_BESIDE_IDS]),
    ):
        for lines in [*pairs, *(pair[::-1] for pair in pairs)]:
            found = Known(engine.scanner).places(window(["before", *lines], len("before\n")))
            matters = [bool(engine.scanner.ends(line.encode())) for line in lines]
            assert any(matters)
            assert found is not None
            assert [index in found.before for index in range(2)] == matters, lines


SIGNS = (
    *(" ", "-", ": ", "[", "]", " E", "E", " E | ", " | ", "..."),
    *("W0123 12:34:56", "level=warn", "error: ", " WRN ", "panic: ", "fatal error: ", "ctr: ", " Warning  ", '"err":"'),
    *("Suppressed ", "callbacks suppressed", " messages dropped", "lost ", " messages lost", "removed"),
)


def test_marks_beside_ids_are_seen_as_a_scan_sees_them(engine: Engine) -> None:
    """Ids of digits, of letters and of both, each with every sign before and behind it."""
    ids = ("123456789012", "a1b2c3d4e5f6", "f" * 12, "0" * 32, "e" * 32)
    lines = [f"{before}{name}{behind}" for before, behind in product(SIGNS, repeat=2) for name in ids]
    found = Known(engine.scanner).places(window(["before", *lines], len("before\n")))
    assert found is not None
    assert list(found.before) == [index for index, line in enumerate(lines) if engine.scanner.ends(line.encode())]


def test_shapes_are_forgotten_when_there_are_too_many(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MAX_SHAPES", 64)
    some = Known(engine.scanner)
    for word in "abcdef":
        lines = [klog("somebody failed"), *(f"{word * number} is quiet" for number in range(1, 30)), klog("somebody failed")]
        found = some.places(window(lines))
        assert found is not None
        assert (list(found.before), found.shapes) == ([0, 30], [masked(klog("somebody failed").encode())])


def test_where_most_shapes_are_new_a_scan_is_as_cheap(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    some = Known(engine.scanner)
    lines = [f"{'a' * number} is quiet" for number in range(1, 60)]
    found = some.places(window(lines))
    assert found is not None
    assert not some.pays
    assert some.places(window(lines)) is not None
    assert some.pays
    monkeypatch.setattr(known, "MAX_LINES", 10)
    other = Known(engine.scanner)
    assert other.places(window(lines)) is None
    assert not other.pays


@pytest.mark.parametrize("way", [9e9, -1.0], ids=["scanned", "looked up"])
def test_where_looking_up_does_not_pay_windows_are_scanned_for_a_while(way: float, book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or looked up by numpy; among them is one without any line that matters."""
    monkeypatch.setattr(reading, "MANY", 0)
    monkeypatch.setattr(windows, "MARGIN", 80)  # a line is left of the window before
    monkeypatch.setattr(known, "MAX_LINES", 1)
    for name, value in (("LONG", 0), ("MANY", way), ("FEW", way)):
        monkeypatch.setattr(sieve, name, value)
    asked: list[int] = []
    places = Known.places

    def noted(self: Known, window: Window) -> Places | None:
        asked.append(window.number(window.begin))
        return places(self, window)

    monkeypatch.setattr(Known, "places", noted)
    loud, quiet = (f"{line}\n{line}\n".encode() for line in (klog("somebody failed"), klog("nothing of note", level="I")))
    parts = [loud, quiet, *[loud] * sieve.PATIENCE, loud]
    scan = Engine(book).scan([Block(part, 1 + 2 * index) for index, part in enumerate(parts)], "x", CALENDAR)
    assert [each.count for each in scan.unknown] == [2 * (len(parts) - 1)]
    assert asked == [1, 1 + 2 * (sieve.PATIENCE + 1)]
