"""Bytes -> findings on packs of a few rules: lives, joined lines, bounds, precedence, the remainder, and time."""

from __future__ import annotations

import gc
import io
import os
import weakref
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import k3slogs
from k3slogs.engine import Calendar, Engine, folding
from k3slogs.model import Block
from tests.conftest import klog

if TYPE_CHECKING:
    from k3slogs import Analysis
    from k3slogs.document import FindingEntry
    from tests.conftest import Pack

FAULT = "the wheel fell off"
LOOP = Path(__file__).parents[1] / "samples" / "restart-loop-gvisor" / "k3s.log"


def analyzed(pack: Pack, *lines: str, **options: Any) -> Analysis:
    return k3slogs.analyze(io.BytesIO("\n".join(lines).encode()), rules=pack.book(), **{"year": 2026, **options})


def finding(found: Analysis, rule: str) -> FindingEntry:
    return next(each for each in found.findings if each.rule == rule)


def rules(found: Analysis) -> set[str]:
    return {each.rule for each in found.findings}


# --- attempts ------------------------------------------------------------------------------------------------------


@pytest.fixture
def cart(pack: Pack) -> Pack:
    """A fault, and start banners of k3s and of the kubelet inside it."""
    pack.rule("node/wheel-lost")
    pack.milestone("node/k3s-starts", "Starting k3s", component="k3s", stage="process", proves="entered", begins="attempt")
    pack.milestone("node/kubelet-starts", "Kubelet version", proves="entered", begins="attempt")
    return pack


def test_every_start_banner_begins_an_attempt(cart: Pack) -> None:
    lines = [klog(text, second=second) for second, text in enumerate(["Starting k3s", FAULT, "Starting k3s", FAULT, "Starting k3s"])]
    attempts = analyzed(cart, *lines).attempts
    assert [(each.number, each.repeats, each.ended, each.outcome, each.root_cause) for each in attempts] == [
        (1, 2, "exited", "failed", "wheel-lost"),
        (3, 1, "log-ended", attempts[-1].outcome, attempts[-1].root_cause),
    ]
    assert attempts[-1].root_cause != "wheel-lost"


def test_a_nested_program_cuts_no_attempt_of_its_host(cart: Pack) -> None:
    banners = ["Kubelet version", FAULT, "Kubelet version"]
    inside = [klog(text, second=second) for second, text in enumerate(["Starting k3s", *banners])]
    alone = [klog(text, second=second) for second, text in enumerate(banners)]
    assert len(analyzed(cart, *inside).attempts) == 1
    assert len(analyzed(cart, *alone).attempts) == 2


def test_two_units_of_one_journal_are_two_processes(cart: Pack) -> None:
    """The restart of one does not end the other."""
    line = "Nov 23 05:00:0{} node1 {}[1]: {}"
    texts = [(1, "k3s", "Starting k3s"), (2, "other", "Starting k3s"), (3, "k3s", FAULT), (4, "other", "Starting k3s")]
    found = analyzed(cart, *(line.format(second, unit, klog(text, second=second)) for second, unit, text in texts))
    assert finding(found, "wheel-lost").attempt == next(each.number for each in found.attempts if each.root_cause == "wheel-lost")
    assert sorted(each.ended for each in found.attempts) == ["exited", "log-ended", "log-ended"]


# --- lines and records ---------------------------------------------------------------------------------------------


def test_evidence_is_the_first_line_and_the_last(pack: Pack) -> None:
    pack.rule("node/wheel-lost")
    lines = [klog(FAULT if number in {3, 5, 9} else "rolling along", second=number, level="I") for number in range(1, 12)]
    seen = finding(analyzed(pack, *lines), "wheel-lost")
    assert seen.count == 3
    assert [each.line for each in seen.evidence] == [3, 9]
    assert (seen.first, seen.last) == (datetime(2026, 11, 23, 5, 0, 3, tzinfo=UTC), datetime(2026, 11, 23, 5, 0, 9, tzinfo=UTC))


