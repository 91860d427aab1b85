"""`kind export logs`: a folder for each node, with its journal, its kubelet's and containerd's, and its `/var/log`."""

from __future__ import annotations

from k3slogs.lazily import pattern
from k3slogs.model import Identity
from k3slogs.sources.bundles import NO_LOG, About, Files, _places

NAME = "kind export logs"
_UNITS = {"journal.log": None, "kubelet.log": "kubelet", "containerd.log": "containerd", "serial.log": "kernel"}
_NODE = pattern(r"^([^/]+)/(.+)$")


def accepts(files: Files) -> bool:
    return "kind-version.txt" in files.paths


def about(files: Files) -> About:  # noqa: ARG001 - a layout's signature
    return About()


def place(path: str, files: Files) -> Identity | str:  # noqa: ARG001 - a layout's signature
    found = _NODE.match(path)
    if not found:
        return NO_LOG
    node, inside = found.groups()
    if inside in _UNITS:
        return Identity(node, _UNITS[inside])
    if inside.startswith("containers/"):
        return "the same logs as in pods"
    of_pod = _places.place(inside)
    return Identity(node, of_pod.unit) if of_pod else NO_LOG
