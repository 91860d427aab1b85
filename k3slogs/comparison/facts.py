"""One run and what is known of it: the logs' word before the person's, each told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from k3slogs.comparison.flags import normal
from k3slogs.experiment import Experiment
from k3slogs.taxonomy import Ended, Stage, Standing

if TYPE_CHECKING:
    from datetime import datetime

    from k3slogs.document import AttemptEntry, Document, FindingEntry, Rung

_REFUSAL = re.compile(r"(?:: unknown|[\"'\s}\]])+$")
_TAIL = re.compile(r", continuing to push stats$|, err(?:or)?$")


@dataclass(frozen=True)
class Run:
    """A run by its name; `document` is what its logs say, `experiment` what its author says; one of the two is there."""

    name: str
    document: Document | None
    experiment: Experiment = field(default_factory=Experiment)
    problems: tuple[str, ...] = ()
    advised: frozenset[str] = frozenset()
    """Flags that rules of the kubelet's rung advise, in their normal form."""

    @property
    def label(self) -> str:
        """As a table and a sentence name it: `Exp 18`, or the name where no number was given."""
        return self.experiment.label or self.name

    @property
    def stages(self) -> tuple[Rung, ...]:
        return self.document.stages if self.document else ()

    def standing(self, stage: Stage) -> Standing | None:
        """How a rung stood: by the logs, or by the two rungs that the author noted."""
        if self.document:
            return next((rung.status for rung in self.stages if rung.stage is stage), None)
        noted = self.experiment.observed
        if noted.furthest_stage is None:
            return None
        if stage is noted.blocked_stage:
            return Standing.BLOCKED
        return Standing.REACHED if stage.rank <= noted.furthest_stage.rank else Standing.NEVER_REACHED

    @property
    def furthest_stage(self) -> Stage | None:
        return self.document.verdict.furthest_stage if self.document else self.experiment.observed.furthest_stage

    @property
    def blocked_stage(self) -> Stage | None:
        return self.document.verdict.blocked_stage if self.document else self.experiment.observed.blocked_stage

    @property
    def flags(self) -> tuple[str, ...]:
        """The command line as its author gave it; what the logs show of it where no one did."""
        if self.experiment.flags:
            return tuple(self.experiment.flags)
        return self.document.environment.flags if self.document else ()

    @property
    def workarounds(self) -> tuple[str, ...]:
        """The flags that the rules advise against what keeps a kubelet from starting."""
        return tuple(flag for flag in self.flags if normal(flag) in self.advised)

    @property
    def k3s_version(self) -> str | None:
        return (self.document.environment.k3s_version if self.document else None) or self.experiment.k3s_version or None

    @property
    def runtime(self) -> str:
        return self.experiment.runtime or (self.document.environment.runtime if self.document else None) or ""

    @cached_property
    def attempt(self) -> AttemptEntry | None:
        """The attempt that was judged, which may stand for neighbours of the same fate."""
        if self.document is None:
            return None
        wanted = self.document.verdict.attempt
        return next((each for each in self.document.attempts if wanted and each.number <= wanted < each.number + each.repeats), None)

    @property
    def ended(self) -> Ended | None:
        return self.attempt.ended if self.attempt else None

    @property
    def died(self) -> bool:
        """Did it end by itself? A log that stops within the next start of a restart loop ends so too."""
        if self.document is None or self.attempt is None:
            return False
        fate = self.attempt.root_cause
        return any(
            each.ended is Ended.EXITED and each.root_cause == fate for each in self.document.attempts if fate or each is self.attempt
        )

    @property
    def start(self) -> datetime | None:
        return self._moment("attempt")

    @property
    def duration(self) -> float | None:
        """Seconds that the judged attempt was up, as far as its lines tell."""
        start, end = self.start, self._moment("end")
        return round((end - start).total_seconds(), 3) if start and end else None

    def _moment(self, kind: str) -> datetime | None:
        """When the judged attempt began or ended."""
        if self.document is None:
            return None
        wanted = self.document.verdict.attempt
        return next((row.timestamp for row in self.document.timeline if row.kind == kind and row.attempt == wanted), None)

    @property
    def time_to_failure(self) -> float | None:
        """Seconds from the start of the judged attempt to the root cause's line."""
        root = self.document.verdict.root_cause if self.document else None
        if root is None or root.evidence.timestamp is None or self.start is None:
            return None
        seconds = (root.evidence.timestamp - self.start).total_seconds()
        return seconds if seconds >= 0 else None

    @property
    def attempts(self) -> int | None:
        return sum(each.repeats for each in self.document.attempts) if self.document else None

    @property
    def root(self) -> FindingEntry | None:
        """The finding that is the root cause."""
        root = self.document.verdict.root_cause if self.document else None
        return next((each for each in self.faults if root and each.rule == root.rule), None)

    @cached_property
    def faults(self) -> tuple[FindingEntry, ...]:
        if self.document is None:
            return ()
        return tuple(each for each in self.document.findings if each.effect in {"fatal", "degraded", "symptom"} and not each.tolerated)

    @property
    def troubles(self) -> tuple[FindingEntry, ...]:
        """Faults that stood to the end and follow from no other."""
        return tuple(each for each in self.faults if not each.resolved and not each.caused_by)

    @property
    def error(self) -> str:
        """What the root cause's line complains of, in its innermost clause; of a run without logs what its author quotes."""
        if self.root is None:
            return inner_error(self.experiment.observed.root_cause) if self.document is None else ""
        return self.root.captures.get("reason") or inner_error(self.root.evidence[0].text)


def inner_error(text: str) -> str:
    """The last clause of a Go error: `a: b: no such file or directory: unknown` -> `no such file or directory`."""
    text = _REFUSAL.sub("", re.split(r"\berr(?:or)?=", text)[-1].strip())
    clause = re.split(r":\s+", text)[-1]
    return _TAIL.sub("", _REFUSAL.sub("", clause)).strip("\"' ")
