"""The cluster's events, where this node may ask for them and the API answers.

k3s' kubectl is run from where k3s unpacked it, since `k3s kubectl` may unpack first; it is kept from writing a cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs.collecting.item import Item, Missing, UnavailableError
from k3slogs.sources.reader import reason_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.collecting.item import Allowance
    from k3slogs.collecting.node import Node

NAME = "events"
RANK = 40
_ACCESS = "/etc/rancher/k3s/k3s.yaml"
_ASK = ("get", "events", "--all-namespaces", "--output=json", "--request-timeout=5s", "--cache-dir=/dev/null")


def gather(node: Node) -> Iterator[Item | Missing]:
    kubectl = _kubectl(node)
    try:
        node.open(node.real(_ACCESS)).close()
    except FileNotFoundError:
        yield Missing("events", f"there is no {_ACCESS}: run kubectl get events -A -o json where kubectl works", lost=False)
    except OSError as error:
        yield Missing(_ACCESS, reason_of(error), lost=True)
    else:
        words = [kubectl, f"--kubeconfig={node.outside(_ACCESS)}", *_ASK]
        yield Item("events.json", "kubectl get events -A -o json", lambda allowed: _answer(node, words, allowed), seconds=10)


def _kubectl(node: Node) -> str:
    unpacked = f"{node.data}/data/current/bin"
    try:
        if node.live and "kubectl" in node.names(unpacked):
            return f"{node.outside(unpacked)}/kubectl"
    except OSError:
        pass
    return node.command("kubectl")


def _answer(node: Node, words: list[str], allowed: Allowance) -> Iterator[bytes]:
    """An API that is down is no fault of the reading: the logs tell why."""
    try:
        yield from node.run(words, allowed)
    except UnavailableError as error:
        raise UnavailableError(f"the API does not answer ({error.reason})", lost=False) from None
