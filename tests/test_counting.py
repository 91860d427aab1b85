"""Lines of one kind are counted, not read: what is found is what reading each of them would give, with any number of processes."""

from __future__ import annotations

import multiprocessing
from array import array
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import k3slogs
from k3slogs import compiled
from k3slogs.bulk import masked
from k3slogs.engine import Calendar, Engine, crowd, kinds, readers, reading, sieve, templates
from k3slogs.engine import window as windows
from k3slogs.engine.kinds import Kinds
from k3slogs.engine.reading import Reader
from k3slogs.engine.sieve import Places, Sieve, listed
from k3slogs.engine.window import Window
from k3slogs.model import Block
from k3slogs.rulecheck import records
from tests.conftest import klog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k3slogs import RuleBook
    from k3slogs.engine import Scanning, SourceScan
    from k3slogs.engine.kinds import Kind
    from tests.conftest import Cli, Pack

SAMPLES = Path(__file__).parents[1] / "samples"
CALENDAR = Calendar(datetime(2026, 11, 23, tzinfo=UTC), "a test")
LOGS = [
    SAMPLES / case / name
    for case, name in (
        ("addons-without-registry", "k3s.log"),
        ("restart-loop-gvisor", "k3s.log"),
        ("healthy-k3s-etcd", "k3s.log"),
        ("disk-pressure", "kubelet.log"),
    )
]


def all_of(scan: SourceScan) -> dict[str, Any]:
    """What a scan found: everything but the objects of the rules."""
    lives = [
        (
            replace(life, folds={}),
            {place: (fold.count, fold.first, fold.last, fold.captures, fold.stage, fold.enough) for place, fold in life.folds.items()},
        )
        for life in scan.lives
    ]
    return {**vars(scan), "lives": lives}


def blocks(data: bytes, size: int) -> Iterator[Block]:
    """Whole lines, about `size` bytes at once."""
    at, number = 0, 1
    while at < len(data):
        end = data.find(b"\n", at + size) + 1 or len(data)
        yield Block(data[at:end], number)
        number += data.count(b"\n", at, end)
        at = end


