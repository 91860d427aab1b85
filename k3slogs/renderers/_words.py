"""Small turns of phrase that more than one renderer needs."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from k3slogs.taxonomy import FAULTS, Effect, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from k3slogs.document import AttemptEntry, Document, Evidence, FactEntry, FindingEntry, NodeEntry, Remedy, Verdict

NAMED = 3
"""Files of one fate that are named."""
MARKS = {
    Standing.REACHED: "✓",
    Standing.ENTERED: "…",
    Standing.BLOCKED: "✗",
    Standing.NEVER_REACHED: "·",
    Standing.NOT_APPLICABLE: "-",
}
LEGEND = "✓ reached  … entered  ✗ blocked  · never reached  - not applicable"


def moment(when: datetime | None) -> str:
    """`2026-11-23 05:07:38.580 UTC`; the fraction only where it says something."""
    if when is None:
        return "no time"
    fraction = f".{when.microsecond // 1000:03d}" if when.microsecond else ""
    return f"{when:%Y-%m-%d %H:%M:%S}{fraction} UTC"


def clock(when: datetime | None) -> str:
    return "--:--:--" if when is None else f"{when:%H:%M:%S}.{when.microsecond // 1000:03d}"


def place(evidence: Evidence, base: str = "") -> str:
    """`file:line`; without the folder `base` that all sources share."""
    return f"{evidence.source.removeprefix(base)}:{evidence.line}"


def base(document: Document) -> str:
    """The folder that all sources share, with its slash; empty if there is none."""
    sources = {*(entry.source for entry in document.inputs), *(fact.evidence.source for fact in document.environment.facts)}
    folders = [source.split("/")[:-1] for source in sources]
    shared = [parts[0] for parts in takewhile(lambda parts: len(set(parts)) == 1, zip(*folders, strict=False))]
    return f"{'/'.join(shared)}/" if any(shared) else ""


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def step(remedy: Remedy) -> str:
    """One remedy in one line."""
    what = remedy.command or remedy.config
    text = f"{what}: {remedy.note}" if what and remedy.note else what or remedy.note
    return f"{text} (costs: {remedy.tradeoff})" if remedy.tradeoff else text


def headline(document: Document) -> str:
    """The verdict in one line, without its outcome."""
    return said(document.verdict)


def said(verdict: Verdict) -> str:
    if verdict.root_cause is None:
        return verdict.reason
    return verdict.root_cause.title


def where_it_stopped(document: Document) -> str:
    return stopped(document.verdict)


def stopped(verdict: Verdict) -> str:
    if verdict.blocked_stage:
        return f"at the stage {verdict.blocked_stage}"
    if verdict.furthest_stage:
        return f"having reached the stage {verdict.furthest_stage}"
    return "before any stage"


def effect_of_fact(document: Document) -> Evidence | None:
    """Where the root cause is a fact of the node: the first line of the logs that shows it."""
    root = document.verdict.root_cause
    return next((f.evidence[0] for f in chain(document) if f.rule != root.rule), None) if root and root.fact else None


def when(evidence: Evidence, *, fact: bool) -> str:
    """The time of a line; a file that tells of the node has none."""
    return "a fact of the node" if fact else moment(evidence.timestamp)


def host(document: Document) -> list[tuple[str, str]]:
    """What is known of the node, by the name of each part."""
    known = document.environment
    parts = (
        ("node", known.node), ("k3s", known.k3s_version), ("Kubernetes", known.kubernetes_version), ("runtime", known.runtime),
        ("kernel", known.kernel), ("OS", known.os), ("sandbox", known.sandbox), ("root file system", known.root_filesystem),
        ("cgroups", {"1": "version 1", "2": "version 2"}.get(known.cgroup_version or "", known.cgroup_version)),
    )  # fmt: skip
    return [(name, value) for name, value in parts if value]


def told(fact: FactEntry) -> str:
    """A fact's value, and of what it is where it says so."""
    about = fact.fields.get("folder") or fact.fields.get("reason")
    return f"{fact.value} ({about})" if about else fact.value


def facts_from(document: Document) -> list[str]:
    """The files that told of the nodes."""
    return list(dict.fromkeys(fact.evidence.source.removeprefix(base(document)) for fact in document.environment.facts))


def rate(finding: FindingEntry) -> str:
    """Hits a minute, where there are enough to speak of a rate."""
    if finding.count < 3 or finding.first is None or finding.last is None:
        return ""
    minutes = (finding.last - finding.first).total_seconds() / 60
    return f"{finding.count / minutes:.1f}/min" if minutes >= 1 else ""


