"""The files that speed is measured on: `uv run python -m tests.bench.corpus [DIR] [--scale 0.1] [--only NAME]`.

Every line comes from a log in `samples/` or from the examples of a rule, with a clock that runs on and with ids and numbers that change, so
that no two lines are equal and few bodies are. A line is *quiet* if no rule fires on it and its level is no alarm; many quiet lines
hold an anchor all the same, as those of a healthy node do: the share is written down. A line is a *hit* if a rule fires on it; those that
begin or end an attempt are left out, and a start line is put in once in `RESTART` lines instead.

Files are made once for a seed, a size and a set of lines. Beside each stands a JSON file that says what it is.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, cycle, islice, product
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import k3slogs
from k3slogs.engine import Engine
from k3slogs.rulebook import anchors
from k3slogs.rulecheck import records
from k3slogs.taxonomy import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from k3slogs.rulebook import RuleBook

SAMPLES = Path(__file__).parents[2] / "samples"
SEED = 20
MB = 1_000_000
RESTART = 500_000
"""Lines between two starts of the program."""
LIVING = 200
"""Containers and objects that live at the same time; one goes and one comes every LIVING lines."""
MEASURED = 50_000
"""Lines at a file's head of which it is counted how many hold an anchor."""
BEGIN = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass(frozen=True)
class Recipe:
    """One file: its size in bytes, the share of its lines that are hits or the one noise line, and milliseconds between lines."""

    name: str
    about: str
    size: int
    hits: float
    noise: float = 0.0
    pace: float = 20.0
    compressed: bool = False
    start: str = "k3s-start-server"
    """The rule whose line begins the file and each further life of the program."""
    rest: str = "quiet"
    """What the other lines are: `quiet`, or `all` lines of the samples that no rule fires on, warnings and errors too."""
    run: str = ""
    """A log of the samples whose lines come in their order, over and over, in place of drawn ones."""


LOOP = Path("restart-loop-gvisor") / "k3s.log"
SPARSE = Recipe("sparse", "k3s, kubelet and containerd mixed; 0.5 % of the lines are hits", 500 * MB, hits=0.005)
RECIPES = (
    SPARSE,
    Recipe(
        "noisy",
        "a kubelet log: 99 % of the lines are one known harmless error, the rest varied",
        500 * MB,
        0.002,
        0.99,
        start="ms-kubelet-version",
        rest="all",
    ),
    Recipe("dense", "20 % of the lines are hits of many rules", 200 * MB, hits=0.2),
    Recipe("restarts", "a k3s that starts again every 12 seconds: one real run, over and over", 100 * MB, 0.0, pace=100.0, run=str(LOOP)),
    replace(SPARSE, name="sparse-100", size=100 * MB),
    replace(SPARSE, name="sparse-2000", size=2000 * MB),
    replace(SPARSE, name="sparse-gz", compressed=True),
)
SMALL = Path("addons-without-registry") / "k3s.log"
"""A whole run of k3s as it was recorded, 180 kB."""

# What changes from line to line. A number with a dot, a colon or a letter beside it is a version, an address, a name.
_STAMPS = {
    "klog": re.compile(rb"^(?P<head>[IWEF])\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ (?P<tail>[\w./-]+:\d+\] .*)$", re.ASCII),
    "logrus": re.compile(rb'^(?P<head>time=")\d{4}-\d\d-\d\dT[\d:]+(?:\.\d+)?Z(?P<tail>" level=.*)$', re.ASCII),
}
_VARIES = re.compile(
    rb"(?P<id>\b[0-9a-f]{64}\b)|(?P<uid>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)|(?P<number>(?<![\w.:/-])\d{3,7}(?![\w.:/-]))"
)
NOISE = (
    b'E1123 05:07:38.580162    1203 container_manager_linux.go:509] "Failed to ensure process in container with oom score" '
    b'err="failed to apply oom score -999 to PID 1203: write /proc/1203/oom_score_adj: permission denied"'
)


class Shape(NamedTuple):
    """A line with `%b` for each part that changes, and what stands there."""

    text: bytes
    slots: tuple[tuple[str, int], ...]
    """Kind and length: klog, logrus, id, uid, number."""


