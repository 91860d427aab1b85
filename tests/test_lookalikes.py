"""What resembles a rule's text: the distance is that of counting errors letter by letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from k3slogs.diagnosis.lookalikes import Lookalikes, _resembles, _stands
from tests.conftest import klog

if TYPE_CHECKING:
    from tests.conftest import Pack


def nearest(literal: str, text: str) -> int:
    """The fewest errors with which it stands anywhere."""
    costs = list(range(len(literal) + 1))
    best = costs[-1]
    for letter in text:
        before, costs = costs, [0]
        for index, wanted in enumerate(literal):
            costs.append(min(before[index] + (letter != wanted), before[index + 1] + 1, costs[index] + 1))
        best = min(best, costs[-1])
    return best


@given(literal=st.text("abc ", min_size=2, max_size=70), text=st.text("abc ", min_size=1, max_size=80), errors=st.integers(0, 9))
def test_errors_are_counted_letter_by_letter(literal: str, text: str, errors: int) -> None:
    assert _stands(literal, text, errors) == (nearest(literal, text) <= errors)


@given(
    literal=st.text("abcdefghij ", min_size=16, max_size=60),
    edits=st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["", "x", "xy"])), max_size=9),
)
def test_no_text_with_few_errors_is_passed_over(literal: str, edits: list[tuple[int, str]]) -> None:
    text = literal
    for at, letters in edits:
        text = text[:at] + letters + text[at + 1 :]
    assert _resembles(literal, f"before {text} after") == (nearest(literal, f"before {text} after") <= len(literal) // 8)


def test_a_new_wording_names_the_rule_that_it_resembles(pack: Pack) -> None:
    pack.rule("node/wheel-lost")
    lookalikes = Lookalikes(pack.book())
    assert lookalikes.find(klog("the wheels fell off")) == "wheel-lost"
    assert lookalikes.find(klog("the engine blew up")) is None
