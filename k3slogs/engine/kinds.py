"""Lines of one kind mean the same, but for their time: one of them is read, the others are counted.

Lines of one shape are of one kind if what stands in the places where digits decide is equal too: who wrote them, what a rule names or
captures as a key, how a character is escaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from k3slogs import formats
from k3slogs.bulk import masked
from k3slogs.engine.assembly import Assembler
from k3slogs.engine.clock import Calendar, Clock
from k3slogs.engine.folding import belongs_to
from k3slogs.engine.shapes import numbers, without_ids
from k3slogs.engine.troubles import tells_of_loss
from k3slogs.taxonomy import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from k3slogs.engine import Engine
    from k3slogs.engine.assembly import Assembled
    from k3slogs.engine.matcher import Matcher
    from k3slogs.engine.window import Window
    from k3slogs.model import Record
    from k3slogs.rulebook import Rule

MAX_SHAPES = 20_000
"""Shapes that are known at a time; beyond, all are learned anew."""
MAX_KINDS = 2_000
"""Kinds of one shape that are."""
MAX_SHAPE = 4096
"""Bytes of a line that is worth knowing."""
NEIGHBOURS = 8
"""Lines of other envelopes that are passed over in search of what goes on."""
LONG = 4
"""Characters of a value that hardly stands twice in a line by chance."""

_CLOCK = re.compile(rb"\d\d:\d\d(?=:\d\d)|(?<![\d.])1\d{8}(?=\d(?:\d{3}|\d{6}|\d{9})?(?!\d))")
"""The digits of a clock, of the day or since 1970, that change every minute at most."""
_DATE = re.compile(rb"(?:\d{4}[-/]\d\d[-/]\d\d[T ]|\d{4} |[A-Z][a-z]{2} [ \d]\d )\Z")
"""What may stand before it, and is a part of it then."""
_LONGEST_DATE = 11
_ALWAYS = re.compile(rb'\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[0-7]{3})|"PRIORITY" ?: ?"?\d|^<\d+>')
"""Digits that decide whatever the line says: escapes and levels."""
_BYTES = re.compile(rb'"MESSAGE":\s?\[')
"""A message printed as numbers: its digits are its text."""
_PID = r"\[({0})\]|\.\d{{1,9}}[ \t]+({0})(?=[ \t])|\"(?:_PID|SYSLOG_PID|pid)\" ?: ?\"?({0})(?!\d)|\bpid=\"?({0})(?!\d)"

_NUMBERED = re.compile(r"[\w./:-]*\d[\w./:-]*")
"""A word with digits in it."""
_BLANKS = (b" ", b"\t")
_NAME = 16
"""Bytes of a kind's name, which goes over to another process with each of its steps."""

Span = tuple[int, int]


class Kind(NamedTuple):
    """What is known of the lines of one kind."""

    name: bytes = b""
    """A hash of its shape, and of what stands where its shape is told apart: the same in each process."""
    clear: bool = False
    """A line of it that is a record of its own matches the same rules as every other by the same program."""
    counts: bool = False
    """It is clear, and a further line changes nothing but counts and last times."""
    timed: bool = False
    """Each one's time matters until a rule has seen enough of them."""
    turns: bool = True
    """It may begin or end an attempt: what comes before and after it is not counted together."""
    timeless: bool = False
    """It tells no time of its own, and takes that of the line before it."""
    goes_on: bool = False
    """It belongs to the record of an earlier line."""
    clocks: tuple[int, ...] = ()
    """In what way it prints the time: kinds that agree in it can be compared."""
    minute: tuple[int, ...] = ()
    """Where the digits stand that change every minute at most."""
    inner: int = 0
    """Where its envelope ends if the text in it may go on in a later line; -1 if that cannot be told."""
    told: tuple[int, ...] = ()
    """Where the digits stand in its envelope that tell who wrote it."""
    claims: tuple[str, ...] = ()
    """Ids of the rules that match it if nothing is known of who wrote it: of a line that is clear, no others do."""
    writer: object = None
    pid: str | None = None


_ANY = Kind(timeless=True)
"""It may be anything."""


@dataclass(slots=True)
class Layout:
    """A shape, and the spans that tell its kinds apart."""

    spans: frozenset[Span] = frozenset()
    pick: Callable[[bytes], Any] | None = None
    kinds: dict[Any, Kind] = field(default_factory=dict)

    def key(self, line: bytes) -> Any:
        return self.pick(line) if self.pick else None

    def add(self, kind: Kind, line: bytes, shape: bytes, spans: AbstractSet[Span]) -> Kind:
        """Keep a kind, and from now on tell its shape apart by these spans too."""
        if not spans <= self.spans or len(self.kinds) >= MAX_KINDS:
            self.spans |= spans
            self.pick = _getter(sorted(self.spans)) if self.spans else None
            self.kinds.clear()
        key = self.key(line)
        parts = key if isinstance(key, tuple) else (key or b"",)
        name = blake2b(b"\0".join((shape, *parts)), digest_size=_NAME).digest()
        kind = self.kinds[key] = kind._replace(name=name)
        return kind


