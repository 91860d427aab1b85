"""What a log lacks: lines that were held back, silence, clocks that jump, lines that are torn. Each is a sentence for people."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from k3slogs import formats
from k3slogs.lazily import pattern
from k3slogs.model import MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from k3slogs.engine.sighting import Sighting
    from k3slogs.model import Line, Record

BACK = 60.0
"""Seconds that a clock must go back before it is said: programs that share a stream are not in perfect order."""
SILENCE = 3600.0
"""Seconds without a line that are worth a word."""
LEAP = 86400.0
"""Seconds within one log that are rather a clock set forward, or a machine switched off."""
MAX_NAMES = 100
"""Units whose lost lines are counted apart, and hosts whose clocks are."""
LOSSES = (
    rb"[Ss]uppressed \d",
    rb"callbacks suppressed",
    rb"messages (?:were |have been )?(?:suppressed|dropped|lost)",
    rb"lost \d+ messages",
)
"""What announces lines that were held back, for the scan."""
OMISSIONS = (
    rb"^[ \t]*[\[(<]?(?:\.{3,}|\xe2\x80\xa6)[\])>]?[ \t\r]*$",
    rb"(?:[Tt]runcated|[Ss]nip|[Ss]nipped|[Oo]mitted|[Ee]lided|[Tt]rimmed|[Ss]kipped|[Rr]emoved|more lines)[ \t\])>.*=~\r-]*$",
)
"""What people and tools write where they left out lines, for the scan."""

_LOSS = pattern(
    r"[Ss]uppressed (\d{1,12}) \w+(?: from (\S+))?"
    r"|(?:(\w+): )?(\d{1,12}) (?:messages (?:were |have been )?(?:suppressed|dropped|lost)|callbacks suppressed)"
    r"|lost (\d{1,12}) messages(?: from (pid \d+))?"
)
_HEADED = pattern(r"\.go:\d+\] |\" level=[a-z]+ msg=|\",\"(?:level|ts|caller|msg|time)\":|\bmsg=\"|\berr=\"")
"""What stands in the middle of a record and never at its start."""
_TORN = pattern(r'^[^\s{\["]{0,40}(?:"|\d:\d\d|Z"? level=)')
_OMITTED = pattern(
    r"[\s\[(<.*=~#-]*(?:(?<=\.\.)\.|…|(?:(?:log|logs|output|rest|lines?) (?:is |was |were |are )?)?(?:snip(?:ped)?|truncated|omitted|elided|trimmed)"
    r"|(?:\d[\d,]{0,12}|many|some|several) (?:more |other |similar )?(?:lines?|bytes|characters|entries|messages)"
    r"(?: (?:were |are )?(?:omitted|truncated|skipped|snipped|elided|trimmed|removed)|(?<=more lines)))[\s\])>.*=~#-]*",
    re.IGNORECASE,
)
_LONGEST_MARK = 80
_HALF_HEADER = pattern(
    r"[IWEF][01]\d[0-3]\d(?: [\d:.]*(?: +\d*(?: *[\w.\-]+(?::\d*)?)?)?)?"
    r"|time=\"?[^\"\s]*(?:\"(?: level=?\w*(?: msg?=?)?)?)?"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d [\d:.]+(?: \S+(?: [\w.()\-]+(?:\[\d*\]?)?)?)?"
    r"|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-][\d:]*)?(?: \S+(?: [\w.()\-]+(?:\[\d*\]?)?)?)?"
)
"""A line that is over before its header is."""
_STRUCTURED = pattern(r'[IWEF][01]\d[0-3]\d [\d:.]+ +(?:\d+ +)?[\w.\-]+\.go:\d+\] "')
_VALUE = pattern(r"=<\n.*?\n >", re.DOTALL)
_MANY_LINES = pattern(r"=<(?:\n|$)")
_UNESCAPED = pattern(r'\\.|"', re.DOTALL)

_CUT = pattern(r"(?<![\s=/])(?<!<nil)(?<!<none)(?<!<unknown)(?<!<invalid)>$")


class Troubles:
    """Collects them while the records of a source go by."""

    def __init__(self) -> None:
        self._last: dict[str | None, Record] = {}
        self._lost: Counter[str] = Counter()
        self._lost_at = 0
        self._jumps: list[str] = []
        self._silent = 0
        self._longest = (0.0, "")
        self._jumped = 0
        self._omitted = 0
        self._omitted_at = 0
        self._end: Record | None = None

    def note(self, record: Record) -> None:
        """What a record says of lines that are missing."""
        if _may_tell_of_loss(record.text):
            self._losses(record)
        if record.format == "plain" or "\n" in record.raw:
            self._omissions(record)
        self.reach(record)

    def reach(self, record: Record) -> None:
        """Nothing was read yet that stands further down."""
        if record.raw and not record.raw.isspace() and (self._end is None or record.line > self._end.last_line):
            self._end = record

    def pass_time(self, record: Record, before: Callable[[], Sighting | None]) -> None:
        """A record with a time; `before` gives the line just before it that tells one too."""
        host = record.identity[0]
        last = self._last.get(host)
        if record.timestamp is None or record.program == "event":
            return
        self._last.pop(host, None)
        self._last[host] = record
        if len(self._last) > MAX_NAMES:
            del self._last[next(iter(self._last))]
        if last is None or last.timestamp is None:
            return
        step = (record.timestamp - last.timestamp).total_seconds()
        if step <= -BACK:
            self._jump(last, record, -step)
        elif step >= SILENCE:
            earlier = before()
            self._silence(record, earlier.timestamp if earlier and earlier.timestamp else last.timestamp)

    def _losses(self, record: Record) -> None:
        if (found := _LOSS.search(record.text)) is None:
            return
        journal, unit, ratelimit, number, syslog, pid = found.groups()
        name = (unit or ratelimit or pid or "").rstrip(".")
        self._lost[name if name in self._lost or len(self._lost) < MAX_NAMES else ""] += int(journal or number or syslog)
        self._lost_at = self._lost_at or record.line

    def _omissions(self, record: Record) -> None:
        for at, text in enumerate(record.raw.split("\n")):
            if len(text) <= _LONGEST_MARK and _OMITTED.fullmatch(text):
                self._omitted += 1
                self._omitted_at = self._omitted_at or record.line + at

    def _jump(self, last: Record, record: Record, step: float) -> None:
        self._jumped += 1
        if not self._jumps:
            self._jumps.append(
                f"line {record.line}: the clock goes back by {span(step)} (line {last.line} is later): it was set, or logs were joined"
            )

    def _silence(self, record: Record, before: datetime) -> None:
        assert record.timestamp is not None
        silent = (record.timestamp - before).total_seconds()
        if silent >= SILENCE:
            why = ": the clock was set forward, or nothing ran or was kept" if silent >= LEAP else ""
            self._silent += 1
            self._longest = max(self._longest, (silent, f"no line for {span(silent)} before line {record.line}{why}"))

    def told(self) -> list[str]:
        """So far."""
        said = list(self._jumps)
        if self._jumped > 1:
            said.append(f"the clock goes back {self._jumped} times in all")
        if self._silent:
            others = self._silent - 1
            said.append(self._longest[1] + (f" (and {others} shorter such silence{'s' if others > 1 else ''})" if others else ""))
        if self._lost:
            whose = ", ".join(f"{count} of {name}" if name else str(count) for name, count in self._lost.most_common(5))
            said.append(
                f"line {self._lost_at}: messages were held back when they were logged ({whose}): the line that matters may be among them"
            )
        if self._omitted:
            more = ", and so do others" if self._omitted > 1 else ""
            said.append(f"line {self._omitted_at} says that lines were left out{more}: the line that matters may be among them")
        return said

    def ended(self) -> list[str]:
        """All, now that nothing follows any more."""
        torn = self._end is not None and _is_torn(self._end)
        return [*self.told(), *([f"line {self._end.last_line} ends in the middle: {_CUT_SHORT}"] if torn and self._end else [])]


def _may_tell_of_loss(text: str) -> bool:
    return "uppressed" in text or "lost" in text or "dropped" in text


def tells_of_loss(record: Record) -> bool:
    """It says how many lines were not logged, or that some were left out."""
    if _may_tell_of_loss(record.text) and _LOSS.search(record.text):
        return True
    return any(len(text) <= _LONGEST_MARK and _OMITTED.fullmatch(text) for text in record.raw.split("\n"))


_CUT_SHORT = "the log was cut there, or copied while it was written, and what came after is missing"


def _is_torn(last: Record) -> bool:
    """Only what no program prints whole: a header that is not over, a quote, a JSON object or a value over many lines left open."""
    text = last.raw.rstrip()
    if len(text) > MAX_TEXT // 2 or _CUT.search(text):
        return False  # its middle may be left out; a pager's cut has its own word
    if text.startswith('{"'):
        return not text.endswith("}")
    if text.startswith('time="2') or _STRUCTURED.match(text):
        closed = _VALUE.sub("", last.raw)
        return _MANY_LINES.search(closed) is not None or _is_open(closed)
    return _HALF_HEADER.fullmatch(text) is not None


def _is_open(text: str) -> bool:
    return sum(found[0] == '"' for found in _UNESCAPED.finditer(text)) % 2 == 1


def span(seconds: float) -> str:
    """`90 s`, `5 min`, `3.5 h`, `12 days`."""
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:.0f} s"


def damage(lines: Sequence[Line]) -> list[str]:
    """What the first lines of a source show of tearing and cutting."""
    return [*_torn_start(lines), *_cut_by_pager(lines)]


def _torn_start(lines: Sequence[Line]) -> Iterable[str]:
    """A log that was copied and emptied while it was written goes on in the middle of a line."""
    if len(lines) > 2 and lines[0].formats == ("plain",) and all(line.format != "plain" or line.envelopes for line in lines[1:3]):
        text = lines[0].inner
        if len(formats.split_glued(text)) > 1:
            return
        if _HEADED.search(text) or _TORN.match(text) or (text.count('"') - text.count('\\"')) % 2:
            yield f"line {lines[0].number} begins in the middle: the log was emptied or cut while it was written"


def _cut_by_pager(lines: Sequence[Line]) -> Iterable[str]:
    """`less -S`, in which journalctl shows its lines, prints `>` where a line goes on."""
    cut = [line for line in lines if line.inner.endswith(">") and line.formats != ("plain",) and _CUT.search(line.inner)]
    if 5 * len(cut) >= len(lines) and (len(cut) >= 2 or any(_is_open(line.inner) for line in cut)):
        yield (
            f"{len(cut)} of the first {len(lines)} lines end in `>`, where a pager cut them (first: line {cut[0].number}): "
            "print the log again with --no-pager, or into a file"
        )
