"""The logs of pods: those of kube-system first, and of each container the newest."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from k3slogs.collecting.files import file, newest_first, refusal
from k3slogs.collecting.item import Item, Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.collecting.node import Node

NAME = "pod logs"
RANK = 70
_FOLDER = "/var/log/pods"
_DOCKER = "/var/lib/docker/containers"
"""Where docker keeps what the logs of pods are links to."""
_MOST = 2000
_SHARE = 0.1


def gather(node: Node) -> Iterator[Item | Missing]:
    containers: dict[tuple[str, ...], list[Item | Missing]] = defaultdict(list)
    for pod, found in _files(node):
        containers[pod].append(found)
    order: list[tuple[int, bool, tuple[str, ...], Item]] = []
    for pod, files in containers.items():
        for age, found in enumerate(newest_first(node, files)):
            if isinstance(found, Missing):
                yield found
            else:
                order.append((age, pod[:1] != ("kube-system",), pod, found))
    if not containers:
        yield Missing(_FOLDER, "holds no log", lost=False)
    order.sort(key=lambda entry: entry[:3])
    yield from (item for *_, item in order[:_MOST])
    if len(order) > _MOST:
        yield Missing(_FOLDER, f"holds more than {_MOST} logs: the oldest {len(order) - _MOST} were left out", lost=False)


def _files(node: Node) -> Iterator[tuple[tuple[str, ...], Item | Missing]]:
    """Each file by namespace, pod and container; a folder that cannot be looked into by what is known of it."""
    for pod in _names(node, _FOLDER):
        if isinstance(pod, Missing):
            yield (), pod
            continue
        namespace, _, rest = pod.partition("_")
        for container in _names(node, f"{_FOLDER}/{pod}"):
            if isinstance(container, Missing):
                yield (namespace, pod), container
                continue
            known = (namespace, rest.rpartition("_")[0], container)
            folder = f"{_FOLDER}/{pod}/{container}"
            for name in _names(node, folder):
                if isinstance(name, Missing):
                    yield known, name
                elif ".log" in name:
                    yield known, file(node, f"{folder}/{name}", within=(_FOLDER, _DOCKER), unit="/".join(known), pod=known, share=_SHARE)


def _names(node: Node, folder: str) -> Iterator[str | Missing]:
    try:
        yield from node.names(folder)
    except OSError as error:
        yield refusal(folder, error)
