"""Rule files -> rules, and everything that is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from k3slogs import yamlfile
from k3slogs.errors import Problem
from k3slogs.rulebook import written
from k3slogs.taxonomy import Category

if TYPE_CHECKING:
    from pathlib import Path

    from k3slogs.rulebook.rule import Rule

_OWN = {"id", "category", "path"}
_WORDS = sorted({name.rstrip("_") for model in (written.Rule, written.Item, written.Test) for name in model.model_fields} - _OWN)


def read(path: Path, shown: str) -> tuple[Rule | None, list[Problem]]:
    """One file as a rule, or all that is wrong with it. `shown` is the path that problems name."""
    text, data, problems = yamlfile.read(path, shown, "a rule")
    return (None, problems) if data is None else _validate(path, shown, text, data)


def _validate(path: Path, shown: str, text: str, data: dict[Any, Any]) -> tuple[Rule | None, list[Problem]]:
    folder = path.parent.name
    if folder not in set(Category):
        hint = yamlfile.closest(folder, [str(category) for category in Category]) or "the folder is the category"
        return None, [Problem(shown, None, "", f"lies in the folder {folder!r}, which is no category", hint)]
    own = [
        Problem(shown, yamlfile.line_of(text, [key]), key, "is not written in a rule", "the file's name is the id, its folder the category")
        for key in _OWN & set(data)
    ]
    try:
        return written.held(written.Rule.model_validate({**data, "id": path.stem, "category": folder, "path": shown})), own
    except ValidationError as error:
        return None, own + [yamlfile.problem(shown, text, detail, _WORDS, "a rule") for detail in error.errors(include_url=False)]
