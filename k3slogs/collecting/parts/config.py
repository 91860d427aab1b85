"""k3s' own configuration. Kubeconfigs, certificates, registries.yaml and the service's environment hold secrets and are never taken."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from k3slogs.collecting.files import fact
from k3slogs.collecting.item import Item, Missing
from k3slogs.collecting.node import CONFIG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs.collecting.item import Allowance, Content
    from k3slogs.collecting.node import Node

NAME = "configuration"
RANK = 10
_FOLDER = f"{CONFIG}.d"
_SETTING = re.compile(rb"( *)(?:# *)?[\"']?[A-Za-z0-9_-]+\+?[\"']?\s*:")
_SECRET = re.compile(
    rb"(?:^|[{,])[ #-]*[\"']?(?:[\w-]*token|[\w-]*secret(?:-key)?|[\w-]*passw(?:or)?d|[\w-]*access-key|[\w-]*key-data|datastore-endpoint|vpn-auth)\+?[\"']?\s*:",
    re.IGNORECASE,
)


def gather(node: Node) -> Iterator[Item | Missing]:
    yield _guarded(fact(node, "config.yaml", CONFIG))
    try:
        names = node.names(_FOLDER)
    except FileNotFoundError:
        return
    for name in names:
        if name.endswith((".yaml", ".yml")):
            yield _guarded(fact(node, f"config.yaml.d/{name}", f"{_FOLDER}/{name}"))


def _guarded(found: Item | Missing) -> Item | Missing:
    if isinstance(found, Missing):
        return found
    return replace(found, content=_without_secrets(found.content))


def _without_secrets(content: Content) -> Content:
    """Values of secret settings are dropped whole, with the lines that they go on in: what their text looks like does not matter."""

    def read(allowed: Allowance) -> Iterator[bytes]:
        inside: int | None = None
        for line in b"".join(content(allowed)).splitlines(keepends=True):
            if inside is not None and _goes_on(line, inside):
                continue
            secret = _SECRET.search(line)
            inside = len(line) - len(line.lstrip(b" ")) if secret else None
            yield line[: secret.end()] + b' "********"\n' if secret else line

    return read


def _goes_on(line: bytes, indent: int) -> bool:
    """Is the line part of the value of a setting that is indented so far? A list may stand as far left as its setting."""
    text = line.strip()
    return not text or len(line) - len(line.lstrip(b" ")) > indent or text.startswith((b"- ", b"]", b"}")) or not _SETTING.match(line)