def test_of_many_attempts_the_last_ones_keep_all_neighbours_and_others_those_of_what_is_new(pack: Pack) -> None:
    pack.milestone("node/k3s-starts", "Starting k3s", component="k3s", stage="process", proves="entered", begins="attempt")
    pack.rule("node/wheel-lost")
    pack.rule("node/axle-broken", "the axle is broken")
    texts = []
    for attempt in range(9):
        texts += ["Starting k3s", "rolling", "the wheel fell off", *(["the axle is broken"] * (attempt == 2))]
    data = "".join(klog(text, second=at) + "\n" for at, text in enumerate(texts)).encode()
    scan = Engine(pack.book()).scan([Block(data, 1)], "k3s.log", Calendar(datetime(2026, 11, 23, tzinfo=UTC), "a test"))
    kept = [[rule for (rule, _), fold in life.folds.items() if fold.first.before] for life in scan.lives]
    assert kept == [["wheel-lost"], [], ["axle-broken"], *[[]] * (6 - folding.PICTURED), *[["wheel-lost"]] * folding.PICTURED]
    assert all(fold.first == fold.last for life in scan.lives for fold in life.folds.values())


def test_what_was_kept_unread_holds_nothing_else_of_its_source(engine: Engine) -> None:
    scanning = engine.begin("k3s.log", Calendar(datetime(2026, 11, 23, tzinfo=UTC), "a test"))
    scanning.feed(Block(LOOP.read_bytes(), 1))
    scan, gone = scanning.close(), weakref.ref(scanning)
    del scanning
    gc.collect()
    assert gone() is None
    assert all(fold.last.text and fold.last.timestamp for life in scan.lives for fold in life.folds.values())


def test_a_faults_first_line_brings_its_neighbours(pack: Pack) -> None:
    pack.rule("node/wheel-lost")
    value = [klog(FAULT) + " err=<", "\tthe first half", " >"]
    lines = [*(klog(f"before {number}", level="I") for number in range(5)), *value, klog("token=abcdef0123", level="I"), "aGVsbG8K" * 6]
    first = finding(analyzed(pack, *lines), "wheel-lost").evidence[0]
    assert [each.line for each in first.before] == [3, 4, 5]
    assert [each.line for each in first.after] == [9, 10]
    assert "before 4" in first.before[-1].text
    assert not [each for each in first.after if "abcdef0123" in each.text or "aGVsbG8K" in each.text]


@pytest.mark.parametrize("envelope", ["{}", "Nov 23 05:00:00 node1 k3s[7]: {}", "2026-11-23T05:00:00.000000000Z stderr F {}"])
def test_a_value_over_several_lines_is_one_record(pack: Pack, envelope: str) -> None:
    pack.rule("node/wheel-lost", match=[{"err": ["the first half", "the second half"]}])
    value = [klog("It failed") + " err=<", "\tthe first half", "\tthe second half", " >"]
    found = analyzed(pack, *map(envelope.format, [klog("before", level="I"), *value, klog("after", level="I")]))
    assert [each.line for each in finding(found, "wheel-lost").evidence] == [2]
    assert (found.coverage.error_lines, found.coverage.unknown) == (1, 0)


def test_halves_of_two_records_are_no_match(pack: Pack) -> None:
    pack.rule("node/wheel-lost", match=[{"text": ["the first half", "the second half"]}])
    assert rules(analyzed(pack, klog("the first half"), klog("the second half"))) == set()


def test_a_record_glued_to_the_end_of_another_is_seen(pack: Pack) -> None:
    pack.rule("node/wheel-lost")
    pack.rule("node/axle-broken", "the axle is broken")
    glued = klog("the axle is broken") + klog(FAULT, second=1)
    found = analyzed(pack, klog("before", level="I"), glued)
    assert {each.rule: each.evidence[0].line for each in found.findings} == {"wheel-lost": 2, "axle-broken": 2}
    assert FAULT not in finding(found, "axle-broken").evidence[0].text


# --- bounds --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "counts"), [((0, 4, 8), True), ((0, 30, 60, 90), False), ((0, 60, 64, 68), True), ((0, 1), False)])
def test_a_threshold_counts_within_its_time(pack: Pack, seconds: tuple[int, ...], counts: bool) -> None:
    pack.rule("node/wheel-lost", threshold={"count": 3, "within": "10s"})
    found = analyzed(pack, *(klog(FAULT, second=second) for second in seconds))
    assert finding(found, "wheel-lost").tolerated is not counts
    assert (found.verdict.root_cause is not None) is counts


