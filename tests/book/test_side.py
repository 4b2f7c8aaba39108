"""One side of a book, exact and in floats, against the simplest model of one: a dict that is sorted when it is read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declconn.book.exact_side import ExactSide
from declconn.book.float_side import FloatSide
from declconn.book.rows import Digits, Floats
from declconn.book.side import WINDOW, BookSide
from declconn.errors import BookError

prices = st.integers(1, 30).map(lambda ticks: str(Decimal(ticks) / 4))
sizes = st.sampled_from(["0", "0.00", "0E-8", "1", "2.50", "0.001"])
messages = st.lists(st.lists(st.tuples(prices, sizes), max_size=12), max_size=30)
many = st.lists(st.lists(st.tuples(st.integers(1, 2_000).map(str), sizes), max_size=40), max_size=40)
sides = pytest.mark.parametrize("new", [ExactSide, FloatSide])

Model = dict[Decimal, str]


def applied(model: Model, diff: list[tuple[str, str]]) -> None:
    for price, size in diff:
        model[Decimal(price)] = size
        if not Decimal(size):
            del model[Decimal(price)]


def numbers(rows: Any) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(str(row[0])), Decimal(str(row[1]))) for row in rows]


def check(side: BookSide, model: Model, sign: int, depth: int) -> None:
    """Everything that can be read is what the model says."""
    expected = [(price, Decimal(size)) for price, size in sorted(model.items(), reverse=sign > 0)]
    assert side.best == (float(expected[0][0]) if expected else None)
    assert side.best_price == (expected[0][0] if expected else None)
    assert side.top(depth) == [(float(price), float(size)) for price, size in expected[:depth]]
    assert numbers(side.rows(depth)) == expected[:depth]
    assert numbers(side) == expected
    assert len(side) == len(expected)


@sides
@settings(deadline=None)
@given(diffs=messages, sign=st.sampled_from([1, -1]), depth=st.integers(0, 12))
def test_it_holds_what_a_plain_dict_would_hold(
    new: type[BookSide], diffs: list[list[tuple[str, str]]], sign: Any, depth: int
) -> None:
    side, model = new(sign), Model()
    for diff in diffs:
        side.apply(diff)
        applied(model, diff)
        check(side, model, sign, depth)


@sides
@settings(deadline=None, max_examples=30)
@given(
    snapshot=st.sets(st.integers(1, 2_000), max_size=600),
    diffs=many,
    sign=st.sampled_from([1, -1]),
    depth=st.integers(0, 400),
)
def test_deep_books_hold_the_same_though_only_the_best_are_kept_in_order(
    new: type[BookSide], snapshot: set[int], diffs: list[list[tuple[str, str]]], sign: Any, depth: int
) -> None:
    side, model = new(sign), Model({Decimal(price): "1" for price in snapshot})
    side.replace([(str(price), "1") for price in snapshot])
    for number, diff in enumerate(diffs):
        side.apply(diff)
        applied(model, diff)
        if number % 3 == 0:
            check(side, model, sign, depth)
    check(side, model, sign, depth)


@sides
@settings(deadline=None)
@given(diffs=messages, sign=st.sampled_from([1, -1]), depth=st.integers(1, 5))
def test_truncating_keeps_the_best_levels(
    new: type[BookSide], diffs: list[list[tuple[str, str]]], sign: Any, depth: int
) -> None:
    side, model = new(sign), Model()
    for diff in diffs:
        side.apply(diff)
        applied(model, diff)
        side.truncate(depth)
        model = dict(sorted(model.items(), reverse=sign > 0)[:depth])
        check(side, model, sign, 10)


@sides
def test_a_market_that_falls_through_all_that_is_in_order_finds_what_is_below(new: type[BookSide]) -> None:
    side = new(1)
    side.replace([[str(price), "1"] for price in range(1, 5 * WINDOW)])
    for price in range(5 * WINDOW - 1, 1, -1):
        side.apply([[str(price), "0"]])
        assert side.best == price - 1


def test_an_exact_side_keeps_the_venues_digits() -> None:
    side = ExactSide(1)
    side.apply([["0.10", "5.00", "0", 3], [Decimal("0.050"), Decimal("1E-8")], [1, 2]])
    assert list(side) == [["1", "2"], ["0.10", "5.00"], ["0.050", "0.00000001"]]


def test_a_float_side_keeps_floats() -> None:
    side = FloatSide(1)
    side.apply([["0.10", "5.00"]])
    assert list(side) == [[0.1, 5.0]]
    assert side.best_price == Decimal("0.1")


@sides
def test_decoded_rows_are_taken_as_they_are(new: type[BookSide]) -> None:
    side = new(1)
    side.apply([Digits("1.5", "2")] if new is ExactSide else [Floats(1.5, 2.0), Floats(1.0, 0.0)])
    assert side.top(5) == [(1.5, 2.0)]


@sides
def test_decoded_rows_of_the_other_form_are_understood(new: type[BookSide]) -> None:
    side = new(1)
    side.apply([Floats(1.5, 2.0)] if new is ExactSide else [Digits("1.5", "2")])
    assert side.top(5) == [(1.5, 2.0)]


@sides
def test_one_price_in_two_spellings_is_one_level(new: type[BookSide]) -> None:
    side = new(1)
    side.apply([["1.0", "5"], ["1.00", "6"], [Decimal("1"), "7"]])
    assert side.top(5) == [(1.0, 7.0)]
    side.apply([["1.000", "0"]])
    assert side.top(5) == []
    side.apply([["1", "3"], ["2", "0.0"]])
    assert side.top(5) == [(1.0, 3.0)]
    side.apply([["1.00", "4"], ["1.0", "5"], ["2.0", "1"], ["2.00", "0"]])
    assert side.top(5) == [(1.0, 5.0)]


@sides
def test_deleting_what_is_not_there_is_nothing(new: type[BookSide]) -> None:
    side = new(-1)
    side.apply([["3", "0"]])
    assert (list(side), side.best) == ([], None)


@sides
def test_a_snapshot_forgets_everything_and_leaves_empty_levels_out(new: type[BookSide]) -> None:
    side = new(-1)
    side.apply([["3", "1"]])
    side.replace([["5", "1"], ["4", "0"]])
    assert side.top(5) == [(5.0, 1.0)]
    side.replace([])
    assert (list(side), side.best) == ([], None)


@sides
def test_reading_the_top_sweeps_deleted_levels_out_of_the_way(new: type[BookSide]) -> None:
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
def test_deleted_levels_do_not_pile_up(new: type[BookSide], direction: int) -> None:
    side = new(1)
    for tick in range(10_000):
        here, before = (str(20_000 + direction * at) for at in (tick, tick - 1))
        side.apply([[here, "1"], [before, "0"]])
    assert len(side) == 1
    assert max(len(side.near), len(side.levels)) < 2 * WINDOW


BAD_ROWS: list[Any] = [
    ["nan", "1"],
    ["inf", "1"],
    ["-1", "1"],
    ["0", "1"],
    ["", "1"],
    ["1", "nan"],
    ["1", "inf"],
    ["1", "-1"],
    ["1", ""],
    ["1", Decimal("NaN")],
    ["1", Decimal("-1")],
    ["x", "1"],
    [None, "1"],
    ["1", None],
    ["1"],
    "1",
    7,
    [10**400, "1"],
    ["1", "1e999"],
    ["1", "1.2.3"],
]


@sides
@pytest.mark.parametrize("row", BAD_ROWS, ids=repr)
def test_a_row_that_is_no_level_is_refused(new: type[BookSide], row: Any) -> None:
    with pytest.raises(BookError, match="is not a level: expected \\[price, size\\]"):
        new(1).apply([row])


@pytest.mark.parametrize("size", ["1.2.3", "12abc", "1e999", "-1", "NaN", ""])
def test_a_size_of_a_known_level_is_looked_at_too(size: str) -> None:
    side = ExactSide(1)
    side.replace([["9", "1"], ["8", "1"]])
    with pytest.raises(BookError, match="is not a level"):
        side.apply([["8", size]])


@sides
def test_negative_prices_can_be_allowed(new: type[BookSide]) -> None:
    side = new(-1, negative_prices=True)
    side.apply([["-37.63", "1"], ["0", "2"]])
    assert side.top(5) == [(-37.63, 1.0), (0.0, 2.0)]
    with pytest.raises(BookError, match="price finite, size"):
        side.apply([["-inf", "1"]])


@sides
def test_differences_are_counted_as_deep_as_the_other_side_reaches(new: type[BookSide]) -> None:
    mine, theirs = new(1), new(1)
    mine.apply([["10", "1"], ["9", "2"], ["8", "3"], ["5", "9"], ["11", "1"], ["11", "0"]])
    theirs.apply([["10", "1.0"], ["9", "7"], ["7", "1"]])
    assert mine.differences(theirs) == 3  # 9 differs, 8 is only here, 7 only there; 5 is deeper than theirs goes
    assert mine.differences(new(1)) == 0
