"""Logs that people pasted: into Markdown, behind `> `, with HTML's escapes, indented, wrapped. The log lines come out as they were printed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from k3slogs.lazily import pattern
from k3slogs.sources.framing import _rows
from k3slogs.sources.framing._partial import most
from k3slogs.sources.framing._rows import MAX_PIECES, WRAPS
from k3slogs.sources.lines import blocks, numbered, pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from k3slogs.model import Block
    from k3slogs.sources.lines import Notes, Numbered

_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_HEADER = pattern(
    rb"(?:[IWEFD][01]\d[0-3]\d \d\d:\d\d:\d\d|time=.?\d{4}-|\{\"[\w@]+\":|\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d"
    rb"|" + _MONTH + rb" [ \d]\d \d\d:\d\d:\d\d |\w{3} \d{4}-\d\d-\d\d \d\d:\d\d|\[ *\d+\.\d{6}\] |<\d{1,3}>|\d{9,11}\.\d{6} "
    rb"|(?:TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)\[|\[(?:pod/|ERROR|WARN|INFO|FATAL)|panic: |fatal error: |goroutine \d+ \[)"
)
_FENCE = pattern(rb"( {0,12})(?:[-*] )?(`{3,}|~{3,}) *([\w+-]*)[^`]*$")
_HEADING = pattern(rb"#{1,6} \S|\*\*[^*]+\*\*")
_QUOTED = pattern(rb"(?:> ?)+")
_ESCAPED = pattern(rb"(?:msg=|err=|\] |\{)&(?:quot|#34);")
_ENTITY = pattern(rb"&(?:quot|lt|gt|amp|nbsp|#3[49]|#x27|#x22);")
_PROMPT = pattern(
    "[ \t]*(?:\\[?[\\w.-]+@[\\w.-]+[^$#%>]{0,80}[$#%]|[$#%\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}➜»]) +\\S".encode()
)
_OTHER_LANGUAGES = frozenset(b"yaml yml toml ini dockerfile diff python py go html xml sql mermaid hcl c make promql js ts rust".split())
_DATE = pattern(
    rb"[\s>*_#|-]*(?:date|created|opened|reported)[\s*_|]*:[\s*_|]*(?:(\d{4}-\d\d-\d\d)|(\d{1,2}) ([a-z]{3})[a-z]* (\d{4})|([a-z]{3})[a-z]* (\d{1,2}),? (\d{4}))",
    re.IGNORECASE,
)


def accepts(lines: Sequence[bytes]) -> bool:
    """Markdown with fences or with headings above indented log lines; or lines most of which are quoted, escaped or indented."""
    if sum(1 for line in lines if _FENCE.match(_unquoted(line))) >= 2 or most(lines, lambda line: line.startswith((b"> ", b">>"))):
        return True
    indented = [line for line in lines if line[:2] in (b"  ", b"\t") and _HEADER.match(line.lstrip())]
    headed = any(_HEADING.match(line) for line in lines) and not any(_HEADER.match(line) for line in lines)
    return (bool(indented) and (headed or 2 * len(indented) > len(lines))) or any(_ESCAPED.search(line) for line in lines)


def joiner(_notes: Notes) -> None:
    """Nobody pastes into a log that grows: it is followed as it is."""


def join(chunks: Iterable[bytes], notes: Notes) -> Iterator[Block]:
    yield from pack(_unwrapped(_rows.unwrapped(_logs(chunks, notes), is_header)))


def _logs(chunks: Iterable[bytes], notes: Notes) -> Iterator[Numbered | None]:
    """The log lines as printed; None where a block of them ends."""
    page = _Page(notes)
    for block in blocks(chunks, notes):
        if page.fresh:
            page.look(block.data)
        for number, raw in numbered(block):
            yield from page.line(number, raw)


class _Page:
    """A document, line by line: which lines are of a log, and how far they are indented."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self.fresh = True
        self._prose = False
        """Lines outside of fences are text about logs, unless they begin as log lines do."""
        self._fence = b""
        self._other = False
        """In a fence of another language."""
        self._command = False
        self._indent = 0
        self._kept = False

    def look(self, head: bytes) -> None:
        """Decide by the first lines whether this is a document or the bare paste of a log."""
        self.fresh = False
        lines = [_unquoted(line) for line in head.split(b"\n")]
        self._prose = any(_FENCE.match(line) or _HEADING.match(line) for line in lines)

    def line(self, number: int, raw: bytes) -> Iterator[Numbered | None]:
        text = _plain(raw.rstrip(b"\r"))
        if fence := _FENCE.match(text):
            yield None
            self._turn(fence)
        elif self._fence or not self._prose:
            if not self._other and not self._is_command(text):
                yield (number, self._dedented(text)) if text.strip() else None
        elif found := self._outside(text):
            yield number, found
        else:
            yield None

    def _turn(self, fence: re.Match[bytes]) -> None:
        """A fence opens a block, or closes the one that is open."""
        if not self._fence:
            self._fence, self._indent = fence[2], len(fence[1])
            self._other = fence[3].lower() in _OTHER_LANGUAGES
        elif fence[2].startswith(self._fence) and not fence[3]:
            self._fence, self._other, self._indent = b"", False, 0
        self._command = self._kept = False

    def _is_command(self, text: bytes) -> bool:
        goes_on, self._command = self._command, False
        if _HEADER.match(text.lstrip()):
            return False
        if goes_on or _PROMPT.match(text) or text.endswith(b" \\"):
            self._command = text.endswith(b"\\")
            return True
        return False

    def _outside(self, text: bytes) -> bytes | None:
        """A log line between prose, or what goes on with the last one."""
        if self._notes.dated is None and (date := _DATE.match(text)):
            self._notes.dated = _day(date)
        if _HEADER.match(text.lstrip(b" \t-*`")):
            self._kept = True
            self._indent = len(text) - len(text.lstrip())
            return text.strip(b" \t-*`" if b"`" in text else None)
        self._kept = self._kept and bool(text.strip()) and len(text) - len(text.lstrip()) > self._indent
        return self._dedented(text) if self._kept else None

    def _dedented(self, text: bytes) -> bytes:
        if _HEADER.match(text.lstrip()):
            self._indent = len(text) - len(text.lstrip())
        blanks = len(text) - len(text.lstrip(b" \t"))
        return text[min(blanks, self._indent) :]


