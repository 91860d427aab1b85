"""Real logs whose truth was written down by reading them: the verdict must say what the logs say."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from importlib import import_module
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest
import yaml
from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json

import k3slogs
from k3slogs.document import Document
from k3slogs.engine.folding import Folder, Identity, Life
from k3slogs.renderers import json
from k3slogs.rulebook import RuleBook
from k3slogs.taxonomy import Category, Confidence, Effect, Outcome, Stage
from tests.conftest import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from k3slogs import Analysis, Rule

SAMPLES = Path(__file__).parents[1] / "samples"
FAULTS = {Effect.FATAL, Effect.DEGRADED, Effect.SYMPTOM}
Mechanism = Literal["attempts", "copies", "recovery", "wrappers", "stop", "silence"]
MECHANISMS: tuple[Mechanism, ...] = ("attempts", "copies", "recovery", "wrappers", "stop", "silence")


class Expectation(BaseModel):
    """`expect.yaml`: any line of `evidence` (file:line) must be among that of the chain; no rule of `absent` may be an open fault."""

    model_config = ConfigDict(extra="forbid")

    why: str
    outcome: Outcome
    root_cause: str | None
    category: Category | None
    furthest_stage: Stage | None
    evidence: list[str]
    absent: list[str]
    max_unknown: int
    attempts: int | None = None
    known_share: float | None = None
    """Share of the alarming lines that must be benign or explained."""
    needs: Mechanism | None = None
    """The mechanism without which the verdict would be another."""


class Judged(NamedTuple):
    """What a verdict says, short enough to compare."""

    outcome: Outcome
    root_cause: str | None
    furthest_stage: Stage | None
    confidence: Confidence | None
    attempts: int | None
    """Only where copies are counted: without attempts their number is another one anyhow."""


def expectation(folder: Path) -> Expectation:
    return Expectation.model_validate(yaml.safe_load((folder / "expect.yaml").read_text("utf-8")))


CASES = {path.parent.relative_to(SAMPLES).as_posix(): path.parent for path in sorted(SAMPLES.rglob("expect.yaml"))}
EXPECTED = {name: expectation(folder) for name, folder in CASES.items()}
each_sample = pytest.mark.parametrize("name", sorted(EXPECTED))


@pytest.fixture(scope="session")
def analysed(book: RuleBook) -> Callable[[str], Analysis]:
    """What is said of a sample: each is analysed once, by the process that asks for it."""
    return cache(lambda name: k3slogs.analyze(CASES[name], rules=book))


def test_every_folder_with_logs_says_what_they_hold() -> None:
    folders = {path.parent.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*.log")}
    assert [folder for folder in sorted(folders) if not any(f"{folder}/".startswith(f"{case}/") for case in CASES)] == []


@each_sample
def test_verdict_is_what_the_logs_say(name: str, analysed: Callable[[str], Analysis]) -> None:
    found, expected = analysed(name), EXPECTED[name]
    problems = list(_differences(found, expected))
    assert not problems, f"{name}: {expected.why}\n  " + "\n  ".join(problems)


@each_sample
def test_its_document_is_written_and_read_as_pydantic_would(name: str, analysed: Callable[[str], Analysis]) -> None:
    document = analysed(name).document
    text = json.render(document)
    assert text.encode() == to_json(opened(document), indent=2) + b"\n"
    assert Document.from_json(text) == document


def _differences(found: Analysis, expected: Expectation) -> Iterable[str]:
    verdict = found.verdict
    root = verdict.root_cause
    said: dict[str, tuple[Any, Any]] = {
        "outcome": (verdict.outcome, expected.outcome),
        "root cause": (root.rule if root else None, expected.root_cause),
        "category": (root.category if root else None, expected.category),
        "furthest stage": (verdict.furthest_stage, expected.furthest_stage),
    }
    if expected.attempts is not None:
        said["number of attempts"] = (sum(attempt.repeats for attempt in found.attempts), expected.attempts)
    yield from (f"{what}: said {value}, the logs say {wanted}" for what, (value, wanted) in said.items() if value != wanted)
    shown = _evidence(found)
    if expected.evidence and not shown & set(expected.evidence):
        yield f"evidence: none of {expected.evidence} is shown; shown are {sorted(shown)}"
    yield from (f"{rule} was found as an open fault, and is none here" for rule in sorted(_open_faults(found) & set(expected.absent)))
    if found.coverage.unknown > expected.max_unknown:
        shapes = [f"{shape.count} x {shape.shape}" for shape in found.unknown[:5]]
        yield f"{found.coverage.unknown} alarming lines are unknown, at most {expected.max_unknown} may be: {shapes}"


def _evidence(found: Analysis) -> set[str]:
    """The lines of the root cause and of what follows from it, as file:line, with as many folders as one may name."""
    root, chain = found.verdict.root_cause, found.verdict.chain
    lines = [line for finding in found.findings if finding.rule in chain for line in finding.evidence]
    shown = [(PurePath(line.source), line.line) for line in (*lines, *([root.evidence] if root else ()))]
    return {f"{PurePath(*path.parts[at:])}:{number}" for path, number in shown for at in range(len(path.parts))}


def _open_faults(found: Analysis) -> set[str]:
    return {f.rule for f in found.findings if f.effect in FAULTS and not f.resolved and not f.tolerated}


@each_sample
def test_expectation_names_what_exists(name: str, book: RuleBook) -> None:
    """A renamed rule or file must not make an expectation hold for ever."""
    expected = EXPECTED[name]
    named = {*expected.absent, *([expected.root_cause] if expected.root_cause else [])}
    assert sorted(named - set(book.rules)) == [], "no rule has these ids"
    for place in expected.evidence:
        file, line = place.rsplit(":", 1)
        assert int(line) <= len((SAMPLES / name / file).read_bytes().splitlines()), f"{place} does not exist"


@pytest.mark.parametrize("name", sorted(name for name, expected in EXPECTED.items() if expected.needs))
def test_verdict_needs_its_mechanism(
    name: str, book: RuleBook, analysed: Callable[[str], Analysis], monkeypatch: pytest.MonkeyPatch
) -> None:
    mechanism = EXPECTED[name].needs
    assert mechanism
    whole = analysed(name)
    _switch_off(mechanism, monkeypatch)
    without = k3slogs.analyze(SAMPLES / name, rules=_without(mechanism, book))
    judged = [_judged(found, counted=mechanism == "copies") for found in (whole, without)]
    assert judged[0] != judged[1], f"{name} is judged the same without {mechanism}: it does not show what it is for"


def _switch_off(mechanism: Mechanism, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a mechanism out of the code, where it is one of code."""
    if mechanism == "copies":
        monkeypatch.setattr(import_module("k3slogs.diagnosis.processes"), "_mark_copies", lambda _: None)
    if mechanism == "attempts":
        opened = Folder._open

        def first(self: Folder, identity: Identity, program: str | None) -> Life:
            latest = self._latest.get(identity)
            return latest.life if latest else opened(self, identity, program)

        monkeypatch.setattr(Folder, "_open", first)


