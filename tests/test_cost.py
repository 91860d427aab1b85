"""What a line costs, in calls: a count that no busy machine changes. Time is measured by `tests/bench`, never asserted.

A call is a Python or a C function that the reading thread enters from Python. The cost of a line is the calls that four times as many lines
need more, over the lines that are more: what is done once falls out.
"""

from __future__ import annotations

import sys
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

import k3slogs
from k3slogs.engine import Calendar, Engine
from k3slogs.model import Block

if TYPE_CHECKING:
    from collections.abc import Callable

CALENDAR = Calendar(None, "nothing")
FEW, MANY, LONG = 200, 2000, 25_000
"""Lines that are looked at one by one, together, and as arrays."""
TIMES = 4
START = 'I1123 05:00:00.000000    1203 server.go:520] "Kubelet version" kubeletVersion="v1.33.5+k3s1"\n'

QUIET = "I1123 {clock}    1203 shared_informer.go:247] Caches are synced for garbage collector {number}\n"
"""No rule has a word of it."""
NOISE = (
    'E1123 {clock}    1203 dns.go:153] "Nameserver limits exceeded" err="Nameserver limits were exceeded, some nameservers have been omitted, '
    'the applied nameserver line is: 10.0.0.2 10.0.0.3 10.0.0.4"\n'
)
"""Known, harmless, and equal but for its time."""
CHANGING = (
    'E1123 {clock}    1203 container_manager_linux.go:509] "Failed to ensure process in container with oom score" '
    'err="failed to apply oom score -999 to PID {number}: write /proc/{number}/oom_score_adj: permission denied"\n'
)
"""Known, harmless, with numbers that change."""
SYMPTOM = 'E1123 {clock}    1203 kubelet.go:2448] "Error getting node" err="node \\"lab-node\\" not found"\n'
"""A finding with thousands of lines."""
IDENTIFIED = (
    'E1123 {clock}    1203 pod_workers.go:1300] "Error syncing pod, skipping" err="failed to start container: '
    'open /sys/fs/cgroup/memory/k8s.io/{id:064x}/cgroup.procs: no such file or directory: unknown" podUID="{id:032x}"\n'
)
"""A finding whose every line has an id of its own."""

SORTS = {"quiet": QUIET, "noise": NOISE, "changing noise": CHANGING, "symptom": SYMPTOM, "with ids": IDENTIFIED}
MAX_CALLS = {FEW: 35.0, MANY: 15.0, LONG: 1.5}
"""Most calls that a further line may cost, in a text of so many lines or four times as many."""
MAX_QUIET = {FEW: 0.5, MANY: 0.1, LONG: 0.05}
"""The same, where no rule has a word of it."""
ATTEMPTS = 150
"""More than are kept apart, however alike they are."""
MAX_AGAIN = 1000.0
"""Most calls that a further attempt may cost in which nothing is new: a start line and a line of each sort."""
MAX_FIXED = 40_000
"""Most calls that an analysis may cost before its lines count, with the rules read already."""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(k3slogs.load_rules())


def text(line: str, lines: int) -> bytes:
    """Lines a tenth of a second apart."""
    stamps = (f"{5 + number // 36000:02d}:{number // 600 % 60:02d}:{number // 10 % 60:02d}.{number % 10}00000" for number in range(lines))
    return (
        START + "".join(line.format(clock=clock, number=1203 + number, id=3 ** (1 + number % 150)) for number, clock in enumerate(stamps))
    ).encode()


def restarts(attempts: int) -> bytes:
    """A program that starts, says something of each sort, and is started again a second later."""
    clocks = (f"05:{attempt // 60 % 60:02d}:{attempt % 60:02d}.000000" for attempt in range(attempts))
    sorts = [START.replace("05:00:00.000000", "{clock}"), *SORTS.values()]
    return "".join(line.format(clock=clock, number=1203, id=7) for clock in clocks for line in sorts).encode()


def calls(work: Callable[[], object]) -> int:
    """Functions that are entered while it runs."""
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def cost(engine: Engine, data: bytes) -> int:
    """Calls that read, match and fold a log; what is compiled at the first use is compiled."""
    engine.scan([Block(data, 1)], "kubelet.log", CALENDAR)
    return calls(lambda: engine.scan([Block(data, 1)], "kubelet.log", CALENDAR))


@pytest.mark.parametrize("lines", MAX_CALLS)
@pytest.mark.parametrize("name", SORTS)
def test_a_further_line_costs_few_calls(name: str, lines: int, engine: Engine) -> None:
    few, many = cost(engine, text(SORTS[name], lines)), cost(engine, text(SORTS[name], TIMES * lines))
    each = (many - few) / ((TIMES - 1) * lines)
    most = (MAX_QUIET if name == "quiet" else MAX_CALLS)[lines]
    assert each <= most, f"{each:.2f} calls for each further line of {name}, at most {most:g} are allowed"


def test_a_further_attempt_costs_few_calls(engine: Engine) -> None:
    few, many = cost(engine, restarts(ATTEMPTS)), cost(engine, restarts(TIMES * ATTEMPTS))
    each = (many - few) / ((TIMES - 1) * ATTEMPTS)
    assert each <= MAX_AGAIN, f"{each:.0f} calls for each further attempt"


def test_a_short_run_costs_few_calls() -> None:
    """Compiling the rules, the diagnosis and the report of a log of one line, with the rules read already."""
    book = k3slogs.load_rules()
    assert calls(lambda: k3slogs.analyze(BytesIO(START.encode()), rules=book, year=2026)) <= MAX_FIXED
