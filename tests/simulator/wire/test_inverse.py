"""Paths written backwards."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.compile.path import compile_path
from declconn.simulator.wire.inverse import lens
from declconn.simulator.wire.lens import Row


def put(path: str, value: Any, document: Any = None, key: str | None = None) -> Row | None:
    """The first row offered that reads right."""
    place = lens(path)
    return next((row for row in place.put(Row(document, key), value) if place.read(row) == value), None)


@pytest.mark.parametrize(
    ("path", "value", "document"),
    [
        ("price", "1.5", {"price": "1.5"}),
        ("a.b.c", 1, {"a": {"b": {"c": 1}}}),
        ('"filled-amount"', "2", {"filled-amount": "2"}),
        ("data[0].p", 1, {"data": [{"p": 1}]}),
        ("[2]", "x", [None, None, "x"]),
        ("items[-1]", 5, {"items": [5]}),
        ("@", {"a": 1}, {"a": 1}),
        ("to_number(a)", 3, {"a": 3}),
        ("upper(a)", "BTC", {"a": "BTC"}),
        ("split(name, '/')[0]", "BTC", {"name": "BTC"}),
        ("a[*].b", [1, 2], {"a": [{"b": 1}, {"b": 2}]}),
        ("[a, b]", [1, 2], {"a": 1, "b": 2}),
        ("$.data.x", 1, {"data": {"x": 1}}),
        ("fees.* | [0].fee", "1", {"fees": {"0": {"fee": "1"}}}),
        ("divide(fee, `100`)", Decimal("0.0026"), {"fee": "0.26"}),
        ("join(', ', error)", "EOrder:Insufficient funds", {"error": ["EOrder:Insufficient funds"]}),
        ("join('-', [side, to_string(way)])", "Buy-1", {"side": "Buy", "way": "1"}),
        ("to_number(count) > `0`", True, {"count": 1}),
        ("count >= `2`", False, {"count": 1}),
        ("negate(fee)", Decimal("-0.1"), {"fee": "0.1"}),
        ("subtract(amount, left)", Decimal("0.5"), {"amount": "0.5", "left": "0"}),
        ("multiply(lots, size)", Decimal("0.5"), {"lots": "0.5", "size": "1"}),
        ("add(fee, rebate || '0')", Decimal("0.2"), {"fee": "0.2"}),
        ("[result][]", [{"p": 1}], {"result": {"p": 1}}),
    ],
)
def test_a_place_is_made_out_of_nothing(path: str, value: Any, document: Any) -> None:
    assert put(path, value) == Row(document)


def test_what_stands_beside_the_place_is_kept_and_nothing_is_changed_in_place() -> None:
    before = {"a": {"b": 1, "c": 2}, "d": [0, 9]}
    assert put("a.b", 5, before) == Row({"a": {"b": 5, "c": 2}, "d": [0, 9]})
    assert put("d[0]", 5, before) == Row({"a": {"b": 1, "c": 2}, "d": [5, 9]})
    assert before == {"a": {"b": 1, "c": 2}, "d": [0, 9]}


def test_a_row_that_reads_right_already_is_offered_as_it_is() -> None:
    row = Row({"a": "x", "b": 1})
    assert next(lens("b || a").put(row, 1)) is row


def test_the_key_of_a_row_is_written_too() -> None:
    assert put("key()", "XBTUSD") == Row(None, "XBTUSD")
    assert put("split(key(), '.F')[0]", "XBT", {"balance": 1}, "0") == Row({"balance": 1}, "XBT")


def test_two_halves_of_a_text_are_written_one_after_the_other() -> None:
    half = put("split(name, '/')[0]", "BTC")
    assert half is not None
    assert put("split(name, '/')[1]", "USD", half.document) == Row({"name": "BTC/USD"})


FILTERED = "filters[?filterType=='LOT_SIZE'].maxQty | [0]"


def test_a_filter_makes_the_item_that_it_looks_for() -> None:
    assert put(FILTERED, "9") == Row({"filters": [{"maxQty": "9", "filterType": "LOT_SIZE"}]})


def test_a_filter_writes_into_the_item_that_is_there_and_leaves_its_neighbours() -> None:
    before = {"filters": [{"filterType": "OTHER"}, {"filterType": "LOT_SIZE", "minQty": "1"}]}
    after = {"filters": [{"filterType": "OTHER"}, {"filterType": "LOT_SIZE", "minQty": "1", "maxQty": "9"}]}
    assert put(FILTERED, "9", before) == Row(after)


def test_a_filter_with_alternatives_takes_the_first() -> None:
    path = "filters[?type=='A' || type=='B'].min | [0]"
    assert put(path, "5") == Row({"filters": [{"min": "5", "type": "A"}]})


def test_rows_that_are_filtered_carry_what_the_filter_asks_for() -> None:
    offered = next(lens("data[?status=='on']").put(Row(), [{"v": 1}, {"v": 2}]))
    assert offered.document == {"data": [{"v": 1, "status": "on"}, {"v": 2, "status": "on"}]}


def test_a_word_behind_a_condition_is_written_by_its_condition() -> None:
    assert put("m && 'SELL' || 'BUY'", "SELL") == Row({"m": True})
    assert put("m && 'SELL' || 'BUY'", "BUY", {"m": True}) == Row({"m": False})
    assert put("m && 'SELL' || 'BUY'", "HOLD") is None


def test_a_branch_whose_condition_does_not_hold_is_left_alone() -> None:
    path = "x == 'CANCELED' && C || c"
    assert put(path, "id") == Row({"c": "id"})
    assert put(path, "id", {"x": "CANCELED"}) == Row({"x": "CANCELED", "C": "id"})


@pytest.mark.parametrize(
    ("condition", "truth", "document"),
    [
        ("status == 'TRADING' && isSpot", True, {"status": "TRADING", "isSpot": True}),
        ("a == 'x' || b == 'y'", True, {"a": "x"}),
        ("!(a == 'x')", False, {"a": "x"}),
        ("code != '0'", False, {"code": "0"}),
        ("retCode == `0`", True, {"retCode": 0}),
    ],
)
def test_conditions_are_made_true_or_false(condition: str, truth: bool, document: Any) -> None:
    assert next(lens(condition).make(Row(), truth)) == Row(document)


def test_a_condition_that_holds_already_changes_nothing() -> None:
    row = Row({"altname": "XBTUSD"})
    assert next(lens("!ends_with(altname, '.d')").make(row, True)) is row
    assert next(lens("!error || length(error) == `0`").make(Row(), True)) == Row()


@pytest.mark.parametrize(
    ("path", "value", "left", "right"),
    [
        ("add(a, b)", "5", "2", "3"),
        ("subtract(a, b)", "0.5", "1.50", "1"),
        ("multiply(a, b)", "0", "0", "1"),
        ("multiply(a, b)", "3", "1.5", "2"),
        ("divide(a, b)", "3", "6", "2"),
    ],
)
def test_of_two_operands_the_one_that_is_not_known_is_written(path: str, value: str, left: str, right: str) -> None:
    for known in ({"a": left}, {"b": right}):
        offered = next(lens(path).put(Row(known), value)).document
        assert {name: Decimal(text) for name, text in offered.items()} == {"a": Decimal(left), "b": Decimal(right)}


OPERATIONS = ["add", "subtract", "multiply", "divide"]
NUMBERS = st.decimals(min_value=1, max_value=1000, places=2).map(str)


@given(st.sampled_from(OPERATIONS), NUMBERS, NUMBERS)
def test_what_was_computed_is_computed_again_from_what_is_written(name: str, one: str, other: str) -> None:
    path = f"{name}(a, b)"
    value = lens(path).read(Row({"a": one, "b": other}))
    for known in ({"a": one}, {"b": other}, {}):
        for row in lens(path).put(Row(known), value):
            assert abs(lens(path).read(row) - value) <= abs(value) / 10**30


@pytest.mark.parametrize("path", ["result.*", "sort(a)", "a[0:2]", "length(a)", "sum(a)", "{a: b}", "'USD'"])
def test_what_has_no_inverse_offers_nothing(path: str) -> None:
    assert list(lens(path).put(Row(), "new")) == []


def test_a_constant_reads_as_itself() -> None:
    assert lens(True).read(Row({"a": 1})) is True
    assert next(lens("'USD'").put(Row(), "USD")) == Row()


def test_a_path_that_finds_many_places_is_refused() -> None:
    with pytest.raises(ValueError, match="finds any number of places"):
        lens("$..price")


names = st.sampled_from(["a", "b", "c"])
steps = st.lists(st.one_of(names, st.integers(0, 2)), min_size=1, max_size=5)
documents = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=10,
)


@given(steps, documents, st.one_of(st.integers(), st.text(max_size=3)))
def test_whatever_is_offered_by_a_chain_reads_back(steps: list[str | int], document: Any, value: Any) -> None:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    for row in lens(path).put(Row(document), value):
        assert compile_path(path)(row.document) == value


@given(steps, documents)
def test_writing_what_is_read_changes_nothing(steps: list[str | int], document: Any) -> None:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    assert next(lens(path).put(Row(document), lens(path).read(Row(document)))).document == document
