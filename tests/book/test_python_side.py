"""How Python's sides keep books: what their answers do not show."""

from __future__ import annotations

import pytest

from declconn.book.exact_side import ExactSide
from declconn.book.float_side import FloatSide
from declconn.book.python_side import WINDOW, PythonSide

sides = pytest.mark.parametrize("new", [ExactSide, FloatSide])


@sides
def test_a_market_that_falls_through_all_that_is_in_order_finds_what_is_below(new: type[PythonSide]) -> None:
    side = new(1)
    side.replace([[str(price), "1"] for price in range(1, 5 * WINDOW)])
    for price in range(5 * WINDOW - 1, 1, -1):
        side.apply([[str(price), "0"]])
        assert side.best == price - 1


@sides
def test_reading_the_top_sweeps_deleted_levels_out_of_the_way(new: type[PythonSide]) -> None:
    side = new(-1)
    side.replace([[str(price), "1"] for price in range(1, 101)])
    for _ in range(3):
        side.apply([[str(price), "0"] for price in range(2, 31)])
        assert [price for price, _ in side.top(3)] == [1.0, 31.0, 32.0]
        assert len(side.near) < WINDOW
        side.apply([[str(price), "2"] for price in range(2, 31)])
        assert side.top(3) == [(1.0, 1.0), (2.0, 2.0), (3.0, 2.0)]


@sides
@pytest.mark.parametrize("direction", [1, -1])
def test_deleted_levels_do_not_pile_up(new: type[PythonSide], direction: int) -> None:
    side = new(1)
    for tick in range(10_000):
        here, before = (str(20_000 + direction * at) for at in (tick, tick - 1))
        side.apply([[here, "1"], [before, "0"]])
    assert len(side) == 1
    assert max(len(side.near), len(side.levels)) < 2 * WINDOW