class Pools(NamedTuple):
    """Lines to draw from."""

    quiet: list[Shape]
    unknown: list[Shape]
    """No rule fires on them, and their level is a warning or worse."""
    hits: list[Shape]
    rules: int
    """How many rules fire on `hits`."""
    starts: dict[str, Shape]
    """Lines that begin an attempt, by rule."""


def shape_of(line: bytes) -> Shape | None:
    """None for a line of another format than klog's or logrus'."""
    kind, found = next(((kind, found) for kind, pattern in _STAMPS.items() if (found := pattern.match(line))), ("", None))
    if not found:
        return None
    slots = [(kind, 0)]

    def slot(part: re.Match[bytes]) -> bytes:
        slots.append((part.lastgroup or "", len(part[0])))
        return b"%b"

    tail = _VARIES.sub(slot, found["tail"].replace(b"%", b"%%"))
    return Shape(found["head"].replace(b"%", b"%%") + b"%b" + tail, tuple(slots))


class Values:
    """What stands in the slots: a clock that runs on, containers that come and go, numbers."""

    def __init__(self, random: Random, pace: float) -> None:
        self._random = random
        self._bits = random.getrandbits
        self._step = int(pace * 2_000_000)
        self._nanoseconds = 0
        self._second = -1
        self._klog = self._logrus = b""
        self._ids = [b"%064x" % self._bits(256) for _ in range(LIVING)]
        self._uids = [self._new_uid() for _ in range(LIVING)]

    def tick(self) -> None:
        self._nanoseconds += int(self._random.random() * self._step)
        second = self._nanoseconds // 1_000_000_000
        if second != self._second:
            self._second = second
            now = BEGIN + timedelta(seconds=second)
            self._klog = now.strftime("%m%d %H:%M:%S").encode()
            self._logrus = now.strftime("%Y-%m-%dT%H:%M:%S").encode()

    def renew(self) -> None:
        self._ids[self._bits(16) % LIVING] = b"%064x" % self._bits(256)
        self._uids[self._bits(16) % LIVING] = self._new_uid()

    def fill(self, kind: str, length: int) -> Callable[[], bytes]:
        if kind == "number":
            low = 10 ** (length - 1)
            return partial(self._number, low, 9 * low)
        return {"klog": self._klog_stamp, "logrus": self._logrus_stamp, "id": self._id, "uid": self._uid}[kind]

    def _klog_stamp(self) -> bytes:
        return b"%b.%06d     812 " % (self._klog, self._nanoseconds // 1000 % 1_000_000)

    def _logrus_stamp(self) -> bytes:
        return b"%b.%09dZ" % (self._logrus, self._nanoseconds % 1_000_000_000)

    def _number(self, low: int, span: int) -> bytes:
        return b"%d" % (low + self._bits(32) % span)

    def _id(self) -> bytes:
        return self._ids[self._bits(16) % LIVING]

    def _uid(self) -> bytes:
        return self._uids[self._bits(16) % LIVING]

    def _new_uid(self) -> bytes:
        return b"%08x-%04x-%04x-%04x-%012x" % (self._bits(32), self._bits(16), self._bits(16), self._bits(16), self._bits(48))


class Ready(NamedTuple):
    """A shape with the functions that fill it."""

    text: bytes
    fills: list[Callable[[], bytes]]

    def line(self) -> bytes:
        return self.text % tuple([fill() for fill in self.fills])


def ready(shape: Shape, values: Values) -> Ready:
    return Ready(shape.text + b"\n", [values.fill(*slot) for slot in shape.slots])


def pools(book: RuleBook) -> Pools:
    """Sort the lines of the samples and of the rules' examples by what the rules make of them. A shape counts only if its changed lines do the same."""
    engine = Engine(book)
    values = Values(Random(SEED), 1.0)  # noqa: S311
    values.tick()
    quiet: list[Shape] = []
    unknown: list[Shape] = []
    hits: list[Shape] = []
    starts: dict[str, Shape] = {}
    fired: set[str] = set()
    for shape in dict.fromkeys(shape for line in _lines(book) if (shape := shape_of(line))):
        made = ready(shape, values)
        seen = [records(engine, made.line().decode("utf-8", "replace")) for _ in range(3)]
        if any(len(found) != 1 for found in seen):
            continue
        claims = [{rule.id for rule in engine.claims(record)} for (record,) in seen]
        if claims[0] != claims[1] or claims[0] != claims[2]:
            continue
        record = seen[0][0]
        rules = [hit.rule for hit in engine.hits(record)]
        if any(rule.begins for rule in rules):
            starts.update((rule.id, shape) for rule in rules if rule.begins and rule.id not in starts)
        elif record.level is Level.FATAL or any(book[each].begins or book[each].ends for each in claims[0]):
            continue
        elif rules:
            hits.append(shape)
            fired.update(rule.id for rule in rules)
        elif not claims[0]:
            (unknown if record.level and record.level.alarming else quiet).append(shape)
    return Pools(quiet, unknown, hits, len(fired), starts)


def _lines(book: RuleBook) -> Iterator[bytes]:
    for path in sorted(SAMPLES.rglob("*.log")):
        yield from path.read_bytes().splitlines()
    for rule in book:
        yield from (example.line.encode() for example in rule.examples.fires)


def lines(recipe: Recipe, pool: Pools, random: Random) -> Iterator[tuple[bytes, bool]]:
    """Lines without end, each with whether it is a hit."""
    values = Values(random, recipe.pace)
    if recipe.run:
        yield from _again(SAMPLES / recipe.run, pool, values)
    rest = [ready(shape, values) for shape in (pool.quiet + pool.unknown if recipe.rest == "all" else pool.quiet)]
    hits = [ready(shape, values) for shape in pool.hits]
    start = ready(pool.starts[recipe.start], values)
    noise = _noise(values)
    draw = random.random
    for number in count():
        values.tick()
        if number % LIVING == 0:
            values.renew()
        chance = draw()
        if number % RESTART == 0:
            yield start.line(), True
        elif chance < recipe.hits:
            yield hits[int(draw() * len(hits))].line(), True
        elif chance < recipe.hits + recipe.noise:
            yield noise(random.getrandbits(15)), True
        else:
            yield rest[int(draw() * len(rest))].line(), False


def _again(path: Path, pool: Pools, values: Values) -> Iterator[tuple[bytes, bool]]:
    """The lines of a run over and over, but for those of other formats."""
    hits = set(pool.hits)
    shapes = [shape for line in path.read_bytes().splitlines() if (shape := shape_of(line))]
    for made, hit in cycle([(ready(shape, values), shape in hits) for shape in shapes]):
        values.tick()
        yield made.line(), hit


def _noise(values: Values) -> Callable[[int], bytes]:
    """The harmless line, of whichever process."""
    stamp = values.fill("klog", 0)
    tail = re.sub(rb"\b1203\b", b"%d", NOISE.split(b"1203 ", 1)[1]) + b"\n"
    return lambda pid: b"E" + stamp() + tail % (pid, pid)


def make(recipe: Recipe, folder: Path, pool: Pools, words: list[str]) -> Path:
    """The file, made if it is not there as described; about 50 MB a second."""
    path = folder / f"{recipe.name}.log{'.gz' if recipe.compressed else ''}"
    label = folder / f"{recipe.name}.json"
    digest = hashlib.sha256(repr((SEED, RESTART, NOISE, recipe, pool)).encode()).hexdigest()
    if path.exists() and label.exists() and json.loads(label.read_text())["recipe"] == digest:
        return path
    label.unlink(missing_ok=True)
    size = total = hits = 0
    head: list[bytes] = []
    with gzip.open(path, "wb", compresslevel=6) if recipe.compressed else path.open("wb") as out:
        chunk: list[bytes] = []
        for line, hit in lines(recipe, pool, Random(SEED)):  # noqa: S311
            chunk.append(line)
            size += len(line)
            total += 1
            hits += hit
            if len(chunk) >= 20_000 or size >= recipe.size:
                out.write(b"".join(chunk))
                head += chunk[: MEASURED - len(head)]
                chunk.clear()
                if size >= recipe.size:
                    break
    about = {
        "recipe": digest,
        **asdict(recipe),
        "seed": SEED,
        "bytes": size,
        "lines": total,
        "hits": hits,
        "share_of_hits": round(hits / total, 5),
        "share_with_anchor": round(_with_anchor(head, words), 4),
        "shapes": {"quiet": len(pool.quiet), "unknown": len(pool.unknown), "hits": len(pool.hits), "rules": pool.rules},
    }
    label.write_text(json.dumps(about, indent=2) + "\n")
    return path


def _with_anchor(head: list[bytes], words: list[str]) -> float:
    """Of the first lines, as counted by polars rather than by what is measured."""
    import polars as pl

    texts = pl.Series([line.decode("utf-8", "replace") for line in head])
    found = texts.str.contains_any(words).mean()
    return found if isinstance(found, float) else 0.0


def anchors_of(book: RuleBook) -> list[str]:
    """Every anchor of every rule, sorted."""
    return sorted({word for rule in book for words in anchors.of_rule(rule) for word in words})


def write_anchors(book: RuleBook, folder: Path) -> Path:
    """The list that `rg -f` takes."""
    path = folder / "anchors.txt"
    path.write_text("\n".join(anchors_of(book)) + "\n")
    return path


_VERBS = "attach bind claim decode evict fetch grant hash index join kill lease mount notify open patch query renew seal trim"
_NOUNS = "audit sink,bridge port,cgroup slice,device map,endpoint shard,flow table,garbage list,host alias,image layer,key ring,lease file"
_ENDS = "is stale,was refused,ran out of slots,has no owner,came too late,holds a wrong epoch,lost its peer,is not sealed"


def write_pack(folder: Path, rules: int) -> Path:
    """A pack of rules for errors that no program prints, each with words of its own."""
    target = folder / "pack" / "node"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    words = product(_ENDS.split(","), _NOUNS.split(","), _VERBS.split())
    for number, (end, noun, verb) in enumerate(islice(cycle(words), rules)):
        text = f"cannot {verb} the {noun} of generation {number // 1760}: it {end}"
        rule = {
            "title": f"A {noun} {end} ({number})",
            "component": "kubelet",
            "stage": "node",
            "effect": "degraded",
            "match": [{"text": [text, "after "]}],
            "captures": {"after": r"after (\d+)"},
            "cause": "None: the rule is there to be counted.",
            "remedy": [{"note": "none"}],
            "references": ["made for a measurement"],
            "examples": {
                "fires": [f'time="2026-11-23T05:07:38Z" level=error msg="{text} after {number}"'],
                "silent": [f'time="2026-11-23T05:07:38Z" level=info msg="can {verb} the {noun} after {number}"'],
            },
        }
        (target / f"made-{number}.yaml").write_text(json.dumps(rule, indent=1) + "\n")  # JSON is YAML
    return target.parent


def default_folder() -> Path:
    return Path(tempfile.gettempdir()) / "k3slogs-bench"


def scaled(scale: float, names: Iterable[str] = ()) -> list[Recipe]:
    """The recipes, smaller or larger: `sparse-100` at 0.1 has 10 MB."""
    wanted = set(names)
    return [replace(recipe, size=int(recipe.size * scale)) for recipe in RECIPES if not wanted or recipe.name in wanted]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description="Make the files that speed is measured on.")
    parser.add_argument(
        "folder", nargs="?", type=Path, default=None, help="where to (default: k3slogs-bench in the folder for temporary files)"
    )
    parser.add_argument("--scale", type=float, default=1.0, metavar="FACTOR", help="0.1 makes files of a tenth of the size")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help=f"one of {', '.join(recipe.name for recipe in RECIPES)}"
    )
    given = parser.parse_args(arguments)
    folder = given.folder or default_folder()
    folder.mkdir(parents=True, exist_ok=True)
    book = k3slogs.load_rules()
    pool, words = pools(book), anchors_of(book)
    write_anchors(book, folder)
    write_pack(folder, 3 * len(book))
    shutil.copyfile(SAMPLES / SMALL, folder / "small.log")
    for recipe in scaled(given.scale, given.only):
        sys.stdout.write(f"{make(recipe, folder, pool, words)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
