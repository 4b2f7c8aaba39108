"""One side of a book against the simplest model of one: a dict that is sorted when it is read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declconn.book.side import BookSide
from declconn.errors import BookError

prices = st.integers(1, 30).map(lambda ticks: str(Decimal(ticks) / 4))
sizes = st.sampled_from(["0", "0.00", "1", "2.50"])
messages = st.lists(st.lists(st.tuples(prices, sizes), max_size=12), max_size=30)


@settings(deadline=None)
@given(messages, st.sampled_from([1, -1]), st.integers(0, 12))
def test_it_holds_what_a_plain_dict_would_hold(diffs: list[list[tuple[str, str]]], sign: int, depth: int) -> None:
    side, model = BookSide(sign), {}
    for diff in diffs:
        side.apply(diff)
        for price, size in diff:
            model[Decimal(price)] = size
            if not Decimal(size):
                del model[Decimal(price)]
        expected = sorted(model.items(), reverse=sign > 0)
        assert [(Decimal(price), size) for price, size in side.best(depth)] == expected[:depth]
        assert [(Decimal(price), size) for price, size in side] == expected
        assert side.top(depth) == [(float(price), float(size)) for price, size in expected[:depth]]
        best = side.best_key()
        assert (None if best is None else best * sign) == (float(expected[0][0]) if expected else None)
        assert len(side) == len(expected)


@settings(deadline=None)
@given(messages, st.sampled_from([1, -1]), st.integers(1, 5))
def test_truncating_keeps_the_best_levels(diffs: list[list[tuple[str, str]]], sign: int, depth: int) -> None:
    side = BookSide(sign)
    for diff in diffs:
        side.apply(diff)
        best = side.best(depth)
        side.truncate(depth)
        assert list(side) == best


def test_rows_are_kept_as_they_came() -> None:
    side = BookSide(1)
    row = ["0.10", "5.00", "0", 3]
    side.apply([row])
    assert next(iter(side)) is row


def test_one_price_in_two_spellings_is_one_level() -> None:
    side = BookSide(1)
    side.apply([["1.0", "5"], ["1.00", "6"], [Decimal("1"), "7"]])
    assert list(side) == [[Decimal("1"), "7"]]


def test_deleting_what_is_not_there_is_nothing() -> None:
    side = BookSide(-1)
    side.apply([["3", "0"]])
    assert list(side) == []
    assert side.best_key() is None


def test_a_snapshot_forgets_everything_and_leaves_empty_levels_out() -> None:
    side = BookSide(-1)
    side.apply([["3", "1"]])
    side.replace([["5", "1"], ["4", "0"]])
    assert list(side) == [["5", "1"]]


def test_keys_of_deleted_levels_do_not_pile_up() -> None:
    side = BookSide(1)
    for tick in range(10_000):
        side.apply([[str(tick + 1), "1"], [str(tick), "0"]] if tick else [["1", "1"]])
    assert len(side.keys) < 100


@pytest.mark.parametrize(
    "row",
    [
        ["nan", "1"],
        ["inf", "1"],
        ["-1", "1"],
        ["0", "1"],
        ["1", "nan"],
        ["1", "inf"],
        ["1", "-1"],
        ["x", "1"],
        [None, "1"],
        ["1"],
        "1",
        7,
        [10**400, "1"],
    ],
)
def test_a_row_that_is_no_level_is_refused(row: object) -> None:
    with pytest.raises(BookError, match="is not a level: expected \\[price, size\\]"):
        BookSide(1).apply([row])


def test_negative_prices_can_be_allowed() -> None:
    side = BookSide(-1, negative_prices=True)
    side.apply([["-37.63", "1"], ["0", "2"]])
    assert side.best(1) == [["-37.63", "1"]]


def test_differences_are_counted_as_deep_as_the_other_side_reaches() -> None:
    mine, theirs = BookSide(1), BookSide(1)
    mine.apply([["10", "1"], ["9", "2"], ["8", "3"], ["5", "9"]])
    theirs.apply([["10", "1.0"], ["9", "7"], ["7", "1"]])
    assert mine.differences(theirs) == 3  # 9 differs, 8 is only here, 7 only there; 5 is deeper than theirs goes
    assert mine.differences(BookSide(1)) == 0
