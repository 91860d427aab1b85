"""Folders, log files, saved documents and lists of experiments -> runs, side by side or as a write-up."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from k3slogs import comparison, experiment, safety
from k3slogs.analysis import Analysis, Comparison
from k3slogs.comparison import flags
from k3slogs.document import Document
from k3slogs.errors import SourceError, UsageError
from k3slogs.pipeline import analyze, book_of
from k3slogs.safety import each_text
from k3slogs.taxonomy import GRAVE, Stage
from k3slogs.writeups import Input, Writeup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from k3slogs.comparison import Run
    from k3slogs.rulebook import RuleBook

    Given = str | os.PathLike[str] | Analysis
    _Opened = tuple[Run, str | None]
    """A run, and its whole path if it has one."""

MAX_DOCUMENT = 256 * 1024 * 1024


def compare(
    runs: Given | Iterable[Given],
    *,
    columns: Sequence[str] = (),
    sort: str | None = None,
    rules: RuleBook | str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
    year: int | None = None,
    tz: str | None = None,
    redact: bool = True,
) -> Comparison:
    """Put runs side by side.

    `runs`: folders of logs with or without an `experiment.yaml`, folders of such folders, log files, saved JSON documents, lists of
    experiments (schema `k3slogs/experiments/1`), or analyses. `columns` and `sort` as `comparison.compared` has them; the other
    parameters are those of `analyze`. Raises ExperimentError for a broken `experiment.yaml`, RuleError, and UsageError if no run is
    left; a run that cannot be read is listed in `failures` of the result.
    """
    opener = Opener(book_of(rules), year=year, tz=tz, redact=redact)
    found = opener.open(_many(runs))
    if not found:
        raise UsageError(_nothing(opener.failures))
    return Comparison(comparison.compared(found, columns=columns, sort=sort), tuple(opener.failures))


def writeup(
    run: Given,
    *,
    compare: Given | Iterable[Given] = (),
    template: str | os.PathLike[str] | None = None,
    mermaid: bool = False,
    rules: RuleBook | str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
    year: int | None = None,
    tz: str | None = None,
    redact: bool = True,
) -> str:
    """The document of one run as Markdown: the same run and the same words give the same text.

    `run` and `compare` as in `compare`; without `compare` the run is set beside the `earlier` runs that its `experiment.yaml` names.
    `template`: a folder of jinja2 templates that stand before the built-in ones; `mermaid` draws the timeline as well. Raises what `compare` raises, SourceError for a run
    that cannot be read, and UsageError for a template that is wrong, with file, line and message.
    """
    from k3slogs.renderers import _writeup

    book = book_of(rules)
    opener = Opener(book, year=year, tz=tz, redact=redact)
    found = opener.open([run])
    if len(found) != 1:
        if opener.failures:
            raise opener.failures[0]
        raise UsageError(f"{run}: holds {len(found)} runs; a write-up is of one")
    own, folder = found[0], None if isinstance(run, Analysis) else Path(run)
    others = _many(compare) or [folder / each for each in own.experiment.earlier if folder and (folder / each).exists()]
    before = opener.open(others)
    told = Writeup(
        run=own, inputs=tuple(_inputs(own, _base(own))), version=version("k3slogs"), rules=f"{len(book)} rules, {book.digest[:16]}",
        comparison=comparison.compared([*before, own]) if before else None, base=_base(own),
        problems=(*own.problems, *(str(failure) for failure in opener.failures)),
    )  # fmt: skip
    return _writeup.render(told, Path(template) if template else None, mermaid=mermaid)


def draft(
    folder: Path,
    *,
    rules: RuleBook | str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
    year: int | None = None,
    tz: str | None = None,
) -> str:
    """A new `experiment.yaml` for a folder, with what its logs tell."""
    analysis = analyze(folder, rules=rules, year=year, tz=tz)
    return experiment.draft(analysis.document if analysis.inputs else None, folder.resolve().name)


def _base(run: Run) -> str:
    """The folder that all sources share, with its slash."""
    sources = [entry.source for entry in run.document.inputs] if run.document else []
    shared = os.path.commonpath([str(Path(source).parent) for source in sources]) if sources else ""
    return f"{shared}/" if shared and shared != "." else ""


def _inputs(run: Run, base: str) -> Iterator[Input]:
    for entry in run.document.inputs if run.document else ():
        path = Path(entry.source)
        digest = None
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        yield Input(entry.source.removeprefix(base), entry.lines, digest)


def _many(runs: Given | Iterable[Given]) -> list[Given]:
    return [runs] if isinstance(runs, str | os.PathLike | Analysis) else list(runs)


def _nothing(failures: list[SourceError]) -> str:
    return "there is no run to compare" + "".join(f"\n  {failure}" for failure in failures)


class Opener:
    """Opens runs with one book of rules; remembers what could not be read."""

    def __init__(self, book: RuleBook, *, year: int | None = None, tz: str | None = None, redact: bool = True) -> None:
        self._book, self._year, self._tz, self._redact = book, year, tz, redact
        self._clean = partial(safety.clean, redacted=redact)
        self._advised = _advised(book)
        self.failures: list[SourceError] = []

    def open(self, given: Iterable[Given]) -> list[Run]:
        """The runs, each under a name of its own. What stands in a saved document or in a file's name is as hostile as a log."""
        return _named([run for each in given for run in self._runs(each)])

    def _runs(self, given: Given) -> Iterator[_Opened]:
        if isinstance(given, Analysis):
            source = given.inputs[0].source if given.inputs else "analysis"
            yield self._run(_stem(Path(source)), given.document, path=Path(source))
            return
        path = Path(given)
        try:
            if path.is_dir():
                yield from self._folder(path)
            elif not path.exists():
                self.failures.append(SourceError(str(given), "no such file or directory"))
            elif experiment.is_list(path):
                yield from (self._run(each.label or each.title, None, each) for each in self._list(path))
            elif document := self._document(path):
                yield self._run(_stem(path), document, path=path)
            else:
                yield from self._logs(path, _stem(path))
        except OSError as error:
            self.failures.append(SourceError(str(given), f"cannot be read ({error.strerror or error})"))

    def _list(self, path: Path) -> list[experiment.Experiment]:
        return experiment.read_list(path, redact=self._redact)

    def _folder(self, path: Path) -> Iterator[_Opened]:
        own = path / experiment.FILE
        inner = [] if own.exists() else sorted(each.parent for each in path.glob(f"*/{experiment.FILE}"))
        if inner:
            for folder in inner:
                yield from self._folder(folder)
            return
        known = experiment.read(own, redact=self._redact) if own.exists() else experiment.Experiment()
        yield from self._logs(path, path.resolve().name, known)

    def _logs(self, path: Path, name: str, known: experiment.Experiment | None = None) -> Iterator[_Opened]:
        """A run of the logs of a path; of a folder without logs the author's notes alone."""
        analysis = analyze(path, rules=self._book, year=self._year, tz=self._tz, redact=self._redact)
        if analysis.inputs:
            self.failures += analysis.failures
            yield self._run(name, analysis.document, known, path)
        elif known is not None and known != experiment.Experiment():
            yield self._run(name, None, known, path, problems=["no logs: what is shown is what its author noted"])
        else:
            reason = analysis.failures[0].reason if analysis.failures else "holds no log"
            self.failures.append(SourceError(str(path), reason))

    def _document(self, path: Path) -> Document | None:
        """The analysis saved in a JSON file, or None if the file is something else."""
        from pydantic import ValidationError

        if path.suffix != ".json" or path.stat().st_size > MAX_DOCUMENT:
            return None
        text = path.read_bytes()
        if b'"schema_version"' not in text[:4096] or b'"verdict"' not in text[:4096]:
            return None
        try:
            found = Document.from_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise UsageError(f"{path}: is no analysis of this version of k3slogs ({where}: {first['msg']})") from None
        return each_text(found, safety.redact) if self._redact else found

    def _run(
        self,
        name: str,
        document: Document | None,
        known: experiment.Experiment | None = None,
        path: Path | None = None,
        problems: Sequence[str] = (),
    ) -> _Opened:
        known = known or experiment.Experiment()
        lost = [f"the earlier run {each!r} is not there" for each in known.earlier if path and not (path / each).exists()]
        run = comparison.Run(self._clean(name), document, known, (*problems, *lost), self._advised)
        return run, self._clean(str(path)) if path else None


