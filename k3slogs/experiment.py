"""What only the person knows of a run: `experiment.yaml` beside its logs, and lists of experiments in one file."""

from __future__ import annotations

import json
import re
from datetime import date as Date  # noqa: N812 - `date` is a key of the file
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from k3slogs import safety, yamlfile
from k3slogs.errors import ExperimentError, Problem
from k3slogs.taxonomy import Outcome, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from k3slogs.document import Document

FILE = "experiment.yaml"
LIST_SCHEMA = "k3slogs/experiments/1"
MAX_BYTES = 16 * 1024 * 1024


def _word(value: Any) -> Any:
    """YAML reads `no` as false and 4.4 as a number; the person meant the word."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | float) else value


Word = Annotated[str, BeforeValidator(_word)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Phase(_Part):
    """One step of the method. `commands`, `notes` and `result` are text; the last two are Markdown."""

    title: str
    commands: str = ""
    notes: str = ""
    result: str = ""


class Expectations(_Part):
    """What success and failure would look like, said before the run."""

    success: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()


class Observed(_Part):
    """What the person noted: facts that stand beside what the logs prove, never in their place."""

    outcome: Outcome | None = None
    furthest_stage: Stage | None = None
    blocked_stage: Stage | None = None
    kubelet_start: Word = ""
    pod_execution: Word = ""
    result: Word = ""
    duration: Word = ""
    root_cause: str = ""


class Experiment(_Part):
    """One `experiment.yaml`. Every key may be left out; `earlier` names the folders of earlier runs, seen from this one."""

    number: int | None = Field(default=None, ge=0)
    title: Word = ""
    date: Date | None = None
    status: Word = ""
    hypothesis: str = ""
    context: str = ""
    runtime: Word = ""
    k3s_version: Word = ""
    node: Word = ""
    flags: tuple[Word, ...] = ()
    environment: dict[str, Word] = {}
    method: tuple[Phase, ...] = ()
    expectations: Expectations = Expectations()
    earlier: tuple[str, ...] = ()
    observed: Observed = Observed()
    conclusions: tuple[str, ...] = ()
    recommendations: tuple[str, ...] = ()
    notes: str = ""
    columns: dict[str, Word] = {}

    @property
    def label(self) -> str:
        """`Exp 18` where a number was given."""
        return "" if self.number is None else f"Exp {self.number:02d}" if self.number < 10 else f"Exp {self.number}"


_MODELS = (Experiment, Phase, Expectations, Observed)
_WORDS = sorted({name for model in _MODELS for name in model.model_fields})


def read(path: Path, *, redact: bool = True) -> Experiment:
    """An experiment file, its texts cleaned; raises ExperimentError with all that is wrong with it, line by line."""
    text, data, problems = yamlfile.read(path, str(path), "an experiment file")
    if data is None:
        raise ExperimentError(problems)
    try:
        return Experiment.model_validate(safety.each_text(data, partial(safety.clean, redacted=redact, newlines=True)))
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise ExperimentError([yamlfile.problem(str(path), text, each, _WORDS, "an experiment file") for each in details]) from None


# --- a new file -------------------------------------------------------------------------------------------------------


def draft(document: Document | None, folder: str) -> str:
    """A commented `experiment.yaml` with what the logs and the folder's name tell."""
    number, title = _named(folder)
    known = document.environment if document else None
    start = next((each.start for each in document.attempts if each.start), None) if document else None
    end = max((each.end for each in document.attempts if each.end), default=None) if document else None
    lines = [
        "# What only you know of this run. Every key may be left out; k3slogs reads the logs beside this file for the rest.",
        _entry("number", number),
        _entry("title", title),
        _entry("date", start.date().isoformat() if start else None, quoted=False),
        _entry("status", None, "in your own words: success, failed, blocked ..."),
        "",
        _entry("hypothesis", None, "what you expect, and why (Markdown)"),
        _entry("context", None, "what came before (Markdown)"),
        "",
        "# From the logs, as far as they tell; the contradictions between these and the logs are reported.",
        _entry("runtime", known.runtime if known else None),
        _entry("k3s_version", known.k3s_version if known else None),
        _entry("node", known.node if known else None),
        *_sequence("flags", known.flags if known else (), "the whole command line, a flag each: server, --disable=traefik ..."),
        "environment: {}           # facts of the host: {kernel: 6.1, root file system: ext4}",
        "",
        "method: []                # - title: Start k3s",
        "                          #   commands: |",
        "                          #     k3s server ...",
        "                          #   notes: what to know about it (Markdown)",
        "                          #   result: what you saw (Markdown)",
        "expectations:",
        "  success: []             # what success looks like, a text each",
        "  failure: []             # what failure looks like",
        "earlier: []               # folders of earlier runs: [../15-wait-and-retry]",
        "",
        "# What you noted. It stands beside what the logs prove, never in its place.",
        *(f"# {line}" for line in _verdict_lines(document, start, end)),
        "observed: {}              # outcome, furthest_stage, blocked_stage, kubelet_start, pod_execution, result, duration, root_cause",
        "",
        "conclusions: []           # a text each",
        "recommendations: []",
        _entry("notes", None, "anything else (Markdown)"),
        "columns: {}               # columns of your own in comparisons: {Workaround: none}",
    ]
    return "\n".join(lines) + "\n"


