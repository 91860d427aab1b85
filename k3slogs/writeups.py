"""A run, what its author says, and the runs before it -> what its document says, section by section."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from k3slogs.comparison import contradictions
from k3slogs.comparison.cells import lasted
from k3slogs.comparison.facts import inner_error
from k3slogs.taxonomy import Category, Effect, Ended, Outcome, Stage, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from k3slogs.comparison import ComparisonDocument, Run
    from k3slogs.document import Document, Evidence, FindingEntry, Remedy

MAX_STEPS = 24
"""Rows of the timeline; of more the chain and the ends are kept."""
_STARTS = {
    Stage.PROCESS: "{program} starts", Stage.DATASTORE: "the datastore starts", Stage.CONTROL_PLANE: "the control plane starts",
    Stage.AGENT: "the agent starts", Stage.RUNTIME: "the container runtime starts", Stage.KUBELET: "the kubelet starts",
    Stage.NODE: "the node asks to be registered", Stage.NETWORK: "the pod network is set up", Stage.IMAGE: "the first image is pulled",
    Stage.SANDBOX: "the first pod sandbox is made", Stage.CONTAINER: "the first container is created", Stage.RUNNING: "a container runs",
}  # fmt: skip
_NAMES = {"cadvisor": "cAdvisor", "cni": "CNI", "kube-apiserver": "API server"}
_WORKLOAD = (Stage.IMAGE, Stage.SANDBOX, Stage.CONTAINER, Stage.RUNNING)
_LAUNCH = re.compile(r"\b(?:k3s\s+(?:server|agent)|kubelet|dockerd|containerd|etcd|kube-apiserver)\b")


class Step(NamedTuple):
    """One row of the numbered timeline; `error` is quoted from its line."""

    when: datetime | None
    text: str
    where: str = ""
    error: str = ""


class Input(NamedTuple):
    """One file that was read, by its name within the run."""

    name: str
    lines: int
    digest: str | None
    """SHA-256 of its bytes; None where the file is not at hand."""


class Noted(NamedTuple):
    """A fact in the author's words, and what the logs prove of it."""

    name: str
    noted: str
    proved: str