@pytest.mark.parametrize(("second", "tolerated"), [(59, True), (61, False)])
def test_what_is_tolerated_is_listed_and_never_the_verdict(cart: Pack, second: int, tolerated: bool) -> None:
    cart.rule("node/wheel-lost", tolerate={"for": "60s"})
    found = analyzed(cart, klog("Starting k3s", level="I"), klog(FAULT, second=second))
    assert finding(found, "wheel-lost").tolerated is tolerated
    assert (found.verdict.root_cause is None) is tolerated


@pytest.mark.parametrize(("order", "resolved"), [((FAULT, "put back on"), True), (("put back on", FAULT), False)])
def test_what_clears_a_fault_must_come_after_it(pack: Pack, order: tuple[str, str], resolved: bool) -> None:
    pack.rule("node/wheel-lost", clears_by=["wheel-back"])
    pack.milestone("node/wheel-back", "put back on")
    found = analyzed(pack, *(klog(text, second=second) for second, text in enumerate(order)))
    assert finding(found, "wheel-lost").resolved is resolved
    assert (found.verdict.root_cause is None) is resolved


def test_a_fault_is_cleared_by_its_own_key_only(pack: Pack) -> None:
    keyed: dict[str, Any] = {"captures": {"wheel": r"wheel (\w+)"}, "key": ["wheel"]}
    pack.rule("node/wheel-lost", "fell off: wheel", clears_by=["wheel-back"], **keyed)
    pack.milestone("node/wheel-back", "put back: wheel", **keyed)
    found = analyzed(pack, klog("fell off: wheel left"), klog("fell off: wheel right"), klog("put back: wheel left"))
    states = {each.captures["wheel"]: each.resolved for each in found.findings if each.rule == "wheel-lost"}
    assert states == {"left": True, "right": False}


# --- causes and precedence -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("texts", [("the axle is broken", FAULT), (FAULT,)], ids=["with the cause", "without"])
def test_a_declared_cause_that_is_there_is_the_root(pack: Pack, texts: tuple[str, ...]) -> None:
    pack.rule("node/wheel-lost", caused_by=["axle-broken"])
    pack.rule("node/axle-broken", "the axle is broken", effect="degraded")
    verdict = analyzed(pack, *(klog(text, second=second) for second, text in enumerate(texts))).verdict
    assert verdict.chain == (("axle-broken", "wheel-lost") if len(texts) > 1 else ("wheel-lost",))
    assert verdict.root_cause is not None
    assert verdict.root_cause.rule == verdict.chain[0]


def test_an_overridden_rule_does_not_count_on_the_same_record(pack: Pack) -> None:
    pack.rule("node/wheel-lost", overrides=["something-fell"])
    pack.rule("node/something-fell", "fell off")
    assert rules(analyzed(pack, klog(FAULT))) == {"wheel-lost"}
    assert rules(analyzed(pack, klog(FAULT), klog("the door fell off"))) == {"wheel-lost", "something-fell"}


@pytest.mark.parametrize(("inner", "counted"), [("fatal", {"inner"}), ("symptom", {"inner"}), ("benign", {"wrapper", "inner"})])
def test_a_wrapper_gives_way_to_any_fault_inside(pack: Pack, inner: str, counted: set[str]) -> None:
    pack.rule("node/wrapper", "the drive was ended", wrapper=True)
    pack.rule(f"{'benign' if inner == 'benign' else 'node'}/inner", FAULT, effect=inner, always=inner == "benign")
    assert rules(analyzed(pack, klog(f"the drive was ended because {FAULT}"))) == counted
    assert rules(analyzed(pack, klog("the drive was ended"))) == {"wrapper"}


def test_unless_takes_a_match_back(pack: Pack) -> None:
    pack.rule("node/wheel-lost", unless=[{"text": "in a dream"}])
    found = analyzed(pack, klog(FAULT + " in a dream"), klog(FAULT))
    assert [each.line for each in finding(found, "wheel-lost").evidence] == [2]


def test_from_refuses_known_programs_only(pack: Pack) -> None:
    pack.rule("node/wheel-lost", match=[{"message": FAULT, "from": ["containerd"]}])
    known = analyzed(pack, "Nov 23 05:00:00 node1 etcd[7]: " + FAULT)
    unknown = analyzed(pack, "Nov 23 05:00:00 node1 carriage[7]: " + FAULT)
    assert (rules(known), rules(unknown)) == (set(), {"wheel-lost"})


