"""k3slogs and public tools side by side, as whole processes: `uv run python -m tests.bench.compare [--scale 0.1] [--only CASE]`.

The main job is `k3slogs analyze FILE --format json > /dev/null`: a full diagnosis, start-up included. Each case runs A B A B ... on a warm
page cache after one run of each that does not count; the ratio is taken pair by pair, so that a machine that slows down for a while slows
both sides. This process imports nothing of k3slogs: the peak memory that the system tells of a child is never less than its parent's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
RUNS = 5
SLOW_RUNS = 1
"""Runs of a peer that takes minutes."""
SAMPLING = 0.01
"""Seconds between two looks at the memory of a process and its children."""
MEMORY_LIMIT = 250.0
"""Megabytes (10^6 bytes)."""


class Missing(Exception):  # noqa: N818 - no fault
    """A case cannot run here, and why."""


class Failed(Exception):  # noqa: N818
    """A command of a case did not do its work."""


@dataclass(frozen=True)
class Case:
    """`ours` against `other`; the ratio is time of ours by time of other, or of other by ours where more is better."""

    name: str
    against: str
    goal: float | None
    ours: list[str]
    other: list[str]
    files: tuple[str, ...] = ("sparse",)
    """What the corpus must hold."""
    more_is_better: bool = False
    slow: bool = False
    """One run is enough: the peer takes minutes."""


@dataclass(frozen=True)
class Memory:
    """Peak memory of `analyze` on files of several sizes: an upper bound, and how much it may differ."""

    name: str
    files: tuple[str, ...]
    goal: float
    spread: float


@dataclass
class Row:
    """What was measured. Without seconds, `note` says why."""

    case: str
    against: str
    goal: str
    ours: list[float] = field(default_factory=list)
    other: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    unit: str = "s"
    met: bool | None = None
    peak_mb: float | None = None
    """Most memory of ours in any run, in 10^6 bytes."""
    note: str = ""


class Sample(NamedTuple):
    seconds: float
    peak_mb: float


def cases(folder: Path) -> list[Case | Memory]:
    """Every case, in the order of the table."""
    script = str(Path(sys.executable).with_name("k3slogs"))
    analyze = [sys.executable, "-m", "k3slogs", "analyze", "--format", "json"]
    words = str(folder / "anchors.txt")
    sparse, part = str(folder / "sparse.log"), str(folder / "sparse-100.log")
    count = ["rg", "-c", "-F", "-f", words]

    def job(name: str, *options: str) -> list[str]:
        return [*analyze, *options, str(folder / name)]

    def peer(name: str, against: str, other: list[str], *, slow: bool = False) -> Case:
        return Case(name, against, None, job("sparse-100.log"), other, ("sparse-100",), slow=slow)

    return [
        Case("sparse", "rg -c -F -f ANCHORS", 1.0, job("sparse.log"), [*count, sparse]),
        Case("noisy", "rg -c -F -f ANCHORS", 2.0, job("noisy.log"), [*count, str(folder / "noisy.log")], ("noisy",)),
        Case("dense", "rg -c -F -f ANCHORS", 3.0, job("dense.log"), [*count, str(folder / "dense.log")], ("dense",)),
        Case("restarts", "rg -c -F -f ANCHORS", None, job("restarts.log"), [*count, str(folder / "restarts.log")], ("restarts",)),
        Memory("memory", ("sparse-100", "sparse", "sparse-2000", "noisy", "dense"), MEMORY_LIMIT, 1.2),
        Case(
            "jobs",
            "--jobs 1 (goal: times faster)",
            1.6,
            job("sparse.log", "--jobs", "2"),
            job("sparse.log", "--jobs", "1"),
            more_is_better=True,
        ),
        Case(
            "small",
            'python -c "import polars"',
            1.5,
            [script, "analyze", "--format", "json", str(folder / "small.log")],
            _python("import polars"),
            (),
        ),
        Case("help", 'python -c "pass"', 6.0, [script, "--help"], _python("pass"), ()),
        Case("gzip", "zcat FILE", 1.3, job("sparse-gz.log.gz"), ["zcat", str(folder / "sparse-gz.log.gz")], ("sparse-gz",)),
        Case("growth-input", "a quarter of the input", 4.2, job("sparse-2000.log"), job("sparse.log"), ("sparse-2000", "sparse")),
        Case("growth-rules", "a quarter of the rules", 1.5, job("sparse.log", "--rules", str(folder / "pack")), job("sparse.log")),
        peer("peer-rg", "rg -c -F -f ANCHORS", [*count, part]),
        peer(
            "peer-lnav",
            "lnav -n, one search",
            ["lnav", "-n", "-q", "-N", "-c", ":filter-in Failed to start ContainerManager", part],
            slow=True,
        ),
        peer("peer-polars", "polars scan_lines, contains_any", _python(_POLARS, part, words)),
        peer("peer-re", "Python re loop over lines", _python(_RE, part, words), slow=True),
    ]


_POLARS = """
import sys, polars as pl
words = open(sys.argv[2]).read().splitlines()
lines = pl.scan_lines(sys.argv[1])
name = lines.collect_schema().names()[0]
print(lines.filter(pl.col(name).str.contains_any(words)).select(pl.len()).collect(engine="streaming"))
"""
_RE = """
import re, sys
words = open(sys.argv[2], "rb").read().splitlines()
found = re.compile(b"|".join(map(re.escape, words))).search
with open(sys.argv[1], "rb") as lines:
    print(sum(found(line) is not None for line in lines))
