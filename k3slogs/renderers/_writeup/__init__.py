"""Write-up -> Markdown. One template a section; a folder of the user's templates stands before ours.

A template of the user's with the name of one of ours replaces it; `{% extends "k3slogs/writeup.md.j2" %}` builds on ours.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k3slogs.errors import UsageError
from k3slogs.renderers import _words as words
from k3slogs.renderers._comparison.md import context
from k3slogs.renderers._markdown import FILTERS, tidy
from k3slogs.renderers._mermaid import gantt
from k3slogs.renderers._words import LEGEND, MARKS

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

    from k3slogs.writeups import Writeup

_OURS = Path(__file__).parent
MAIN = "writeup.md.j2"


def render(writeup: Writeup, templates: Path | None = None, *, mermaid: bool = False) -> str:
    """The document; raises UsageError with file, line and message for a template that is wrong."""
    from jinja2 import TemplateError

    environment = _environment(templates)
    try:
        return tidy(environment.get_template(MAIN).render(_context(writeup, mermaid=mermaid)))
    except TemplateError as error:
        raise UsageError(_told(error)) from None
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, ZeroDivisionError, RecursionError) as error:
        raise UsageError(_told(error)) from None


def names() -> list[str]:
    """The templates that a user may replace."""
    return sorted(path.name for path in _OURS.glob("*.j2"))


def _environment(templates: Path | None) -> SandboxedEnvironment:
    from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    ours = FileSystemLoader([_OURS, _OURS.parent])
    theirs = [FileSystemLoader(_checked(templates))] if templates else []
    made = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([*theirs, ours, PrefixLoader({"k3slogs": ours})]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    made.filters.update(FILTERS)
    return made


def _checked(templates: Path) -> Path:
    if not templates.is_dir():
        raise UsageError(f"{templates}: is no folder of templates")
    if not any((templates / name).is_file() for name in names()):
        raise UsageError(f"{templates}: holds no template of a write-up: it may hold {', '.join(names())}")
    return templates


def _context(writeup: Writeup, *, mermaid: bool) -> dict[str, Any]:
    document = writeup.document
    return {
        "writeup": writeup, "known": writeup.run.experiment, "words": words, "LEGEND": LEGEND, "environment": list(_facts(writeup).items()),
        "strip": ", ".join(f"{MARKS[rung.status]} {rung.stage}" for rung in document.stages) if document else "",
        "chart": gantt(document) if document and mermaid else "",
        "comparison": context(writeup.comparison) if writeup.comparison else None,
    }  # fmt: skip


def _facts(writeup: Writeup) -> dict[str, str]:
    run = writeup.run
    proved = run.document.environment if run.document else None
    known = {"runtime": run.runtime, "k3s": run.k3s_version or "", "node": (proved.node if proved else None) or run.experiment.node}
    return {name: value for name, value in {**known, **run.experiment.environment}.items() if value}


def _told(error: Exception) -> str:
    """Where in which template, and what."""
    from jinja2 import TemplateNotFound, TemplateSyntaxError

    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name}:{error.lineno}: {error.message}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
    where = f"{frames[-1].filename}:{frames[-1].lineno}: " if frames else ""
    what = f"there is no template {error.name!r}" if isinstance(error, TemplateNotFound) else str(error) or type(error).__name__
    return f"{where}{what}"
