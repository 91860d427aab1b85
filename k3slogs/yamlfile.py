"""YAML files of people -> plain data with line numbers, and everything that is wrong with them."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

import yaml

from k3slogs.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pydantic_core import ErrorDetails

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAY_ALIAS = re.compile(r"(?:^|[\s\[{,])[&*][\w-]", re.MULTILINE)
MAX_BYTES = 256 * 1024


class _UniqueKeys(_Loader):  # type: ignore[misc]
    """A safe loader that refuses a key written twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)  # type: ignore[no-any-return]


def read(path: Path, shown: str, what: str) -> tuple[str, dict[Any, Any] | None, list[Problem]]:
    """The text of a file and the mapping that it holds, or why it holds none. `shown` is the path that problems name."""
    text = ""
    try:
        text = _text(path)
        data = _load(text)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        return text, None, [Problem(shown, None, "", str(error))]
    except yaml.YAMLError as error:
        return text, None, [_yaml_problem(shown, text, error)]
    except RecursionError:
        return text, None, [Problem(shown, None, "", "is nested too deeply")]
    if not isinstance(data, dict):
        return text, None, [Problem(shown, 1, "", "holds no mapping", f"{what} is a list of `key: value` lines")]
    return text, data, []


def _text(path: Path) -> str:
    raw = path.read_bytes()
    if len(raw) > MAX_BYTES:
        raise ValueError(f"is larger than {MAX_BYTES // 1024} KiB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 at byte {error.start}") from None


def _load(text: str) -> Any:
    if _MAY_ALIAS.search(text):
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                mark: Any = event.start_mark
                raise yaml.constructor.ConstructorError(None, None, "uses a YAML alias or anchor: write the text out", mark)
    return yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 - a safe loader


def _yaml_problem(shown: str, text: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error)
    lines = text.splitlines()
    marked = lines[mark.line] if mark and mark.line < len(lines) else ""
    tabbed = "\t" in marked[: len(marked) - len(marked.lstrip())]
    return Problem(shown, mark.line + 1 if mark else None, "", reason, "YAML is indented with blanks" if tabbed else "")


def problem(shown: str, text: str, detail: ErrorDetails, words: Iterable[str], what: str) -> Problem:
    """What the model says against one value, with the line and the closest word that would be valid."""
    loc = [str(part) for part in detail["loc"]]
    reason, hint = detail["msg"].removeprefix("Value error, "), ""
    if detail["type"] == "extra_forbidden":
        reason, hint = f"is no key of {what}", closest(loc[-1], list(words))
    elif detail["type"] in {"enum", "literal_error"}:
        valid = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
        reason, hint = f"{detail['input']!r} is not one of its words", closest(str(detail["input"]), valid) or ", ".join(valid)
    elif detail["type"] == "missing":
        reason = "is missing"
    return Problem(shown, line_of(text, loc), ".".join(loc), reason, hint)


def closest(word: str, valid: list[str]) -> str:
    found = difflib.get_close_matches(word, valid, n=1, cutoff=0.5)
    return f"did you mean {found[0]!r}?" if found else ""


def line_of(text: str, loc: list[str]) -> int | None:
    """The line of the value that a path of keys and indexes names; of its nearest parent where it is missing."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError:
        return None
    line = 1
    for part in loc:
        child = _child(node, part)
        if child is None:
            continue
        line, node = child
    return line


def _child(node: yaml.Node | None, part: str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value in {part, part.rstrip("_"), f"field.{part}"}:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
        value = node.value[int(part)]
        return value.start_mark.line + 1, value
    return None