def state(finding: FindingEntry, document: Document) -> str:
    if finding.resolved:
        return "resolved"
    if finding.tolerated:
        return "tolerated"
    if finding.caused_by:
        return f"from {finding.caused_by}"
    return "open" if finding.attempt == document.verdict.attempt else f"in attempt {finding.attempt}"


def cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def elided(text: str, width: int) -> str:
    """The head and the tail: an error's innermost cause stands at its end."""
    if len(text) <= width:
        return text
    head = width // 3
    return f"{text[:head]} … {text[len(text) - (width - head - 3) :]}"


def faults(document: Document) -> list[FindingEntry]:
    return [f for f in document.findings if f.effect in FAULTS]


def benign(document: Document) -> list[FindingEntry]:
    return [f for f in document.findings if f.effect is Effect.BENIGN]


def chain(document: Document) -> list[FindingEntry]:
    """The findings of the causal chain, cause first."""
    by_rule: dict[str, FindingEntry] = {}
    for finding in document.findings:
        by_rule.setdefault(finding.rule, finding)
    return [by_rule[rule] for rule in document.verdict.chain if rule in by_rule]


def coverage(document: Document) -> str:
    c = document.coverage
    if not c.error_lines:
        return f"{plural(c.lines, 'line')} read; none is a warning, an error or fatal"
    share = 100 * (c.explained + c.benign) / c.error_lines
    return (
        f"{plural(c.lines, 'line')} read; of {plural(c.error_lines, 'warning, error or fatal line')} "
        f"{c.explained:,} explained, {c.benign:,} benign, {c.unknown:,} unknown ({share:.0f} % known)"
    )


def node(name: str | None) -> str:
    return name or "(no name)"


def of_node(entry: NodeEntry) -> str:
    """One node's verdict in one line, without its outcome."""
    stage = f"at {entry.blocked_stage}: " if entry.blocked_stage else f"reached {entry.furthest_stage}: " if entry.furthest_stage else ""
    return f"{stage}{entry.title or entry.reason}"


def cluster(document: Document) -> list[str]:
    """Which node failed first, and what the others saw of it."""
    found = document.cluster
    if found is None:
        return []
    lines = [f"{node(found.failed_first)} failed first, at {moment(found.timestamp)}"]
    seen = {witness.node: witness for witness in found.seen_by}
    for entry in document.nodes:
        witness = seen.get(entry.node)
        if entry.node == found.failed_first:
            continue
        if witness is None:
            silent = entry.last is not None and entry.last <= found.timestamp
            lines.append(
                f"  {node(entry.node)} {f'was last heard of at {moment(entry.last)}, before that' if silent else 'shows nothing of it'}"
            )
            continue
        when = witness.evidence.timestamp
        later = f" {max((when - found.timestamp).total_seconds(), 0):.0f} s later" if when else ""
        names = f" (it names {node(found.failed_first)})" if witness.names_it else ""
        lines.append(f"  {node(entry.node)}{later}: {witness.title}{names}, {place(witness.evidence, base(document))}")
    return lines


def bundles(document: Document) -> list[str]:
    """What each bundle gave."""
    read: dict[str, list[str | None]] = {}
    for entry in document.inputs:
        if entry.bundle:
            read.setdefault(entry.bundle, []).append(entry.node)
    return [
        f"{name}: {plural(len(nodes), 'log')}{' of ' + ', '.join(sorted(known)) if (known := {node for node in nodes if node}) else ''}"
        for name, nodes in read.items()
    ]


def gathered(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Names with what is said of them; many names with one text are counted."""
    names: dict[str, list[str]] = {}
    for name, text in pairs:
        names.setdefault(text, []).append(name)
    found: list[str] = []
    for text, all_of_it in names.items():
        colon = f": {text}" if text else ""
        if len(all_of_it) <= NAMED:
            found += [f"{name}{colon}" for name in all_of_it]
        else:
            found.append(f"{all_of_it[0]} and {len(all_of_it) - 1:,} more{colon} (--format json names them)")
    return found


def attempt(entry: AttemptEntry, base: str = "") -> str:
    times = f" x {entry.repeats}" if entry.repeats > 1 else ""
    lasted = f", {entry.duration_s:.0f} s" if entry.duration_s is not None else ""
    cause = f": {entry.root_cause}" if entry.root_cause else ""
    return f"{entry.process.replace(base, '') if base else entry.process}{times}: {entry.outcome}{cause} ({entry.ended}{lasted})"
