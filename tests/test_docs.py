"""The documentation is true: generated pages are fresh, commands run, links lead somewhere, no file names a machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import k3slogs
from k3slogs.cli import _help
from tests import generate_docs
from tests.conftest import SEED, Pack

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FRESH = "is stale: run python -m tests.generate_docs"


class Command(NamedTuple):
    """A command that a page shows, and the exit code that it names behind it: `$ k3slogs ... # exit code 3`."""

    page: str
    line: int
    text: str
    code: int


def shown() -> Iterator[Command]:
    for page in PAGES:
        inside = False
        lines = page.read_text("utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            if line.lstrip().startswith("```"):
                inside = line.strip() == "```console"
            elif inside and line.startswith("$ k3slogs"):
                comments = " ".join([line, *(text for text in lines[number : number + 1] if text.startswith("#"))])
                code = re.search(r"#.*\bexit(?:s with| code) (\d+)", comments)
                yield Command(page.name, number, line.removeprefix("$ ").partition(" #")[0], int(code[1]) if code else 0)


COMMANDS = list(shown())


def test_the_pages_of_rules_are_fresh() -> None:
    pages = generate_docs.rule_pages()
    assert sorted(pages) == ["rules.md", *sorted(f"rules/{path.name}" for path in (ROOT / "docs" / "rules").iterdir())]
    for name, text in pages.items():
        assert (ROOT / "docs" / name).read_text("utf-8") == text, f"{name} {FRESH}"


def test_the_page_of_commands_is_fresh() -> None:
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == generate_docs.cli_page(), FRESH


def test_the_written_help_is_fresh() -> None:
    assert _help.TEXT.read_text("utf-8") == generate_docs.root_help(), FRESH


def test_the_readme_shows_how_to_start() -> None:
    assert any(command.page == "README.md" and command.text.startswith("k3slogs analyze") for command in COMMANDS)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the pages assume it: the checkout's folders, a log `k3s.log`, a pack `my-rules`, and the command itself."""
    folder = tmp_path_factory.mktemp("desk")
    for name in ("samples", "rules", "docs"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "k3s.log").write_text(SEED)
    Pack(folder / "my-rules").rule("node/wheel-lost")
    command = folder / "bin" / "k3slogs"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m k3slogs "$@"\n')
    command.chmod(0o755)
    return folder


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.page}:{command.line}")
def test_a_command_that_a_page_shows_runs(desk: Path, command: Command) -> None:
    environment = {**os.environ, "PATH": f"{desk / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(Path(k3slogs.__file__).parents[1])}
    done = subprocess.run(
        ["/bin/sh", "-c", command.text], cwd=desk, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == command.code, f"{command.text}\n{done.stderr}"


def prose(page: Path) -> str:
    """Without code, in which brackets are no links."""
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The headings as GitHub links to them."""
    headings = re.findall(r"^#+ +(.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_link_to_a_file_leads_to_one(page: Path) -> None:
    dead = []
    for target in re.findall(r"(?<!\\)\]\(([^)\s]+)\)", prose(page)):
        name, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", name):
            continue
        path = (page.parent / name) if name else page
        if not path.exists() or (anchor and anchor not in anchors(path)):
            dead.append(target)
    assert dead == []


FOREIGN = {
    "a path of the machine it was made on": r"(?<![\w./-])/(?:work|workspace)/\w|(?<![\w./-])/tmp/(?:brief|pytest-of-)|/home/(?!user|ubuntu|pi|app)\w+/|/Users/\w",
    "the address of a package registry": r"pypi\.org/simple|pythonhosted\.org|index-url|(?:UV|PIP)_(?:EXTRA_)?INDEX|registry\s*=\s*.https?:|/simple/",
}


def tracked() -> list[Path]:
    """Files of the project; outside of a clone, all that stand in its folders."""
    found = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode == 0:
        return [ROOT / name for name in found.stdout.split("\0") if name]
    folders = ("k3slogs", "rules", "samples", "tests", "docs")
    return [*ROOT.glob("*.*"), *(path for folder in folders for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts)]


@pytest.mark.parametrize("what", FOREIGN)
def test_no_file_names_a_machine_or_a_registry(what: str) -> None:
    """The names and logs of samples are the runs' own and may hold any path."""
    pattern = re.compile(FOREIGN[what])
    own = [re.escape(str(path)) for path in (ROOT, Path(sys.prefix)) if len(path.parts) > 2 and what.startswith("a path")]
    found = []
    for path in tracked():
        if not path.is_file() or path == Path(__file__) or (ROOT / "samples" in path.parents and path.suffix != ".yaml"):
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if pattern.search(line) or any(re.search(rf"(?<![\w./-]){text}(?![\w-])", line) for text in own):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    assert found == []