@dataclass(frozen=True)
class Writeup:
    """All that the templates show. Texts of logs are clean; those of the author are Markdown."""

    run: Run
    inputs: tuple[Input, ...]
    version: str
    rules: str
    """How many rules there were, and the digest of their files."""
    comparison: ComparisonDocument | None = None
    """This run and those before it."""
    base: str = ""
    """The folder that all sources share; left out where a line is named."""
    problems: tuple[str, ...] = field(default=())

    @property
    def title(self) -> str:
        known = self.run.experiment
        name = known.title or self.run.name
        return f"Experiment {known.number}: {name}" if known.number is not None else name

    @property
    def document(self) -> Document | None:
        return self.run.document

    @property
    def status(self) -> str:
        """The outcome with its stage, in the words of the report."""
        if self.document is None:
            return "NOT RUN, or run without logs"
        verdict = self.document.verdict
        if verdict.blocked_stage:
            return f"{verdict.outcome.upper()} at the stage {verdict.blocked_stage}"
        return f"{verdict.outcome.upper()}, furthest stage {verdict.furthest_stage or 'none'}"

    @property
    def date(self) -> str:
        if self.run.experiment.date:
            return self.run.experiment.date.isoformat()
        return self.run.start.date().isoformat() if self.run.start else "unknown"

    @property
    def root(self) -> FindingEntry | None:
        return self.run.root

    @property
    def chain(self) -> tuple[FindingEntry, ...]:
        """The findings from the cause to its last consequence."""
        if self.document is None:
            return ()
        by_rule: dict[str, FindingEntry] = {}
        for finding in self.document.findings:
            by_rule.setdefault(finding.rule, finding)
        return tuple(by_rule[rule] for rule in self.document.verdict.chain if rule in by_rule)

    def place(self, evidence: Evidence) -> str:
        return f"{evidence.source.removeprefix(self.base)}:{evidence.line}"

    def plain(self, text: str) -> str:
        """A sentence with its files named from the run's own folder, so that it is the same wherever it was written."""
        return text.replace(self.base, "") if self.base else text

    @property
    def excerpt(self) -> tuple[FindingEntry, ...]:
        """The findings whose first lines tell the story: the cause and what followed from it."""
        return self.chain or ((self.root,) if self.root else ())

    @property
    def decisive_phase(self) -> int | None:
        """The phase of the method in which the program was started, counted from 1."""
        phases = self.run.experiment.method
        found = [number for number, phase in enumerate(phases, 1) if _LAUNCH.search(phase.commands)]
        program = self.program
        exact = [number for number in found if re.search(rf"\b{re.escape(program)}\s", phases[number - 1].commands)]
        return next(iter(exact or found), len(phases) or None)

    @property
    def program(self) -> str:
        return self.run.attempt.process.partition(" ")[0] if self.run.attempt else "k3s"

    # --- the drawn chain ----------------------------------------------------------------------------------------------

    @property
    def drawing(self) -> tuple[str, ...]:
        """Who called whom up to the fault, and below it what was never reached."""
        if self.root is None or self.document is None:
            return ()
        called = self._callers()
        end = {Effect.FATAL: "FATAL", Effect.DEGRADED: "DEGRADED"}.get(self._worst(), "FAILS")
        line = " -> ".join([*called, end])
        missed = self._never_reached()
        if not missed:
            return (line,)
        at = len(" -> ".join(called)) - len(called[-1]) // 2 - 1
        return (line, f"{' ' * at}|", f"{' ' * at}never reaches: {missed}")

    def _callers(self) -> list[str]:
        """Components from the outermost to the one that holds the fault."""
        components = [str(finding.component) for finding in reversed(self.excerpt)]
        if self.program not in components:
            components.insert(0, self.program)
        return [_NAMES.get(name, name) for name in dict.fromkeys(components)]

    def _worst(self) -> Effect:
        order = (Effect.FATAL, Effect.DEGRADED, Effect.SYMPTOM)
        return next((effect for effect in order if any(each.effect is effect for each in self.excerpt)), Effect.SYMPTOM)

    def _never_reached(self) -> str:
        blocked = self.run.blocked_stage
        if blocked is None:
            return ""
        missed = [stage for stage in Stage if stage.rank > blocked.rank and self.run.standing(stage) is Standing.NEVER_REACHED]
        rungs = ", ".join(missed)
        if blocked.rank <= Stage.NODE.rank and Stage.SANDBOX in missed:
            return f"container runtime ({rungs})" if blocked.rank >= Stage.RUNTIME.rank else rungs
        return rungs

    # --- the timeline -------------------------------------------------------------------------------------------------

    @property
    def steps(self) -> tuple[Step, ...]:
        """What happened in the judged attempt, in order, from its start to what it never reached."""
        if self.document is None:
            return ()
        rows = sorted(self._seen(self.document), key=lambda step: step[0])
        steps = [step for _, step in rows]
        if len(steps) > MAX_STEPS:
            steps = [*steps[: MAX_STEPS - 6], Step(None, f"({len(steps) - MAX_STEPS} more)"), *steps[-6:]]
        return (*steps, *self._end())

    def _seen(self, document: Document) -> Iterator[tuple[tuple[float, int, int], Step]]:
        attempt = document.verdict.attempt
        started: dict[Stage, FindingEntry] = {}
        for finding in document.findings:
            if finding.effect is Effect.MILESTONE and finding.attempt == attempt:
                earlier = started.get(finding.stage)
                if earlier is None or _order(finding.evidence[0]) < _order(earlier.evidence[0]):
                    started[finding.stage] = finding
        for stage, finding in started.items():
            yield self._step(finding, _STARTS[stage].format(program=self.program))
        for finding in self.excerpt:
            error = _quoted(finding)
            yield self._step(finding, finding.title, error="" if error in finding.title else error)

    def _step(self, finding: FindingEntry, text: str, *, error: str = "") -> tuple[tuple[float, int, int], Step]:
        first = finding.evidence[0]
        return _order(first), Step(first.timestamp, text, self.place(first), error)

    def _end(self) -> Iterator[Step]:
        """The last steps: who exits, and what is never reached."""
        run = self.run
        fatal = [finding for finding in self.excerpt if finding.effect is Effect.FATAL]
        last = self.document.attempts[-1].end if self.document and self.document.attempts else None
        if run.died:
            inner = next(
                (str(each.component) for each in fatal if str(each.component) in {"kubelet", "etcd", "containerd", "kube-apiserver"}), ""
            )
            for name in dict.fromkeys(name for name in (inner, self.program) if name):
                yield Step(last, f"{_NAMES.get(name, name)} exits")
        elif run.ended is Ended.STOPPED:
            yield Step(last, f"{self.program} is stopped by its operator")
        elif run.ended is Ended.LOG_ENDED:
            yield Step(last, f"the log ends here; nothing says that {self.program} died")
        never = [stage for stage in _WORKLOAD if run.standing(stage) is Standing.NEVER_REACHED]
        if never and run.blocked_stage is not None:
            yield Step(
                None, f"pods are never reached ({', '.join(never)})" if Stage.SANDBOX in never else f"never reached: {', '.join(never)}"
            )

    # --- what follows -------------------------------------------------------------------------------------------------

    @property
    def noted(self) -> tuple[Noted, ...]:
        """What the author noted, beside what the logs prove of the same."""
        said, verdict = self.run.experiment.observed, self.document.verdict if self.document else None
        rows = [
            Noted("outcome", str(said.outcome or ""), str(verdict.outcome) if verdict else ""),
            Noted("furthest stage", str(said.furthest_stage or ""), str(verdict.furthest_stage or "none") if verdict else ""),
            Noted("blocked stage", str(said.blocked_stage or ""), str(verdict.blocked_stage or "none") if verdict else ""),
            Noted("kubelet start", said.kubelet_start, self._cell("kubelet_start")),
            Noted("pod execution", said.pod_execution, self._cell("pod_execution")),
            Noted("result", said.result, self._cell("result")),
            Noted("duration", said.duration, lasted(self.run.duration) if self.document else ""),
        ]
        return tuple(row for row in rows if row.noted)

    def _cell(self, name: str) -> str:
        from k3slogs.comparison.cells import COLUMNS

        return COLUMNS[name](self.run).text if self.document else ""

    @property
    def contradictions(self) -> tuple[str, ...]:
        return tuple(contradictions(self.run))

    @property
    def proved(self) -> tuple[str, ...]:
        """Conclusions that the lines prove."""
        return tuple(self._proved()) if self.document else ()

    def _proved(self) -> Iterator[str]:
        run, verdict = self.run, self.document.verdict if self.document else None
        if verdict is None:
            return
        if verdict.root_cause and run.root:
            yield f"{verdict.root_cause.title} ({verdict.confidence}: {self.plain(verdict.reason)})."
        reached = [stage for stage in Stage if run.standing(stage) is Standing.REACHED]
        if reached:
            yield f"What came up: {', '.join(reached)}."
        if run.blocked_stage and run.blocked_stage.rank <= Stage.NODE.rank and run.standing(Stage.SANDBOX) is Standing.NEVER_REACHED:
            yield f"The container runtime is not what stopped it: {run.blocked_stage} failed before any image, sandbox or container was asked for."
        if run.root and run.root.category in {Category.CGROUP, Category.SANDBOX} and run.blocked_stage in _WORKLOAD:
            yield "The node itself came up: only what pods need is missing."
        if verdict.outcome is Outcome.RUNNING:
            yield "Nothing keeps workloads from running, as far as these logs go."
        yield from self._against_others()

    def _against_others(self) -> Iterator[str]:
        if self.comparison is None or self.best is None:
            return
        if self.best == self.run.name:
            yield f"No run compared here got further ({self.comparison.criterion})."
        else:
            yield f"{self.label(self.best)} got further: {self._furthest(self.best)}, where this one stopped at {self.run.furthest_stage or 'none'}."
        yield from (
            change.text + "." for change in self.comparison.changes if change.after == self.run.name and change.stage and change.text
        )

    # --- other runs -----------------------------------------------------------------------------------------------------

    @property
    def best(self) -> str | None:
        """The name of the run that got furthest, if there is anything to compare."""
        return self.comparison.furthest[0] if self.comparison and len(self.comparison.runs) > 1 and self.comparison.leaders else None

    def label(self, name: str) -> str:
        runs = self.comparison.runs if self.comparison else ()
        return next((run.cells["experiment"].note.partition(":")[0] for run in runs if run.name == name), name)

    def _furthest(self, name: str) -> str:
        runs = self.comparison.runs if self.comparison else ()
        return next((f"stage {run.furthest_stage}" for run in runs if run.name == name), "")

    @property
    def better_by(self) -> tuple[str, ...]:
        """Flags of the best run that this one lacks."""
        if self.comparison is None:
            return ()
        return next((each.lacks for each in self.comparison.differences if each.behind == self.run.name), ())

    @property
    def better_otherwise(self) -> tuple[str, ...]:
        """What else sets this run apart from the best one."""
        found = next((each for each in self.comparison.differences if each.behind == self.run.name), None) if self.comparison else None
        if found is None or self.best is None:
            return ()
        if found.same_command_line:
            return (found.text,)
        adds = (f"{self.run.label} has {', '.join(found.adds)}, which {self.label(self.best)} has not",) if found.adds else ()
        return (*adds, *(f"{self.label(self.best)} has {text}" for text in found.environment))

    @property
    def advised(self) -> tuple[tuple[str, Remedy], ...]:
        """Of the flags that the best run has those that the root cause's rule advises, with what it says of them."""
        from k3slogs.comparison.flags import normal

        remedies = self.document.verdict.remedy if self.document else ()
        return tuple(
            (flag, step) for flag in self.better_by for step in remedies if normal(flag) in normal(step.config or step.command or "")
        )

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        return self.document.verdict.remedy if self.document else ()


def _order(evidence: Evidence) -> tuple[float, int, int]:
    when = evidence.timestamp.timestamp() if evidence.timestamp else float("inf")
    return when, evidence.line, 0


def _quoted(finding: FindingEntry) -> str:
    """The error of a finding's line with its wrappers, as far as it is short; else its innermost clause."""
    text = finding.evidence[0].text
    found = re.findall(r"\berr(?:or)?=\"((?:[^\"\\]|\\.)*)\"", text)
    whole = found[-1].replace('\\"', '"') if found else ""
    return whole if 0 < len(whole) <= 160 else inner_error(text)
