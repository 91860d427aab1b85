"""The whole flow on one screen: paths -> inputs -> scans -> diagnosis -> document -> Analysis."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone, tzinfo
from itertools import chain, count, islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from k3slogs import formats, rulebook, sources
from k3slogs.analysis import Analysis
from k3slogs.dating import Head, assumptions, calendar
from k3slogs.diagnosis import diagnose
from k3slogs.engine import Engine, damage, decode, survey
from k3slogs.engine.facts import weigh
from k3slogs.errors import UsageError
from k3slogs.reporting import Reading, Reporter

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from k3slogs.model import Block, Line
    from k3slogs.rulebook import RuleBook

    Given = str | os.PathLike[str] | BinaryIO | sources.Input

SURVEYED = 400
"""Lines at the head of a source from which year and zone are worked out."""


class _Opened(NamedTuple):
    """An input whose head has been looked at."""

    source: sources.Input
    reader: sources.Reader
    blocks: Iterator[Block]
    head: Head
    problems: list[str]
    """What its first lines say of damage."""


def load_rules(*folders: str | os.PathLike[str]) -> RuleBook:
    """The built-in rules and those of the given packs; raises RuleError with all problems at once."""
    return rulebook.load([rulebook.builtin_folder(), *(Path(folder) for folder in folders)])


def analyze(
    paths: Given | Iterable[Given],
    *,
    rules: RuleBook | str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
    year: int | None = None,
    tz: str | None = None,
    redact: bool = True,
    jobs: int = 1,
    progress: Callable[[int, int | None], None] | None = None,
) -> Analysis:
    """Read logs and say what broke.

    `paths`: files, directories, `-` for stdin, binary file objects, or `k3slogs.journal()`. `rules`: a loaded book, or
    folders of packs to add to the built-in rules. `year` and `tz` (`UTC`, `Europe/Berlin`, `+02:00`) stand above what the logs tell. `jobs`: processes that read
    a long log (Linux; they are forked, so leave it at 1 where other threads run; this one then keeps some freed memory). `progress` is called with the bytes of text read and
    the bytes on disk (None if unknown). Raises RuleError for a broken pack and UsageError for a bad `tz`; an input that
    cannot be read raises nothing: it is listed in `failures` of the result, and what could be read is reported.
    """
    book = book_of(rules)
    zone = zone_of(tz) if tz else None
    listing = sources.find(_many(paths))
    opened = [_open(source, close=len(listing.inputs) > 1) for source in listing.inputs]
    meter = _Meter(progress, [source.size for source in listing.inputs])
    heads = [each.head for each in opened]
    calendars = [calendar(head, heads, year, zone) for head in heads]
    with Engine(book, jobs) as engine:
        scans = [
            engine.scan(meter.watch(each.blocks), each.source.name, found, each.source.identity)
            for each, found in zip(opened, calendars, strict=True)
        ]
        told = [sources.read_facts(file) for file in listing.facts]
        hosts = [weigh(engine, each.facts, each.source.name, each.source.identity) for each in told]
        engine.readers.dismiss()
        unread = [*listing.failures, *(each.error for each in told if each.error and not each.is_log)]
        broken = [each.reader.error for each in opened if each.reader.error]
        empty = [
            (each.source.name, f"{each.kind}: no fact was read from it") for each in told if not (each.facts or each.error or each.is_log)
        ]
        document = Reporter(book, redact=redact).document(
            diagnose([*scans, *hosts], book),
            scans,
            [_reading(each) for each in opened],
            [*listing.skipped, *empty, *((failure.path, failure.reason) for failure in unread)],
            assumptions(scans, calendars, tz),
            hosts=hosts,
        )
    return Analysis(document, (*unread, *broken))


def book_of(rules: RuleBook | str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> RuleBook:
    """A loaded book as it is; a folder, or several, added to the built-in rules."""
    import os

    if isinstance(rules, rulebook.RuleBook):
        return rules
    return load_rules(*([rules] if isinstance(rules, str | os.PathLike) else rules))


def _many(paths: Given | Iterable[Given]) -> list[Given]:
    import os

    if isinstance(paths, str | os.PathLike | sources.Input) or hasattr(paths, "read"):
        return [paths]  # type: ignore[list-item]
    return list(paths)


def _open(source: sources.Input, *, close: bool) -> _Opened:
    """Look at the head of an input. One of many is closed meanwhile, but for a stream, which cannot be read twice: its first block is kept."""
    reader = source.open()
    blocks = reader.blocks()
    first = list(islice(blocks, 1))
    lines = list(_lines(first))
    head, problems = Head(source, survey(lines), reader.dated), damage(lines)
    if not (close and source.lasting):
        return _Opened(source, reader, chain(first, blocks), head, problems)
    blocks.close()  # type: ignore[attr-defined]
    reader = source.open()
    return _Opened(source, reader, reader.blocks(), head, problems)


def _lines(blocks: list[Block]) -> Iterator[Line]:
    for block in blocks:
        head = block.data[: 256 * 1024].split(b"\n", SURVEYED)[:SURVEYED]
        for number, raw in zip(block.numbers or count(block.first_line), head, strict=False):
            if raw:
                yield formats.read(number, decode(raw), skim=True)


def _reading(opened: _Opened) -> Reading:
    reader = opened.reader
    return Reading(
        opened.source.name,
        reader.bytes_read,
        reader.lines_read,
        [*reader.problems, *opened.problems],
        reader.truncated,
        opened.source.bundle,
    )


def zone_of(name: str) -> tzinfo:
    """A zone by name or as an offset such as +02:00; raises UsageError."""
    from zoneinfo import ZoneInfo

    try:
        if name[:1] in "+-":
            digits = name[1:].replace(":", "").ljust(4, "0")
            offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
            return timezone(-offset if name[0] == "-" else offset)
        return UTC if name.upper() in {"UTC", "Z"} else ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        raise UsageError(f"{name!r} is no time zone: write UTC, +02:00 or Europe/Berlin") from None


class _Meter:
    """Counts what passes, for a progress bar."""

    def __init__(self, report: Callable[[int, int | None], None] | None, sizes: list[int | None]) -> None:
        self._report = report
        self._total = sum(size or 0 for size in sizes) if all(size is not None for size in sizes) else None
        self._done = 0

    def watch(self, blocks: Iterable[Block]) -> Iterator[Block]:
        for block in blocks:
            self._done += len(block.data)
            if self._report:
                self._report(self._done, self._total)
            yield block
