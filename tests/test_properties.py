"""Whatever comes in: a document comes out, lines keep their numbers, borders do not matter, nothing unsafe is printed."""

from __future__ import annotations

import io
from array import array
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import k3slogs
from k3slogs import renderers
from k3slogs.engine import Calendar, window
from k3slogs.model import Block
from tests.conftest import HEALTHY, SEED, klog, opened, unsafe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from k3slogs import RuleBook
    from k3slogs.engine import Engine, Sighting, SourceScan

KNOWN = SEED.splitlines()[0] + ' err="failed to get rootfs info: unable to find data in memory cache"'
ROOT = "kubelet-rootfs-info-memory-cache"
PIECES = [
    *HEALTHY.splitlines(),
    KNOWN,
    SEED.rstrip("\n"),
    klog("It failed") + " err=<\n\tthe first half\n\tthe second half\n >",
    "\n".join(
        f"Nov 23 05:00:11 node1 {text}"
        for text in (
            "k3s[7]: " + klog("It failed", level="I") + " err=<",
            "sshd[9]: in between",
            "k3s[7]: \tfailed to get rootfs info: unable to find data in memory cache",
            "k3s[7]:  >",
        )
    ),
    klog("glued ") + klog("to this", second=1),
    "panic: runtime error: invalid memory address\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:12 +0x1d",
    "Nov 23 05:00:11 node1 k3s[7]: " + KNOWN,
    '2026-11-23T05:00:12.000000000Z stderr P {"level":"warn","ts":"2026-11-23T05:00:12Z",\n2026-11-23T05:00:12.1Z stderr F "msg":"slow"}',
    '{"log":"' + KNOWN.replace('"', '\\"') + '\\n","stream":"stderr","time":"2026-11-23T05:00:13Z"}',
    'time="2026-11-23T05:00:14Z" level=warning msg="a warning that nobody knows" error="code 12"',
    "plain words",
    "",
]
UNKNOWN = klog("a fault that nobody knows")
HOSTILE = '\x00\x07\x08\x1b\x7f\x85\x9b\x9d\u061c\u200f\u202e\u2066|`[]0;m\\"<'
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
inputs = st.one_of(
    st.binary(max_size=400),
    st.lists(
        st.one_of(
            st.sampled_from(PIECES).map(str.encode),
            st.binary(max_size=60),
            st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
            st.text(HOSTILE, min_size=1, max_size=20).map(lambda text: f"{KNOWN} {text}".encode()),
            st.text(HOSTILE, min_size=1, max_size=20).map(lambda text: f"{UNKNOWN} {text}".encode()),
        ),
        min_size=1,
    ).map(b"\n".join),
)


def texts(part: Any) -> Iterator[str]:
    """Every string of a document, keys too."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield from texts(key)
            yield from texts(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from texts(value)
    elif isinstance(part, str):
        yield part


@QUICK
@given(data=inputs)
def test_any_bytes_give_a_document_that_is_safe_to_print(book: RuleBook, data: bytes) -> None:
    found = k3slogs.analyze(io.BytesIO(data), rules=book)
    assert found.failures == () or data.startswith(
        (b"PK", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
    )  # a damaged archive is told
    assert [text for text in texts(opened(found.document)) if unsafe(text)] == []
    for name in renderers.names():
        assert unsafe(found.render(name).replace("\n", "")) == []


lines = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=40), max_size=30)


@QUICK
@given(before=lines, after=lines)
def test_a_line_keeps_its_number(book: RuleBook, before: list[str], after: list[str]) -> None:
    data = "\n".join([*before, KNOWN, *after]).encode()
    found = k3slogs.analyze(io.BytesIO(data), rules=book)
    places = {seen.line for finding in found.findings if finding.rule == ROOT for seen in finding.evidence}
    assert places == {len(before) + 1}
    assert found.coverage.lines == data.count(b"\n") + (not data.endswith(b"\n"))


def place(seen: Sighting | None) -> tuple[int, str] | None:
    """Where, not when: a record without a stamp has the time of the line read before it, and that depends on the borders."""
    return (seen.line, seen.text) if seen else None


def folded(scan: SourceScan) -> list[Any]:
    """What a scan found, without what only says where its blocks ended."""
    lives = [
        (
            life.identity,
            life.program,
            [place(seen) for seen in (life.begun, life.stop, life.exit)],
            {key: (fold.count, place(fold.first), place(fold.last), fold.captures) for key, fold in life.folds.items()},
        )
        for life in scan.lives
        if life.folds or life.begun
    ]
    return [lives, scan.coverage, [(each.shape, each.count, place(each.first), place(each.last)) for each in scan.unknown]]


def blocks(data: bytes, cuts: Iterable[int], *, gaps: bool) -> Iterator[Block]:
    """The same lines in blocks that end after the given lines; with gaps, as if every other line had been joined to the one before."""
    whole = data.split(b"\n")[:-1]
    borders = sorted({0, len(whole), *(cut % len(whole) for cut in cuts)})
    for start, end in pairwise(borders):
        numbers = array("Q", range(2 * start + 1, 2 * end + 1, 2))
        yield Block(b"".join(line + b"\n" for line in whole[start:end]), numbers[0] if gaps else start + 1, numbers if gaps else None)


@QUICK
@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=40, max_size=120),
    cuts=st.lists(st.integers(min_value=1, max_value=150), min_size=1, max_size=20),
    gaps=st.booleans(),
)
def test_the_borders_of_blocks_do_not_matter(engine: Engine, pieces: list[str], cuts: list[int], gaps: bool) -> None:
    data = "\n".join(pieces).encode() + b"\n"
    calendar = Calendar(datetime(2026, 11, 23, tzinfo=UTC), "a test")
    whole = engine.scan(blocks(data, (), gaps=gaps), "k3s.log", calendar)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "MARGIN", 3000)  # more than any record here reaches, over lines of others
        parts = engine.scan(blocks(data, cuts, gaps=gaps), "k3s.log", calendar)
    assert folded(parts) == folded(whole)


RECORDS = [piece for piece in PIECES if not piece.startswith(("plain", "panic")) and piece]


@QUICK
@given(pieces=st.lists(st.sampled_from(RECORDS), min_size=5, max_size=60), quiet=st.sets(st.integers(min_value=0, max_value=60)))
def test_moments_of_quiet_do_not_matter(engine: Engine, pieces: list[str], quiet: set[int]) -> None:
    """A source that is followed says in the end what it would have said at once, and its snapshots stay as they were."""
    calendar = Calendar(datetime(2026, 11, 23, tzinfo=UTC), "a test")
    data = [f"{piece}\n".encode() for piece in pieces]
    whole = engine.scan([Block(b"".join(data), 1)], "k3s.log", calendar)
    scanning, line, halfway = engine.begin("k3s.log", calendar), 1, None
    for number, piece in enumerate(data):
        scanning.feed(Block(piece, line))
        line += piece.count(b"\n")
        if number in quiet:
            scanning.settle()
            scanning.settle()
            halfway = halfway or (scanning.snapshot(), repr(folded(scanning.result())))
    assert folded(scanning.close()) == folded(whole)
    if halfway:
        assert repr(folded(halfway[0])) == halfway[1]
