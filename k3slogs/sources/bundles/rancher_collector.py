"""Rancher's v2 logs collector (`rancherlabs/support-tools:collection/rancher/v2.x/logs-collector`).

Its journal files are in short format, without a year: `systeminfo/date` says which.
"""

from __future__ import annotations

from k3slogs.lazily import pattern
from k3slogs.model import NOBODY, Identity
from k3slogs.sources.bundles import NO_LOG, About, Files, _dates, _places

NAME = "Rancher logs collector"
_DATE = "systeminfo/date"
_NODE = pattern(r"^(.+?)-\d{4}-\d\d-\d\d_\d\d_\d\d_\d\d$")
_KUBECTL_LOGS = pattern(
    r"^(?:k3s|rke2|k8s|kubeadm)/podlogs/(kube-(?:system|public|node-lease)|default|[a-z0-9-]+?-system|cattle-[a-z]+)-([^/]+?)(?:-previous)?$"
)
_FOLDERS = pattern(r"^(?:systemlogs|journald|(?:k3s|rke2|k8s|kubeadm|rancher)/(?:podlogs|containerlogs|(?:agent|server)-logs))/")
_SINGLE = {"k3s/kubectl/events", "rke2/kubectl/events", "kubeadm/kubectl/events"}
_KERNEL = "systeminfo/dmesg"
_STATISTICS = pattern(r"^systemlogs/[^/]+-data/")


def accepts(files: Files) -> bool:
    return bool(files.below("systeminfo/") and files.below("journald/", "systemlogs/", "k3s/", "rke2/", "k8s/"))


def about(files: Files) -> About:
    by_name = _NODE.match(files.name)
    node = by_name[1] if by_name else files.text("systeminfo/hostname").strip() or None
    if date := _dates.printed(files.text(_DATE)):
        return About(node, date, f"the bundle's date ({_DATE})")
    return About(node, _dates.named(files.name), "the date in the bundle's name")


def place(path: str, files: Files) -> Identity | str:  # noqa: ARG001 - a layout's signature
    if path == _KERNEL:
        return Identity(unit="kernel")
    if found := _KUBECTL_LOGS.match(path):
        return Identity(unit=f"{found[1]}/{found[2]}")
    if path.startswith("journald/"):
        return Identity(unit=path.removeprefix("journald/"))
    if path in _SINGLE or path.endswith("/containerd.log") or (_FOLDERS.match(path) and not _STATISTICS.match(path)):
        return _places.place(path) or NOBODY
    return NO_LOG
