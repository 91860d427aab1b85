"""Judge verdicts on real runs whose truth is known: `python -m tests.accuracy DIR`.

DIR holds one folder a run, with logs and a `truth.json`: expected and acceptable categories, decisive lines, furthest stage, healthy or not.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import k3slogs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k3slogs import Analysis, RuleBook


@dataclass
class Judged:
    """One run: what was expected, what was said."""

    name: str
    healthy: bool
    expected: str
    said: str
    rule: str | None
    category_right: bool
    stage_right: bool | None
    stages: tuple[str, str]
    line_of_root: bool | None
    line_in_chain: bool | None
    alarms: list[str] = field(default_factory=list)
    known: tuple[int, int] = (0, 0)
    """Alarming lines that are explained or benign, and all of them."""

    @property
    def right(self) -> bool:
        if self.healthy:
            return not self.alarms
        return self.category_right and self.stage_right is not False and self.line_in_chain is not False


def judge(folder: Path, book: RuleBook) -> Judged:
    """Analyse one run's logs and compare with its truth."""
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    logs = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "truth.json" and not p.name.startswith("."))
    return compare(folder, truth, k3slogs.analyze(logs, rules=book))


def compare(folder: Path, truth: dict[str, Any], analysis: Analysis) -> Judged:
    verdict = analysis.verdict
    root = verdict.root_cause
    accepted = {truth["expected_root_cause_category"], *truth.get("acceptable_categories", [])}
    stages = {truth.get("furthest_stage"), *truth.get("stage_also", [])}
    wanted = {(Path(name).name, line) for name, lines in truth.get("key_lines_by_file", {}).items() for line in lines}
    shapes = {_shape(folder, name, line) for name, line in wanted}

    def decisive(source: str, line: int) -> bool:
        name = Path(source).name
        return any(name == file and abs(line - at) <= 1 for file, at in wanted) or _shape(folder, name, line) in shapes

    chain = {*verdict.chain, root.rule if root else ""}
    evidence = [(e.source, e.line) for f in analysis.findings if f.rule in chain for e in f.evidence]
    fatal = [f.rule for f in analysis.findings if f.effect == "fatal" and not f.resolved]
    coverage = analysis.coverage
    return Judged(
        name=folder.name,
        healthy=bool(truth.get("healthy")),
        expected=truth["expected_root_cause_category"],
        said=str(root.category) if root else "none",
        rule=root.rule if root else None,
        category_right=root is not None and root.category in accepted,
        stage_right=verdict.furthest_stage in stages if truth.get("furthest_stage") else None,
        stages=(str(truth.get("furthest_stage")), str(verdict.furthest_stage)),
        line_of_root=(root is not None and decisive(root.evidence.source, root.evidence.line)) if wanted else None,
        line_in_chain=any(decisive(*place) for place in evidence) if wanted else None,
        alarms=fatal + (["failed"] if verdict.outcome == "failed" else []),
        known=(coverage.explained + coverage.benign, coverage.error_lines),
    )


@cache
def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8", "replace").splitlines() if path.is_file() else []


def _shape(folder: Path, name: str, line: int) -> str:
    """The line without its numbers: repeats of a decisive line are as decisive."""
    lines = _lines(folder / name)
    return re.sub(r"\d+|[0-9a-f]{8,}", "#", lines[line - 1]) if 0 < line <= len(lines) else f"{name}:{line}"


def judge_all(root: Path) -> list[Judged]:
    book = k3slogs.load_rules()
    return [judge(truth.parent, book) for truth in sorted(root.glob("*/truth.json"))]


def table(runs: list[Judged]) -> Iterator[str]:
    yield f"{'run':<32} {'expected':<14} {'said':<14} {'stage':<15} {'said':<15} {'line':<6} {'known':>11}  rule"
    for run in runs:
        mark = "" if run.right else "  WRONG" + (f" {run.alarms}" if run.healthy else "")
        line = "root" if run.line_of_root else "chain" if run.line_in_chain else "-" if run.line_in_chain is None else "no"
        yield (
            f"{run.name:<32} {run.expected:<14} {run.said:<14} {run.stages[0]:<15} {run.stages[1]:<15} {line:<6} "
            f"{run.known[0]:>5}/{run.known[1]:<5}  {run.rule or ''}{mark}"
        )


def confusion(runs: list[Judged]) -> Iterator[str]:
    """What was said where another category was expected, and accepted or not."""
    pairs = Counter((run.expected, run.said, run.category_right) for run in runs if not run.healthy)
    yield f"{'expected':<16} {'said':<16} {'runs':>4}"
    for (expected, said, right), count in sorted(pairs.items()):
        note = "" if expected == said else "  accepted" if right else "  WRONG"
        yield f"{expected:<16} {said:<16} {count:>4}{note}"


def rates(runs: list[Judged]) -> dict[str, tuple[int, int]]:
    """Hits and cases of each figure."""
    broken = [run for run in runs if not run.healthy]
    staged = [run for run in broken if run.stage_right is not None]
    lined = [run for run in broken if run.line_in_chain is not None]
    return {
        "category": (sum(run.category_right for run in broken), len(broken)),
        "line is the root cause's evidence": (sum(bool(run.line_of_root) for run in lined), len(lined)),
        "line is in the evidence of the chain": (sum(bool(run.line_in_chain) for run in lined), len(lined)),
        "furthest stage": (sum(bool(run.stage_right) for run in staged), len(staged)),
        "healthy runs with an alarm": (sum(bool(run.alarms) for run in runs if run.healthy), sum(run.healthy for run in runs)),
        "alarming lines explained or benign": (sum(run.known[0] for run in runs), sum(run.known[1] for run in runs)),
    }


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write("usage: python -m tests.accuracy DIR\n")
        return 2
    runs = judge_all(Path(arguments[0]))
    sys.stdout.write("\n".join([*table(runs), "", *confusion(runs), ""]) + "\n")
    for name, (hits, cases) in rates(runs).items():
        sys.stdout.write(f"{name:<40} {hits:>6}/{cases:<6} {100 * hits / max(cases, 1):6.1f} %\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
