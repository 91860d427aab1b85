"""Hits -> findings: folded by rule and key, one life of a process at a time."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field, replace
from itertools import dropwhile
from typing import TYPE_CHECKING

from k3slogs.engine.assembly import NOTHING_AROUND
from k3slogs.engine.sighting import later, sighting
from k3slogs.taxonomy import GRAVE, OWNERS, Component, Level, Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from k3slogs.engine import Hit
    from k3slogs.engine.assembly import Around
    from k3slogs.engine.sighting import Sighting
    from k3slogs.model import Record
    from k3slogs.rulebook import Rule

Identity = tuple[str | None, str | None]
"""Host and unit (or pod) that the envelopes name."""
FoldKey = tuple[str, tuple[str, ...]]
"""A rule's id, and by what its hits are folded."""

_UNITS = {
    "k3s": Component.K3S, "k3s-agent": Component.K3S, "kubelet": Component.KUBELET, "containerd": Component.CONTAINERD,
    "dockerd": Component.DOCKERD, "docker": Component.DOCKERD, "etcd": Component.ETCD, "kernel": Component.KERNEL, "systemd": Component.SYSTEMD,
    "kube-apiserver": Component.KUBE_APISERVER, "kube-proxy": Component.KUBE_PROXY, "cri-dockerd": Component.CRI_DOCKERD,
    "coredns": Component.COREDNS, "traefik": Component.TRAEFIK, "metrics-server": Component.METRICS_SERVER,
    "local-path-provisioner": Component.LOCAL_PATH, "flanneld": Component.FLANNEL, "kube-flannel": Component.FLANNEL,
}  # fmt: skip
_NAMES = tuple(sorted(_UNITS, key=len, reverse=True))


MAX_LIVES = 100
"""Lives of one source that are kept apart, however alike they are."""
MAX_TOLD = 1000
"""Lives of one source that are kept apart at all: beyond, the two oldest of a process count as one."""
MAX_KEYS = 200
"""Keys of one rule that are kept apart in one life; what comes after is counted under one of them."""
RECENT = 10
"""Of more lives than that, the last ones that are not folded yet."""
PICTURED = 3
"""Lives of a process, its last ones, whose findings all keep the lines around them: the verdict is about one of these. Of earlier ones those do
that no life before them had, since every finding is shown once.
"""


@dataclass(slots=True)
class Fold:
    """One rule's hits with the same key in one life of a process."""

    rule: Rule
    stage: Stage
    key: tuple[str, ...]
    captured: dict[str, str] | Callable[[], dict[str, str]]
    """The captures, or how to find them."""
    first: Sighting
    last: Sighting
    count: int = 0
    enough: bool = False
    """The rule's threshold is reached."""
    recent: tuple[datetime, ...] = ()
    """Times of the last hits, until they are enough: no more than the threshold asks for."""

    @property
    def captures(self) -> dict[str, str]:
        """What the first line gives for the rule's names."""
        if not isinstance(self.captured, dict):
            self.captured = _fitting(self.captured(), self.rule, self.key)
        return self.captured

    def add(self, seen: Sighting) -> None:
        self.count += 1
        self.last = later(self.last, seen)
        if not self.enough:
            self.enough = self._is_enough(seen.timestamp)

    def add_more(self, count: int) -> None:
        """Further lines of one kind, whose times the rule does not look at."""
        self.count += count
        self.enough = self.enough or self._is_enough(None)

    def drop_neighbours(self) -> None:
        self.first, self.last = self.first.amid(NOTHING_AROUND), self.last.amid(NOTHING_AROUND)

    @property
    def looks_at_times(self) -> bool:
        """The next hit may reach the threshold, by its time."""
        return not self.enough and self.rule.threshold is not None and self.rule.threshold.within is not None

    def _is_enough(self, moment: datetime | None) -> bool:
        threshold = self.rule.threshold
        if threshold is None:
            return True
        if threshold.within is None or moment is None:
            return self.count >= threshold.count
        oldest = moment - threshold.within
        self.recent = (*dropwhile(lambda earlier: earlier < oldest, self.recent), moment)
        return len(self.recent) >= threshold.count


