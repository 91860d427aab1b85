"""The state of the built-in rules in figures: `python -m tests.rule_quality`. Exits with 1 where a figure that must be 0 is not."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import k3slogs
from k3slogs.engine import Engine
from k3slogs.rulebook import anchors, patterns, usual
from k3slogs.rulecheck import records

if TYPE_CHECKING:
    from k3slogs import Rule, RuleBook

SAMPLES = Path(__file__).parents[1] / "samples"
SENSIBLE = 8
"""Length from which an anchor rarely hits by chance."""
USUAL = 20.0
"""Of 1,000 ordinary lines, those beyond which a text is common."""
SHORT_ANCHORS_WITH_REASON = {
    "helm-job-failed": "helm's last word is INSTALLATION FAILED or UPGRADE FAILED, and older releases wrote other words before it",
    "apiserver-readyz-event": "the check's path is all that the event names",
    "k3s-stopped": "the component before `exited:` differs; the whole text is confirmed",
    "k3s-config-yaml-invalid": "every YAML error begins so; the file's name is confirmed",
    "firewall-blocks-service-ip": "the log prefix of firewalld; the address is confirmed",
    "kube-proxy-started": "`Using ... Proxier`: the mode between the words differs",
    "runsc-starts": "runsc's banner is `Args: [...]`",
    "client-unknown-flag": "the flag library's own words, at the start of a line",
    "cert-issued": "the line is common where k3s starts again and again, and is what the rule is about; the rest of it is no rarer",
    "component-option-refused": "the component before `exited:` differs; the words about the file are more common",
    "container-config-invalid": "what stands behind it is said in four ways, and one of them is common",
    "deploy-manifest-failed": "the manifest's name stands before it; the words before that are in each line about a manifest",
    "listen-address-invalid": "what is wrong with the address is said in five ways, which together are dearer",
    "node-not-found": "the message of kubelets before 1.21 is nothing but the node's name and this",
    "sandbox-requested": "`RunPod` of `RunPodSandbox` and `RunPodsandbox`: releases differ; the rest of the line is more common",
    "pod-probe-failed": "the kind of probe before it differs; `failed` or `errored` behind it is confirmed",
}
"""Rules whose anchor is short or common, and why it is right all the same."""


def unfired(book: RuleBook) -> list[str]:
    """Rules that neither an example nor a sample fires."""
    engine = Engine(book)
    return [rule.id for rule in book if rule.match and not any(_fires(engine, rule, example.line) for example in rule.examples.fires)]


def _fires(engine: Engine, rule: Rule, text: str) -> bool:
    return any(rule in engine.claims(record) for record in records(engine, text))


def weak_anchors(book: RuleBook) -> list[str]:
    """Rules with an anchor whose literal, as it was written, is short or common."""
    return [rule.id for rule in book if not rule.of_facts and any(_weak(word) for item in rule.match for word in anchors.chosen(item))]


def _weak(literal: str) -> bool:
    return len(literal.strip()) < SENSIBLE or usual.per_thousand(literal) > USUAL


def not_linear(book: RuleBook) -> list[str]:
    found = []
    for rule in book:
        tests = [test for item in (*rule.match, *rule.unless) for parts in item.texts.values() for test in parts]
        regexes = [test.regex for test in tests if test.regex] + list(rule.captures.values())
        if any(patterns.complaint(pattern) for pattern in regexes):
            found.append(rule.id)
    return found


def tied_to_one_run(book: RuleBook, root: Path) -> list[str]:
    """Rules that fire in exactly one sample and whose condition holds a path, name or number of it."""
    seen: dict[str, set[str]] = {}
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        for finding in k3slogs.analyze(folder, rules=book).findings:
            seen.setdefault(finding.rule, set()).add(folder.name)
    single = [rule for rule in book if len(seen.get(rule.id, ())) == 1]
    return [
        rule.id
        for rule in single
        if any(_of_one_run(test) for item in rule.match for parts in item.texts.values() for test in _texts(parts))
    ]


def _texts(parts: object) -> list[str]:
    return re.findall(r"'([^']*)'", repr(parts))


def _of_one_run(text: str) -> bool:
    """A pid, a time, an address, a long number or a host name as they stand in one run only."""
    return bool(re.search(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b\d{5,}\b|\b[0-9a-f]{12,}\b|lab-node|\d\d:\d\d:\d\d", text))


def main() -> int:
    book = k3slogs.load_rules()
    weak = weak_anchors(book)
    must_be_zero = {
        "rules without a silent example": [rule.id for rule in book if rule.match and not rule.examples.silent],
        "rules that nothing fires": unfired(book),
        "rules with a short or common anchor, without a reason": [rule for rule in weak if rule not in SHORT_ANCHORS_WITH_REASON],
        "reasons for an anchor that is neither": sorted(set(SHORT_ANCHORS_WITH_REASON) - set(weak)),
        "rules whose pattern is not safe in linear time": not_linear(book),
        "rules that hold a text of one run": tied_to_one_run(book, SAMPLES),
    }
    sys.stdout.write(f"{len(book)} rules: {dict(Counter(str(rule.effect) for rule in book))}\n")
    sys.stdout.write(f"{'experimental rules':<56} {sum(rule.status == 'experimental' for rule in book):>5}\n")
    for name, ids in must_be_zero.items():
        sys.stdout.write(f"{name:<56} {len(ids):>5}  {', '.join(ids[:12])}\n")
    return 1 if any(must_be_zero.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