def reads_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on no line is ever known."""
    monkeypatch.setattr(kinds, "MAX_SHAPE", -1)


def crowds(monkeypatch: pytest.MonkeyPatch, *, quick: bool = True) -> None:
    """From now on lines are looked at together, however few there are, by what is compiled if it is `quick` and there."""
    if not quick:
        monkeypatch.setattr(compiled, "library", lambda: None)
    monkeypatch.setattr(reading, "MANY", 0)
    monkeypatch.setattr(sieve, "LONG", 0)
    monkeypatch.setattr(templates, "MANY", 2)
    monkeypatch.setattr(crowd, "FEW", 2)
    monkeypatch.setattr(crowd, "ALIKE", 2)


@pytest.mark.parametrize("way", ["one by one", "together", "compiled"])
@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.parent.name)
def test_counting_gives_what_reading_every_line_gives(path: Path, way: str, book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    data = path.read_bytes() * 3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "MANY", 10**9)
        if way != "one by one":
            crowds(patch, quick=way == "compiled")
        counted = all_of(Engine(book).scan([Block(data, 1)], "k3s.log", CALENDAR))
    reads_all(monkeypatch)
    assert counted == all_of(Engine(book).scan([Block(data, 1)], "k3s.log", CALENDAR))


@pytest.mark.parametrize("size", [10_000, 300_000])
@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.parent.name)
def test_the_size_of_blocks_changes_nothing(path: Path, size: int, book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    data = path.read_bytes() * 3
    whole = all_of(Engine(book).scan([Block(data, 1)], "k3s.log", CALENDAR))
    monkeypatch.setattr(windows, "MARGIN", size)
    assert whole == all_of(Engine(book).scan(blocks(data, size), "k3s.log", CALENDAR))


WORDS = [
    klog("the wheel fell off", err="17 of 4 are left"),
    klog("the wheel fell off", err="18 of 4 are left"),
    klog("status 401"),
    klog("status 403"),
    klog("volume pv-1 is lost", level="W"),
    klog("volume pv-2 is lost", level="W"),
    klog("nothing of note", level="I"),
    klog("nobody knows 12 of these"),
    klog("all is over", level="F"),
    klog("the horse stumbles"),
    klog("the horse stumbles twice"),
    klog("the cart starts", level="I"),
    '  err="it goes on"',
    "plain words, the wheel fell off",
    'time="2026-11-23T05:00:00Z" level=error msg="the wheel fell off"',
    "Nov 23 05:00:00 node1 kubelet[7]: " + klog("status 401"),
    "Nov 23 05:00:00 node2 kubelet[7]: " + klog("status 401"),
    "Nov 23 05:00:00 node1 kubelet[8]: " + klog("status 403"),
    "Nov 23 05:00:00 node1 kubelet[8]:   goes on",
]  # fmt: skip


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> RuleBook:
    """Rules that digits decide, in all the ways there are."""
    from tests.conftest import Pack

    pack = Pack(tmp_path_factory.mktemp("pack"))
    pack.rule("node/wheel-lost")
    pack.rule("node/denied", match=[{"message": {"equals": "status 401"}}])
    pack.rule("node/forbidden", match=[{"message": [{"regex": "status 40[23]"}]}])
    pack.rule("storage/volume-lost", match=[{"message": ["volume ", " is lost"]}], captures={"name": r"volume (\S+)"}, key=["name"])
    pack.rule("node/horse-falls", match=[{"message": ["the horse stumbles"]}], threshold={"count": 3, "within": "5m"})
    pack.milestone("node/cart-starts", "the cart starts", component="kubelet", stage="process", proves="entered", begins="attempt")
    return k3slogs.rulebook.load([pack.folder], check=False)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    lines=st.lists(st.tuples(st.sampled_from(WORDS), st.integers(0, 59), st.integers(5, 6)), min_size=1, max_size=60),
    size=st.integers(1, 4000),
)
def test_digits_that_decide_are_seen(digits: RuleBook, lines: list[tuple[str, int, int]], size: int) -> None:
    text = "".join(word.replace("05:00:", f"05:{minute:02d}:").replace("05:", f"{hour:02d}:", 1) + "\n" for word, minute, hour in lines)
    data = text.encode()
    engine = Engine(digits)
    counted = all_of(engine.scan([Block(data, 1)], "x", CALENDAR))
    with pytest.MonkeyPatch.context() as patch:
        reads_all(patch)
        read = all_of(Engine(digits).scan([Block(data, 1)], "x", CALENDAR))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "MARGIN", 2000)
        parts = all_of(engine.scan(blocks(data, size), "x", CALENDAR))
        crowds(patch)
        together = [all_of(some.scan(blocks(data, size), "x", CALENDAR)) for some in (engine, Engine(digits))]
        crowds(patch, quick=False)
        together += [all_of(some.scan(blocks(data, size), "x", CALENDAR)) for some in (engine, Engine(digits))]
    assert _told(counted) == _told(read)
    assert _told(parts) == _told(read)
    assert [_told(each) for each in together] == [_told(read)] * 4


def _told(found: dict[str, Any]) -> dict[str, Any]:
    """Clocks that jump back and forth are counted where they are seen; how often that is, is no promise."""
    return {key: value for key, value in found.items() if key not in {"problems", "gaps"}}


def test_a_line_that_is_read_alone_tells_its_process_too(pack: Pack) -> None:
    """The last process before a death is the one whose lines go on after it."""
    pack.rule("node/cart-over", ends="exit")
    line, other = (f'I1123 05:00:13.000000       {pid} a.go:1] "wheels turn"' for pid in (7, 1))
    pack.milestone("node/wheels", "wheels turn", component="kubelet", stage="kubelet", proves="passed")
    data = "\n".join(
        [line, f"{other} err=<", "\tone", "\ttwo", " >", line, 'time="2026-11-23T05:00:14Z" level=error msg="the wheel fell off"', line, ""]
    )
    scan = Engine(k3slogs.rulebook.load([pack.folder], check=False)).scan([Block(data.encode(), 1)], "x", CALENDAR)
    assert len(scan.lives) == 1


@pytest.mark.parametrize("together", [False, True], ids=["one by one", "together"])
def test_behind_a_line_that_goes_on_time_is_that_of_the_line_before_it(
    together: bool, engine: Engine, book: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which was only counted."""
    line = '{{"level":"warn","ts":"2026-11-23T05:00:0{0}.5Z","caller":"embed/config.go:689","msg":"somebody failed"}}'
    frame = "\tgo.etcd.io/etcd/server/etcdserver/backend.go:76 +0x58"
    lines = [line.format(1), frame, line.format(2), line.format(3), "go.etcd.io/etcd/server/etcdserver.openBackend.func1()", frame]
    data = "\n".join(lines).encode()
    if together:
        crowds(monkeypatch)
    counted = all_of(engine.scan([Block(data, 1)], "x", CALENDAR))
    reads_all(monkeypatch)
    assert counted == all_of(Engine(book).scan([Block(data, 1)], "x", CALENDAR))