_NO_CAPTURES: dict[str, str] = {}
"""One for all, since there are many."""


def _fitting(captures: dict[str, str], rule: Rule, key: tuple[str, ...]) -> dict[str, str]:
    """Without what the key says otherwise, as that for all others does."""
    if not captures:
        return _NO_CAPTURES
    return {name: value for name, value in captures.items() if name not in rule.key or value in key}


@dataclass(slots=True)
class Life:
    """What one source holds of one life of a process: its findings and how it began and ended."""

    source: str
    identity: Identity
    program: str | None = None
    begun: Sighting | None = None
    """The start banner; None where the log begins in the middle of a life."""
    start: Sighting | None = None
    end: Sighting | None = None
    folds: dict[FoldKey, Fold] = field(default_factory=dict)
    stop: Sighting | None = None
    """The first sign of the operator's stop."""
    exit: Sighting | None = None
    """The last line that says that the process died by itself: an `ends: exit` rule's, or one at level fatal."""
    pid: str | None = None
    repeats: int = 1
    """Lives that ran the same way and are folded into this one."""
    records: int = 0
    writers: set[str] = field(default_factory=set)
    """Programs that single lines prove."""
    keys: Counter[str] = field(default_factory=Counter)
    """Folds of each rule that has a key."""

    def extend(self, record: Record) -> None:
        seen = sighting(record)
        if self.start is None or (self.start.timestamp is None and seen.timestamp is not None):
            self.start = seen
        self.end = later(self.end, seen)
        self.pid = record.pid or self.pid
        self.records += 1
        if record.program:
            self.writers.add(record.program)

    def add(self, hit: Hit, record: Record, context: Callable[[], Around] = lambda: NOTHING_AROUND) -> Fold:
        """`context` gives the lines around the record."""
        rule = hit.rule
        seen = sighting(record)
        fold = self.fold_of(rule, hit.key)
        if fold is None:
            if rule.is_fault:
                seen = seen.amid(context())
            fold = self.open(rule, hit.key, effective_stage(rule, record, self.program), hit.captures, seen)
        fold.add(seen)
        return fold

    def fold_of(self, rule: Rule, key: tuple[str, ...]) -> Fold | None:
        """Where a hit would be added, if not to a new one."""
        return self.folds.get((rule.id, self._key(rule, key)))

    def open(
        self, rule: Rule, key: tuple[str, ...], stage: Stage, captured: dict[str, str] | Callable[[], dict[str, str]], seen: Sighting
    ) -> Fold:
        """A new one, whose first hit is still to be counted."""
        key = self._key(rule, key)
        if key:
            self.keys[rule.id] += 1
        if isinstance(captured, dict):
            captured = _fitting(captured, rule, key)
        fold = self.folds[rule.id, key] = Fold(rule, stage, key, captured, seen, seen)
        return fold

    @property
    def is_timed(self) -> bool:
        """It is known when it started."""
        return self.start is not None and self.start.timestamp is not None

    def _key(self, rule: Rule, key: tuple[str, ...]) -> tuple[str, ...]:
        """The key itself, or the one for all others where there are too many."""
        if not key:
            return key
        known = self.keys.get(rule.id, 0) < MAX_KEYS or (rule.id, key) in self.folds
        return key if known else tuple("?" for _ in key)

    def note_end(self, claims: list[Rule], record: Record) -> None:
        """Last words count even where an inner rule has precedence; those of a nested program do not, if its host survives it."""
        ends = {rule.ends for rule in claims if rule.ends and not _outlived(str(rule.component), self.program)}
        if "stop" in ends:
            self.stop = self.stop or sighting(record)
        elif "exit" in ends or record.level is Level.FATAL:
            self.exit = sighting(record)

    def is_over_for(self, record: Record) -> bool:
        """It died, and another process wrote the record."""
        return self.exit is not None and bool(record.pid and self.pid) and record.pid != self.pid

    @property
    def course(self) -> tuple[object, ...]:
        """How it ran: by which faults, and to what end."""
        faults = frozenset(rule_id for (rule_id, _), fold in self.folds.items() if fold.rule.effect in GRAVE)
        return self.program, self.exit is None, self.stop is None, faults

    def absorb(self, later: Life) -> None:
        """Go on with a life that another file continues, or that ran the same way."""
        for (rule_id, key), fold in later.folds.items():
            place = rule_id, self._key(fold.rule, key)
            own = self.folds.get(place)
            if own is None:
                if key:
                    self.keys[rule_id] += 1
                self.folds[place] = fold
            else:
                own.count, own.last, own.enough = own.count + fold.count, fold.last, own.enough or fold.enough
        self.end = later.end or self.end
        self.exit, self.stop = later.exit or self.exit, self.stop or later.stop
        self.records += later.records
        self.writers |= later.writers

    def drop_neighbours(self, known: set[FoldKey]) -> None:
        """Keep the lines around a finding only if it is not known yet; afterwards it is."""
        for key, fold in self.folds.items():
            if fold.rule.is_fault and key in known:
                fold.drop_neighbours()
        known.update(self.folds)

    def copy(self) -> Life:
        """The same life, which may be added to without changing this one."""
        folds = {key: replace(fold) for key, fold in self.folds.items()}
        return replace(self, folds=folds, writers=self.writers.copy(), keys=self.keys.copy())

    @property
    def has_fault(self) -> bool:
        return any(fold.rule.effect == "fatal" for fold in self.folds.values())


