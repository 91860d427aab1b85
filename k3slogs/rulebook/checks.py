"""What must hold within one rule, beyond the shape of its file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from k3slogs import yamlfile
from k3slogs.errors import Problem
from k3slogs.rulebook import anchors, expressions, patterns, usual
from k3slogs.safety import sanitise
from k3slogs.taxonomy import Category, Component, Effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from k3slogs.rulebook.rule import Rule

Complaint = tuple[str, str, str]

TOO_COMMON = 50.0
"""Of 1,000 ordinary lines, those that an anchor may pick out; the commonest of the built-in rules picks out 33."""
SLOWER = 1.0
"""Percent of the time for a log that each further line in a thousand costs, since nearly all time goes to lines that are picked out.

Measured: 2 where few are (the sparse file of tests/bench), 0.2 where a third of them are (a node that starts).
"""


def rule_problems(rule: Rule) -> list[Problem]:
    return _problems(rule, [*_kinds(rule), *_prose(rule), *_patterns(rule), *_anchors(rule), *_examples(rule)])


def rule_warnings(rule: Rule) -> list[Problem]:
    """What makes a rule dear, and no less right."""
    return _problems(rule, _common(rule))


def _problems(rule: Rule, complaints: Iterable[Complaint]) -> list[Problem]:
    return [Problem(rule.path, _line(rule, field), field, reason, hint) for field, reason, hint in complaints]


def _line(rule: Rule, field: str) -> int | None:
    try:
        return yamlfile.line_of(Path(rule.path).read_text("utf-8-sig"), field.split("."))
    except OSError:
        return None


def _kinds(rule: Rule) -> Iterator[Complaint]:
    if (rule.category is Category.BENIGN) != (rule.effect is Effect.BENIGN):
        yield (
            "effect",
            f"{rule.effect} does not go with the folder {rule.category}",
            "the folder benign is for the effect benign, and only for it",
        )
    if rule.category is Category.WORKLOAD and rule.effect is Effect.FATAL:
        yield "effect", "fatal does not go with the folder workload", "a pod's own fault leaves the node alive: degraded"
    if (rule.effect is Effect.MILESTONE) != (rule.proves is not None):
        yield "proves", "and the effect milestone go together", "entered or passed"
    if rule.begins and rule.effect is not Effect.MILESTONE:
        yield "begins", "stands only in a milestone", ""
    if not (rule.match or rule.absent or rule.builtin_silence):
        yield "match", "is missing", "say what a line must hold, or what is absent"
    if rule.match and rule.absent:
        yield "absent", "stands in place of match", ""
    if any(Component.FACT in (item.from_ or ()) for item in rule.match) and not rule.of_facts:
        yield "match", "looks at facts and at lines of logs", "write two rules: `from: fact` stands in every item, and alone"
    if rule.of_facts and not rule.is_fault:
        yield "effect", f"{rule.effect} does not go with facts", "fatal, degraded or symptom: a fact counts where a fault follows from it"
    if rule.effect is Effect.BENIGN and not (rule.always or rule.tolerate or rule.threshold or rule.unless or rule.ends or _narrow(rule)):
        yield "effect", "a benign rule says when it would not be", "tolerate, threshold or unless; or always: true"
    if rule.is_fault and not rule.remedy:
        yield "remedy", "is missing", "what to try"
    if not rule.references and not rule.builtin_silence:
        yield "references", "is missing", "a thread, a run or the emitting source"


def _prose(rule: Rule) -> Iterator[Complaint]:
    """What people are shown as it stands: a pack may come from anywhere."""
    steps = ((f"remedy.{index}.{name}", text) for index, step in enumerate(rule.remedy) for name, text in step._asdict().items())
    references = ((f"references.{index}", text) for index, text in enumerate(rule.references))
    for field, text in (("title", rule.title), ("cause", rule.cause), *steps, *references):
        if text and sanitise(text, newlines=True) != text:
            yield field, "holds a tab, or characters that a terminal obeys or that nobody sees", "write plain text"


def _narrow(rule: Rule) -> bool:
    return bool(rule.excluded_by or rule.requires)


def _patterns(rule: Rule) -> Iterator[Complaint]:
    for field, pattern in expressions.written(rule):
        if reason := patterns.complaint(pattern):
            yield field, reason, ""
        elif field.startswith("captures") and patterns.groups(pattern) != 1:
            yield field, f"has {patterns.groups(pattern)} groups", "a capture has one; write (?:...) for the others"
    for name in rule.key:
        if name not in rule.captures:
            yield "key", f"names {name!r}, which is no capture", yamlfile.closest(name, list(rule.captures))


def _anchors(rule: Rule) -> Iterator[Complaint]:
    if rule.of_facts or any(patterns.complaint(pattern) for _, pattern in expressions.written(rule)):
        return
    for index, found in enumerate(anchors.of_rule(rule)):
        if not found:
            breaks = '" \\ < > & ='
            yield (
                f"match.{index}",
                f"holds no literal of {anchors.MIN_LENGTH} characters that every match must have",
                f"give one without {breaks}",
            )


def _common(rule: Rule) -> Iterator[Complaint]:
    for index, item in enumerate(() if rule.of_facts else rule.match):
        for literal in sorted(anchors.chosen(item)):
            lines = usual.per_thousand(literal)
            if lines > TOO_COMMON:
                yield (
                    f"match.{index}",
                    f"is found by {literal!r}, which about {lines:g} of 1,000 ordinary lines hold: reading a log takes about {lines * SLOWER:.0f} % longer",
                    "ask for a longer or a rarer text, in place of it or beside it",
                )


def _examples(rule: Rule) -> Iterator[Complaint]:
    if rule.builtin_silence:
        return
    if rule.match and not rule.examples.fires:
        yield "examples.fires", "is missing", "at least one line that must match"
    if rule.match and not rule.examples.silent:
        yield "examples.silent", "is missing", "at least one line that looks alike and must not match"
    timed = [name for name in ("threshold", "tolerate", "clears_by", "requires", "absent") if getattr(rule, name)]
    if timed and not rule.examples.streams:
        yield "examples.streams", f"is missing, and {timed[0]} needs it", ""
