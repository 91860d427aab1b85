"""Years, zones and clocks: what is known, from where, and what is said where a log lacks something."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import k3slogs
from k3slogs.dating import FRESH, Head, calendar
from k3slogs.engine import Calendar, Survey
from k3slogs.engine.clock import Clock
from k3slogs.model import Stamp
from k3slogs.sources import Input

if TYPE_CHECKING:
    from pathlib import Path

    from k3slogs import Analysis, RuleBook
    from k3slogs.document import InputEntry

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOTHING = Survey(None, None, yearless=True, zoneless=True)


def yearless(month: int, day: int, hour: int = 5) -> Stamp:
    return Stamp(datetime(2000, month, day, hour), yearless=True)  # noqa: DTZ001 - no zone printed


def year_of(stamp: Stamp, found: Calendar) -> int | None:
    moment = Clock(found).resolve(stamp, None)
    return moment.year if moment else None


def chosen(source: Input, survey: Survey = NOTHING, dated: datetime | None = None, year: int | None = None) -> Calendar:
    return calendar(Head(source, survey, dated), [], year, None, NOW)


# --- from what the year is known ----------------------------------------------------------------------------------

OLD = datetime(2024, 6, 1, tzinfo=UTC)


def test_the_better_witness_is_believed() -> None:
    full = Survey(datetime(2021, 3, 1, tzinfo=UTC), None, yearless=True, zoneless=True)
    bundle = Input("x", mtime=OLD, anchor=datetime(2022, 3, 1, tzinfo=UTC), anchor_from="the bundle's date")
    document = datetime(2023, 3, 1, tzinfo=UTC)
    plain = Input("x", mtime=OLD)
    found = [
        chosen(bundle, full, document, year=2020),
        chosen(bundle, full, document),
        chosen(bundle, NOTHING, document),
        chosen(plain, NOTHING, document),
        chosen(plain),
        chosen(Input("x")),
    ]
    assert [year_of(yearless(3, 1), each) for each in found] == [2020, 2021, 2022, 2023, 2024, 2026]
    assert [each.anchor_from for each in found] == [
        "--year",
        "full stamps in the same file",
        "the bundle's date",
        "the document's date",
        "the file's time of change",
        "today's date",
    ]


def test_a_fresh_copy_tells_nothing() -> None:
    found = chosen(Input("x", mtime=NOW - FRESH / 2))
    assert found.anchor == NOW
    assert "written just now" in found.anchor_from


def test_nothing_was_written_after_the_file_changed() -> None:
    assert year_of(yearless(12, 24), chosen(Input("x"))) == 2025
    assert year_of(yearless(11, 24), chosen(Input("x"))) == 2026, "zones and clocks differ by up to a day"
    assert year_of(yearless(12, 24), chosen(Input("x", mtime=OLD))) == 2023
    assert year_of(yearless(12, 24), chosen(Input("x"), dated=datetime(2026, 11, 20, tzinfo=UTC))) == 2026, (
        "a document's date is its beginning"
    )


def test_29_february_is_in_a_leap_year() -> None:
    assert year_of(yearless(2, 29), chosen(Input("x"))) == 2024
    assert year_of(yearless(2, 29), chosen(Input("x"), year=2025)) == 2024
    assert year_of(yearless(2, 29), chosen(Input("x"), dated=datetime(1999, 3, 1, tzinfo=UTC))) == 2000


@given(start=st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)), steps=st.lists(st.integers(0, 100), max_size=40))  # noqa: DTZ001
def test_a_log_without_years_is_read_as_it_was_written(start: datetime, steps: list[int]) -> None:
    """Over any number of New Years, as long as no silence lasts half a year."""
    clock = Clock(Calendar(start.replace(tzinfo=UTC), "a test"))
    moment = start
    for days in [0, *steps]:
        moment += timedelta(days=days)
        found = clock.resolve(Stamp(moment.replace(year=2000), yearless=True), None)
        assert found == moment.replace(tzinfo=UTC)


# --- what each event knows ----------------------------------------------------------------------------------------

LINE = 'E1123 05:07:38.580162    1203 kubelet.go:1511] "Failed to start ContainerManager" err="failed to get rootfs info: unable to find data in memory cache"'


def analysed(text: str, book: RuleBook, **options: object) -> Analysis:
    return k3slogs.analyze(io.BytesIO(text.encode()), rules=book, **options)  # type: ignore[arg-type]


def test_evidence_says_from_what_its_year_is_known(tmp_path: Path, book: RuleBook) -> None:
    path = tmp_path / "kubelet.log"
    path.write_text(LINE + "\n")
    os.utime(path, (OLD.timestamp(), OLD.timestamp()))
    found = k3slogs.analyze(path, rules=book)
    assert found.verdict.root_cause is not None
    assert found.verdict.root_cause.evidence.year_from == "the file's time of change"
    assert found.verdict.root_cause.evidence.timestamp == datetime(2023, 11, 23, 5, 7, 38, 580162, tzinfo=UTC)
    assert f"{path}: stamps without a year were read as of 2023, by the file's time of change" in found.assumptions


def test_a_printed_year_needs_no_witness(book: RuleBook) -> None:
    found = analysed(f"2025-11-23T05:07:38+0000 node k3s[1]: {LINE}\n", book)
    assert found.verdict.root_cause is not None
    assert found.verdict.root_cause.evidence.year_from is None
    assert not found.assumptions


def test_the_wrappers_clock_decides_where_both_print_a_full_stamp(book: RuleBook) -> None:
    inner = (
        'time="2025-11-23T05:07:38Z" level=fatal msg="starting kubernetes: preparing server: failed to normalize token; must be in format"'
    )
    found = analysed(f"2025-11-23T07:00:00+0000 node k3s[1]: {inner}\n", book)
    assert found.inputs[0].first == datetime(2025, 11, 23, 7, tzinfo=UTC)
    near = analysed(f"2025-11-23T05:07:39+0000 node k3s[1]: {inner}\n", book)
    assert near.inputs[0].first == datetime(2025, 11, 23, 5, 7, 38, tzinfo=UTC)


# --- what a log lacks ---------------------------------------------------------------------------------------------


def logrus(moment: str, message: str = "Starting k3s v1.33.5+k3s1 (8a8e43b3)") -> str:
    return f'time="2026-11-{moment}Z" level=info msg="{message}"\n'


def problems(text: str, book: RuleBook) -> tuple[str, ...]:
    entry: InputEntry = analysed(text, book).inputs[0]
    return entry.problems


def test_a_healthy_log_lacks_nothing(book: RuleBook) -> None:
    text = "".join(logrus(f"23T05:{minute:02d}:00", f"Something {minute}") for minute in range(60))
    assert problems(text, book) == ()


def test_a_clock_that_goes_back_is_told_once(book: RuleBook) -> None:
    text = logrus("23T05:00:00") + logrus("23T03:00:00") + logrus("23T03:00:30") + logrus("23T01:00:00")
    assert problems(text, book) == (
        "line 2: the clock goes back by 2 h (line 1 is later): it was set, or logs were joined",
        "the clock goes back 2 times in all",
    )


def test_programs_that_share_a_stream_may_be_out_of_order_by_a_little(book: RuleBook) -> None:
    assert problems(logrus("23T05:00:30") + logrus("23T05:00:00"), book) == ()


def test_hosts_have_clocks_of_their_own(book: RuleBook) -> None:
    text = "".join(
        f"2026-11-23T0{hour}:00:00+0000 {host} k3s[1]: {logrus('23T0' + str(hour) + ':00:00')}"
        for host, hour in [("a", 5), ("b", 3), ("a", 5)]
    )
    assert problems(text, book) == ()


def test_silence_is_measured_between_neighbours_not_between_known_lines(book: RuleBook) -> None:
    chatter = "".join(
        logrus(f"23T{hour:02d}:{minute:02d}:00", f"chatter {hour} {minute}") for hour in range(5, 9) for minute in range(0, 60, 5)
    )
    assert problems(logrus("23T05:00:00") + chatter + logrus("23T09:00:00"), book) == ()
    assert problems(logrus("23T05:00:00") + logrus("23T07:30:00"), book) == ("no line for 2.5 h before line 2",)
    assert problems(logrus("20T05:00:00") + logrus("23T05:00:00"), book) == (
        "no line for 3 days before line 2: the clock was set forward, or nothing ran or was kept",
    )


@pytest.mark.parametrize(
    ("line", "whose"),
    [
        ("Nov 23 05:05:18 node-a systemd-journald[300]: Suppressed 1234 messages from k3s.service", "1234 of k3s.service"),
        ("Nov 23 05:05:18 node-a kernel: net_ratelimit: 17 callbacks suppressed", "17 of net_ratelimit"),
        (
            "Nov 23 05:05:18 node-a rsyslogd: imjournal: 40 messages lost due to rate-limiting (20000 allowed within 600 seconds)",
            "40 of imjournal",
        ),
        ("Nov 23 05:05:18 node-a rsyslogd-2177: imuxsock lost 243 messages from pid 1203 due to rate-limiting", "243 of pid 1203"),
    ],
)
def test_messages_that_were_held_back_are_told(line: str, whose: str, book: RuleBook) -> None:
    (said,) = problems(f"{line}\n", book)
    assert said.startswith(f"line 1: messages were held back when they were logged ({whose})")


def test_a_torn_first_line_is_told(book: RuleBook) -> None:
    whole = logrus("23T05:00:00", "Running kubelet --node-labels=") * 4
    assert problems(whole, book) == ()
    for cut in (3, 20, 40, 60):
        assert problems(whole[cut:], book) == ("line 1 begins in the middle: the log was emptied or cut while it was written",)


@pytest.mark.parametrize(
    "first", ["Flag --cloud-provider has been deprecated, will be removed", "containerd: failed to load TOML", "Killed"]
)
def test_plain_first_lines_are_not_torn(first: str, book: RuleBook) -> None:
    assert problems(first + "\n" + logrus("23T05:00:00") * 3, book) == ()


def test_lines_cut_by_a_pager_are_told(book: RuleBook) -> None:
    lines = [
        f'Nov 23 05:05:{second:02d} node-a k3s[1203]: time="2025-11-23T05:05:{second:02d}Z" level=info msg="Conn>' for second in range(6)
    ]
    (said,) = problems("\n".join(lines) + "\n", book)
    assert said.startswith("6 of the first 6 lines end in `>`, where a pager cut them (first: line 1)")
    (alone,) = problems(lines[0] + "\n", book)
    assert "pager" in alone
    stop = 'time="2026-11-23T15:32:08Z" level=fatal msg="flannel exited: <nil>"\n' + LINE + " pod=<unknown>\n"
    assert not any("pager" in problem for problem in problems(stop * 4, book))