_INSIDE_K3S = {
    Component.KUBELET: Stage.KUBELET, Component.CADVISOR: Stage.KUBELET, Component.KUBE_PROXY: Stage.KUBELET,
    Component.KUBE_APISERVER: Stage.CONTROL_PLANE, Component.KUBE_CONTROLLER_MANAGER: Stage.CONTROL_PLANE,
    Component.KUBE_SCHEDULER: Stage.CONTROL_PLANE, Component.CLOUD_CONTROLLER_MANAGER: Stage.CONTROL_PLANE,
    Component.CONTAINERD: Stage.RUNTIME, Component.DOCKERD: Stage.RUNTIME, Component.CRI_DOCKERD: Stage.RUNTIME,
    Component.ETCD: Stage.DATASTORE, Component.KINE: Stage.DATASTORE,
}  # fmt: skip
"""The rung of k3s that fails when a program in it fails at its own start."""
_SANDBOX = ("RunPodSandbox", "CreatePodSandbox", "create sandbox for pod", "create pod sandbox", "FailedCreatePodSandBox", "start sandbox")
_KUBE_PROXY_DIES = "unable to create proxier"


def effective_stage(rule: Rule, record: Record, program: str | None) -> Stage:
    """The rule's stage, where the record does not say better.

    A fault of a container's start is the sandbox's when the pod sandbox was being made; what kills kube-proxy is the kubelet's rung; and
    a nested program's failed start is that program's rung in its host.
    """
    if not rule.is_fault:
        return rule.stage
    if rule.stage is Stage.CONTAINER and any(mark in record.text for mark in _SANDBOX):
        return Stage.SANDBOX
    if _KUBE_PROXY_DIES in record.text:
        return Stage.KUBELET
    if rule.stage is Stage.PROCESS and program == Component.K3S:
        return _INSIDE_K3S.get(rule.component, rule.stage)
    return rule.stage


class _Latest:
    """The current life of a process, and those before it that keep all lines around their findings."""

    def __init__(self) -> None:
        self._lives: deque[Life] = deque()
        self._known: set[FoldKey] = set()
        """What earlier ones had."""

    @property
    def life(self) -> Life:
        return self._lives[-1]

    @life.setter
    def life(self, life: Life) -> None:
        self._lives[-1] = life

    def begin(self, life: Life) -> None:
        self._lives.append(life)
        if len(self._lives) > PICTURED:
            self._lives.popleft().drop_neighbours(self._known)


