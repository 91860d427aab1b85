"""One line of text -> Line: envelopes are peeled from outside to inside, then one format reads what they hold.

Every module of this folder whose name has no leading underscore declares one `FORMAT`; to add a format, add a file.
"""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from k3slogs.formats._base import Envelope, LineFormat, Sample
from k3slogs.formats._glue import split_glued
from k3slogs.formats._text import plain_text
from k3slogs.formats.event import described
from k3slogs.formats.panic import continues_panic, starts_panic
from k3slogs.model import Line, Peel, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["continues", "continues_panic", "names", "plain_text", "read", "reread", "samples", "split_glued", "starts_panic"]

PLAIN = "plain"

_Format = TypeVar("_Format", Envelope, LineFormat)
_MAX_DEPTH = 6
_ANSI = re.compile(r"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|\][^\x07\x1b]*+(?:\x07|\x1b\\)?|[@-Z\\-_])")
_SPEAKERS = frozenset({"kernel", "systemd"})
"""Identifiers whose plain text is the program's own."""


def _discover() -> tuple[list[Envelope], list[LineFormat]]:
    found = [
        import_module(f"{__name__}.{module.name}").FORMAT for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")
    ]
    lines = [one for one in found if isinstance(one, LineFormat)]
    lines.sort(key=lambda one: one.stamp is None)  # no two take the same text, so the most frequent ones are asked first
    return [one for one in found if isinstance(one, Envelope)], lines


def _by_first_character(formats: Sequence[_Format]) -> tuple[dict[str, tuple[_Format, ...]], tuple[_Format, ...]]:
    """The formats that can begin with a character, and those that can begin with any other."""
    characters = {character for one in formats for character in one.starts}
    table = {character: tuple(one for one in formats if not one.starts or character in one.starts) for character in characters}
    return table, tuple(one for one in formats if not one.starts)


_ENVELOPES, _LINE_FORMATS = _discover()
_ALL: tuple[Envelope | LineFormat, ...] = (*_ENVELOPES, *_LINE_FORMATS)
_ENVELOPES_BY_START, _ANY_ENVELOPE = _by_first_character(_ENVELOPES)
_FORMATS_BY_START, _ANY_FORMAT = _by_first_character(_LINE_FORMATS)


def read(number: int, text: str, *, skim: bool = False) -> Line:
    """One physical line, whatever it holds. `skim`: of what its innermost text says perhaps no more than the format and the stamp."""
    found: list[str] = []
    envelopes: list[Peel] = []
    inner = _clean(text)
    while len(envelopes) < _MAX_DEPTH:
        outside = inner.lstrip(" \t") if not envelopes and inner[:1] in " \t" else inner  # a paste may be indented
        for envelope in _ENVELOPES_BY_START.get(outside[:1], _ANY_ENVELOPE):
            peel = envelope.read(outside)
            if peel is not None:
                break
        else:
            break
        found.append(envelope.name)
        envelopes.append(peel)
        inner = _clean(peel.inner)
    name, reading = reread(inner, skim=skim)
    if envelopes:
        reading = _completed(name, reading, envelopes)
    found.append(name)
    return Line(number, tuple(found), tuple(envelopes), inner, reading)


def reread(inner: str, *, skim: bool = False) -> tuple[str, Reading]:
    """The format and the reading of a text without envelopes, which may be several lines long; `skim` as for `read`."""
    head, newline, rest = inner.partition("\n")
    for one in _FORMATS_BY_START.get(inner[:1], _ANY_FORMAT):
        if skim and one.stamp is not None and (stamp := one.stamp(head)) is not None:
            return one.name, Reading("", stamp)
        reading = one.read(inner if one.multiline else head)
        if reading is not None:
            if newline and not one.multiline:
                reading = reading._replace(message=f"{reading.message}\n{rest}")
            return one.name, reading
    return PLAIN, Reading(inner)


def continues(inner: str) -> bool:
    """Does this text go on with the record before it: indented, klog's closing line ` >`, or words behind one blank?"""
    return inner[:1] in (" ", "\t") and not described(inner)


def names() -> list[str]:
    return [one.name for one in _ALL] + [PLAIN]


def samples() -> Iterator[tuple[Envelope | LineFormat, Sample]]:
    """Every sample beside the format that must claim it."""
    for one in _ALL:
        for sample in one.samples:
            yield one, sample


def _clean(text: str) -> str:
    text = text.rstrip("\r\n")
    return _ANSI.sub("", text) if "\x1b" in text else text


def _completed(name: str, reading: Reading, envelopes: list[Peel]) -> Reading:
    """What the text does not say itself: the level, if its envelope calls it a warning or worse, and the program of a plain text."""
    if reading.level is None:
        level = next((peel.level for peel in reversed(envelopes) if peel.level is not None), None)
        if level is not None and level.alarming:
            reading = reading._replace(level=level)
    if name == PLAIN:
        speaker = next((peel.unit for peel in reversed(envelopes) if peel.unit is not None), None)
        if speaker in _SPEAKERS:
            reading = reading._replace(program=speaker)
    return reading
