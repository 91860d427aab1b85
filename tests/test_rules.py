"""The built-in rules: each proves itself by its own lines, in every envelope that a line may come in."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from k3slogs import formats, rulecheck
from k3slogs.engine import Calendar
from k3slogs.model import Block
from k3slogs.rulebook import anchors
from k3slogs.taxonomy import Category, Component

if TYPE_CHECKING:
    from collections.abc import Callable

    from k3slogs import Rule, RuleBook
    from k3slogs.engine import Engine

ADD_ONS = (Component.COREDNS, Component.TRAEFIK, Component.METRICS_SERVER, Component.SERVICELB, Component.LOCAL_PATH)
STAMP = "2026-11-23T05:07:38.580162000Z"
JOURNAL = {"_HOSTNAME": "node1", "__REALTIME_TIMESTAMP": "1795410458580162", "PRIORITY": "6"}
ENVELOPES: dict[str, Callable[[str, str], str]] = {
    "journald short": lambda line, unit: f"Nov 23 05:07:38 node1 {unit}[712]: {line}",
    "journald short-iso": lambda line, unit: f"2026-11-23T05:07:38+0000 node1 {unit}[712]: {line}",
    "journald json": lambda line, unit: json.dumps(
        {**JOURNAL, "SYSLOG_IDENTIFIER": unit, "_SYSTEMD_UNIT": f"{unit}.service", "MESSAGE": line}
    ),
    "syslog": lambda line, unit: f"<30>Nov 23 05:07:38 node1 {unit}[712]: {line}",
    "CRI": lambda line, _unit: f"{STAMP} stderr F {line}",
    "docker json-file": lambda line, _unit: json.dumps({"log": line + "\n", "stream": "stderr", "time": STAMP}),
}
"""A line as it stands in each; the unit says who wrote it, where the envelope tells."""


def test_the_check_finds_nothing(book: RuleBook) -> None:
    """Links, patterns and anchors are right (else `book` is refused), and every example does what it says."""
    report = rulecheck.check(book)
    assert report.fires >= report.rules - 2
    assert report.problems == [], "\n".join(map(str, report.problems))
    assert report.warnings == [], "\n".join(map(str, report.warnings))


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_rules_fire_whatever_the_envelope(book: RuleBook, engine: Engine, envelope: str) -> None:
    """Each rule's first line that has no envelope of its own, scanned as bytes."""
    missed = []
    tried = 0
    for rule in book:
        line = None if rule.of_facts else first_bare_line(rule)
        if line is None:
            continue
        tried += 1
        wrapped = ENVELOPES[envelope](line, unit_of(rule))
        scan = engine.scan([Block(wrapped.encode(), 1)], "example", Calendar(rulecheck.NOON, "a test"))
        fired = {rule_id for life in scan.lives for rule_id, _ in life.folds}
        if rule.id not in fired:
            missed.append(f"{rule.id}: {why_not(engine, rule, wrapped)}; fired: {sorted(fired)}\n    {wrapped[:300]}")
    assert tried > len(book) / 2
    assert not missed, f"{len(missed)} of {tried} rules miss their line inside {envelope}:\n" + "\n".join(missed)


def why_not(engine: Engine, rule: Rule, text: str) -> str:
    seen = rulecheck.records(engine, text)
    read = [f"{record.format} of {record.program}: {record.text[:120]!r}" for record in seen]
    return f"read as {read}; failed: {[reason for record in seen for reason in engine.failures(rule.id, record)]}"


def first_bare_line(rule: Rule) -> str | None:
    """A line that a process prints itself: no envelope yet, no table of events, one physical line."""
    for example in rule.examples.fires:
        if "\n" in example.line.strip("\n"):
            continue
        read = formats.read(1, example.line.strip("\n"))
        if not read.envelopes and read.format not in {"event", "kernel"}:
            return example.line.strip("\n")
    return None


def unit_of(rule: Rule) -> str:
    """A unit whose lines the rule may match."""
    hosts = {Component.DOCKERD: "dockerd", Component.CONTAINERD: "containerd", Component.ETCD: "etcd", Component.SYSTEMD: "systemd"}
    writers = [writer for item in rule.match for writer in item.from_ or ()]
    return hosts.get(writers[0], "k3s") if writers else "k3s"


@pytest.mark.parametrize("category", Category)
def test_every_category_has_a_rule(book: RuleBook, category: Category) -> None:
    assert any(rule.category is category for rule in book)


@pytest.mark.parametrize("component", ADD_ONS)
def test_every_add_on_has_a_fault(book: RuleBook, component: Component) -> None:
    assert any(rule.is_fault and rule.component is component for rule in book)


def test_every_rule_has_a_line_that_it_stays_silent_on(book: RuleBook) -> None:
    assert [rule.id for rule in book if rule.match and not rule.examples.silent] == []


def test_every_anchor_is_long_and_survives_quoting(book: RuleBook) -> None:
    words = {(rule.id, word) for rule in book for found in anchors.of_rule(rule) for word in found}
    assert words
    assert [(rule, word) for rule, word in sorted(words) if len(word) < anchors.MIN_LENGTH or set(word) & set('"\\<>&=')] == []


def test_every_rule_names_where_it_is_from(book: RuleBook) -> None:
    assert [rule.id for rule in book if not [reference for reference in rule.references if reference.strip()]] == []


def test_no_two_rules_have_one_title(book: RuleBook) -> None:
    titles = Counter(rule.title for rule in book)
    assert [title for title, count in titles.items() if count > 1] == []
