"""Compiled sides say and refuse exactly what Python's do, and keep nothing that is not theirs."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from declconn.book.rows import Digits, Floats, Precision, number
from declconn.book.side import BookSide
from declconn.book.sides import NATIVE, PYTHON, Sides
from declconn.errors import BookError

if NATIVE is None:
    pytest.skip("declconn was installed without a C compiler", allow_module_level=True)

SIDES: Sides = NATIVE

ticks = st.integers(1, 40).map(lambda tick: Decimal(tick) / 8)
long = st.sampled_from(["1.0000000000000001", "1.00000000000000012", "12345678901234567.89", "0.12345678901234567891"])
huge = st.sampled_from(["1e3", "1E-320", "4.9e-324", "1e308", "90071992547409930", "9007199254740993"])
prices = ticks | ticks.map(str) | ticks.map(float) | st.integers(1, 9) | long | huge
sizes = st.sampled_from(["0", "0.000", "0E-8", "1", "2.50", "1.2300000", "0.00000001", 0, 3, 2.5, Decimal("1E-8")])
no_numbers = [
    "nan",
    "inf",
    "-inf",
    "",
    " ",
    "x",
    "null",
    "true",
    '"1"',
    "٣",
    "é",
    "\ud800",
    "1\0",
    "1_0",
    "0x1",
    "1.2.3",
]
odd_numbers = [
    "-1",
    "-0",
    "-0.0",
    "0",
    "01",
    "00.1",
    "1.",
    ".5",
    "+1",
    "1e",
    "1e999",
    "1e-400",
    "9" * 400,
    " 1 ",
    "1\n",
]
odd_values = st.sampled_from([None, True, b"5", [], {}, -1, -2.5, 10**400, 2**64, float("nan"), Decimal("sNaN")])
odd = st.sampled_from(no_numbers) | st.sampled_from(odd_numbers) | odd_values
levels = st.tuples(prices, sizes)
odd_rows = st.tuples(odd, sizes) | st.tuples(prices, odd) | st.tuples(prices, sizes, odd) | st.tuples(prices) | odd

Step = tuple[str, Any]
Rows = list[Any]


@st.composite
def messages(draw: st.DrawFn) -> Rows:
    """Rows, at most one of them odd; now and then as a decoder makes them, or longer."""
    rows: Rows = draw(st.lists(levels, max_size=12))
    if draw(st.integers(0, 4)) == 0:
        rows.insert(draw(st.integers(0, len(rows))), draw(odd_rows))
    match draw(st.sampled_from(["plain", "longer", "digits", "floats"])):
        case "longer":
            return [[*row, "0", 7] if isinstance(row, tuple) else row for row in rows]
        case "digits":
            return [Digits(str(row[0]), str(row[1])) for row in rows if isinstance(row, tuple) and len(row) > 1]
        case "floats":
            return [decoded for row in rows if (decoded := _floats(row)) is not None]
    return rows


def _floats(row: Any) -> Floats | None:
    """A row as a decoder makes it: the size is right, the price is anything."""
    try:
        price, size = float(row[0]), float(row[1])
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        return None
    return Floats(price, size) if 0 <= size < float("inf") else None


counts = st.integers(0, 60)
steps = (
    st.tuples(st.sampled_from(["apply", "apply", "replace"]), messages())
    | st.tuples(st.sampled_from(["top", "rows", "truncate"]), counts)
    | st.tuples(st.just("read"), st.none())
)


def outcome(side: BookSide, step: Step) -> Any:
    """What a step gives, or the text of its refusal."""
    what, argument = step
    if what == "read":
        return len(side), list(side), side.best, side.best_price, str(side.best_price)
    try:
        return getattr(side, what)(argument)
    except BookError as error:
        return str(error)


@pytest.mark.parametrize("precision", ["exact", "float"])
@settings(deadline=None, max_examples=300)
@given(story=st.lists(steps, max_size=15), sign=st.sampled_from([1, -1]), negative=st.booleans())
def test_any_calls_give_the_same(precision: Precision, story: list[Step], sign: Any, negative: bool) -> None:
    one, other = PYTHON[precision](sign, negative), SIDES[precision](sign, negative)
    for step in story:
        expected = outcome(one, step)
        assert outcome(other, step) == expected, step
        if isinstance(expected, str):
            # It was applied in part, and in which is nobody's business: the next snapshot follows.
            one.replace([["2", "1"]])
            other.replace([["2", "1"]])
        assert outcome(other, ("read", None)) == outcome(one, ("read", None)), step


texts = st.text("0123456789.", max_size=22) | st.text("0123456789.eE+- ", max_size=24) | st.text(max_size=3)


@settings(max_examples=1_000)
@given(text=texts | st.decimals().map(str) | st.floats().map(repr) | st.integers().map(str))
@example("9007199254740993")
@example("900719925474099.3")
@example("0.3")
@example("1234567890123456789")
def test_a_text_is_the_number_that_a_json_decoder_reads_or_none_at_all(text: str) -> None:
    side = SIDES["exact"](1, negative_prices=True)
    try:
        expected = number(text)
    except ValueError:
        with pytest.raises(BookError, match="is not a level"):
            side.apply([Digits(text, "1")])
    else:
        side.apply([Digits(text, "1")])
        assert side.best == expected


@pytest.mark.parametrize(
    "let_go",
    [
        lambda side: side.apply([Digits("5.0", "2")]),
        lambda side: side.apply([Digits("5", "0")]),
        lambda side: side.replace([]),
        lambda side: side.replace([Digits("5.00", "1")]),
        lambda side: side.truncate(0),
    ],
)
def test_rows_of_the_venue_are_held_while_they_are_levels_and_no_longer(let_go: Callable[[BookSide], None]) -> None:
    row = Digits("5", "1")
    alone = sys.getrefcount(row)
    side = SIDES["exact"](1)
    for _ in range(3):
        side.apply([row, row, Digits("4", "1")])
        assert sys.getrefcount(row) == alone + 1
        let_go(side)
        assert sys.getrefcount(row) == alone


@pytest.mark.parametrize(
    ("let_go", "left"),
    [
        (lambda side: side.apply([Digits("5", "2")]), [["6", "1"], ["5", "2"], ["4", "1"]]),
        (lambda side: side.apply([Digits("5", "0")]), [["6", "1"], ["4", "1"]]),
        (lambda side: side.replace([]), []),
        (lambda side: side.truncate(1), [["6", "1"]]),
    ],
    ids=["set", "deleted", "replaced", "truncated"],
)
def test_a_row_is_let_go_of_when_the_side_is_in_order(let_go: Callable[[BookSide], None], left: Any) -> None:
    side = SIDES["exact"](1)
    seen = []

    class Looking(Digits):
        """A row that looks at its side when nobody needs it any more."""

        def __del__(self) -> None:
            seen.append((len(side), side.rows(10), side.best))

    side.apply([Digits("4", "1"), Looking("5", "1"), Digits("6", "1")])
    let_go(side)
    assert seen == [(len(left), left, 6.0 if left else None)]


class Cycle:
    """Something that the garbage collector finds, and that changes a side then."""

    def __init__(self, side: BookSide) -> None:
        self.side, self.itself = side, self

    def __del__(self) -> None:
        self.side.replace([["1", "1"]])


MANY = [[str(price), "1"] for price in range(1, 2_000)]


@pytest.mark.parametrize("precision", ["exact", "float"])
@pytest.mark.parametrize(
    "call",
    [
        lambda side: side.rows(1_500),
        lambda side: side.top(1_500),
        lambda side: side.truncate(1_500),
        lambda side: side.replace(MANY),
    ],
    ids=["rows", "top", "truncate", "replace"],
)
def test_a_side_may_change_whenever_the_garbage_collector_runs(
    precision: Precision, call: Callable[[BookSide], Any]
) -> None:
    side = SIDES[precision](1)
    side.replace(MANY)
    thresholds = gc.get_threshold()
    gc.collect()
    gc.disable()
    for _ in range(3):
        Cycle(side)
    gc.set_threshold(5)
    gc.enable()
    try:
        found = call(side) or []
        gc.collect()
    finally:
        gc.set_threshold(*thresholds)
    assert {float(row[1]) for row in found} <= {1.0}
    assert side.rows(3_000) == list(side)


def test_a_side_that_is_gone_holds_nothing() -> None:
    row = Digits("5", "1")
    alone = sys.getrefcount(row)
    side = SIDES["exact"](1)
    with pytest.raises(BookError):
        side.apply([row, Digits("x", "1")])
    assert sys.getrefcount(row) == alone + 1
    del side
    assert sys.getrefcount(row) == alone


@pytest.mark.parametrize("precision", ["exact", "float"])
def test_a_million_rows_leave_no_memory_behind(precision: Precision) -> None:
    new: Any = (lambda price, size: Digits(str(price), str(size))) if precision == "exact" else Floats
    there, gone = ([new(float(price), size) for price in range(1, 1_001)] for size in (1.0, 0.0))
    odd = [["7", "x"]]
    side = SIDES[precision](1)

    def churn(times: int) -> None:
        for _ in range(times):
            side.apply(there)
            assert len(side.top(20)) == len(side.rows(20)) == 20
            assert side.best_price == len(list(side))
            side.apply(gone)
            side.replace(there)
            with pytest.raises(BookError):
                side.apply(odd)

    churn(3)
    tracemalloc.start()
    try:
        churn(3)
        before, _ = tracemalloc.get_traced_memory()
        churn(330)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 20_000
