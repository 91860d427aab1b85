"""What `k3slogs collect` gathers on a node: its `manifest.json` says what each file is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from k3slogs.model import NOBODY, Identity
from k3slogs.sources.bundles import NO_LOG, About, Files

NAME = "k3slogs collect"
_MANIFEST = "manifest.json"
_KIND = '"k3slogs-collect"'
FACT = "a fact about the node, no log"


def accepts(files: Files) -> bool:
    return _MANIFEST in files.paths and _KIND in files.text(_MANIFEST)[:4096]


def about(files: Files) -> About:
    known = _manifest(files)
    node, collected = known.get("node"), known.get("collected_at")
    return About(node if isinstance(node, str) else None, _moment(collected), f"the bundle's date ({_MANIFEST})")


def place(path: str, files: Files) -> Identity | str:
    member = _members(files.text(_MANIFEST)).get(path, {})
    if member.get("kind") == "log":
        unit = member.get("unit")
        return Identity(unit=unit) if isinstance(unit, str) else NOBODY
    return FACT if member else NO_LOG


def _manifest(files: Files) -> dict[str, Any]:
    return _parsed(files.text(_MANIFEST))


@lru_cache(maxsize=8)
def _members(text: str) -> dict[str, dict[str, Any]]:
    members = _parsed(text).get("members")
    found = (member for member in (members if isinstance(members, list) else ()) if isinstance(member, dict))
    return {str(member.get("path")): member for member in found}


@lru_cache(maxsize=8)
def _parsed(text: str) -> dict[str, Any]:
    try:
        known = json.loads(text)
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