"""


def _python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def measure(command: list[str], *, children: bool = False) -> Sample:
    """Run it once to nowhere; with `children` its peak counts what several processes hold together (Linux)."""
    if not shutil.which(command[0]):
        raise Missing(f"{command[0]} is not installed")
    with tempfile.TemporaryFile() as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
        together = _Together(process.pid) if children else None
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace").strip().splitlines()
            raise Failed(f"{Path(command[0]).name} ended with {process.returncode}: {said[-1] if said else 'without a word'}")
    alone = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    return Sample(seconds, max(alone, together.stop() if together else 0.0))


class _Together:
    """Watches what a process and its children hold together; what they share counts once."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._over.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while not self._over.wait(SAMPLING):
            pids = list(_family(self._pid))
            if len(pids) > 1:  # of one process the system's own figure is exact
                self._peak = max(self._peak, sum(map(_share, pids)) / 1e6)


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))
    except OSError:
        return


def _share(pid: int) -> int:
    """Proportional set size in bytes."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def run(case: Case, runs: int) -> Row:
    row = Row(case.name, case.against, "" if case.goal is None else f"{'>=' if case.more_is_better else '<='} {case.goal:g}")
    try:
        _needs(case)
        if not case.slow:
            measure(case.ours), measure(case.other)
        for _ in range(SLOW_RUNS if case.slow else runs):
            ours, other = measure(case.ours), measure(case.other)
            row.ours.append(ours.seconds)
            row.other.append(other.seconds)
            row.ratios.append(other.seconds / ours.seconds if case.more_is_better else ours.seconds / other.seconds)
            row.peak_mb = max(row.peak_mb or 0.0, ours.peak_mb)
    except Missing as reason:
        row.note = f"not measured: {reason}"
    except Failed as reason:
        row.note, row.met = f"failed: {reason}", False if case.goal else None
    else:
        ratio = statistics.median(row.ratios)
        row.met = None if case.goal is None else ratio >= case.goal if case.more_is_better else ratio <= case.goal
    return row


def _needs(case: Case) -> None:
    """An option that this k3slogs does not have yet is no failure."""
    told = subprocess.run([sys.executable, "-m", "k3slogs", "analyze", "--help"], capture_output=True, text=True, check=False).stdout
    if "--jobs" in case.ours and "--jobs" not in told:
        raise Missing("k3slogs analyze has no --jobs")


def run_memory(case: Memory, folder: Path) -> list[Row]:
    """A row for each file, and one for how much those of the same kind differ."""
    rows = []
    for name in case.files:
        row = Row(f"{case.name} {name}", "peak, all processes", f"<= {case.goal:g}", unit="MB")
        command = [sys.executable, "-m", "k3slogs", "analyze", "--format", "json", str(folder / f"{name}.log")]
        try:
            row.peak_mb = measure(command, children=True).peak_mb
        except Failed as reason:
            row.note, row.met = f"failed: {reason}", False
        else:
            row.ours, row.met = [row.peak_mb], row.peak_mb <= case.goal
        rows.append(row)
    peaks = [row.ours[0] for row in rows if row.ours and "sparse" in row.case]
    spread = Row(f"{case.name} spread", "most by least of sparse", f"<= {case.spread:g}", unit="MB")
    if len(peaks) > 1:
        ratio = max(peaks) / min(peaks)
        spread.ours, spread.other, spread.ratios, spread.met = [max(peaks)], [min(peaks)], [ratio], ratio <= case.spread
    return [*rows, spread]


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| case | against | k3slogs | other | ratio [min-max] | goal | met | peak MB |", "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        met = {True: "yes", False: "**no**", None: ""}[row.met]
        ratio = f"{statistics.median(row.ratios):.2f} [{min(row.ratios):.2f}-{max(row.ratios):.2f}]" if row.ratios else ""
        figures = [_figure(row.ours, row.unit), _figure(row.other, row.unit), ratio or row.note, row.goal, met]
        lines.append(f"| {' | '.join([row.case, row.against, *figures, '' if row.peak_mb is None else f'{row.peak_mb:.0f}'])} |")
    return "\n".join(lines)


def _figure(values: list[float], unit: str) -> str:
    return f"{statistics.median(values):.{3 if unit == 's' else 0}f} {unit}" if values else ""


def machine() -> dict[str, str]:
    """Where and with what it was measured."""
    cpu = next(
        (line.split(":", 1)[1].strip() for line in _lines_of("/proc/cpuinfo") if line.startswith("model name")), platform.processor()
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "system": platform.platform(),
        "processor": f"{cpu}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GB",
        "python": platform.python_version(),
        **{name: _version_of(name) for name in ("k3slogs", "hyperscan", "polars")},
        "compiled": _told(_python("from k3slogs import compiled; print('no' if compiled.library() is None else 'yes')")),
        "ripgrep": _told(["rg", "--version"]),
        "lnav": _told(["lnav", "-V"]),
        "gzip": _told(["gzip", "--version"]),
        "commit": _told(["git", "-C", str(ROOT), "describe", "--always", "--dirty"]),
    }


def _lines_of(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _told(command: list[str]) -> str:
    if not shutil.which(command[0]):
        return "not installed"
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip().splitlines()
    return said[0] if said else "unknown"


def make_files(chosen: list[Case | Memory], folder: Path, scale: float) -> None:
    """In a process of its own, since what makes them is large."""
    names = sorted({name for case in chosen for name in case.files})
    only = [word for name in names for word in ("--only", name)] or ["--only", "none"]
    subprocess.run(
        [sys.executable, "-m", "tests.bench.corpus", str(folder), "--scale", str(scale), *only], cwd=ROOT, check=True, stdout=sys.stderr
    )


def main(arguments: list[str]) -> int:
    given = _arguments(arguments)
    folder = (given.keep or Path(tempfile.gettempdir()) / "k3slogs-bench").resolve() / f"scale-{given.scale:g}"
    every = cases(folder)
    if given.list:
        sys.stdout.write("".join(f"{case.name:<14} {getattr(case, 'against', 'peak memory')}\n" for case in every))
        return 0
    if unknown := set(given.only) - {case.name for case in every}:
        sys.stderr.write(f"compare: no case {', '.join(sorted(unknown))}: see --list\n")
        return 2
    chosen = [
        case for case in every if case.name in given.only or (not given.only and not (given.no_peers and case.name.startswith("peer-")))
    ]
    make_files(chosen, folder, given.scale)
    rows: list[Row] = []
    for case in chosen:
        new = run_memory(case, folder) if isinstance(case, Memory) else [run(case, given.runs)]
        rows += new
        sys.stderr.write("\n".join(table(new).splitlines()[2:]) + "\n")
    where = machine()
    sys.stdout.write(
        "\n".join([f"- {name}: {value}" for name, value in where.items()]) + f"\n- scale: {given.scale:g}, runs: {given.runs}\n\n"
    )
    sys.stdout.write(table(rows) + "\n")
    if given.json:
        document = {
            "machine": where,
            "scale": given.scale,
            "runs": given.runs,
            "files": _files(folder),
            "rows": [asdict(row) for row in rows],
        }
        given.json.write_text(json.dumps(document, indent=2) + "\n")
    return 0


def _files(folder: Path) -> list[dict[str, object]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure k3slogs and public tools side by side.")
    parser.add_argument("--only", action="append", default=[], metavar="CASE", help="only this case; may be given again")
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N", help=f"pairs of runs for each case (default: {RUNS})")
    parser.add_argument("--scale", type=float, default=1.0, metavar="FACTOR", help="0.1 makes and reads files of a tenth of the size")
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="where the files are made and kept (default: k3slogs-bench in the folder for temporary files)",
    )
    parser.add_argument("--no-peers", action="store_true", help="leave out the peers that have no goal")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    parser.add_argument("--list", action="store_true", help="name the cases and end")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