def is_header(text: bytes) -> bool:
    """Does a log line begin so?"""
    return _HEADER.match(text) is not None


def _unwrapped(lines: Iterable[Numbered | None]) -> Iterator[Numbered]:
    """A record whose quotes are open goes on in the next line."""
    held: tuple[int, list[bytes]] | None = None
    for line in lines:
        if (
            held
            and line
            and len(held[1]) < MAX_PIECES
            and line[1].strip(b"[.] ")
            and not _HEADER.match(line[1])
            and _is_open(b"".join(held[1]))
        ):
            held[1].append(_glue(held[1][-1], line[1]) + line[1])
            continue
        if held:
            yield held[0], b"".join(held[1])
        held = (line[0], [line[1]]) if line and _HEADER.match(line[1]) else None
        if line and not held:
            yield line
    if held:
        yield held[0], b"".join(held[1])


def _is_open(text: bytes) -> bool:
    return (text.count(b'"') - text.count(b'\\"')) % 2 == 1 or (text.startswith(b'{"') and not text.rstrip().endswith(b"}"))


def _glue(before: bytes, after: bytes) -> bytes:
    """What a wrap took away: a blank between words, nothing where a terminal cut at its width."""
    return b"" if before.endswith(b" ") or after.startswith(b" ") or len(before.decode("utf-8", "replace")) in WRAPS else b" "


def _plain(raw: bytes) -> bytes:
    text = _unquoted(raw)
    if not _ENTITY.search(text):
        return text
    from html import unescape

    return unescape(text.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _unquoted(line: bytes) -> bytes:
    found = _QUOTED.match(line)
    return line[found.end() :] if found else line


def _day(found: re.Match[bytes]) -> datetime | None:
    iso, day, month, year, american, us_day, us_year = (part.decode() if part else None for part in found.groups())
    try:
        if iso:
            return datetime.fromisoformat(iso).replace(tzinfo=UTC)
        return datetime.strptime(f"{day or us_day} {month or american} {year or us_year}", "%d %b %Y").replace(tzinfo=UTC)
    except ValueError:
        return None
