"""`k3slogs explain`: a rule as a page, or a line and what is seen in it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from k3slogs.cli import _options, _output
from k3slogs.cli._arguments import Argument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.cli._app import App
    from k3slogs.explaining import Explanation

MAX_INPUT = 1 << 20
"""Bytes of standard input that are explained."""


def register(app: App) -> None:
    app.add("explain", explain)


def explain(
    what: Annotated[str, Argument(metavar="RULE|LINE|-", help="A rule's id, a log line, or - for lines on standard input.")],
    packs: _options.Packs = None,
) -> int:
    """Show a rule as a page, or say how a line is read, which rules match it, and which parts of the closest others fail."""
    book = _options.book(packs)
    if what in book.rules or _is_id(what):
        from k3slogs.rulepages import page

        _output.write(page(_options.rule(book, what), book))
        return _output.Exit.OK
    from k3slogs.explaining import explain as run

    text = sys.stdin.buffer.read(MAX_INPUT).decode("utf-8", "replace") if what == "-" else what
    explanations = run(text, rules=book)
    _output.write(
        "\n".join(line for each in explanations for line in _lines(each)) + "\n"
        if explanations
        else "nothing to explain: the text is empty\n"
    )
    return _output.Exit.OK


def _is_id(text: str) -> bool:
    return text != "-" and text.islower() and " " not in text and "-" in text and not any(mark in text for mark in ':="')


def _lines(found: Explanation) -> Iterator[str]:
    yield f"line {found.line}: {found.text[:300]}"
    yield f"  format   {' > '.join(found.formats)}"
    known = {"level": found.level, "program": found.program, "origin": found.origin}
    if any(known.values()):
        yield "  read     " + ", ".join(f"{name} {value}" for name, value in known.items() if value)
    for match in found.matches:
        word = "matches " if match.counts else "matches, but another rule has precedence:"
        yield f"  {word} {match.rule.id} ({match.rule.category}, {match.rule.effect}): {_filled(match.rule.title, match.captures)}"
        if match.counts:
            yield from (f"           {line}" for line in _folded(match.rule.cause))
    if not found.matches:
        yield "  matches  no rule" + (f"; it looks like {found.looks_like}" if found.looks_like else "")
    for miss in found.misses:
        yield f"  not      {miss.rule.id}: {'; '.join(miss.failed) or 'no anchor of it is in the line'}"
    yield ""


def _filled(title: str, captures: dict[str, str]) -> str:
    from k3slogs.reporting import filled

    return filled(title, captures)


def _folded(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(" ".join(text.split()), 100)
