"""Anchors are chosen by how usual they are, cut to what is rare, and lose no match by it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from k3slogs.engine.matcher import Expressions, Matcher
from k3slogs.rulebook import anchors, patterns, usual
from k3slogs.rulebook.written import Item, held
from k3slogs.rulecheck import records
from tests import generate_usual

if TYPE_CHECKING:
    from k3slogs import RuleBook
    from k3slogs.engine import Engine

COMMON = "loading plugin"
"""In every fifth line of containerd's start, and of what reads it."""
RARE = "zzqx wheel off"
EVERY = 7
"""One of so many literals is counted, and one record of so many tried with every rule."""


@pytest.fixture(scope="module")
def logs() -> list[list[str]]:
    return generate_usual.logs()


@pytest.fixture(scope="module")
def literals(book: RuleBook) -> list[str]:
    """All from which an anchor of a built-in rule is cut."""
    return sorted({literal for rule in book if not rule.of_facts for item in rule.match for literal in anchors.chosen(item)})


def test_the_table_is_what_the_samples_say(logs: list[list[str]]) -> None:
    """If not: python -m tests.generate_usual."""
    assert generate_usual.TABLE.read_text("utf-8") == generate_usual.table(logs)


def test_no_anchor_is_in_more_lines_than_the_table_says(logs: list[list[str]], literals: list[str]) -> None:
    told = {usual.masked(literal): usual.per_thousand(literal) for literal in literals[::EVERY]}
    seen = generate_usual.counted(logs, lambda line: [word for word in told if word in line])
    assert any(lines > 1 for lines in seen.values())
    assert [(word, lines, told[word]) for word, lines in seen.items() if lines > told[word]] == []


def test_what_is_usual_is_told_from_what_is_not() -> None:
    assert usual.per_thousand(COMMON) > 100
    assert usual.per_thousand(RARE) == usual.RARE
    assert usual.per_thousand(f"{COMMON} {RARE}") == usual.RARE
    assert usual.per_thousand("plug") == 1000
    assert usual.per_thousand("I1123 05:07") == usual.per_thousand("I0101 00:00") > 100


@pytest.mark.parametrize(
    ("item", "literals"),
    [
        ({"text": [COMMON, RARE]}, {RARE}),
        ({"text": [{"regex": f"{COMMON}.*{RARE}"}]}, {RARE}),
        ({"text": [{"any": [f"{COMMON} of", f"{COMMON} in"]}, RARE]}, {RARE}),
        ({"message": COMMON, "err": RARE}, {RARE}),
        ({"text": [{"any": [f"{RARE} one", f"{RARE} two"]}, "zzqx"]}, {f"{RARE} one", f"{RARE} two"}),
        ({"text": ["the wheel fell off the waggon", "zzqxzz"]}, {"the wheel fell off the waggon"}),
        ({"text": {"regex": f"{COMMON}.*zzq[0-9]{{3,}}"}}, {"zzq000"}),
    ],
    ids=["a list", "a regex", "alternatives", "two keys", "alternatives alone", "a short one beside a long one", "digits"],
)
def test_the_rarest_literals_are_chosen(item: dict[str, object], literals: set[str]) -> None:
    assert anchors.chosen(held(Item.model_validate(item))) == literals


def test_digits_whose_number_is_known_are_a_part_of_a_literal() -> None:
    assert patterns.literals("a[0-9]{3,}, b[0-9]{2}([0-9]c)[0-9]*e") == [["a000"], ["000, b00"], ["0c"], ["e"]]
    assert patterns.needs("a[0-9]{2}b") == (False, [["a"], ["b"]])


def test_an_anchor_is_a_part_that_is_as_rare_as_the_whole(literals: list[str]) -> None:
    cut = {literal: next(iter(anchors.of_item(held(Item.model_validate({"text": literal}))))) for literal in literals}
    assert sum(len(literal) > anchors.MAX_LENGTH for literal in literals) > 1000
    for literal, anchor in cut.items():
        assert anchor in literal
        assert len(anchor) == min(len(literal), anchors.MAX_LENGTH) or (len(anchor) >= 8 and not any(map(str.isdigit, anchor)))
        assert usual.per_thousand(anchor) == usual.per_thousand(literal)


def test_runs_of_whitespace_are_one_blank() -> None:
    blanks = [character for character in map(chr, range(sys.maxunicode + 1)) if character.isspace()]
    assert len(blanks) > 20
    for blank in blanks:
        assert [anchors.squeeze(text) for text in (blank, f"{blank} a", f"a{blank}b  c", "a b")] == [" ", " a", "a b c", "a b"]


def test_the_rare_end_of_a_literal_is_kept() -> None:
    (anchor,) = anchors.of_item(held(Item.model_validate({"text": f"Starting to load plugin, {RARE}"})))
    assert anchor == RARE[-anchors.MAX_LENGTH :]


def test_an_anchor_that_holds_another_is_not_looked_for() -> None:
    assert anchors.fewest(["wheel fell", "the wheel fell", "a wheel fell off", "axle broke"]) == ["axle broke", "wheel fell"]


def test_the_table_names_each_anchor_with_all_its_rules(book: RuleBook) -> None:
    table = anchors.table(book)
    assert list(table) == sorted(table)
    assert {(word, rule.id) for rule in book for words in anchors.of_rule(rule) for word in words} == {
        (word, rule_id) for word, owners in table.items() for rule_id in owners
    }


def test_no_rule_that_matches_is_passed_over(book: RuleBook, engine: Engine, logs: list[list[str]]) -> None:
    """Every rule is tried on records of the samples and of the examples; anchors may only save work."""
    matchers = [Matcher(rule, Expressions({})) for rule in book if rule.match and not rule.of_facts]
    examples = [example.line for rule in book if not rule.of_facts for example in rule.examples.fires]
    texts = dict.fromkeys([*examples, *(line for lines in logs for line in lines)])
    seen = {record.text: record for text in list(texts)[::EVERY] for record in records(engine, text)}
    claimed = 0
    for record in seen.values():
        matching = {matcher.rule.id for matcher in matchers if matcher.matches(record)}
        assert {rule.id for rule in engine.claims(record)} == matching, record.text
        claimed += len(matching)
    assert claimed > 300
