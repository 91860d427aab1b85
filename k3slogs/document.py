"""The JSON document: what an analysis says, under the names that everything else relies on."""

from __future__ import annotations

from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from k3slogs.frozen import Frozen
from k3slogs.safety import each_text, sanitise
from k3slogs.taxonomy import Category, Component, Confidence, Effect, Ended, Level, Outcome, Stage, Standing

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA_VERSION = 1


class Neighbour(Frozen):
    """A line near a line of evidence, as printed but cleaned."""

    line: int
    text: str


class Evidence(Frozen):
    """One line: `source` and `line` say where, `timestamp` (UTC) when, `text` is the cleaned inner text.

    `before` and `after` hold up to three lines on either side of a fault's first line. `year_from` says from what the year of `timestamp`
    is known if no stamp of the line prints it.
    """

    source: str
    line: int
    timestamp: datetime | None
    text: str
    before: tuple[Neighbour, ...] = ()
    after: tuple[Neighbour, ...] = ()
    year_from: str | None = None


class Remedy(Frozen):
    command: str | None = None
    config: str | None = None
    note: str = ""
    tradeoff: str | None = None


class RootCause(Frozen):
    rule: str
    title: str
    category: Category
    stage: Stage
    effect: Effect
    evidence: Evidence
    cause: str
    resolved: bool = False
    fact: bool = False
    """Its line stands in a file beside the logs; the next rule of the chain is what they show of it."""


class Verdict(Frozen):
    """`chain` holds rule ids, cause first."""

    outcome: Outcome
    furthest_stage: Stage | None
    blocked_stage: Stage | None
    confidence: Confidence | None
    reason: str
    remedy: tuple[Remedy, ...]
    root_cause: RootCause | None
    chain: tuple[str, ...]
    attempt: int | None = None
    """Number of the attempt that was judged."""


class Rung(Frozen):
    stage: Stage
    status: Standing
    timestamp: datetime | None
    evidence: Evidence | None


class AttemptEntry(Frozen):
    """`repeats` counts the neighbouring attempts with the same root cause that are folded into this one."""

    number: int
    process: str
    start: datetime | None
    end: datetime | None
    duration_s: float | None
    ended: Ended
    outcome: Outcome
    root_cause: str | None
    repeats: int
    node: str | None = None


class NodeEntry(Frozen):
    """The verdict of one node: `node` is None where nothing names it, `root_cause` a rule id, `first_failure` when its first line came.

    `sources` are the files that its own processes were seen in.
    """

    node: str | None
    outcome: Outcome
    root_cause: str | None
    title: str | None
    furthest_stage: Stage | None
    blocked_stage: Stage | None
    confidence: Confidence | None
    reason: str
    first_failure: datetime | None
    evidence: Evidence | None
    attempt: int
    last: datetime | None
    """When the judged attempt was last heard of."""
    sources: tuple[str, ...]


class Witness(Frozen):
    """A fault on another node, from the first failure on; `names_it` if a line holds the failed node's name or an address of it."""

    node: str | None
    rule: str
    title: str
    evidence: Evidence
    names_it: bool


class Cluster(Frozen):
    """Which of several nodes failed first, and what each of the others saw of it."""

    failed_first: str | None
    root_cause: str
    timestamp: datetime
    seen_by: tuple[Witness, ...]


class FindingEntry(Frozen):
    rule: str
    title: str
    category: Category
    component: Component
    stage: Stage
    effect: Effect
    count: int
    first: datetime | None
    last: datetime | None
    resolved: bool
    caused_by: str | None
    captures: dict[str, str]
    evidence: tuple[Evidence, ...]
    tolerated: bool = False
    """Within the rule's bounds: listed, never the verdict."""
    attempt: int = 1
    cause: str = ""
    """What it means; of a benign finding, why it is harmless."""


class TimelineEntry(Frozen):
    """One row of the timeline. `kind` is attempt, stage, finding, burst, gap or end; `last` is when a burst or a gap ended."""

    timestamp: datetime | None
    source: str
    line: int
    component: str
    stage: Stage | None
    effect: Effect | None
    rule: str | None
    text: str
    count: int
    kind: str = "finding"
    attempt: int | None = None
    """Number of the attempt that it belongs to; None for gaps."""
    last: datetime | None = None


class Coverage(Frozen):
    """`lines` counts newlines; the others count warning, error and fatal lines."""

    lines: int
    error_lines: int
    explained: int
    benign: int
    unknown: int


class UnknownShape(Frozen):
    shape: str
    level: Level
    count: int
    first: datetime | None
    last: datetime | None
    example: Evidence
    looks_like: str | None = None


class InputEntry(Frozen):
    """`formats` counts the candidate and sampled lines of each format, envelopes before the inner format."""

    source: str
    bytes: int
    lines: int
    first: datetime | None
    last: datetime | None
    formats: dict[str, int]
    truncated: bool
    copy_of: str | None
    problems: tuple[str, ...]
    node: str | None = None
    unit: str | None = None
    """What the place of the file tells: the machine, and the systemd unit or namespace/pod/container."""
    bundle: str | None = None


class Skipped(Frozen):
    path: str
    reason: str


class FactEntry(Frozen):
    """What a file beside the logs says of a node; `evidence` is its line, and has no time."""

    name: str
    value: str
    node: str | None
    evidence: Evidence
    fields: dict[str, str] = {}  # noqa: RUF012 - nobody writes to it
    """What else the line says of it."""


class Environment(Frozen):
    """Of the node that was judged. What the logs say counts; what they do not say is filled in by `facts`, which are of all nodes."""

    k3s_version: str | None = None
    kubernetes_version: str | None = None
    runtime: str | None = None
    flags: tuple[str, ...] = ()
    node: str | None = None
    kernel: str | None = None
    os: str | None = None
    root_filesystem: str | None = None
    """Type of the file system of `/`."""
    cgroup_version: str | None = None
    """`1` (hybrid too), `2`, or `none` where no cgroup file system is mounted."""
    sandbox: str | None = None
    """What stands in for the kernel, if something does: `gVisor`."""
    facts: tuple[FactEntry, ...] = ()


class Document(Frozen):
    schema_version: int = SCHEMA_VERSION
    verdict: Verdict
    stages: tuple[Rung, ...]
    attempts: tuple[AttemptEntry, ...]
    findings: tuple[FindingEntry, ...]
    timeline: tuple[TimelineEntry, ...]
    coverage: Coverage
    unknown: tuple[UnknownShape, ...]
    inputs: tuple[InputEntry, ...]
    skipped: tuple[Skipped, ...] = ()
    environment: Environment
    assumptions: tuple[str, ...]
    nodes: tuple[NodeEntry, ...] = ()
    cluster: Cluster | None = None
    """None where there is one node, or none that failed at a known time."""

    @classmethod
    def from_json(cls, text: str | bytes) -> Document:
        """Raises pydantic.ValidationError if the text is none. Its texts are made safe to print: who wrote them is not known."""
        found: Document = each_text(_adapter().validate_json(text), partial(sanitise, newlines=True))
        return found


@cache
def _adapter() -> TypeAdapter[Document]:
    from pydantic import TypeAdapter

    return TypeAdapter(Document)


def plain(value: Any) -> Any:
    """A document, or a part of one, as what `json` can print."""
    if isinstance(value, Frozen):
        return plain(value._asdict())
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value
