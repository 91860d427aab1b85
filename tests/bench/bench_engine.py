"""Speed of the main job and of its parts: `uv run pytest tests/bench/bench_engine.py`. Compare two rows of one run, never two runs."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import k3slogs
from k3slogs import cache, formats
from k3slogs.diagnosis import diagnose
from k3slogs.engine import Calendar, Engine
from k3slogs.engine.reading import Reader
from k3slogs.engine.window import Window
from k3slogs.model import Block
from k3slogs.rulecheck import records

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

    from k3slogs import RuleBook

SAMPLES = Path(__file__).parents[2] / "samples"
NOISE = (
    'E1123 05:07:38.{0:06d}    1203 dns.go:153] "Nameserver limits exceeded" err="Nameserver limits were exceeded, '
    'some nameservers have been omitted, the applied nameserver line is: 10.0.0.2 10.0.0.3 10.0.0.4"\n'
)
RUN = SAMPLES / "addons-without-registry" / "k3s.log"
"""A whole run, 180 kB."""
INPUTS = {
    "noise of one shape, 4 MB": lambda: "".join(NOISE.format(number) for number in range(20_000)).encode(),
    "a restart loop of 40 starts": (SAMPLES / "restart-loop-gvisor" / "k3s.log").read_bytes,
    "no line that any rule knows, 4 MB": lambda: b"nothing of note happened here today\n" * 115_000,
}
YEAR = Calendar(None, "nothing")


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return k3slogs.load_rules()


@pytest.fixture(scope="module")
def engine(book: RuleBook) -> Engine:
    return Engine(book)


@pytest.mark.parametrize("name", INPUTS)
def test_analyze(benchmark: BenchmarkFixture, book: RuleBook, name: str) -> None:
    data = INPUTS[name]()
    benchmark.extra_info["megabytes"] = round(len(data) / 1e6, 1)
    benchmark.pedantic(lambda: k3slogs.analyze(BytesIO(data), rules=book, year=2026), rounds=5, warmup_rounds=1)


def test_load_rules(benchmark: BenchmarkFixture) -> None:
    benchmark.pedantic(k3slogs.load_rules, rounds=5, warmup_rounds=1)


def test_load_rules_from_their_files(benchmark: BenchmarkFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.VARIABLE, "")
    benchmark.pedantic(k3slogs.load_rules, rounds=5, warmup_rounds=1)


def test_load_rules_in_a_new_process(benchmark: BenchmarkFixture) -> None:
    command = [sys.executable, "-c", "import k3slogs; k3slogs.load_rules()"]
    benchmark.pedantic(lambda: subprocess.run(command, check=True), rounds=5, warmup_rounds=1)


def test_compile_rules(benchmark: BenchmarkFixture, book: RuleBook) -> None:
    benchmark.pedantic(lambda: Engine(book), rounds=5, warmup_rounds=1)


def test_scan(benchmark: BenchmarkFixture, engine: Engine) -> None:
    data = RUN.read_bytes() * 20
    benchmark.extra_info["megabytes"] = round(len(data) / 1e6, 1)
    benchmark.pedantic(lambda: engine.scanner.ends(data), rounds=5, warmup_rounds=1)


def test_count(benchmark: BenchmarkFixture, engine: Engine) -> None:
    """Telling lines of known kinds apart, without reading any of them."""
    data = RUN.read_bytes() * 20
    window, reader = Window.between(Block(b"", 1), Block(data, 1), Block(b"", 1)), Reader(engine)
    benchmark.extra_info["megabytes"] = round(len(data) / 1e6, 1)
    benchmark.pedantic(lambda: reader.steps(window), rounds=5, warmup_rounds=2)


def test_parse(benchmark: BenchmarkFixture) -> None:
    lines = RUN.read_text().splitlines()
    benchmark.extra_info["lines"] = len(lines)
    benchmark.pedantic(lambda: [formats.read(1, line) for line in lines], rounds=5, warmup_rounds=1)


def test_match(benchmark: BenchmarkFixture, engine: Engine) -> None:
    read = records(engine, RUN.read_text())
    benchmark.extra_info["records"] = len(read)
    benchmark.pedantic(lambda: [engine.hits(record) for record in read], rounds=5, warmup_rounds=1)


def test_scan_to_fold(benchmark: BenchmarkFixture, engine: Engine) -> None:
    block = Block(RUN.read_bytes(), 1)
    benchmark.pedantic(lambda: engine.scan([block], "k3s.log", YEAR), rounds=5, warmup_rounds=1)


def test_diagnose(benchmark: BenchmarkFixture, engine: Engine, book: RuleBook) -> None:
    scanning = engine.begin("k3s.log", YEAR)
    scanning.feed(Block(RUN.read_bytes(), 1))
    scanning.close()
    benchmark.pedantic(
        lambda scan: diagnose([scan], book), setup=lambda: (((scanning.snapshot()),), {}), rounds=5, warmup_rounds=1
    )  # a diagnosis changes what it is given


@pytest.mark.parametrize("form", ["terminal", "json", "md", "html"])
def test_render(benchmark: BenchmarkFixture, book: RuleBook, form: str) -> None:
    analysis = k3slogs.analyze(RUN, rules=book)
    benchmark.pedantic(lambda: analysis.render(form), rounds=5, warmup_rounds=1)
