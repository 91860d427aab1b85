"""What several tests share: the rules, a small log of each kind, packs written on the spot, and the command line as a user starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pytest
import yaml

import k3slogs
from k3slogs import cache, rulebook
from k3slogs.engine import Engine
from k3slogs.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from k3slogs import RuleBook

SEED = (
    'E1123 05:07:38.580162 kubelet.go:1511] "Failed to start ContainerManager"\n'
    '  err="failed to get rootfs info: unable to find data in memory cache"\n'
)
HEALTHY = """\
time="2026-11-23T05:00:01Z" level=info msg="Starting k3s v1.33.5+k3s1 (8a8e43b3)"
time="2026-11-23T05:00:02Z" level=info msg="Kine available at unix://kine.sock"
time="2026-11-23T05:00:03Z" level=info msg="Running kube-apiserver --advertise-port=6443"
time="2026-11-23T05:00:05Z" level=info msg="Kube API server is now running"
time="2026-11-23T05:00:06Z" level=info msg="Running containerd -c /var/lib/rancher/k3s/agent/etc/containerd/config.toml"
time="2026-11-23T05:00:08Z" level=info msg="Containerd is now running"
time="2026-11-23T05:00:09Z" level=info msg="Running kubelet --node-labels="
I1123 05:00:10.000000       7 server.go:520] "Kubelet version" kubeletVersion="v1.33.5+k3s1"
I1123 05:00:12.000000       7 plugin_manager.go:118] "Starting Kubelet Plugin Manager"
I1123 05:00:13.000000       7 kubelet_node_status.go:78] "Successfully registered node" node="node1"
"""


class Ran(NamedTuple):
    """What a command gave."""

    code: int
    out: str
    err: str


class Cli(Protocol):
    """Starts `python -m k3slogs` in a folder of its own."""

    def __call__(self, *arguments: str | Path, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Ran: ...

    def command(self, *arguments: str | Path) -> list[str]: ...

    @property
    def env(self) -> dict[str, str]: ...

    @property
    def cwd(self) -> Path: ...


class _Cli:
    def __init__(self, home: Path, cwd: Path) -> None:
        self.cwd = cwd
        self.env = {**os.environ, "PYTHONPATH": str(home), "PYTHONUTF8": "1", "COLUMNS": "100"}

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "k3slogs", *map(str, arguments)]

    def __call__(self, *arguments: str | Path, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Ran:
        done = subprocess.run(
            self.command(*arguments),
            input=stdin,
            capture_output=True,
            check=False,
            cwd=self.cwd,
            env={**self.env, **(env or {})},
            timeout=120,
        )
        ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in ran.err, ran.err
        return ran


class Pack:
    """A rule pack in a folder, with rules that are valid unless a test breaks them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, where: str, content: str | bytes) -> Path:
        """A file as it stands; `where` is `category/id`."""
        path = self.folder / f"{where}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def rule(self, where: str, phrase: str = "the wheel fell off", **changes: Any) -> Path:
        """A valid rule that fires on `phrase`; a change of None takes a key out."""
        return self.write(where, rule_text(phrase, **changes))

    def milestone(self, where: str, phrase: str, **changes: Any) -> Path:
        return self.rule(where, phrase, **{"effect": "milestone", "proves": "passed", "remedy": None, **changes})

    def book(self) -> RuleBook:
        """Only this pack's rules, checked."""
        return rulebook.load([self.folder])


class _Plain(yaml.SafeDumper):
    """Without aliases, which a rule may not use."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True


_TIMED = {"threshold", "tolerate", "clears_by", "requires", "absent"}
"""Keys that want a stream among the examples."""


def rule_text(phrase: str = "the wheel fell off", **changes: Any) -> str:
    examples: dict[str, Any] = {"fires": [klog(phrase)], "silent": [klog("all is well", err=phrase)]}
    if _TIMED & set(changes):
        examples["streams"] = [{"lines": ["fires.0"], "expect": "active"}]
    rule = {
        "title": f"Seen: {phrase}",
        "component": "kubelet",
        "stage": "kubelet",
        "effect": "fatal",
        "match": [{"message": phrase}],
        "cause": f"Somebody said: {phrase}",
        "remedy": [{"note": "put it back"}],
        "references": ["run: a bench"],
        "examples": examples,
        **changes,
    }
    return yaml.dump({key: value for key, value in rule.items() if value is not None}, Dumper=_Plain, sort_keys=False, width=10_000)


def klog(message: str, *, second: float = 0, level: str = "E", err: str | None = None) -> str:
    """A line of the kubelet, `second` seconds after 05:00:00."""
    minutes, seconds = divmod(second, 60)
    hours, minutes = divmod(int(minutes), 60)
    tail = f' err="{err}"' if err is not None else ""
    return f'{level}1123 {5 + hours:02d}:{minutes:02d}:{seconds:09.6f}       1 kubelet.go:1] "{message}"{tail}'


def unsafe(text: str) -> list[str]:
    """Control and surrogate characters, and those that turn the direction of text."""
    turning = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    return [character for character in text if unicodedata.category(character) in {"Cc", "Cs"} or character in turning]


def opened(value: Any) -> Any:
    """What stands in a rule or a document, with nothing of ours around it."""
    if isinstance(value, Frozen):
        return {name: opened(each) for name, each in value._asdict().items()}
    if isinstance(value, dict):
        return {name: opened(each) for name, each in value.items()}
    return tuple(map(opened, value)) if isinstance(value, tuple) else value


@pytest.fixture(scope="session", autouse=True)
def _caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test looks at the user's cache, or leaves anything there. All processes of a test run share one of rules, and one of bytecode."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(cache.VARIABLE, str(shared / "cache"))
        patch.setenv("PYTHONPYCACHEPREFIX", str(shared / "bytecode"))
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture(scope="session")
def book() -> RuleBook:
    """The built-in rules."""
    return k3slogs.load_rules()


@pytest.fixture(scope="session")
def engine(book: RuleBook) -> Engine:
    return Engine(book)


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return Pack(tmp_path / "pack")


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """The command line, in the test's own folder."""
    return _Cli(Path(k3slogs.__file__).parents[1], tmp_path)


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    """The log that this project began with."""
    path = tmp_path / "kubelet.log"
    path.write_text(SEED)
    return path


@pytest.fixture
def healthy(tmp_path: Path) -> Path:
    """A node that starts and registers."""
    path = tmp_path / "healthy.log"
    path.write_text(HEALTHY)
    return path
