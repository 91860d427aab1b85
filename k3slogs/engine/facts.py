"""Facts of a node -> findings: each is a record without time, which the rules about facts match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k3slogs import formats
from k3slogs.engine import SourceScan
from k3slogs.engine.folding import Life
from k3slogs.model import NOBODY, Identity, Reading, Record
from k3slogs.taxonomy import Component

if TYPE_CHECKING:
    from collections.abc import Sequence

    from k3slogs.engine import Engine
    from k3slogs.model import Fact


def record(fact: Fact, source: str) -> Record:
    """A fact as rules see it: its name and what else it says are fields."""
    fields = ((fact.name, fact.value), *fact.fields)
    return Record(
        source=source, line=fact.line, last_line=fact.line, timestamp=None, stamp=None, level=None, program=str(Component.FACT), origin=None,
        message="", err=None, fields=fields, format="fact", text=formats.plain_text(Reading("", fields=fields)), raw=fact.text,
    )  # fmt: skip


def weigh(engine: Engine, facts: Sequence[Fact], source: str, identity: Identity = NOBODY) -> SourceScan:
    """What the facts of one file mean. Where no bundle says whose they are, the host that the file names is their node."""
    host = next((fact.value for fact in facts if fact.name == "host"), None)
    life = Life(source, (identity.node or host, None), str(Component.FACT))
    for fact in facts:
        seen = record(fact, source)
        for hit in engine.hits(seen):
            life.add(hit, seen)
    return SourceScan(source, identity, facts, [life])
