"""One side of a book, exact and in floats, in Python and compiled, against the simplest model of one: a dict that is
sorted when it is read."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declconn.book.rows import Digits, Floats, Precision
from declconn.book.side import BookSide, differences
from declconn.book.sides import NATIVE, PYTHON
from declconn.errors import BookError

needs_compiler = pytest.mark.skipif(NATIVE is None, reason="declconn was installed without a C compiler")


def made(precision: Precision) -> list[Any]:
    """The sides of this precision, compiled and not."""
    native = pytest.param(NATIVE and NATIVE[precision], id=f"native-{precision}", marks=needs_compiler)
    return [pytest.param(PYTHON[precision], id=f"python-{precision}"), native]


exact_sides = pytest.mark.parametrize("new", made("exact"))
float_sides = pytest.mark.parametrize("new", made("float"))
sides = pytest.mark.parametrize("new", made("exact") + made("float"))

prices = st.integers(1, 30).map(lambda ticks: str(Decimal(ticks) / 4))
sizes = st.sampled_from(["0", "0.00", "0E-8", "1", "2.50", "0.001"])
messages = st.lists(st.lists(st.tuples(prices, sizes), max_size=12), max_size=30)
many = st.lists(st.lists(st.tuples(st.integers(1, 2_000).map(str), sizes), max_size=40), max_size=40)

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


@exact_sides
def test_an_exact_side_keeps_the_venues_digits(new: type[BookSide]) -> None:
    side = new(1)
    side.apply([["0.10", "5.00", "0", 3], [Decimal("0.050"), Decimal("1E-8")], [1, 2]])
    assert list(side) == [["1", "2"], ["0.10", "5.00"], ["0.050", "0.00000001"]]


@float_sides
def test_a_float_side_keeps_floats(new: type[BookSide]) -> None:
    side = new(1)
    side.apply([["0.10", "5.00"]])
    assert list(side) == [[0.1, 5.0]]
    assert side.best_price == Decimal("0.1")


@sides
def test_rows_that_a_decoder_made_are_understood(new: type[BookSide]) -> None:
    for rows in ([Digits("1.5", "2"), Digits("1.0", "0")], [Floats(1.5, 2.0), Floats(1.0, 0.0)]):
        side = new(1)
        side.apply(rows)
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
    ["\ud800", "1"],
    ["1", "1e999"],
    ["1", "1.2.3"],
    [True, "1"],
    ["1", False],
    ["1_0", "1"],
    ["١", "1"],
    [".5", "1"],
    ["5.", "1"],
    ["1", "+1"],
    [b"5", "1"],
    [Decimal("1E+999999999"), "1"],
    [Decimal("1E-999999999"), "1"],
    ["1", "1E+999999999"],
]


@sides
@pytest.mark.parametrize("row", BAD_ROWS, ids=repr)
def test_a_row_that_is_no_level_is_refused(new: type[BookSide], row: Any) -> None:
    with pytest.raises(BookError, match="is not a level: expected \\[price, size\\]"):
        new(1).apply([row])


class Word(str):
    """A kind of text."""

    __slots__ = ()


@sides
def test_a_price_or_size_of_a_kind_of_text_is_text(new: type[BookSide]) -> None:
    side = new(1)
    side.apply([[Word("2.0"), Word("3")]])
    assert side.top(5) == [(2.0, 3.0)]
    assert [type(text) for text in side.rows(1)[0]] in ([str, str], [float, float])


@exact_sides
def test_digits_that_no_decoder_made_are_refused_in_the_same_words(new: type[BookSide]) -> None:
    for row in (Digits(Word("2"), "1"), Digits("2", Word("1")), Digits(2, "1")):  # type: ignore[arg-type]
        with pytest.raises(BookError, match="is not a level"):
            new(1).apply([row])


@sides
def test_what_is_left_after_a_refused_snapshot_is_not_the_old_book_and_can_be_read(new: type[BookSide]) -> None:
    for rows in ([["x", "1"]], [["3", "1"], ["x", "1"]], [["3", "1"], ["-1", "1"], ["2", "1"]], [["3", "1"], ["2"]]):
        side = new(1)
        side.replace([["10", "1"]])
        with pytest.raises(BookError):
            side.replace(rows)
        assert side.best in (None, 3.0)
        assert side.best_price in (None, 3)
        for read in (side.top(5), side.rows(5), list(side)):
            assert 10 not in [float(row[0]) for row in read]
        assert len(side) <= len(rows)


@sides
@pytest.mark.parametrize("size", ["1.2.3", "12abc", "1e999", "-1", "NaN", "", "\ud800"])
def test_a_size_of_a_known_level_is_looked_at_too(new: type[BookSide], size: str) -> None:
    side = new(1)
    side.replace([["9", "1"], ["8", "1"]])
    with pytest.raises(BookError, match="is not a level"):
        side.apply([["8", size]])


@sides
@pytest.mark.parametrize("size", ["1E-999999999", Decimal("1E-999999999")], ids=["text", "number"])
def test_a_size_that_no_float_is_as_small_as_is_none(new: type[BookSide], size: Any) -> None:
    side = new(1)
    side.apply([["1", "1"], ["1", size]])
    assert list(side) == []


@sides
def test_negative_prices_can_be_allowed(new: type[BookSide]) -> None:
    side = new(-1, negative_prices=True)
    side.apply([["-37.63", "1"], ["0", "2"]])
    assert side.top(5) == [(-37.63, 1.0), (0.0, 2.0)]
    for price in ("-inf", None):
        with pytest.raises(BookError, match="price finite, size"):
            side.apply([[price, "1"]])


@sides
def test_a_snapshot_is_taken_in_any_order(new: type[BookSide]) -> None:
    for prices in (["3", "1", "2", "1.0"], ["3", "2", "1", "1.0"], ["1", "1.0", "2", "3"]):
        side = new(1)
        side.replace([[price, str(size)] for size, price in enumerate(prices, 1)])
        assert [price for price, _ in side.top(5)] == [3.0, 2.0, 1.0]
        assert side.top(5)[2][1] == prices.index("1.0") + 1


@sides
@pytest.mark.parametrize(
    "change",
    [
        lambda side: side.apply([["8", "2"]]),
        lambda side: side.apply([["7", "0"]]),
        lambda side: side.replace([]),
        lambda side: side.truncate(1),
    ],
    ids=["set", "deleted", "replaced", "truncated"],
)
def test_who_walks_through_a_side_that_changes_is_told(new: type[BookSide], change: Callable[[BookSide], None]) -> None:
    side = new(1)
    side.apply([[str(price), "1"] for price in range(1, 9)])
    walk = iter(side)
    assert numbers([next(walk)]) == [(8, 1)]
    change(side)
    with pytest.raises(RuntimeError, match="changed while its levels were walked through"):
        next(walk)


@sides
def test_a_side_may_be_read_while_it_is_walked_through(new: type[BookSide]) -> None:
    side = new(-1)
    side.replace([[str(price), "1"] for price in range(1, 201)])
    walked = []
    for at, row in enumerate(side):
        side.apply([])
        assert len(side.top(3 * at)) == min(3 * at, 200)
        walked.append(row)
    assert [price for price, _ in numbers(walked)] == list(range(1, 201))


@sides
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda side: pickle.loads(pickle.dumps(side))])
def test_a_side_can_be_copied_and_sent_to_another_process(
    new: type[BookSide], again: Callable[[BookSide], BookSide]
) -> None:
    for sign, negative in ((1, False), (-1, True)):
        side = new(sign, negative)  # type: ignore[arg-type]
        side.apply([["1.50", "2"], ["3.0", "4"], ["3.0", "0"], ["1.0", "5.00"]])
        other = again(side)
        assert (type(other), list(other), other.best) == (type(side), list(side), side.best)
        if negative:
            other.apply([["-1", "1"]])
            assert other.best == -1
        else:
            with pytest.raises(BookError):
                other.apply([["-1", "1"]])


@sides
def test_differences_are_counted_as_deep_as_the_other_side_reaches(new: type[BookSide]) -> None:
    mine, theirs = new(1), new(1)
    mine.apply([["10", "1"], ["9", "2"], ["8", "3"], ["5", "9"], ["11", "1"], ["11", "0"]])
    theirs.apply([["10", "1.0"], ["9", "7"], ["7", "1"]])
    assert differences(mine, theirs, 1) == 3  # 9 differs, 8 is only here, 7 only there; 5 is deeper than theirs goes
    assert differences(mine, new(1), 1) == 0
