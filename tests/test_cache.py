"""What is kept from run to run changes no result, is believed only where it is whole and our own, and never stands in the way."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import k3slogs
from k3slogs import cache, rulebook
from k3slogs.engine import Engine, scanner
from k3slogs.engine.matcher import Expressions
from k3slogs.errors import RuleError
from k3slogs.frozen import Frozen
from k3slogs.rulebook import RuleBook, anchors, loading, packs, reading, serial, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Cli, Pack, Ran

KEY = cache.key(b"a thing")
CONTENT = b"a thing that was dear to make" * 100

posix = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no owners here")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the test's own."""
    path = tmp_path / "cache"
    monkeypatch.setenv(cache.VARIABLE, str(path))
    return path


@pytest.fixture
def entry(folder: Path) -> Path:
    """The file of an entry."""
    cache.write("things", KEY, CONTENT)
    (path,) = folder.iterdir()
    assert cache.read("things", KEY) == CONTENT
    return path


def whole(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()}


# --- entries ------------------------------------------------------------------------------------------------------


def test_an_entry_is_found_under_its_own_kind_and_key_alone(entry: Path) -> None:
    assert entry.name == f"things-{KEY}"
    assert cache.read("things", cache.key(b"another thing")) is None
    assert cache.read("other", KEY) is None


def test_a_key_tells_its_parts_apart() -> None:
    parts = ([b"ab", b"c"], [b"a", b"bc"], [b"abc"], [b"abc", b""], [b"c", b"ab"])
    assert len({cache.key(*each) for each in parts}) == len(parts)


@posix
def test_an_entry_is_its_owners_alone(entry: Path) -> None:
    assert entry.stat().st_mode & 0o777 == 0o600
    assert entry.parent.stat().st_mode & 0o777 == 0o700


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "half of its head": lambda data: data[:20],
    "nothing but its head": lambda data: data[: -len(CONTENT)],
    "a cut end": lambda data: data[:-1],
    "more than there was": lambda data: data + b"x",
    "another bit at its start": lambda data: bytes([data[0] ^ 1]) + data[1:],
    "another bit in its sum": lambda data: data[:20] + bytes([data[20] ^ 1]) + data[21:],
    "another bit at its end": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "another version": lambda data: data.replace(b"cache 1\n", b"cache 2\n", 1),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_none_until_it_is_written_again(damage: str, entry: Path) -> None:
    before = entry.read_bytes()
    entry.write_bytes(DAMAGES[damage](before))
    assert entry.read_bytes() != before
    assert cache.read("things", KEY) is None
    cache.write("things", KEY, CONTENT)
    assert cache.read("things", KEY) == CONTENT


def test_an_entry_under_the_name_of_another_is_none(entry: Path) -> None:
    other = cache.key(b"another thing")
    entry.rename(entry.with_name(f"things-{other}"))
    assert cache.read("things", other) is None


@posix
@pytest.mark.parametrize("mode", [0o602, 0o620, 0o666])
def test_a_file_that_others_may_write_is_not_believed(mode: int, entry: Path) -> None:
    entry.chmod(mode)
    assert cache.read("things", KEY) is None


@posix
@pytest.mark.parametrize("mode", [0o702, 0o720, 0o777])
def test_a_folder_that_others_may_write_is_left_alone(mode: int, entry: Path) -> None:
    entry.parent.chmod(mode)
    assert cache.read("things", KEY) is None
    cache.write("things", cache.key(b"new"), CONTENT)
    assert list(entry.parent.iterdir()) == [entry]