class Lesson(NamedTuple):
    """What was learned of a line, for other processes."""

    kind: Kind
    line: bytes
    shape: bytes
    spans: AbstractSet[Span]


class Kinds:
    """The kinds that were learned so far. What is known changes the work that is done, never its result."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.layouts: dict[bytes, Layout] = {}
        """By shape."""
        self.lessons: list[Lesson] = []
        """What was learned since somebody took it away."""
        self._seen: set[bytes] = set()

    def of(self, shape: bytes, line: bytes) -> Kind | None:
        """The kind of a line, if it is known."""
        layout = self.layouts.get(shape) or self.layouts.get(without_ids(shape))
        return layout.kinds.get(layout.key(line)) if layout else None

    def at_first(self, shape: bytes) -> Kind | None:
        """What may be said of a line whose shape is seen for the first time; most are never seen again, and to learn one takes long."""
        bare = without_ids(shape)
        if bare in self._seen:
            return None
        if len(self._seen) >= MAX_SHAPES:
            self._seen.clear()
        self._seen.add(bare)
        return _ANY

    def learn(self, window: Window, start: int, shape: bytes) -> Kind:
        """Read a line of a kind that is not known yet."""
        line, number = window.line(start).rstrip(b"\r"), window.number(start)
        found = list(Assembler("", Clock(Calendar(None, ""))).records(window, start))
        if not found or found[0].record.line != number:
            return self._keep(Kind(timeless=True, goes_on=True), line, shape)
        if len(found) > 1:
            return self._keep(_ANY, line, shape)
        record = found[0].record
        candidates = self._engine.candidates(record)
        claims = self._engine.claims(record, candidates)
        kind = Kind(
            turns=_turns(record, claims),
            timeless=record.stamp is None or record.stamp.moment is None,
            writer=record.identity[:2],
            pid=record.pid,
        )
        if record.last_line != number:
            return kind  # its line may stand alone elsewhere
        written = _process(record, line)
        if written is None:
            return self._keep(kind._replace(turns=True), line, shape)
        written |= {found.span() for found in _ALWAYS.finditer(line)}
        spans, unclear = self._of_rules(record, claims, candidates, line, shape)
        if unclear:
            return self._keep(kind._replace(turns=kind.turns or any(map(_may_turn, unclear))), line, shape, written | spans)
        kind = kind._replace(clear=True, claims=tuple(rule.id for rule in claims))
        minute = _clocks(found[0], line)
        inner = _inner(found[0], line)
        if minute and not (kind.turns or kind.timeless or _is_special(record, line)):
            kind = kind._replace(
                counts=True,
                timed=any(rule.threshold and rule.threshold.within is not None for rule in claims),
                clocks=tuple(end - start for start, end in minute),
                minute=_all_in(minute),
                inner=inner,
                told=tuple(at for at in _all_in(written) if at < inner),
            )
        return self._keep(kind, line, shape, written | spans)

    def is_over(self, kind: Kind, window: Window, start: int, end: int) -> bool:
        """Does a record of that kind end with its line?"""
        data = window.data
        if data[end + 1 : end + 2] in _BLANKS:
            return False
        inner, after = kind.inner, end + 1
        if not inner:
            return True
        envelope = masked(data[start : start + inner])
        for _ in range(NEIGHBOURS):
            if after >= len(data):
                return True
            if (
                inner > 0
                and masked(data[after : after + inner]) == envelope
                and all(data[start + at] == data[after + at] for at in kind.told)
            ):
                return data[after + inner : after + inner + 1] not in _BLANKS
            after_end = data.find(b"\n", after)
            if after_end < 0:
                after_end = len(data)
            if inner < 0:
                following = self.of(masked(data[after:after_end]), data[after:after_end])
                return following is not None and not following.goes_on
            after = after_end + 1
        return False

    def _of_rules(
        self, record: Record, claims: list[Rule], candidates: list[Matcher], line: bytes, shape: bytes
    ) -> tuple[set[Span], list[Rule]]:
        """Where digits decide which rules match, and under which key; and the rules of which that cannot be told."""
        text = line.decode("latin-1")
        named: set[Span] = set()
        unclear: list[Rule] = []
        for matcher in candidates:
            for pattern in matcher.digits:
                wanted = [hit[0] for hit in pattern.finditer(record.text)]
                found = [hit.span() for hit in pattern.finditer(text)]
                named.update(found)
                if len(wanted) > len(found):  # quotes and escapes stand between
                    places = [_places(word, text) for each in wanted for word in _NUMBERED.findall(each)]
                    named.update(*places)
                    if not all(places):
                        unclear.append(matcher.rule)
        spans = numbers(shape, named)
        for rule in (rule for rule in claims if rule.key):
            captures = self._engine.captures(rule, rule.key, record)
            for name in rule.key:
                value = captures.get(name, "")
                if any(map(str.isdigit, value)):
                    hit = re.search(rule.captures[name], text)
                    key = {hit.span(1)} if hit and hit[1] == value else _places(value, text)
                    spans |= key
                    if not key:
                        unclear.append(rule)
        return spans, unclear

    def _keep(self, kind: Kind, line: bytes, shape: bytes, spans: AbstractSet[Span] = frozenset()) -> Kind:
        if len(line) > MAX_SHAPE:
            return kind._replace(counts=False, clear=False)
        shape = without_ids(shape)
        self.lessons.append(Lesson(kind, line, shape, spans))
        return self._add(kind, line, shape, spans)

    def hear(self, lessons: Iterable[Lesson]) -> None:
        """What another process learned."""
        for kind, line, shape, spans in lessons:
            layout = self.layouts.get(shape)
            if layout is None or not (spans <= layout.spans and layout.key(line) in layout.kinds):
                self._add(kind, line, shape, spans)

    def _add(self, kind: Kind, line: bytes, shape: bytes, spans: AbstractSet[Span]) -> Kind:
        layout = self.layouts.get(shape)
        if layout is None:
            if len(self.layouts) >= MAX_SHAPES:
                self.layouts.clear()
            layout = self.layouts[shape] = Layout()
        return layout.add(kind, line, shape, spans)


def _getter(spans: Iterable[Span]) -> Callable[[bytes], Any]:
    return itemgetter(*(slice(*span) for span in spans))


def _clocks(found: Assembled, line: bytes) -> list[Span]:
    """Where its own clocks stand in a line, those of its envelopes and of its text."""
    stamps = [found.record.stamp, *(peel.stamp for peel in found.line.envelopes)]
    moments = {stamp.moment for stamp in stamps if stamp and stamp.moment}
    told = {each for moment in moments for each in (f"{moment.hour:02d}:{moment.minute:02d}", f"{int(moment.timestamp())}"[:-1])}
    places = sorted(at for each in told for at in _places_of(each.encode(), line))
    return [(_with_date(line, at), clock.end()) for at in places if (clock := _CLOCK.match(line, at))]


def _places_of(text: bytes, line: bytes) -> Iterator[int]:
    at = line.find(text)
    while at >= 0:
        yield at
        at = line.find(text, at + 1)


def _with_date(line: bytes, at: int) -> int:
    """Where the date before a clock starts; the clock's own place if there is none."""
    date = _DATE.search(line, max(at - _LONGEST_DATE, 0), at) if line[at + 2 : at + 3] == b":" else None
    return date.start() if date else at