def _without(mechanism: Mechanism, book: RuleBook) -> RuleBook:
    """The rules as they would be if the mechanism did not exist, where it is one of rules."""
    left_out: dict[Mechanism, Iterable[Rule]] = {
        "stop": [rule for rule in book if rule.ends == "stop"],
        "silence": [rule for rule in book if rule.builtin_silence],
    }
    gone = {rule.id for rule in left_out.get(mechanism, ())}
    kept = (rule for rule in book if rule.id not in gone)
    poorer = RuleBook(rule._replace(wrapper=False) if mechanism == "wrappers" else rule for rule in kept)
    if mechanism == "recovery":
        poorer.clears_of = defaultdict(set)
    return poorer


def _judged(found: Analysis, *, counted: bool) -> Judged:
    verdict = found.verdict
    root = verdict.root_cause.rule if verdict.root_cause else None
    attempts = sum(attempt.repeats for attempt in found.attempts) if counted else None
    return Judged(verdict.outcome, root, verdict.furthest_stage, verdict.confidence, attempts)


def test_every_mechanism_has_a_sample() -> None:
    assert {expected.needs for expected in EXPECTED.values()} >= set(MECHANISMS)


@pytest.mark.parametrize("name", sorted(name for name in EXPECTED if name.startswith("healthy-")))
def test_healthy_node_is_left_in_peace(name: str, analysed: Callable[[str], Analysis]) -> None:
    """No open fatal finding in any attempt, and nearly all alarming lines are known to be harmless."""
    found, share = analysed(name), EXPECTED[name].known_share
    assert share, f"{name}: expect.yaml names no known_share"
    fatal = [f.rule for f in found.findings if f.effect is Effect.FATAL and not f.resolved and not f.tolerated]
    assert fatal == []
    coverage = found.coverage
    assert coverage.explained + coverage.benign >= share * coverage.error_lines, [shape.shape for shape in found.unknown[:5]]