@posix
def test_a_folder_of_another_user_is_left_alone(entry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    assert cache.read("things", KEY) is None
    cache.write("things", cache.key(b"new"), CONTENT)
    assert list(entry.parent.iterdir()) == [entry]


@posix
def test_a_file_of_another_user_is_not_believed(entry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user, real = os.geteuid(), os.fstat

    def fstat(handle: int) -> os.stat_result:
        status = list(real(handle))
        status[4] = user + 1
        return os.stat_result(status)

    assert entry.exists()
    monkeypatch.setattr(os, "fstat", fstat)
    assert cache.read("things", KEY) is None


@posix
def test_root_leaves_nothing_in_the_home_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    if os.geteuid() == 0:
        os.chown(home, 1000, 1000)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv(cache.VARIABLE, str(home / ".cache" / "k3slogs"))
    cache.write("things", KEY, CONTENT)
    assert list(home.iterdir()) == []


def test_what_was_used_last_stays(folder: Path) -> None:
    keys = [cache.key(b"%d" % number) for number in range(cache.KEPT)]
    cache.write("other", KEY, CONTENT)
    for number, key in enumerate(keys):
        cache.write("things", key, CONTENT)
        os.utime(folder / f"things-{key}", (number, number))
    assert cache.read("things", keys[0]) == CONTENT
    cache.write("things", KEY, CONTENT)
    assert [cache.read("things", key) is None for key in keys] == [False, True, *[False] * (cache.KEPT - 2)]
    assert cache.read("other", KEY) == CONTENT


WRITER = """
import sys
from k3slogs import cache
key = cache.key(b"a thing")
for number in range(100):
    cache.write("things", key, sys.argv[1].encode() * 100_000)
    assert cache.read("things", key)[:1] in b"ab"
"""


def test_processes_that_write_at_once_leave_one_whole_entry(folder: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name], stderr=subprocess.PIPE, text=True) for name in ("a", "b")]
    while any(writer.poll() is None for writer in writers):
        assert cache.read("things", KEY) in {None, b"a" * 100_000, b"b" * 100_000}
    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [("", 0)] * 2
    assert [file.name for file in folder.iterdir()] == [f"things-{KEY}"]
    assert cache.read("things", KEY) in {b"a" * 100_000, b"b" * 100_000}


# --- places -------------------------------------------------------------------------------------------------------


def test_the_folder_is_the_one_named_then_the_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "named"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    assert cache.folder() == tmp_path / "named"
    monkeypatch.delenv(cache.VARIABLE)
    assert cache.folder() == tmp_path / "xdg" / "k3slogs"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache.folder() == tmp_path / "home" / ".cache" / "k3slogs"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache.folder() == tmp_path / "home" / ".cache" / "k3slogs"


def test_an_empty_name_turns_it_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(cache.VARIABLE, "")
    cache.write("things", KEY, CONTENT)
    assert cache.read("things", KEY) is None
    assert list(tmp_path.iterdir()) == []


def test_a_user_without_a_home_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(cache.VARIABLE)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    cache.write("things", KEY, CONTENT)
    assert cache.read("things", KEY) is None


@pytest.mark.parametrize("place", ["a-file", "a-file/below", "/proc/nothing/here", "/dev/null", "x" * 300])
def test_where_nothing_can_be_written_there_is_none(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    (tmp_path / "a-file").write_text("as it was")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / place))
    cache.write("things", KEY, CONTENT)
    assert cache.read("things", KEY) is None
    assert whole(tmp_path) == {"a-file": b"as it was"}
    assert cli("--version").err == ""


def test_a_full_disk_leaves_no_half_of_an_entry(entry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(self), None, str(target))

    monkeypatch.setattr(Path, "replace", full)
    cache.write("things", KEY, b"new")
    assert list(entry.parent.iterdir()) == [entry]
    assert cache.read("things", KEY) == CONTENT


# --- rules --------------------------------------------------------------------------------------------------------


def state(value: Any) -> Any:
    """All that a value is, down to the types of what is in it."""
    if isinstance(value, Frozen):
        return type(value), state(vars(value))
    if isinstance(value, tuple | list):
        return type(value), [state(each) for each in value]
    if isinstance(value, dict):
        return dict, {name: state(each) for name, each in value.items()}
    return type(value), value


def unread(*_: object) -> Any:
    pytest.fail("a rule file was read, or its anchors were derived again")


