"""`kubectl cluster-info dump --output-directory`: `nodes.json`, and `<namespace>/<pod>/logs.txt` of all containers of a pod."""

from __future__ import annotations

from datetime import datetime

from k3slogs.lazily import pattern
from k3slogs.model import NOBODY, Identity
from k3slogs.sources.bundles import NO_LOG, About, Files

NAME = "kubectl cluster-info dump"
_NODES = ("nodes.json", "nodes.yaml", "nodes.txt")
_LOGS = pattern(r"^([^/]+)/([^/]+)/logs\.txt$")
_EVENTS = pattern(r"^[^/]+/events\.(?:json|yaml|txt)$")
_HEARTBEAT = pattern(r'lastHeartbeatTime"?: "?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)')


def accepts(files: Files) -> bool:
    return any(name in files.paths for name in _NODES) and any(_LOGS.match(path) or _EVENTS.match(path) for path in files.paths)


def about(files: Files) -> About:
    name = next(name for name in _NODES if name in files.paths)
    beats = [found[1] for found in _HEARTBEAT.finditer(files.text(name))]
    return About(None, datetime.fromisoformat(max(beats)) if beats else None, f"the nodes' last sign of life ({name})")


def place(path: str, files: Files) -> Identity | str:  # noqa: ARG001 - a layout's signature
    if found := _LOGS.match(path):
        return Identity(unit=f"{found[1]}/{found[2]}")
    return NOBODY if _EVENTS.match(path) else NO_LOG