def _advised(book: RuleBook) -> frozenset[str]:
    rules = (rule for rule in book if rule.stage is Stage.KUBELET and rule.effect in GRAVE)
    texts = [text for rule in rules for step in rule.remedy for text in (step.command, step.config) if text]
    return frozenset(flags.normal(flag) for flag in flags.advised(texts))


def _stem(path: Path) -> str:
    """A file's name, with its folder's where that says more: `exp-15/k3s.log`."""
    parent = path.resolve().parent.name
    return f"{parent}/{path.name}" if parent else path.name


def _named(found: list[_Opened]) -> list[Run]:
    """Runs of one name or number told apart."""
    names = Counter(run.name for run, _ in found)
    numbers = Counter(run.experiment.number for run, _ in found if run.experiment.number is not None)
    taken: Counter[str] = Counter()
    runs = []
    for run, path in found:
        name = run.name if names[run.name] == 1 or path is None else path
        taken[name] += 1
        name = name if taken[name] == 1 else f"{name} ({taken[name]})"
        number = run.experiment.number
        if number is not None and numbers[number] > 1:
            problem = f"the number {number} is that of {numbers[number]} runs: they go by their names"
            run = replace(run, problems=(*run.problems, problem), experiment=run.experiment.model_copy(update={"number": None}))  # noqa: PLW2901
        runs.append(replace(run, name=name))
    return runs
