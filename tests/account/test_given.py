"""What users hand in: words of a few, and exact numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from declconn.account.given import number, positive, word
from declconn.errors import InvalidOrderError
from declconn.types import OrderType, Side


def test_a_word_is_taken_as_it_is_and_as_text_in_any_case() -> None:
    assert word("side", Side.SELL, Side) is Side.SELL
    assert word("side", "BUY", Side) is Side.BUY
    assert word("side", "buy", Side) is Side.BUY


@pytest.mark.parametrize("given", ["long", "", None, 1, True, OrderType.LIMIT])
def test_another_word_is_refused_and_the_right_ones_are_named(given: Any) -> None:
    with pytest.raises(InvalidOrderError, match=r"side: found .*, expected Side\.BUY or Side\.SELL"):
        word("side", given, Side)


def test_whole_numbers_are_exact() -> None:
    assert (number("price", 3), number("price", Decimal("0.5"))) == (3, Decimal("0.5"))


@pytest.mark.parametrize("given", [0.5, "0.5", None, True])
def test_what_is_not_exact_is_no_number(given: Any) -> None:
    with pytest.raises(InvalidOrderError, match=f"price: found {given!r}, expected a Decimal"):
        number("price", given)


@pytest.mark.parametrize("given", [0, -1, Decimal("NaN"), Decimal("Infinity")])
def test_a_positive_number_is_finite_and_above_0(given: Any) -> None:
    with pytest.raises(InvalidOrderError, match=r"price: found .*, expected a positive number"):
        positive("price", given)
