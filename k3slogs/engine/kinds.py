"""Lines of one kind mean the same, but for their time: one of them is read, the others are counted.

The *shape* of a line is its bytes with every digit and every long id masked. Lines of one shape are of one kind if what stands in the
places where digits decide is equal too: who wrote them, what a rule names or captures as a key, how a character is escaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from k3slogs import formats
from k3slogs.engine.assembly import Assembler
from k3slogs.engine.clock import Calendar, Clock
from k3slogs.engine.folding import belongs_to
from k3slogs.engine.troubles import tells_of_loss
from k3slogs.taxonomy import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from k3slogs.engine import Engine
    from k3slogs.engine.assembly import Assembled
    from k3slogs.engine.window import Window
    from k3slogs.model import Record
    from k3slogs.rulebook import Rule

MAX_SHAPES = 20_000
"""Shapes that are known at a time; beyond, all are learned anew."""
MAX_KINDS = 2_000
"""Kinds of one shape that are."""
MAX_SHAPE = 4096
"""Bytes of a line that is worth knowing."""
LONG = 4
"""Characters of a value that hardly stands twice in a line by chance."""

_ID = re.compile(
    rb"(?<![0-9A-Za-z])(?:[0a-f]{64}|[0a-f]{40}|[0a-f]{32}|[0a-f]{8}-[0a-f]{4}-[0a-f]{4}-[0a-f]{4}-[0a-f]{12}|[0a-f]{12})(?![0-9A-Za-z])"
)
_RUN = re.compile(rb"[0a-f]{12}")
"""What every such id holds, and few other lines."""
_CLOCK = re.compile(
    rb"(?:\d{4}[-/]\d\d[-/]\d\d[T ]|\d{4} |[A-Z][a-z]{2} [ \d]\d )?(?P<day>\d\d:\d\d)(?=:\d\d)|(?<![\d.])(?P<epoch>1\d{8})(?=\d(?:\d{3}|\d{6}|\d{9})?(?!\d))"
)
"""The digits of a clock, of the day or since 1970, that change every minute at most."""
_ALWAYS = re.compile(rb'\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[0-7]{3})|"PRIORITY" ?: ?"?\d|^<\d+>')
"""Digits that decide whatever the line says: escapes and levels."""
_BYTES = re.compile(rb'"MESSAGE":\s?\[')
"""A message printed as numbers: its digits are its text."""
_PID = r"\[({0})\]|\.\d{{1,9}}[ \t]+({0})(?=[ \t])|\"(?:_PID|SYSLOG_PID|pid)\" ?: ?\"?({0})(?!\d)|\bpid=\"?({0})(?!\d)"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of the lines of one kind."""

    name: bytes = b""
    counts: bool = False
    """A further line changes nothing but counts and last times."""
    turns: bool = True
    """It may begin or end an attempt: what comes before and after it is not counted together."""
    timeless: bool = False
    """It tells no time of its own, and takes that of the line before it."""
    goes_on: bool = False
    """It belongs to the record of an earlier line."""
    clocks: tuple[int, ...] = ()
    """In what way it prints the time: kinds that agree in it can be compared."""
    minute: Callable[[bytes], Any] = bytes
    inner: int = 0
    """Where its envelope ends if the text in it may go on in a later line; -1 if that cannot be told."""
    writer: object = None
    pid: str | None = None


@dataclass(slots=True)
class Layout:
    """A shape, and the spans that tell its kinds apart."""

    spans: frozenset[Span] = frozenset()
    pick: Callable[[bytes], Any] | None = None
    kinds: dict[Any, Kind] = field(default_factory=dict)

    def key(self, line: bytes) -> Any:
        return self.pick(line) if self.pick else None

    def add(self, kind: Kind, line: bytes, shape: bytes, spans: frozenset[Span]) -> Kind:
        """Keep a kind, and from now on tell its shape apart by these spans too."""
        if not spans <= self.spans or len(self.kinds) >= MAX_KINDS:
            self.spans |= spans
            self.pick = _getter(sorted(self.spans)) if self.spans else None
            self.kinds.clear()
        key = self.key(line)
        parts = key if isinstance(key, tuple) else (key or b"",)
        kind = self.kinds[key] = replace(kind, name=b"\0".join((shape, *parts)))
        return kind


