"""Several records about the same thing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from declconn.connector.requests.combining import combined, with_fields
from declconn.records import BalanceUpdate, Kline, LeverageTier, OrderUpdate, PositionUpdate, TradeUpdate, TradingRule
from declconn.types import OrderState, PositionSide

D = Decimal


def test_later_fields_win_and_what_a_later_record_lacks_stays() -> None:
    first = OrderUpdate("a", "1", state=OrderState.OPEN, filled=D(1))
    later = OrderUpdate(exchange_order_id="1", state=OrderState.FILLED)

    assert combined([first, later], "merge") == [OrderUpdate("a", "1", state=OrderState.FILLED, filled=D(1))]


def test_records_keep_the_order_in_which_their_things_were_first_spoken_of() -> None:
    balances = [BalanceUpdate("BTC", D(1)), BalanceUpdate("ETH", D(2)), BalanceUpdate("BTC", D(3))]

    assert combined(balances, "merge") == [BalanceUpdate("BTC", D(3)), BalanceUpdate("ETH", D(2))]
    assert combined(balances, "sum") == [BalanceUpdate("BTC", D(4)), BalanceUpdate("ETH", D(2))]


def test_a_zero_is_a_value_and_an_empty_list_is_none() -> None:
    rule, again = TradingRule("x", "X", "USD", ("alias",), market={"n": 1}), TradingRule("x", "X", "USD")

    assert combined([rule, again], "merge") == [rule]
    assert combined([BalanceUpdate("BTC", D(1)), BalanceUpdate("BTC", D(0))], "merge") == [BalanceUpdate("BTC", D(0))]


def test_the_two_positions_of_a_market_are_two() -> None:
    sides = [PositionUpdate("BTC-USD", D(1), side) for side in (PositionSide.LONG, PositionSide.SHORT)]
    assert combined(sides, "merge") == sides


def test_a_trade_with_ourselves_fills_two_orders() -> None:
    fills = [TradeUpdate("t1", D(1), D(1), exchange_order_id=order) for order in ("1", "2")]
    assert combined([*fills, fills[0]], "merge") == fills


def test_records_that_stand_for_themselves_are_never_merged() -> None:
    tier, candle = LeverageTier("BTC-USD", D(10)), Kline(1, D(1), D(1), D(1), D(1), D(1))
    records = [tier, tier, candle, candle, {"a": 1}, {"a": 1}]

    assert combined(records, "merge") == records


def test_only_named_fields_are_added_to_a_record() -> None:
    record, other = BalanceUpdate("BTC", D(1), None, D(9)), BalanceUpdate("ETH", D(5), D(2))

    assert with_fields(record, other, ["available", "locked"]) == BalanceUpdate("BTC", D(1), D(2), D(9))
    assert with_fields({"a": 1, "b": 2}, {"a": 3, "b": None, "c": 4}, ["b", "c"]) == {"a": 1, "b": 2, "c": 4}


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.decimals("-1e30", "1e30", places=8)), max_size=20))
def test_sums_are_exact(rows: list[tuple[str, Decimal]]) -> None:
    found = combined([BalanceUpdate(asset, number) for asset, number in rows], "sum")
    exact = {asset: sum(Fraction(number) for other, number in rows if other == asset) for asset, _ in rows}

    assert {one.asset: Fraction(one.total or 0) for one in found} == exact
