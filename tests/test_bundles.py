"""What a place tells: whose lines a source holds and when they were written, by the layout that it is part of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from k3slogs.engine import Calendar
from k3slogs.model import Identity
from k3slogs.sources import Input

if TYPE_CHECKING:
    from pathlib import Path

    from k3slogs.engine import Engine

KLOG = 'E1123 05:07:38.580162 kubelet.go:1511] "Failed to start ContainerManager"\n'
JOURNAL = f"Nov 23 05:07:38 node2 kubelet[7]: {KLOG}"


def test_place_tells_whose_lines_they_are_where_no_envelope_does(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "any.log"
    path.write_text(KLOG + JOURNAL)
    source = Input("any.log", path=path, identity=Identity("node1", "k3s"))
    scan = engine.scan(source.open().blocks(), source.name, Calendar(datetime(2025, 11, 24, tzinfo=UTC), "a test"), source.identity)
    assert {life.identity for life in scan.lives} == {("node1", "k3s"), ("node2", "kubelet")}