def _turns(record: Record, claims: list[Rule]) -> bool:
    return record.level is Level.FATAL or formats.starts_panic(record.raw) or any(map(_may_turn, claims))


def _may_turn(rule: Rule) -> bool:
    return bool(rule.begins or rule.ends)


def _is_special(record: Record, line: bytes) -> bool:
    """More than its rules, its count and its time matters."""
    return record.format == "event" or tells_of_loss(record) or _BYTES.search(line) is not None


def _process(record: Record, line: bytes) -> set[Span] | None:
    """Where a line prints who wrote it, as far as digits tell; None where that is not seen."""
    text = line.decode("latin-1")
    spans: set[Span] = set()
    names = {name for value in (*record.identity, belongs_to(record)[1]) if value for name in value.split("/")}
    for name in names:
        if any(map(str.isdigit, name)):
            places = _all(name, text)
            if not places:
                return None
            spans |= places
    if record.pid is not None:
        printed = re.search(_PID.format(re.escape(record.pid)), text)
        if printed is None:
            return None
        spans.add(printed.span(printed.lastindex or 0))
    return spans


def _places(value: str, text: str) -> set[Span]:
    """Where a value stands in a line; nowhere, if it may stand there by chance."""
    return _all(value, text) if len(value) >= LONG else set()


def _all_in(spans: Iterable[Span]) -> tuple[int, ...]:
    return tuple(chain.from_iterable(range(*span) for span in spans))


def _all(value: str, text: str) -> set[Span]:
    return {found.span() for found in re.finditer(re.escape(value), text)}


def _inner(found: Assembled, line: bytes) -> int:
    """The place of the text in its envelope, where a later line of the same envelope may go on with it."""
    read = found.line
    if not read.envelopes or not (read.inner.endswith("<") or read.format in {"klog", "plain"}):
        return 0
    inner = read.inner.encode()
    return len(line) - len(inner) if line.endswith(inner) else -1
