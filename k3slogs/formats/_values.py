"""Quoted values, key=value pairs and JSON objects, as logrus, klog and zap print them."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Fields = tuple[tuple[str, str], ...]

QUOTED = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_KEY = re.compile(r'\s*+([^\s="]++(?: [^\s="]++){0,3}+)=')  # klog prints what it is given: `/proc/swaps contents=`
_NEXT_KEY = re.compile(r"\s(?=[A-Za-z_][\w.\-/]*+=)")
_ESCAPE = re.compile(r"((?:\\x[0-9a-fA-F]{2})+)|\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_DECODER = json.JSONDecoder()
_MAX_BROKEN = 8
"""So many values of a line may look like JSON and be none; each costs time that grows with the line."""


def character(code: int) -> str:
    """A character that can be encoded: what is none becomes U+FFFD."""
    return "\N{REPLACEMENT CHARACTER}" if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)


def _unescape(found: re.Match[str]) -> str:
    octets, short, long, octal, simple = found.groups()
    if octets:
        return bytes.fromhex(octets.replace("\\x", "")).decode("utf-8", "replace")
    if simple is not None:
        return _SIMPLE.get(simple, simple)
    return character(int(octal, 8) if octal else int(short or long, 16))


def unquote(text: str) -> str:
    """What stands between the quotes of a Go string, with its escapes undone once."""
    return _ESCAPE.sub(_unescape, text) if "\\" in text else text


def pairs(text: str, position: int = 0) -> tuple[list[tuple[str, str]], str]:
    """The key=value pairs from `position` on, in the order printed, and what follows them and is no pair."""
    found: list[tuple[str, str]] = []
    open_block = False
    broken = 0
    while key := _KEY.match(text, position):
        start = key.end()
        if text.startswith('"', start):
            value, position = _quoted(text, start)
        elif text.startswith("<\n", start) and not open_block:
            value, position, open_block = _block(text, start)
        else:
            end = _json_end(text, start) if broken < _MAX_BROKEN and text.startswith(("{", "["), start) else None
            broken += end == -1
            value, position = (text[start:end], end) if end is not None and end > 0 else _bare(text, start)
        found.append((key[1], value))
    return found, text[position:].strip()


def _quoted(text: str, start: int) -> tuple[str, int]:
    if quoted := QUOTED.match(text, start):
        return unquote(quoted[0][1:-1]), quoted.end()
    return unquote(text[start + 1 :]), len(text)  # cut before its closing quote


def _block(text: str, start: int) -> tuple[str, int, bool]:
    """A klog value of several lines: each behind a tab, closed by a line ` >`; a paste may have lost tabs and closing line."""
    end = text.find("\n >", start)
    body = text[start + 2 : end] if end >= 0 else text[start + 2 :]
    value = "\n".join(line[1:] if line.startswith("\t") else line.lstrip(" ") for line in body.split("\n"))
    return value, end + 3 if end >= 0 else len(text), end < 0


def _json_end(text: str, start: int) -> int:
    """Where the JSON value at `start` ends, or -1: it is none, or words follow without a blank."""
    try:
        _, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return -1
    return end if end == len(text) or text[end].isspace() else -1


def _bare(text: str, start: int) -> tuple[str, int]:
    """An unquoted value: klog prints some with blanks, so it reaches to the next key."""
    following = _NEXT_KEY.search(text, start)
    end = following.start() if following else len(text)
    return text[start:end].rstrip(), end


def split_err(fields: Iterable[tuple[str, str]]) -> tuple[str | None, Fields]:
    """The value of `err` or `error`, the last one if there are several, apart from the other fields."""
    err: str | None = None
    others: list[tuple[str, str]] = []
    for key, value in fields:
        if key in ("err", "error"):
            if key == "error" and err is not None:
                others.append((key, value))
            else:
                err = value
        else:
            others.append((key, value))
    return err, tuple(others)


def value_text(value: Any) -> str:
    """A JSON value as klog and logrus would print it after `key=`, without quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def json_fields(entry: Mapping[str, Any], known: frozenset[str]) -> Iterable[tuple[str, str]]:
    """All that is not among the `known` keys."""
    return ((key, value_text(value)) for key, value in entry.items() if key not in known)


def object_at(text: str, start: int) -> tuple[Mapping[str, Any], int] | None:
    """The JSON object at `start` and the index behind it."""
    try:
        found, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return (found, end) if isinstance(found, dict) else None


@lru_cache(maxsize=8)
def json_object(text: str) -> Mapping[str, Any] | None:
    """The object that the text is, if it is one; several formats ask about the same text."""
    try:
        found = json.loads(text)
        if _SURROGATE_ESCAPE.search(text):
            found = json.loads(_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", json.dumps(found, ensure_ascii=False)))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def text_of(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def without_line(caller: str) -> str:
    """`a/b.go:12` -> `a/b.go`."""
    head, _, line = caller.rpartition(":")
    return head if head and line.isdigit() else caller
