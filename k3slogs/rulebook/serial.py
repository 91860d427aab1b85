"""A book of rules -> bytes -> the same book, with nothing validated or derived again."""

from __future__ import annotations

import gc
import io
import pickle
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from k3slogs.rulebook import expressions
from k3slogs.rulebook import rule as shapes
from k3slogs.rulebook.book import RuleBook
from k3slogs.taxonomy import Category, Component, Effect, Level, Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

_HELD = (*shapes.SHAPES, Category, Component, Effect, Level, Stage, Status, timedelta)
_CLASSES = {(held.__module__, held.__qualname__): held for held in _HELD}


def dumped(book: RuleBook) -> bytes:
    return pickle.dumps((list(book), book.anchors, expressions.kept(book)), protocol=pickle.HIGHEST_PROTOCOL)


def loaded(content: bytes) -> RuleBook:
    """Raises UnpicklingError where anything but rules and their parts is named: nothing else is ever made, imported or called."""
    with _uncollected():
        rules, anchors, compiled = _Unpickler(io.BytesIO(content)).load()
    book = RuleBook(rules)
    book.anchors, book.expressions = anchors, compiled
    return book


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _CLASSES[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a rule") from None


@contextmanager
def _uncollected() -> Iterator[None]:
    """The garbage collector would walk the growing rules a hundred times, for half of the whole time, and find nothing."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
