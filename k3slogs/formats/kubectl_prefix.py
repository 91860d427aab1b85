"""`kubectl logs --prefix`: the pod and the container in brackets."""

from __future__ import annotations

from k3slogs.formats._base import Envelope, Sample
from k3slogs.lazily import pattern
from k3slogs.model import Peel

_PREFIX = pattern(r"\[pod/([a-z0-9.\-]+/[a-z0-9.\-]+)\](?: |$)")


def _read(text: str) -> Peel | None:
    found = _PREFIX.match(text)
    return Peel(text[found.end() :], unit=found[1]) if found else None


FORMAT = Envelope(
    name="kubectl-prefix",
    starts="[",
    read=_read,
    samples=(Sample("[pod/coredns-7b98449c4-x/coredns] hello", {"inner": "hello", "unit": "coredns-7b98449c4-x/coredns", "stamp": None}),),
)