def told(places: Places) -> list[tuple[int, int, int, bytes]]:
    *numbers, which = map(listed, places[:4])
    return list(zip(*numbers, (places.shapes[index] for index in which), strict=True))


@pytest.mark.parametrize("share", [0.0, 0.2, 0.9])
def test_all_ways_to_sift_give_the_same_lines(share: float, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet, loud = klog("nothing of note", level="I"), klog("somebody failed")
    lines = [loud if number % 10 < share * 10 else f"{quiet} {number}" for number in range(500)]
    data = ("\n".join(lines) + "\n").encode()
    window = Window.between(Block(b"", 1), Block(data, 1), Block(b"", 1))
    monkeypatch.setattr(sieve, "LONG", 0)
    quick = Sieve(engine.scanner)
    found = [told(quick.places(window)) for _ in range(3)]
    monkeypatch.setattr(compiled, "library", lambda: None)
    for many, few in ((0.0, -1.0), (9e9, 2.0)):  # looks up from the second time on; always scans
        monkeypatch.setattr(sieve, "MANY", many)
        monkeypatch.setattr(sieve, "FEW", few)
        one = Sieve(engine.scanner)
        found += [told(one.places(window)) for _ in range(3)]
    monkeypatch.setattr(sieve, "LONG", len(data) + 1)
    found.append(told(Sieve(engine.scanner).places(window)))
    assert len(found[0]) >= 500 * share
    assert all(each == found[0] for each in found)


@given(
    text=st.lists(st.sampled_from([b"17 wheels", b"18 wheels", b"1x wheels", b"", b"9", b"nine", b"\xff\x00:7"]), max_size=40).map(
        b"\n".join
    ),
    before=st.sampled_from([b"", b"3 carts\n"]),
    after=st.sampled_from([b"", b"\n", b"\n4 carts\n"]),
)
def test_shapes_are_told_by_columns_as_by_lines(text: bytes, before: bytes, after: bytes) -> None:
    own = text + after[:1]
    if not own:
        return
    window = Window(before + own + after[1:], len(before), len(before + own))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(templates, "MANY", 2)
        lines = templates.Lines(window)
        places = lines.places(lines.every, *lines.shapes(lines.every))
    wanted = [(start, start + len(window.line(start)), index) for index, start in enumerate(window.starts())]
    assert told(places) == [(*line, masked(window.line(line[0]))) for line in wanted]


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_clock_may_end_the_text(end: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of seconds since 1970 nothing follows, where of a clock of the day seconds would."""
    crowds(monkeypatch)
    lines = [f'{{"level":"error","msg":"somebody failed","ts":{1763856000 + 40 * number}}}' for number in range(9)]
    data = ("\n".join(lines) + end).encode()
    scan = engine.scan([Block(data, 1)], "x", CALENDAR)
    assert [(each.first.line, each.last.line, each.count) for each in scan.unknown] == [(1, 9, 9)]
    assert scan.gaps == []


@pytest.mark.parametrize("together", [True, False])
def test_a_counted_line_has_the_year_of_the_lines_around_it(together: bool, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of those around the first line of its kind."""
    if together:
        crowds(monkeypatch)
    other = 'time="2025-11-23T05:00:01Z" level=error msg="somebody else failed"'
    lines = [klog("somebody failed", second=second) for second in range(9)]
    data = "\n".join([*lines[:3], other, *lines[3:]]).encode()
    scan = engine.scan([Block(data, 1)], "x", CALENDAR)
    (found,) = (each for each in scan.unknown if each.count > 1)
    assert [(seen.line, seen.timestamp and seen.timestamp.year) for seen in (found.first, found.last)] == [(1, 2026), (10, 2025)]


def test_long_ids_make_no_kinds(engine: Engine) -> None:
    """Though a pattern that names a digit spans them: what differs in each line would have it read."""
    line = (
        'E1123 05:00:00.000000    1203 pod_workers.go:1300] "Error syncing pod, skipping" err="failed to start container: '
        'open /sys/fs/cgroup/memory/k8s.io/{0:064x}/cgroup.procs: no such file or directory: unknown" podUID="{0:032x}"'
    )
    lines = [line.format(3**number) for number in range(1, 40)]
    assert {"runc-cgroup-procs-enoent"} <= {hit.rule.id for hit in engine.hits(records(engine, lines[0])[0])}
    data = "".join(f"{each}\n" for each in lines).encode()
    assert len({step.name for step in Reader(engine).steps(Window(data, 0, len(data)))} - {None}) == 1


def test_times_count_until_a_rule_has_seen_enough(digits: RuleBook) -> None:
    """Twice in five minutes is not enough, nor three times in ten; what follows is only counted."""
    minutes = (0, 4, 8, 12, 13, 14, 15, 16)
    data = "".join(f"{klog('the horse stumbles').replace('05:00:', f'05:{minute:02d}:')}\n" for minute in minutes).encode()
    engine = Engine(digits)
    for most, enough in ((3, False), (4, False), (5, True), (8, True)):
        part = b"".join(data.splitlines(keepends=True)[:most])
        (life,) = engine.scan([Block(part, 1)], "x", CALENDAR).lives
        ((fold),) = life.folds.values()
        assert (fold.count, fold.enough) == (most, enough)


def test_numbers_of_joined_lines_are_kept(engine: Engine) -> None:
    lines = [klog("somebody failed", second=second) for second in range(50)]
    data = "".join(f"{line}\n" for line in lines).encode()
    scan = engine.scan([Block(data, 7, array("Q", range(7, 357, 7)))], "x", CALENDAR)
    assert [(each.first.line, each.last.line, each.count) for each in scan.unknown] == [(7, 350, 50)]


# --- several processes ----------------------------------------------------------------------------------------------


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processes are started at once."""
    monkeypatch.setattr(readers, "WARM", 1)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("jobs", [2, 3])
@pytest.mark.parametrize("path", LOGS[:2], ids=lambda path: path.parent.name)
def test_processes_find_what_one_finds(path: Path, jobs: int, book: RuleBook) -> None:
    data = path.read_bytes() * 8
    one = all_of(Engine(book).scan(blocks(data, 300_000), "k3s.log", CALENDAR))
    with Engine(book, jobs) as engine:
        many = all_of(engine.scan(blocks(data, 300_000), "k3s.log", CALENDAR))
        assert engine.readers.ahead > 0
    assert many == one


def kill(engine: Engine, _scanning: Scanning) -> None:
    assert engine.readers.ahead > 0
    for process in multiprocessing.active_children():
        process.kill()


def close(engine: Engine, scanning: Scanning) -> None:
    assert any(ticket.other is not None for ticket in scanning._waiting)
    engine.readers.close()


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(("end", "after"), [(kill, 2), (kill, 3), (close, 3)])
def test_processes_that_end_before_their_work_is_done_cost_nothing(
    end: Callable[[Engine, Scanning], None], after: int, book: RuleBook
) -> None:
    data = LOGS[0].read_bytes() * 8
    one = all_of(Engine(book).scan(blocks(data, 300_000), "k3s.log", CALENDAR))
    with Engine(book, 2) as engine:
        scanning = engine.begin("k3s.log", CALENDAR)
        for number, block in enumerate(blocks(data, 300_000)):
            scanning.feed(block)
            if number == after:
                end(engine, scanning)
        assert all_of(scanning.close()) == one
        assert engine.readers.ahead == 0


def test_what_one_process_learned_another_hears(book: RuleBook) -> None:
    data = LOGS[0].read_bytes()
    window = Window(data, 0, len(data))
    one, other = (Reader(Engine(book)).kinds for _ in range(2))
    one.lessons = []
    starts = list(window.starts())
    for start in starts:
        one.learn(window, start, masked(window.line(start)))
    for _ in range(2):
        other.hear(one.lessons)
    lines = [(masked(line), line) for line in map(window.line, starts)]
    known = [one.of(*line) for line in lines]
    assert sum(kind is not None and kind.counts for kind in known) > 100
    assert known == [other.of(*line) for line in lines]


def test_a_window_is_learned_in_parts(book: RuleBook) -> None:
    data = LOGS[0].read_bytes() * 4
    window = Window(data, 0, len(data))
    alone, late, *others = (Reader(Engine(book)) for _ in range(5))
    expected = alone.steps(window)
    for part, reader in enumerate(others):
        reader.learn(window, reader.places(window), part, len(others))
        assert 10 < len(reader.kinds.lessons) < len(alone.kinds.lessons) / 2
        late.kinds.hear(reader.kinds.lessons)
    assert late.steps(window) == expected
    assert 10 * len(late.kinds.lessons) < len(alone.kinds.lessons)


def test_another_process_learns_its_part(book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted here is what this process learns: of a long first window, half of what it knows then."""
    monkeypatch.setattr(readers, "LONG", 0)
    data = LOGS[0].read_bytes() * 4
    learned: list[bytes] = []
    learn = Kinds.learn

    def noted(self: Kinds, window: Window, start: int, shape: bytes) -> Kind:
        learned.append(shape)
        return learn(self, window, start, shape)

    monkeypatch.setattr(Kinds, "learn", noted)
    with Engine(book, 2) as engine:
        engine.readers.submit(Window(data, 0, len(data)))
        assert engine.readers.ahead > 0
        assert 10 < len(learned) < 0.6 * len(engine.readers._reader.kinds.layouts)


@pytest.mark.usefixtures("eager")
def test_a_process_that_may_start_none_reads_alone(book: RuleBook) -> None:
    data = LOGS[0].read_bytes() * 3

    def read() -> None:
        with Engine(book, 2) as engine:
            engine.scan(blocks(data, 300_000), "k3s.log", CALENDAR)
            assert engine.readers.ahead == 0

    process = multiprocessing.get_context("fork").Process(target=read, daemon=True)
    process.start()
    process.join(60)
    assert process.exitcode == 0


@pytest.mark.usefixtures("eager")
def test_a_window_that_is_too_large_is_read_here(book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "SLOT", 700_000)
    data = LOGS[0].read_bytes() * 8
    one = all_of(Engine(book).scan(blocks(data, 600_000), "k3s.log", CALENDAR))
    with Engine(book, 2) as engine:
        assert all_of(engine.scan(blocks(data, 600_000), "k3s.log", CALENDAR)) == one


def test_the_command_line_takes_a_number_of_processes(cli: Cli, tmp_path: Path) -> None:
    log = tmp_path / "k3s.log"
    log.write_bytes(LOGS[0].read_bytes() * 260)  # 47 MB: enough for other processes to be started
    one, two = (cli("analyze", "--jobs", str(jobs), "--format", "json", "--year", "2026", log) for jobs in (1, 2))
    assert one.code == two.code == 0
    assert one.out == two.out
    assert cli("analyze", "--jobs", "-1", log).code == 2


def test_a_pack_of_digits_is_what_it_says(digits: RuleBook, pack: Pack) -> None:
    """The rules above do tell such lines apart."""
    engine = Engine(digits)
    data = "".join(f"{word}\n" for word in WORDS[:6]).encode() * 3
    (life,) = engine.scan([Block(data, 1)], "x", CALENDAR).lives
    assert {place: fold.count for place, fold in life.folds.items()} == {
        ("wheel-lost", ()): 6,
        ("denied", ()): 3,
        ("forbidden", ()): 3,
        ("volume-lost", ("pv-1",)): 3,
        ("volume-lost", ("pv-2",)): 3,
    }
    assert not pack.folder.exists()
