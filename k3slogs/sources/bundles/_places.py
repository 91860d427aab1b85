"""Where a node keeps its logs, whichever bundle they came in: k3s' `install.sh`, containerd's `internal/cri/io`, the kubelet's `/var/log`."""

from __future__ import annotations

from k3slogs.lazily import pattern
from k3slogs.model import NOBODY, Identity

_ENDING = r"(?:[.-][\w.:-]*)?$"
_POD = pattern(r"(?:^|/)(?:pods|podlogs)/([^/_]+)_([^/_]+)_[^/]+/([^/]+)/[^/]+$")
_CONTAINER = pattern(r"(?:^|/)containers/([^/_]+)_([^/_]+)_(.+)-[0-9a-f]{64}\.log[^/]*$")
_UNITS = (
    (pattern(r"(?:^|/)agent/containerd/containerd" + _ENDING), "containerd"),
    (pattern(r"(?:^|/)agent/logs/kubelet" + _ENDING), "kubelet"),
    (pattern(r"(?:^|/)var/log/k3s-agent" + _ENDING), "k3s-agent"),
    (pattern(r"(?:^|/)var/log/k3s" + _ENDING), "k3s"),
    (pattern(r"(?:^|/)var/log/(?:kern|dmesg)" + _ENDING), "kernel"),
)
_SYSTEM = pattern(r"(?:^|/)var/log/(?:messages|syslog|daemon|cloud-init|journal)[^/]*(?:/|$)")


def place(path: str) -> Identity | None:
    """Whose log it is; None if this is no place where a node keeps logs that tell of k3s."""
    if found := _POD.search(path):
        return Identity(unit="/".join(found.groups()))
    if found := _CONTAINER.search(path):
        pod, namespace, container = found.groups()
        return Identity(unit=f"{namespace}/{pod}/{container}")
    unit = next((unit for place, unit in _UNITS if place.search(path)), None)
    return Identity(unit=unit) if unit else NOBODY if _SYSTEM.search(path) else None
