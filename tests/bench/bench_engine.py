"""Speed of the main job: `uv run pytest tests/bench/bench_engine.py`. Compare two rows of one run, never two runs."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import k3slogs

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

SAMPLES = Path(__file__).parents[2] / "samples"
NOISE = (
    'E1123 05:07:38.{0:06d}    1203 dns.go:153] "Nameserver limits exceeded" err="Nameserver limits were exceeded, '
    'some nameservers have been omitted, the applied nameserver line is: 10.0.0.2 10.0.0.3 10.0.0.4"\n'
)
INPUTS = {
    "noise of one shape, 4 MB": lambda: "".join(NOISE.format(number) for number in range(20_000)).encode(),
    "a restart loop of 40 starts": (SAMPLES / "restart-loop-gvisor" / "k3s.log").read_bytes,
    "no line that any rule knows, 4 MB": lambda: b"nothing of note happened here today\n" * 115_000,
}


@pytest.mark.parametrize("name", INPUTS)
def test_analyze(benchmark: BenchmarkFixture, name: str) -> None:
    data = INPUTS[name]()
    book = k3slogs.load_rules()
    benchmark.extra_info["megabytes"] = round(len(data) / 1e6, 1)
    benchmark.pedantic(lambda: k3slogs.analyze(BytesIO(data), rules=book, year=2026), rounds=5, warmup_rounds=1)


def test_load_rules(benchmark: BenchmarkFixture) -> None:
    benchmark.pedantic(k3slogs.load_rules, rounds=5, warmup_rounds=1)
