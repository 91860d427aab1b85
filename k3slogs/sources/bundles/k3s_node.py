"""k3s' own places on a node, copied with their folders: `/var/log/pods`, `/var/log/k3s.log`, `agent/containerd/containerd.log`."""

from __future__ import annotations

from k3slogs.lazily import pattern
from k3slogs.model import NOBODY, Identity
from k3slogs.sources.bundles import NO_LOG, About, Files, _places

NAME = "k3s' places on a node"
_ROOTS = ("var/log/pods/", "var/lib/rancher/k3s/", "var/lib/rancher/rke2/", "etc/rancher/")
_K3S = pattern(r"^var/log/k3s(?:-\w+)?\.log")
_JOURNAL = pattern(r"^(?:run|var)/log/journal/.*\.journal~?$")
_HOST = "etc/hostname"


def accepts(files: Files) -> bool:
    return not files.below("sos_commands/") and (files.below(*_ROOTS) or any(_K3S.match(path) for path in files.paths))


def about(files: Files) -> About:
    return About(files.text(_HOST).strip() or None)


def place(path: str, files: Files) -> Identity | str:
    if path.startswith("var/log/containers/") and files.below("var/log/pods/"):
        return "the same logs as in var/log/pods"
    if found := _places.place(path):
        return found
    if _JOURNAL.match(path) or "/" not in path:
        return NOBODY
    return NO_LOG