class Kinds:
    """The kinds that were learned so far. What is known changes the work that is done, never its result."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.layouts: dict[bytes, Layout] = {}
        """By shape."""
        self._assembler = Assembler("", Clock(Calendar(None, "")))

    def of(self, masked: bytes, line: bytes) -> Kind | None:
        """The kind of a line, if it is known."""
        layout = self.layouts.get(masked)
        if layout is None and _RUN.search(masked):
            layout = self.layouts.get(_without_ids(masked))
        return layout.kinds.get(layout.key(line)) if layout else None

    def learn(self, window: Window, start: int, masked: bytes) -> Kind:
        """Read a line of a kind that is not known yet."""
        line, number = window.line(start).rstrip(b"\r"), window.number(start)
        found = list(self._assembler.records(window, start))
        if not found or found[0].record.line != number:
            return self._keep(Kind(goes_on=True), line, masked)
        if len(found) > 1:
            return self._keep(Kind(), line, masked)
        record = found[0].record
        claims = self._engine.claims(record)
        kind = Kind(
            turns=_turns(record, claims),
            timeless=record.stamp is None or record.stamp.moment is None,
            writer=record.identity[:2],
            pid=record.pid,
        )
        if record.last_line != number:
            return kind  # its line may stand alone elsewhere
        spans = self._deciding(record, claims, line)
        if spans is None:
            return self._keep(replace(kind, turns=True), line, masked)
        minute = _clocks(found[0], line)
        if minute and not (kind.turns or kind.timeless or _is_special(record, claims, line)):
            kind = replace(
                kind,
                counts=True,
                clocks=tuple(end - start for start, end in minute),
                minute=_getter(minute),
                inner=_inner(found[0], line),
            )
        return self._keep(kind, line, masked, spans)

    def _deciding(self, record: Record, claims: list[Rule], line: bytes) -> frozenset[Span] | None:
        """Where digits decide what a line means; None where that cannot be told."""
        always = {found.span() for found in _ALWAYS.finditer(line)}
        process, rules = _process(record, line), self._of_rules(record, claims, line)
        return None if process is None or rules is None else frozenset(always | process | rules)

    def _of_rules(self, record: Record, claims: list[Rule], line: bytes) -> set[Span] | None:
        """Where digits decide which rules match, and under which key; None where that cannot be told."""
        text = line.decode("latin-1")
        spans: set[Span] = set()
        for pattern in self._engine.digits(record):
            wanted = sum(1 for _ in pattern.finditer(record.text))
            found = [hit.span() for hit in pattern.finditer(text)]
            if wanted > len(found):
                return None
            spans.update(found)
        for rule in claims:
            captures = self._engine.captures(rule.id, record)
            for name in rule.key:
                places = _places(rule.captures[name], captures.get(name, ""), text)
                if places is None:
                    return None
                spans |= places
        return spans

    def _keep(self, kind: Kind, line: bytes, masked: bytes, spans: frozenset[Span] = frozenset()) -> Kind:
        if len(line) > MAX_SHAPE:
            return replace(kind, counts=False)
        shape = _without_ids(masked)
        layout = self.layouts.get(shape)
        if layout is None:
            if len(self.layouts) >= MAX_SHAPES:
                self.layouts.clear()
            layout = self.layouts[shape] = Layout()
        return layout.add(kind, line, shape, spans)


def _without_ids(masked: bytes) -> bytes:
    return _ID.sub(lambda found: b"0" * len(found[0]), masked) if _RUN.search(masked) else masked


def _getter(spans: Iterable[Span]) -> Callable[[bytes], Any]:
    return itemgetter(*(slice(*span) for span in spans))


def _clocks(found: Assembled, line: bytes) -> list[Span]:
    """Where its own clocks stand in a line, those of its envelopes and of its text."""
    stamps = [found.record.stamp, *(peel.stamp for peel in found.line.envelopes)]
    moments = [stamp.moment for stamp in stamps if stamp and stamp.moment]
    told = {each for moment in moments for each in (f"{moment.hour:02d}:{moment.minute:02d}", f"{int(moment.timestamp())}"[:-1])}
    return [each.span() for each in _CLOCK.finditer(line) if (each["day"] or each["epoch"]).decode() in told]


def _turns(record: Record, claims: list[Rule]) -> bool:
    return record.level is Level.FATAL or formats.starts_panic(record.raw) or any(rule.begins or rule.ends for rule in claims)


def _is_special(record: Record, claims: list[Rule], line: bytes) -> bool:
    """More than its count and its last time matters."""
    within = any(rule.threshold and rule.threshold.within is not None for rule in claims)
    return within or record.format == "event" or tells_of_loss(record) or _BYTES.search(line) is not None


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


def _places(pattern: str, value: str, text: str) -> set[Span] | None:
    """Where the value of a capture stands in a line, if it holds digits."""
    if not any(map(str.isdigit, value)):
        return set()
    found = re.search(pattern, text)
    if found and found[1] == value:
        return {found.span(1)}
    return (_all(value, text) or None) if len(value) >= LONG else None


def _all(value: str, text: str) -> set[Span]:
    return {found.span() for found in re.finditer(re.escape(value), text)}


def _inner(found: Assembled, line: bytes) -> int:
    """The place of the text in its envelope, where a later line of the same envelope may go on with it."""
    read = found.line
    if not read.envelopes or not (read.inner.endswith("<") or read.format in {"klog", "plain"}):
        return 0
    inner = read.inner.encode()
    return len(line) - len(inner) if line.endswith(inner) else -1
