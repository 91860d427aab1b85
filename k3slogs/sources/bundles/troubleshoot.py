"""Support bundles of troubleshoot.sh (`replicatedhq/troubleshoot`).

`cluster-resources/pods/logs/<namespace>/<pod>/<container>.log` are often links to the folders of single collectors.
"""

from __future__ import annotations

from k3slogs.lazily import pattern
from k3slogs.model import NOBODY, Identity
from k3slogs.sources.bundles import NO_LOG, About, Files, _dates, _places

NAME = "troubleshoot.sh support bundle"
_POD = pattern(r"^cluster-resources/pods/logs/([^/]+)/([^/]+)/([^/]+?)(?:-previous)?\.log$")
_EVENTS = pattern(r"^cluster-resources/events(?:/[^/]+)?\.json$")
_HOST = pattern(r"^host-collectors/(?:.*/)?(?:journald|run-host|copy)/.+(?:\.txt|\.log)$")
_HOST_NAMES = ("host-collectors/run-host/hostname.txt", "host-collectors/system/hostname.txt")


def accepts(files: Files) -> bool:
    return "version.yaml" in files.paths and files.below("cluster-resources/", "host-collectors/", "cluster-info/")


def about(files: Files) -> About:
    node = next((text for name in _HOST_NAMES if (text := files.text(name).strip()) and len(text.split()) == 1), None)
    return About(node, _dates.named(files.name), "the date in the bundle's name")


def place(path: str, files: Files) -> Identity | str:  # noqa: ARG001 - a layout's signature
    if found := _POD.match(path):
        return Identity(unit="/".join(found.groups()))
    if path.endswith("-errors.json") or path in _HOST_NAMES:
        return NO_LOG
    if _EVENTS.match(path) or _HOST.match(path):
        return _places.place(path) or NOBODY
    return NOBODY if path.endswith(".log") else NO_LOG
