"""Logs of k3s nodes that are docker containers: `docker logs k3d-NAME-server-0 > ...` for each, or docker's own folder of containers."""

from __future__ import annotations

import json

from k3slogs.lazily import pattern
from k3slogs.model import Identity
from k3slogs.sources.bundles import NO_LOG, About, Files

NAME = "docker logs"
_K3D = pattern(r"^(k3d-.+-(?:server|agent)-\d+)(?:[-.](?:stdout|stderr|logs?))*(?:\.txt)?(?:\.\d+)?(?:\.gz)?$")
_JSON = pattern(r"^(?:containers/)?([0-9a-f]{64})/\1-json\.log(?:\.\d+)?(?:\.gz)?$")
_HELPER = pattern(r"^k3d-.+-(?:serverlb|tools|registry)\b")


def accepts(files: Files) -> bool:
    return any(_K3D.match(path) or _JSON.match(path) for path in files.paths)


def about(files: Files) -> About:  # noqa: ARG001 - a layout's signature
    return About()


def place(path: str, files: Files) -> Identity | str:
    if found := _K3D.match(path):
        return Identity(found[1])
    if found := _JSON.match(path):
        return Identity(_name(files.text(f"{path.rpartition('/')[0]}/config.v2.json")) or found[1][:12])
    return "a helper of k3d, no node" if _HELPER.match(path) else NO_LOG


def _name(config: str) -> str | None:
    """A container's host name, or its own."""
    try:
        known = json.loads(config)
        name = known.get("Config", {}).get("Hostname") or known.get("Name", "").lstrip("/")
    except (ValueError, AttributeError):
        return None
    return name if isinstance(name, str) and name else None
