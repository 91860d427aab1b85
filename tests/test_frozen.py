"""Named values that never change: as strict as a dataclass, and read by pydantic."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from functools import cached_property

import pytest
from pydantic import TypeAdapter, ValidationError

from k3slogs.frozen import Frozen


class Wheel(Frozen):
    size: int
    lost: datetime | None = None


class Cart(Frozen):
    wheels: tuple[Wheel, ...]
    count: int = 4

    @cached_property
    def size(self) -> int:
        return sum(wheel.size for wheel in self.wheels)


CART = Cart(wheels=(Wheel(size=2), Wheel(size=3, lost=datetime(2026, 11, 23, tzinfo=UTC))))


def test_fields_have_names_an_order_and_values() -> None:
    assert Cart._fields == ("wheels", "count")
    assert CART._asdict() == {"wheels": CART.wheels, "count": 4}
    assert repr(CART.wheels[0]) == "Wheel(size=2, lost=None)"
    assert CART.wheels[0]._replace(size=5) == Wheel(size=5)


@pytest.mark.parametrize("values", [{}, {"size": 1, "sise": 2}, {"lost": None}])
def test_a_field_that_is_missing_or_unknown_is_an_error(values: dict[str, int]) -> None:
    with pytest.raises(TypeError, match=r"Wheel: wrong or missing: si[sz]e"):
        Wheel(**values)  # type: ignore[arg-type]


def test_nothing_can_be_changed() -> None:
    with pytest.raises(AttributeError, match=r"Cart\.count cannot be changed"):
        CART.count = 5  # type: ignore[misc]
    with pytest.raises(AttributeError, match=r"Cart\.count cannot be changed"):
        del CART.count
    assert CART.count == 4


def test_values_of_one_class_are_equal_by_all_their_fields() -> None:
    again = Cart(wheels=CART.wheels, count=4)
    assert again == CART
    assert hash(again) == hash(CART)
    assert pickle.loads(pickle.dumps(CART)) == CART  # noqa: S301 - made here
    assert again._replace(count=3) != CART
    assert Wheel(size=2) != Cart(wheels=(), count=2)


def test_what_is_worked_out_once_is_no_field() -> None:
    worked_out, fresh = (Cart(wheels=CART.wheels) for _ in range(2))
    assert worked_out.size == 5
    assert worked_out == fresh
    assert worked_out._replace(wheels=()).size == 0
    assert pickle.loads(pickle.dumps(worked_out)) == fresh  # noqa: S301 - made here


def test_pydantic_reads_them() -> None:
    reader = TypeAdapter(Cart)
    assert reader.validate_json('{"wheels": [{"size": 2}, {"size": "3", "lost": "2026-11-23T00:00:00Z", "more": 1}]}') == CART
    with pytest.raises(ValidationError) as raised:
        reader.validate_json('{"wheels": [{"size": "round"}]}')
    assert raised.value.errors()[0]["loc"] == ("wheels", 0, "size")