class Folder:
    """Cuts the records of one source into lives of processes and folds the hits in each."""

    def __init__(self, source: str, before_change: Callable[[], None] = lambda: None) -> None:
        self._source = source
        self._before_change = before_change
        """Called before a life begins, or is taken into another one."""
        self._latest: dict[Identity, _Latest] = {}
        self.lives: list[Life] = []

    def life(self, record: Record) -> Life:
        """The life that a record belongs to."""
        identity = belongs_to(record)
        latest = self._latest.get(identity)
        if latest is None:
            return self._open(identity, _unit_program(identity[1]))
        life = latest.life
        if life.is_over_for(record):
            return self._open(identity, life.program)
        return life

    def program(self, record: Record, told: str | None) -> str | None:
        """The program that wrote a record, as far as its text (which told that one), its envelope or its stream's banner tell."""
        return told or _unit_program(record.identity[1]) or self.life(record).program

    def begin(self, rule: Rule, record: Record) -> None:
        """A start banner: a new life, unless the banner is that of a program nested in this one."""
        life = self.life(record)
        program = str(rule.component)
        if _nested(program, life.program):
            return
        self._before_change()
        if life.begun is not None or _lived(life):
            life = self._open(belongs_to(record), program)
        life.program = program
        life.begun = sighting(record)

    def _open(self, identity: Identity, program: str | None) -> Life:
        self._before_change()
        life = Life(self._source, identity, program)
        self._latest.setdefault(identity, _Latest()).begin(life)
        self.lives.append(life)
        self._fold_restarts()
        return life

    def _fold_restarts(self) -> None:
        """Of a long restart loop the lives that ran the same way are kept as one, but for the last ones."""
        if len(self.lives) <= MAX_LIVES:
            return
        earlier, later = self.lives[-RECENT - 1], self.lives[-RECENT]
        if earlier.identity == later.identity and earlier.course == later.course:
            earlier.absorb(later)
            earlier.repeats += later.repeats
            del self.lives[-RECENT]
        elif len(self.lives) > MAX_TOLD:
            self._forget()

    def _forget(self) -> None:
        """The oldest life goes into the next one of its process; where there is none, it has not been heard of for long."""
        oldest = self.lives[0]
        following = next((at for at, life in enumerate(self.lives[1:], 1) if life.identity == oldest.identity), None)
        if following is None:
            del self._latest[oldest.identity], self.lives[0]
            return
        later = self.lives.pop(following)
        oldest.absorb(later)
        oldest.repeats += later.repeats
        if self._latest[oldest.identity].life is later:
            self._latest[oldest.identity].life = oldest


def _lived(life: Life) -> bool:
    """Lines before the first banner are a life of their own only if something happened in them."""
    return life.exit is not None or life.stop is not None or life.has_fault


def _nested(program: str, host: str | None) -> bool:
    """Does `program` run inside `host`, whose lives it does not begin or end?"""
    return host is not None and _rank(host) < _rank(program) < len(OWNERS)


def _outlived(program: str, host: str | None) -> bool:
    """The kubelet inside k3s is no process of its own: where it exits, k3s is gone."""
    return _nested(program, host) and (program, host) != (Component.KUBELET, Component.K3S)


def _rank(program: str) -> int:
    return next((rank for rank, owner in enumerate(OWNERS) if owner == program), len(OWNERS))


def _unit_program(unit: str | None) -> str | None:
    if unit is None:
        return None
    name = unit.rsplit("/", 1)[-1]
    if known := _UNITS.get(name):
        return str(known)
    if "/" in unit:
        return next((str(_UNITS[prefix]) for prefix in _NAMES if name.startswith(prefix + "-")), str(Component.POD))
    if name.startswith("k3s-"):
        return str(Component.K3S)
    return None


def belongs_to(record: Record) -> Identity:
    """Lines of systemd about a unit belong to that unit's life."""
    host, unit, _ = record.identity
    if unit in {"systemd", "init"}:
        name, separator, _ = record.message.partition(".service: ")
        if separator and " " not in name:
            return host, name
    return host, unit