def _named(folder: str) -> tuple[int | None, str]:
    """`18-docker-runtime` -> 18 and `Docker runtime`."""
    match = re.fullmatch(r"(?:exp(?:eriment)?[-_ ]?)?0*(\d{1,6})(?:[-_ .]+(.*))?", folder, re.IGNORECASE)
    words = re.sub(r"[-_]+", " ", (match[2] or "") if match else folder).strip()
    return int(match[1]) if match else None, words[:1].upper() + words[1:]


def _entry(name: str, value: object, comment: str = "", *, quoted: bool = True) -> str:
    """`name: value  # comment`; text is quoted as JSON, which is YAML too."""
    shown = "" if value in {None, ""} else json.dumps(value, ensure_ascii=False) if quoted else str(value)
    line = f"{name}: {shown or ('null' if name in _NULLS else json.dumps(''))}"
    return f"{line:<26}# {comment}" if comment else line


_NULLS = {"number", "date"}


def _sequence(name: str, values: Iterable[str], comment: str) -> list[str]:
    items = [f"  - {json.dumps(value, ensure_ascii=False)}" for value in values]
    return [f"{name}:{'' if items else ' []':<19} # {comment}", *items]


def _verdict_lines(document: Document | None, start: datetime | None, end: datetime | None) -> list[str]:
    if document is None:
        return ["There are no logs here yet."]
    verdict = document.verdict
    told = f"The logs say: {verdict.outcome}, furthest stage {verdict.furthest_stage or 'none'}"
    root = f", root cause {verdict.root_cause.rule}" if verdict.root_cause else ""
    times = [f"From {start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} UTC."] if start and end else []
    return [f"{told}{root}.", *times]


# --- a list of experiments in one file ----------------------------------------------------------------------------


def is_list(path: Path) -> bool:
    """Does the file hold a list of experiments?"""
    if path.suffix != ".json" or path.stat().st_size > MAX_BYTES:
        return False
    with path.open("rb") as file:
        return LIST_SCHEMA.encode() in file.read(4096)


def read_list(path: Path, *, redact: bool = True) -> list[Experiment]:
    """The experiments of a file of schema `k3slogs/experiments/1`; raises ExperimentError with all that is wrong with it."""
    shown = str(path)
    try:
        entries = json.loads(path.read_bytes())["experiments"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ExperimentError([Problem(shown, None, "", f"holds no list of experiments ({error})")]) from None
    clean = partial(safety.clean, redacted=redact, newlines=True)
    found: list[Experiment] = []
    problems: list[Problem] = []
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        try:
            found.append(Experiment.model_validate(safety.each_text(_of_entry(entry), clean)))
        except (ValidationError, AttributeError, TypeError) as error:
            problems.append(Problem(shown, None, f"experiments.{index}", " ".join(str(error).split())))
    if problems or not found:
        raise ExperimentError(problems or [Problem(shown, None, "experiments", "is empty")])
    return found


_STAGES = {str(stage) for stage in Stage}


def _of_entry(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry of the list under the keys of `experiment.yaml`; what it says of the course is what its author noted."""
    stage, blocked = entry.get("furthest_stage_name"), entry.get("blocked_at_stage_name")
    environment = {"wrapper": entry["wrapper"]} if entry.get("wrapper") else {}
    workarounds = entry.get("workarounds") or []
    blocking = [each["message"] for each in entry.get("signatures", []) if each.get("role") == "blocking"]
    return {
        "number": entry.get("number"),
        "title": entry.get("title") or "",
        "date": entry.get("date"),
        "status": entry.get("status_claimed") or "",
        "runtime": entry.get("runtime") or "",
        "k3s_version": entry.get("k3s_version") or "",
        "flags": entry.get("k3s_flags") or [],
        "environment": {**environment, **({"workarounds": "; ".join(workarounds)} if workarounds else {})},
        "conclusions": [entry["result"]] if entry.get("result") else [],
        "notes": entry.get("caveat") or "",
        "observed": {
            "furthest_stage": stage if stage in _STAGES else None,
            "blocked_stage": blocked if blocked in _STAGES else None,
            "kubelet_start": entry.get("kubelet_started") or "",
            "pod_execution": entry.get("pod_execution") or "",
            "duration": entry.get("duration") or "",
            "root_cause": blocking[0] if blocking else "",
        },
    }