def test_kept_rules_are_those_of_the_files(folder: Path, book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not folder.exists()
    files = loading._from_files([rulebook.builtin_folder()])
    first = k3slogs.load_rules()
    monkeypatch.setattr(reading, "read", unread)
    monkeypatch.setattr(anchors, "of_rule", unread)
    kept = k3slogs.load_rules()
    assert (list(kept.anchors), kept.anchors) == (list(book.anchors), book.anchors)
    assert list(first) == list(kept) == list(files) == list(book)
    assert [state(rule) for rule in kept] == [state(rule) for rule in files]
    assert (kept.causes_of, kept.clears_of, kept.overrides, kept.digest) == (
        files.causes_of,
        files.clears_of,
        files.overrides,
        files.digest,
    )


EVERYTHING: dict[str, Any] = {
    **{name: [name] for name in ("clears_by", "clears", "caused_by", "causes", "overrides", "overridden_by", "requires", "excluded_by")},
    "id": "all", "category": "node", "path": "all.yaml", "title": "all", "component": "k3s", "stage": "node", "effect": "fatal",
    "status": "experimental", "always": True, "wrapper": True, "proves": "passed", "begins": "attempt", "ends": "exit", "cause": "all",
    "match": [{"text": [{"any": [{"regex": "a+"}, "b"]}], "message": "c", "err": {"equals": "d"}, "level": "error", "origin": "e.go", "from": "k3s"}],
    "unless": [{"field.name": {"startswith": "f", "endswith": "g"}}],
    "captures": {"name": "(h)"},
    "key": ["name"],
    "threshold": {"count": 2, "within": "10m"},
    "tolerate": {"for": "90s"},
    "remedy": [{"command": "i", "config": "j", "note": "k", "tradeoff": "l"}],
    "versions": {"k3s": ">=1"},
    "references": ["m"],
    "examples": {"fires": [{"line": "n", "captures": {"name": "h"}}], "silent": ["o"], "streams": [{"lines": ["p"], "expect": "none"}]},
    "absent": {"after": "q", "expected": "r", "within": "1h"},
}  # fmt: skip


def test_a_rule_that_says_everything_can_be_kept() -> None:
    rule = written.held(written.Rule.model_validate(EVERYTHING))
    assert sorted(EVERYTHING) == sorted(rule._fields)
    assert [state(kept) for kept in serial.loaded(serial.dumped(RuleBook([rule])))] == [state(rule)]


def edited(pack: Pack) -> None:
    """The new text is as long as the old one, and the file has the old one's time."""
    path = pack.folder / "node" / "one.yaml"
    before = path.stat()
    path.write_text(path.read_text().replace("Somebody said: wheel", "Somebody told: wheel"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


CHANGES: dict[str, Callable[[Pack], object]] = {
    "a file that says something else": edited,
    "a new file": lambda pack: pack.rule("node/three", "third wheel"),
    "a file less": lambda pack: (pack.folder / "node" / "two.yaml").unlink(),
    "another name": lambda pack: (pack.folder / "node" / "two.yaml").rename(pack.folder / "node" / "second.yaml"),
    "another folder": lambda pack: (pack.folder / "node").rename(pack.folder / "network"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_pack_is_read_again(change: str, folder: Path, pack: Pack) -> None:
    pack.rule("node/one", "wheel one")
    pack.rule("node/two", "wheel two")
    before = list(pack.book())
    assert list(pack.book()) == before
    CHANGES[change](pack)
    after = list(pack.book())
    assert after != before
    assert after == list(loading._from_files([pack.folder]))
    assert len(list(folder.iterdir())) == 2


def test_changed_code_reads_the_rules_again(folder: Path, pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack.rule("node/one")
    pack.book()
    assert {path.name for path in packs._CODE} >= {"checks.py", "rule.py", "usual.txt", "taxonomy.py"}
    code = tmp_path / "checks.py"
    code.write_text("a stricter check")
    monkeypatch.setattr(packs, "_CODE", [code])
    pack.book()
    assert len(list(folder.iterdir())) == 2


def test_a_pack_that_was_good_is_told_what_is_wrong_with_it_now(pack: Pack) -> None:
    pack.rule("node/one")
    pack.book()
    pack.rule("node/two", caused_by=["nobody"])
    told = []
    for _ in range(2):
        with pytest.raises(RuleError) as raised:
            pack.book()
        told.append([str(problem) for problem in raised.value.problems])
    assert told[0] == told[1]
    assert "names the rule 'nobody'" in told[0][0]


def test_a_pack_beside_kept_rules_is_read_alone_and_checked_with_them(pack: Pack, book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who writes rules changes them often, and never waits for the built-in ones."""
    k3slogs.load_rules()
    read, seen = reading.read, []

    def noted(path: Path, shown: str) -> Any:
        seen.append(path)
        return read(path, shown)

    monkeypatch.setattr(reading, "read", noted)
    known = next(iter(book))
    own = pack.rule("node/one", caused_by=[known.id])
    both = k3slogs.load_rules(pack.folder)
    assert seen == [own]
    assert list(both) == [*book, both["one"]]
    assert both.causes_of["one"] == {known.id}
    pack.rule("node/one", caused_by=["nobody"])
    with pytest.raises(RuleError, match="'nobody'"):
        k3slogs.load_rules(pack.folder)
    pack.rule(f"node/{known.id}")
    with pytest.raises(RuleError, match="has the same id as"):
        k3slogs.load_rules(pack.folder)
    assert {path.parent for path in seen} == {pack.folder / "node"}


def test_an_empty_pack_beside_a_kept_one_is_refused(pack: Pack, tmp_path: Path) -> None:
    pack.rule("node/one")
    pack.book()
    (tmp_path / "empty").mkdir()
    with pytest.raises(RuleError, match="holds no rules"):
        rulebook.load([pack.folder, tmp_path / "empty"])
    with pytest.raises(RuleError, match="the same id"):
        rulebook.load([pack.folder, pack.folder])


def test_rules_that_were_not_checked_are_not_kept(folder: Path, pack: Pack) -> None:
    pack.rule("node/one", caused_by=["nobody"])
    assert len(rulebook.load([pack.folder], check=False)) == 1
    assert len(rulebook.load([pack.folder], lenient=True)) == 1
    assert not folder.exists()
    with pytest.raises(RuleError, match="nobody"):
        pack.book()


def test_rules_that_changed_while_they_were_read_are_not_kept(folder: Path, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    pack.rule("node/one", "wheel one")
    read = reading.read

    def slow(path: Path, shown: str) -> Any:
        pack.rule("node/one", "wheel two")
        return read(path, shown)

    monkeypatch.setattr(reading, "read", slow)
    pack.book()
    assert not folder.exists()


class Trap:
    """What an attacker would put into a pickle."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("sprung",)


@pytest.mark.parametrize("content", [b"", b"no pickle", pickle.dumps([Trap()]), pickle.dumps([Path()])])
def test_only_rules_come_out_of_what_was_kept(
    content: bytes, folder: Path, pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pack.rule("node/one")
    key = packs.key([pack.folder])
    assert key
    cache.write("rules", key, content)
    assert list(folder.iterdir())
    assert set(pack.book().rules) == {"one"}
    assert not (tmp_path / "sprung").exists()
    assert [rule.id for rule in serial.loaded(cache.read("rules", key) or b"")] == ["one"]


def test_a_kept_expression_is_the_one_that_would_be_compiled(folder: Path, book: RuleBook) -> None:
    assert not folder.exists()
    kept = serial.loaded(serial.dumped(book)).expressions
    assert len(kept) > 500
    old, new = Expressions(kept), Expressions({})
    for text in kept:
        one, other = old[text], new[text]
        assert (one._code, other._code) == (kept[text][0], None)
        assert (one._at_start, one._words) == (other._at_start, other._words)
        assert (one.compiled.pattern, one.compiled.flags, one.compiled.groupindex) == (
            text,
            other.compiled.flags,
            other.compiled.groupindex,
        )
    lines = [example.line for rule in book for example in rule.examples.fires]
    for text in sorted(kept)[::10]:
        assert [str(old[text].search(line)) for line in lines] == [str(new[text].search(line)) for line in lines]


# --- patterns -----------------------------------------------------------------------------------------------------


def test_a_kept_database_is_not_compiled_again(folder: Path, book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    Engine(book)
    assert {path.name.partition("-")[0] for path in folder.iterdir()} == {"patterns"}
    monkeypatch.setattr("hyperscan.Database", lambda: pytest.fail("compiled again"))
    Engine(book)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"no database",
        lambda data: data[:-100],
        lambda data: data[:4] + bytes([data[4] ^ 0xFF]) + data[5:],  # another version of hyperscan
        lambda data: data[:12] + bytes([data[12] ^ 0xFF]) + data[13:],  # another processor
    ],
)
def test_a_database_that_does_not_serve_here_is_compiled_again(damage: Callable[[bytes], bytes], folder: Path, pack: Pack) -> None:
    pack.rule("node/wheel-lost", "the wheel fell off")
    book = pack.book()
    line = b"the wheel fell off, and the wheel fell off\n"
    ends = scanner.Scanner(book.anchors).ends(line)
    assert ends
    for path in folder.glob("patterns-*"):
        kind, _, key = path.name.partition("-")
        good = cache.read(kind, key)
        assert good
        cache.write(kind, key, damage(good))
        assert scanner.Scanner(book.anchors).ends(line) == ends
        assert cache.read(kind, key) == good


def test_a_report_is_the_same_without_a_cache_with_a_new_and_with_an_old_one(cli: Cli, seed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache"

    def report(place: str) -> Ran:
        return cli("analyze", seed.name, "--format", "json", env={cache.VARIABLE: place})

    without = report("")
    assert not folder.exists()
    new = report(str(folder))
    kept = whole(folder)
    assert {name.partition("-")[0] for name in kept} == {"rules", "patterns"}
    old = report(str(folder))
    assert without == new == old
    assert without.code == 0
    assert whole(folder) == kept
