"""Real runs with the truth beside them, where the checkout's neighbour holds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import accuracy

RUNS = Path(__file__).parents[2] / "shared" / "logs"


def test_real_runs_are_judged_right(capsys: pytest.CaptureFixture[str]) -> None:
    """Category and stage in 95 of 100 runs, decisive line in 90, and nothing fatal on a healthy node."""
    if not RUNS.is_dir():
        pytest.skip(f"no real runs beside the checkout ({RUNS.parent.name}/{RUNS.name} is absent)")
    runs = accuracy.judge_all(RUNS)
    with capsys.disabled():
        print("\n" + "\n".join(accuracy.table(runs)))  # noqa: T201 - the table is what a reader of the check looks for
    rates = accuracy.rates(runs)
    assert rates["healthy runs with an alarm"][0] == 0
    for name, goal in (("category", 0.97), ("furthest stage", 0.95), ("line is in the evidence of the chain", 0.90)):
        hits, cases = rates[name]
        assert hits >= goal * cases, f"{name}: {hits} of {cases}"
