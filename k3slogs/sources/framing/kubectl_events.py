"""`kubectl get events -o json` and `-o yaml`: a list over many lines -> an event a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from k3slogs.lazily import pattern
from k3slogs.sources.lines import blocks, numbered, pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from k3slogs.model import Block
    from k3slogs.sources.lines import Notes, Numbered

KEPT = ("count", "eventTime", "involvedObject", "lastTimestamp", "message", "reason", "reportingComponent", "series", "source", "type")
LARGEST = 128 * 1024
"""Bytes of one event; the API allows less than a hundredth of it for the message."""

_FIRST = (b"{", b"apiVersion: v1")
_ASIDE = pattern(rb"---|\S{0,80}[$#%>] ")
"""What may stand above a list: the mark of a document, the command that printed it."""
_LIST = pattern(rb'\{ ?"(?:apiVersion|items|kind)": ?["\[]')
"""A list on one line, as jq -c prints it."""
_OPENS = pattern(rb"( *)\{\s*")
_ITEM = pattern(rb"( *)- \w+:")
_OBJECT = pattern(rb'\s*"?involvedObject"?:')
_MESSAGE = pattern(rb'[\s-]*"?message"?:')


def accepts(lines: Sequence[bytes]) -> bool:
    first = next((line.strip() for line in lines if not _ASIDE.match(line)), b"")
    return (first in _FIRST and any(_OBJECT.match(line) for line in lines)) or bool(_LIST.match(first) and b'"involvedObject"' in first)


def join(chunks: Iterable[bytes], notes: Notes) -> Iterator[Block]:
    yield from pack(_events(chunks, notes))


def _events(chunks: Iterable[bytes], notes: Notes) -> Iterator[Numbered]:
    """Events of the list; a line that belongs to none passes as it is if it cannot be part of the list's frame."""
    held: list[Numbered] = []
    close, size, yaml = b"", 0, None
    for block in blocks(chunks, notes):
        for number, raw in numbered(block):
            line = raw.rstrip(b"\r")
            if yaml is None:
                if line.strip() in _FIRST:
                    yaml = line.strip() != b"{"
                else:
                    yield from _listed(number, line)
                continue
            begins = _ITEM.match(line) if yaml else _OPENS.fullmatch(line)
            if begins and (not held or (yaml and begins[1] == close)):
                yield from _event(held, yaml=yaml)
                held, size, close = [(number, line)], len(line), begins[1]
                continue
            if held:
                held.append((number, line))
                size += len(line)
                ended = size > LARGEST or (not yaml and line.rstrip(b", ") == close + b"}")
                if ended or (yaml and line[:1].isalpha()):
                    yield from _event(held if not yaml else held[:-1], yaml=yaml)
                    held, size = [], 0
    yield from _event(held, yaml=bool(yaml))


def _listed(number: int, line: bytes) -> Iterator[Numbered]:
    """The events of a list that stands on one line; any other line as it is."""
    found = _parsed(line, yaml=False) if _LIST.match(line) else None
    items = found.get("items") if found else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        yield number, line
        return
    yield from ((number, _kept(item)) for item in items)


def _event(held: list[Numbered], *, yaml: bool) -> Iterator[Numbered]:
    if not held:
        return
    text = b"\n".join(line for _, line in held)
    event = _parsed(text, yaml=yaml) if len(text) <= LARGEST else None
    if event is None or not isinstance(event.get("involvedObject"), dict):
        yield from held
        return
    yield next((number for number, line in held if _MESSAGE.match(line)), held[0][0]), _kept(event)


def _kept(event: dict[str, Any]) -> bytes:
    """What is read of an event, on one line."""
    metadata = event.get("metadata")
    kept = {name: event[name] for name in KEPT if event.get(name) is not None}
    if isinstance(metadata, dict):
        kept["metadata"] = {"creationTimestamp": metadata.get("creationTimestamp")}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "replace")


def _parsed(text: bytes, *, yaml: bool) -> dict[str, Any] | None:
    try:
        if not yaml:
            found = json.loads(text.rstrip(b", \r\n"))
        else:
            from yaml import BaseLoader, load

            found = load(text, Loader=BaseLoader)[0]  # noqa: S506 - BaseLoader makes nothing but strings, lists and mappings
            found["count"] = int(found.get("count") or 1)
    except Exception:  # noqa: BLE001 - each parser has its own; the lines then pass as they are
        return None
    return found if isinstance(found, dict) else None