# --- the remainder -------------------------------------------------------------------------------------------------


def test_unknown_lines_are_grouped_by_shape(pack: Pack) -> None:
    pack.rule("node/wheel-lost")
    shape = 'pod 12 failed on "node-{}" at /var/lib/{}/data, id {}'
    lines = [klog(shape.format(n, n, "ab12cd34ef" * 2 + str(n)).replace('"', "'").replace("12", str(n)), second=n) for n in range(7)]
    found = analyzed(pack, klog("a rare one", second=8, level="W"), *lines, klog("no matter", level="I"), klog(FAULT, second=9))
    assert sorted((each.count, each.level, each.example.line) for each in found.unknown) == [(1, "warning", 1), (7, "error", 2)]
    assert (found.coverage.error_lines, found.coverage.explained, found.coverage.unknown) == (9, 1, 8)


# --- time ----------------------------------------------------------------------------------------------------------

YEARLESS = klog(FAULT, second=1)


def first(found: Analysis) -> datetime | None:
    return finding(found, "wheel-lost").first


def test_the_year_comes_from_a_neighbour_with_full_stamps(pack: Pack, tmp_path: Path) -> None:
    pack.rule("node/wheel-lost")
    (tmp_path / "a.log").write_text('time="2024-11-23T04:59:00Z" level=info msg="hello"\n')
    (tmp_path / "b.log").write_text(YEARLESS)
    found = k3slogs.analyze([tmp_path / "a.log", tmp_path / "b.log"], rules=pack.book())
    assert first(found) == datetime(2024, 11, 23, 5, 0, 1, tzinfo=UTC)
    assert any("2024" in text and "a.log" in text for text in found.assumptions)


def test_the_year_comes_from_the_file_where_nothing_else_tells(pack: Pack, tmp_path: Path) -> None:
    pack.rule("node/wheel-lost")
    path = tmp_path / "k3s.log"
    path.write_text(YEARLESS)
    changed = datetime(2019, 12, 1, tzinfo=UTC).timestamp()
    os.utime(path, (changed, changed))
    found = k3slogs.analyze(path, rules=pack.book())
    assert first(found) == datetime(2019, 11, 23, 5, 0, 1, tzinfo=UTC)
    assert any("2019" in text and "time of change" in text for text in found.assumptions)


@pytest.mark.parametrize("year", [1999, 2023])
def test_the_callers_year_stands_above_what_neighbours_tell(pack: Pack, tmp_path: Path, year: int) -> None:
    pack.rule("node/wheel-lost")
    (tmp_path / "a.log").write_text('time="2024-11-23T04:59:00Z" level=info msg="hello"\n')
    (tmp_path / "b.log").write_text(YEARLESS)
    found = k3slogs.analyze(tmp_path, rules=pack.book(), year=year)
    assert first(found) == datetime(year, 11, 23, 5, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(("tz", "hour"), [("+02:00", 3), ("-0330", 8), ("Asia/Tokyo", 20), ("UTC", 5)])
def test_the_callers_zone_is_that_of_stamps_without_one(pack: Pack, tz: str, hour: int) -> None:
    pack.rule("node/wheel-lost")
    found = analyzed(pack, YEARLESS, tz=tz)
    moment = first(found)
    assert moment is not None
    assert moment.hour == hour
    assert any("as asked" in text for text in found.assumptions)


def test_a_log_over_new_year_goes_on_in_the_next(pack: Pack) -> None:
    pack.rule("node/wheel-lost")
    old, new = (klog(FAULT).replace("1123 05:00:00", stamp) for stamp in ("1231 23:59:58", "0101 00:00:03"))
    seen = finding(analyzed(pack, old, new), "wheel-lost")
    assert (seen.first, seen.last) == (datetime(2026, 12, 31, 23, 59, 58, tzinfo=UTC), datetime(2027, 1, 1, 0, 0, 3, tzinfo=UTC))


def test_stamps_that_say_all_are_believed_without_a_word(pack: Pack) -> None:
    pack.rule("node/wheel-lost")
    found = k3slogs.analyze(io.BytesIO(f'time="2024-02-29T23:30:00-01:00" level=error msg="{FAULT}"'.encode()), rules=pack.book())
    assert first(found) == datetime(2024, 3, 1, 0, 30, tzinfo=UTC)
    assert found.assumptions == ()
