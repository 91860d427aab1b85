"""The wheel holds all that the command needs, and works far from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from k3slogs import compiled
from tests.conftest import SEED

ROOT = Path(__file__).parents[1]
COMPILED = "k3slogs/compiled/lines.library"

pytestmark = pytest.mark.skipif(find_spec("hatchling") is None, reason="hatchling, which builds the wheel, is not installed")


def build(folder: Path, **environment: str) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path) -> Path:
    folder = wheel.parent / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_the_package_with_its_rules_and_nothing_else(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    rules = {f"k3slogs/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "rules").glob("*/*.yaml")}
    code = {
        path.relative_to(ROOT).as_posix()
        for kind in ("*.py", "*.j2", "*.css", "*.js", "*.txt", "*.c", "py.typed")
        for path in (ROOT / "k3slogs").rglob(kind)
        if path.name != "build.py"
    }
    if "-any" not in wheel.name:
        code.add(COMPILED)
    assert len(rules) > 100
    assert "k3slogs/py.typed" in code
    assert {".j2", ".css", ".js"} <= {Path(name).suffix for name in code}
    assert (rules | code) - held == set()
    assert {name for name in held - rules - code if ".dist-info/" not in name} == set()


def test_without_a_compiler_the_wheel_is_for_any_system(tmp_path: Path) -> None:
    wheel = build(tmp_path, CC="no-such-compiler --for-a-test")
    assert wheel.name.endswith("-py3-none-any.whl")
    assert COMPILED not in zipfile.ZipFile(wheel).namelist()


@pytest.mark.skipif(compiled.library() is None, reason="nothing was compiled: no C compiler was found when k3slogs was installed")
def test_with_one_the_wheel_holds_what_was_compiled(wheel: Path, unpacked: Path) -> None:
    assert "-any" not in wheel.name
    loads = "import k3slogs.compiled as c; print(c.__file__, c.library())"
    told = subprocess.run(
        [sys.executable, "-c", loads],
        cwd=unpacked,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.startswith(str(unpacked))
    assert "None" not in told


def test_the_wheel_declares_the_command(unpacked: Path) -> None:
    (entry_points,) = unpacked.glob("*.dist-info/entry_points.txt")
    assert "k3slogs = k3slogs.cli:main" in entry_points.read_text()


def test_the_unpacked_wheel_finds_its_own_rules(unpacked: Path, tmp_path: Path) -> None:
    (tmp_path / "k3s.log").write_text(SEED)
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "PYTHONUTF8": "1"}
    where = "import k3slogs.rulebook as book; print(book.builtin_folder())"

    def run(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        ).stdout

    assert Path(run("-c", where).strip()) == unpacked / "k3slogs" / "rules"
    assert "kubelet-rootfs-info-memory-cache" in run("-m", "k3slogs", "analyze", "k3s.log")
    assert run("-m", "k3slogs", "analyze", "k3s.log", "--format", "md").startswith("# Failed")
