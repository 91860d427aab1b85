"""A broken rule is refused with the file, the line, what is wrong and how to mend it; an odd but right one is taken."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any

import pytest

from k3slogs import rulebook
from k3slogs.errors import RuleError
from tests.conftest import klog, rule_text

if TYPE_CHECKING:
    from pathlib import Path

    from k3slogs.errors import Problem
    from tests.conftest import Pack

PHRASE = "the wheel fell off"
STEP = [{"note": "put it back"}]


def problems(pack: Pack) -> list[Problem]:
    with pytest.raises(RuleError) as raised:
        pack.book()
    return raised.value.problems


def line_of(path: Path, start: str) -> int:
    """Of the first line that begins so, whatever its indentation."""
    return next(number for number, text in enumerate(path.read_text("utf-8").splitlines(), 1) if text.strip().startswith(start))


def test_a_valid_rule_is_taken(pack: Pack) -> None:
    pack.rule("node/wheel-lost")
    rule = pack.book()["wheel-lost"]
    assert (rule.id, rule.category, rule.effect) == ("wheel-lost", "node", "fatal")


WITHIN_ONE_RULE: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "an unknown key": ({"remdy": STEP}, "remdy", "is no key of a rule", "did you mean 'remedy'?"),
    "a key of another tool": ({"zzqx": 1}, "zzqx", "is no key of a rule", ""),
    "an unknown effect": ({"effect": "fatale"}, "effect", "'fatale' is not one of its words", "did you mean 'fatal'?"),
    "an unknown stage": ({"stage": "kublet"}, "stage", "'kublet' is not one of its words", "did you mean 'kubelet'?"),
    "an unknown component": ({"component": "conteinerd"}, "component", "is not one of its words", "did you mean 'containerd'?"),
    "an unparsable pattern": ({"match": [{"text": {"regex": "wheel fell (off"}}]}, "match", "is no regular expression", ""),
    "a backtracking pattern": ({"match": [{"text": {"regex": "wheel fell (a+)+"}}]}, "match", "can take for ever", ""),
    "a backtracking capture": ({"captures": {"what": r"(the (?:\w+\s?)+)off"}}, "captures", "can take for ever", ""),
    "lookahead": ({"match": [{"text": {"regex": "wheel fell (?=off)"}}]}, "match", "uses lookaround", ""),
    "a backreference": ({"match": [{"text": {"regex": r"(wheel) \1 fell"}}]}, "match", "uses a backreference", ""),
    "a capture of two groups": ({"captures": {"what": "(the) (wheel)"}}, "captures", "has 2 groups", "(?:...)"),
    "a key that is no capture": ({"captures": {"what": "(wheel)"}, "key": ["wat"]}, "key", "is no capture", "did you mean 'what'?"),
    "no anchor": ({"match": [{"text": {"regex": r"\w+ fell"}}]}, "match", "no literal of 6 characters", "give one without"),
    "an anchor that quoting breaks": ({"match": [{"text": 'a="b"&c<d>'}]}, "match", "no literal of 6 characters", "give one without"),
    "no match": ({"match": None}, "match", "is missing", "say what a line must hold"),
    "no cause": ({"cause": None}, "cause", "is missing", ""),
    "no remedy": ({"remedy": None}, "remedy", "is missing", "what to try"),
    "no references": ({"references": None}, "references", "is missing", "the emitting source"),
    "no silent line": ({"examples": {"fires": [klog(PHRASE)]}}, "examples", "is missing", "at least one line that looks alike"),
    "no line that fires": ({"examples": {"silent": [klog(PHRASE)]}}, "examples", "is missing", "at least one line that must match"),
    "a threshold without a stream": (
        {"threshold": {"count": 3}, "examples": {"fires": [klog(PHRASE)], "silent": [klog("x", err=PHRASE)]}},
        "examples",
        "threshold needs it",
        "",
    ),
    "a milestone that proves nothing": ({"effect": "milestone"}, "proves", "go together", "entered or passed"),
    "a duration in words": ({"tolerate": {"for": "a while"}}, "tolerate", "is no duration: write 90s, 5m or 2h", ""),
    "an empty condition": ({"match": [{"text": {}}]}, "match", "is empty", ""),
    "benign outside of its folder": (
        {"effect": "benign", "always": True},
        "effect",
        "does not go with the folder node",
        "the folder benign",
    ),
    "facts and lines in one rule": (
        {"match": [{"from": "fact", "field.os": "wheel"}, {"text": PHRASE}]},
        "match",
        "looks at facts and at lines",
        "write two rules",
    ),
    "a milestone of facts": (
        {"match": [{"from": "fact", "field.os": "wheel"}], "effect": "milestone", "proves": "entered"},
        "effect",
        "does not go with facts",
        "a fault follows from it",
    ),
    "a title that paints": ({"title": "The wheel \x1b[31mfell"}, "title", "holds a tab, or characters that a terminal obeys", "plain text"),
    "a command that is not what it seems": (
        {"remedy": [{"command": "echo \u202egnp.x"}]},
        "remedy",
        "characters that a terminal obeys",
        "plain text",
    ),
    "an id of its own": ({"id": "other"}, "id", "is not written in a rule", "the file's name is the id"),
}


@pytest.mark.parametrize("case", WITHIN_ONE_RULE)
def test_what_is_wrong_in_a_rule_is_told_with_place_and_mend(pack: Pack, case: str) -> None:
    changes, field, reason, hint = WITHIN_ONE_RULE[case]
    path = pack.rule("node/wheel-lost", **changes)
    found = problems(pack)
    fitting = [problem for problem in found if problem.field.partition(".")[0] == field and reason in problem.reason]
    assert fitting, [str(problem) for problem in found]
    problem = fitting[0]
    assert problem.path == str(path)
    assert hint in problem.hint
    if changes.get(field) is not None:  # what is missing has no line of its own
        first = line_of(path, f"{field}:")
        assert problem.line is not None
        assert first <= problem.line <= first + 4
    assert str(problem).startswith(f"{path}:{problem.line}: {problem.field}")


def test_a_rule_outside_of_benign_is_not_in_benign(pack: Pack) -> None:
    pack.rule("benign/wheel-lost")
    assert [problem.field for problem in problems(pack)] == ["effect"]


def test_a_folder_that_is_no_category_is_told_the_closest(pack: Pack) -> None:
    path = pack.rule("netwrok/wheel-lost")
    (problem,) = problems(pack)
    assert problem.path == str(path)
    assert "'netwrok', which is no category" in problem.reason
    assert problem.hint == "did you mean 'network'?"


LINKS = ("caused_by", "causes", "clears_by", "clears", "overrides", "overridden_by", "requires", "excluded_by")


@pytest.mark.parametrize("field", LINKS)
def test_a_link_to_a_rule_that_no_file_has_is_told_the_closest(pack: Pack, field: str) -> None:
    pack.rule("node/axle-broken", "the axle is broken")
    path = pack.write("node/wheel-lost", rule_text("the wheel fell off", **{field: ["axle-brokn"]}))
    (problem,) = problems(pack)
    assert (problem.path, problem.line, problem.field) == (str(path), line_of(path, field), field)
    assert problem.reason == "names the rule 'axle-brokn', which no file has"
    assert problem.hint == "did you mean 'axle-broken'?"


@pytest.mark.parametrize(("field", "words"), [("caused_by", "cause each other"), ("overrides", "override each other")])
def test_a_circle_of_links_is_told_once_with_all_its_rules(pack: Pack, field: str, words: str) -> None:
    for name, target in (("one", "two"), ("two", "three"), ("three", "one")):
        pack.write(f"node/{name}", rule_text(f"event number {name}", **{field: [target]}))
    (problem,) = problems(pack)
    assert {"one", "two", "three"} <= set(problem.reason.replace(":", " ").split())
    assert problem.reason.endswith(f"these {words}")
    assert problem.line is not None
    assert problem.hint == "take one of the links out"


def test_a_rule_that_causes_itself_is_a_circle(pack: Pack) -> None:
    pack.rule("node/one", caused_by=["one"])
    (problem,) = problems(pack)
    assert "one -> one" in problem.reason


def test_one_id_in_two_folders_is_refused(pack: Pack) -> None:
    first, second = pack.rule("network/wheel-lost"), pack.rule("node/wheel-lost")
    (problem,) = problems(pack)
    assert problem.path == str(second)
    assert problem.reason == f"has the same id as {first}"
    assert problem.hint == "rename one of the files"


BAD_FILES: dict[str, tuple[bytes, int | None, str]] = {
    "an alias": (rule_text().replace("title: ", "title: &a ", 1).replace("cause: ", "cause: *a # ", 1).encode(), 1, "alias"),
    "a tab": (rule_text().replace("component: kubelet", "component:\n\tkubelet").encode(), 3, "token"),
    "not UTF-8": (rule_text().replace("off", "öff").encode("latin-1"), None, "is not UTF-8 at byte"),
    "a list": (b"- one\n- two\n", 1, "holds no mapping"),
    "nothing": (b"", 1, "holds no mapping"),
    "a key twice": ((rule_text() + "title: again\n").encode(), rule_text().count("\n") + 1, "'title' stands twice"),
    "no YAML": (b"title: [one\ncause: two\n", 2, ""),
    "a Python object": (b"title: !!python/object/apply:os.system [ls]\n", 1, "python"),
    "too large": (b"# " + b"x" * 300_000, None, "is larger than"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_file_that_is_no_rule_is_told_with_its_line(pack: Pack, case: str) -> None:
    content, line, reason = BAD_FILES[case]
    path = pack.write("node/wheel-lost", content)
    (problem,) = problems(pack)
    assert (problem.path, problem.line) == (str(path), line)
    assert reason in problem.reason


@pytest.mark.parametrize(
    "content",
    [codecs.BOM_UTF8 + rule_text().encode(), rule_text().replace("\n", "\r\n").encode(), rule_text(title="Das Rad fiel ab: Ä 車").encode()],
    ids=["BOM", "CRLF", "UTF-8"],
)
def test_what_editors_do_to_a_file_is_no_fault(pack: Pack, content: bytes) -> None:
    pack.write("node/wheel-lost", content)
    assert pack.book()["wheel-lost"].cause == f"Somebody said: {PHRASE}"


def test_all_problems_of_all_files_come_at_once(pack: Pack) -> None:
    pack.rule("node/one", remdy=STEP, efect="fatal", effect=None)
    pack.rule("network/two", "another phrase", caused_by=["nobody"])
    pack.write("runtime/three", "- a list\n")
    found = problems(pack)
    assert {(problem.path.rpartition("/")[2], problem.field) for problem in found} == {
        ("one.yaml", "remdy"), ("one.yaml", "efect"), ("one.yaml", "effect"), ("two.yaml", "caused_by"), ("three.yaml", ""),
    }  # fmt: skip
    assert str(RuleError(found)).startswith("5 problems in the rules:\n")


def test_a_folder_without_rules_is_a_mistake(pack: Pack) -> None:
    pack.folder.mkdir()
    (problem,) = problems(pack)
    assert (problem.path, problem.reason, problem.hint) == (str(pack.folder), "holds no rules", "a rule is DIR/<category>/<id>.yaml")


def test_links_may_be_written_at_either_end(pack: Pack) -> None:
    pack.rule("node/one", "number one", causes=["two"], overridden_by=["three"])
    pack.rule("node/two", "number two")
    pack.rule("node/three", "number three", caused_by=["two"])
    book = pack.book()
    assert book.causes_of["two"] == {"one"}
    assert book.overrides["three"] == {"one"}
    assert book.all_effects["one"] == {"two", "three"}


def test_a_tab_is_told_to_be_one(pack: Pack) -> None:
    pack.write("node/wheel-lost", rule_text().replace("component: kubelet", "component:\n\tkubelet"))
    (problem,) = problems(pack)
    assert problem.hint == "YAML is indented with blanks"


def test_a_thousand_rules_load(pack: Pack) -> None:
    for number in range(1000):
        pack.rule(f"node/rule-{number}", f"phrase of rule {number:04d}", caused_by=[f"rule-{number - 1}"] if number else None)
    book = pack.book()
    assert len(book) == 1000
    assert len(book.all_effects["rule-0"]) == 999


def test_a_hidden_file_and_a_note_are_no_rules(pack: Pack) -> None:
    pack.rule("node/wheel-lost")
    pack.write("node/.backup", "no rule")
    (pack.folder / "node" / "README.md").write_text("no rule")
    assert set(pack.book().rules) == {"wheel-lost"}


def test_the_rules_of_a_checkout_are_found() -> None:
    assert len(list(rulebook.builtin_folder().glob("*/*.yaml"))) > 100
