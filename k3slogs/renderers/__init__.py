"""Document -> text. A renderer is a module of this folder with a function `render(document) -> str`.

Those of comparisons stand in `_comparison`, and take `transpose` as well.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol, cast

from k3slogs.errors import UsageError

if TYPE_CHECKING:
    from k3slogs.comparison import ComparisonDocument
    from k3slogs.document import Document


_ALIASES = {"markdown": "md"}


class Renderer(Protocol):
    def render(self, document: Document) -> str: ...


class ComparisonRenderer(Protocol):
    def render(self, document: ComparisonDocument, *, transpose: bool = False) -> str: ...


def names() -> list[str]:
    return sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))


def named(name: str) -> str:
    """The renderer that `name`, or a longer name of it, means; raises UsageError if there is none."""
    name = _ALIASES.get(name, name)
    if name not in names():
        raise UsageError(f"{name!r} is no output format: choose one of {', '.join(names())}")
    return name


def render(name: str, document: Document) -> str:
    """The document in the form `name`; raises UsageError if there is no such renderer."""
    return cast("Renderer", import_module(f"{__name__}.{named(name)}")).render(document)


def comparison_names() -> list[str]:
    from k3slogs.renderers import _comparison

    return sorted(module.name for module in iter_modules(_comparison.__path__) if not module.name.startswith("_"))


def comparison_named(name: str) -> str:
    """The renderer of comparisons that `name` means; raises UsageError if there is none."""
    name = _ALIASES.get(name, name)
    if name not in comparison_names():
        raise UsageError(f"{name!r} is no output format: choose one of {', '.join(comparison_names())}")
    return name


def render_comparison(name: str, document: ComparisonDocument, *, transpose: bool = False) -> str:
    """The comparison in the form `name`; raises UsageError if there is no such renderer."""
    module = import_module(f"{__name__}._comparison.{comparison_named(name)}")
    return cast("ComparisonRenderer", module).render(document, transpose=transpose)
