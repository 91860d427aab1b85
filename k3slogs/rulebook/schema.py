"""The JSON schema of a rule file, as an author writes it: short forms allowed, id and category left out."""

from __future__ import annotations

from typing import Any

from k3slogs.rulebook.written import Rule

_OWN = ("id", "category", "path")
_LISTS_OR_ONE = {
    "match",
    "unless",
    "key",
    "clears_by",
    "clears",
    "caused_by",
    "causes",
    "overrides",
    "overridden_by",
    "requires",
    "excluded_by",
}


def rule_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of one file under `rules/<category>/`."""
    schema = Rule.model_json_schema(by_alias=True)
    schema["title"] = "k3slogs rule"
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    for name in _OWN:
        schema["properties"].pop(name)
    schema["required"] = [name for name in schema["required"] if name not in _OWN]
    for name in _LISTS_OR_ONE:
        listed = schema["properties"][name]
        schema["properties"][name] = {"anyOf": [listed, listed["items"]]}
    _write_items(schema["$defs"]["Item"])
    schema["$defs"]["Test"] = {"anyOf": [{"type": "string", "minLength": 1}, schema["$defs"]["Test"]]}
    schema["$defs"]["Fires"] = {"anyOf": [{"type": "string", "minLength": 1}, schema["$defs"]["Fires"]]}
    for name in ("for",):
        schema["$defs"]["Tolerate"]["properties"][name] = _duration()
    schema["$defs"]["Threshold"]["properties"]["within"] = _duration()
    schema["$defs"]["Absent"]["properties"]["within"] = {"anyOf": [_duration(), {"const": "end"}]}
    return schema


def _duration() -> dict[str, Any]:
    return {"anyOf": [{"type": "string", "pattern": r"^\d+(\.\d+)?[smhd]?$"}, {"type": "number"}]}


def _write_items(item: dict[str, Any]) -> None:
    properties = item["properties"]
    properties.pop("fields")
    for name, value in list(properties.items()):
        listed = next((option for option in value.get("anyOf", ()) if option.get("type") == "array"), value)
        properties[name] = {"anyOf": [listed, listed["items"]]}
    item["patternProperties"] = {"^field\\.": properties["text"]}
