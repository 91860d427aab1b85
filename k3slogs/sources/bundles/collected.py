"""What `k3slogs collect` gathers on a node: its `manifest.json` says what each file is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from k3slogs.model import Identity
from k3slogs.sources.bundles import NO_LOG, About, Files

NAME = "k3slogs collect"
_MANIFEST = "manifest.json"
_SCHEMA = "k3slogs-collect"


def accepts(files: Files) -> bool:
    return _MANIFEST in files.paths and f'"{_SCHEMA}' in files.text(_MANIFEST)[:4096]


def about(files: Files) -> About:
    known = _manifest(files)
    node, created = known.get("node"), known.get("created")
    return About(node if isinstance(node, str) else None, _moment(created), f"the bundle's date ({_MANIFEST})")


def place(path: str, files: Files) -> Identity | str:
    entries = _manifest(files).get("files")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("path") == path:
            pod = [str(entry[part]) for part in ("namespace", "pod", "container") if entry.get(part)]
            return Identity(unit="/".join(pod) if pod else entry.get("unit"))
    return NO_LOG


def _manifest(files: Files) -> dict[str, Any]:
    return _parsed(files.text(_MANIFEST))


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
