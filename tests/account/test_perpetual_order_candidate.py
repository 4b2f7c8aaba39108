"""What an order of a derivative would need and return: Hummingbot's own cases first, 10 COINALPHA at 2 HBOT."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from declconn.account.perpetual_order_candidate import PerpetualOrderCandidate
from declconn.account.trade_fee import TokenAmount, TradeFeeSchema
from declconn.errors import InvalidOrderError
from declconn.types import OrderType, Side

D = Decimal
Schema = Callable[..., TradeFeeSchema]
BOTH_SIDES = pytest.mark.parametrize("side", list(Side))


def order(side: Side, leverage: int | None = 1, close: bool = False, is_maker: bool = True) -> PerpetualOrderCandidate:
    return PerpetualOrderCandidate(
        "COINALPHA-HBOT",
        is_maker,
        OrderType.LIMIT,
        side,
        D(10),
        D(2),
        leverage=None if leverage is None else D(leverage),
        position_close=close,
    )


def of(amount: str, token: str) -> TokenAmount:
    return TokenAmount(token, D(amount))


@BOTH_SIDES
@pytest.mark.parametrize(("is_maker", "fee"), [(True, "0.2"), (False, "0.4")])
def test_without_leverage_the_margin_is_the_whole_value(
    paper_market: Any, side: Side, is_maker: bool, fee: str
) -> None:
    filled = order(side, is_maker=is_maker).populate_collateral_entries(paper_market(collateral="HBOT"))
    assert filled.order_collateral == of("20", "HBOT")
    assert filled.percent_fee_collateral == of(fee, "HBOT")
    assert filled.percent_fee_value == of(fee, "HBOT")
    assert filled.fixed_fee_collaterals == ()
    assert filled.potential_returns is None


@BOTH_SIDES
def test_leverage_divides_the_margin_and_not_the_fee(paper_market: Any, side: Side) -> None:
    filled = order(side, leverage=2).populate_collateral_entries(paper_market(collateral="HBOT"))
    assert filled.order_collateral == of("10", "HBOT")
    assert filled.percent_fee_collateral == of("0.2", "HBOT")
    assert filled.percent_fee_value == of("0.2", "HBOT")
    assert filled.potential_returns is None


def test_a_margin_that_does_not_end_is_rounded_up(paper_market: Any) -> None:
    filled = order(Side.BUY, leverage=3).populate_collateral_entries(paper_market(collateral="HBOT"))
    assert filled.order_collateral == of("6.666666666666666666666666667", "HBOT")
    filled = order(Side.BUY, leverage=6).populate_collateral_entries(paper_market(collateral="HBOT"))
    assert filled.order_collateral == of("3.333333333333333333333333334", "HBOT")


@BOTH_SIDES
def test_a_fee_in_a_third_token_is_a_share_of_the_whole_value(paper_market: Any, schema: Schema, side: Side) -> None:
    market = paper_market(schema("0.01", token="PFC"), asks={"HBOT-PFC": "2"}, collateral="HBOT")
    filled = order(side, leverage=2).populate_collateral_entries(market)
    assert filled.order_collateral == of("10", "HBOT")
    assert filled.percent_fee_collateral == of("0.4", "PFC")


@BOTH_SIDES
def test_closing_needs_nothing_and_returns_the_value_less_the_fee(paper_market: Any, side: Side) -> None:
    filled = order(side, leverage=2, close=True).populate_collateral_entries(paper_market(collateral="HBOT"))
    assert filled.order_collateral is None
    assert filled.percent_fee_collateral is None
    assert filled.percent_fee_value is None
    assert filled.potential_returns == of("19.8", "HBOT")
    assert filled.collateral_dict == {}


@pytest.mark.parametrize("leverage", [1, 2, 5])
@pytest.mark.parametrize("price", ["0.5", "2", "3"])
def test_what_closing_returns_is_amount_times_price_at_any_leverage(
    paper_market: Any, schema: Schema, leverage: int, price: str
) -> None:
    for side in Side:
        candidate = PerpetualOrderCandidate(
            "COINALPHA-HBOT", True, OrderType.LIMIT, side, D(10), D(price), leverage=D(leverage), position_close=True
        )
        filled = candidate.populate_collateral_entries(paper_market(schema(), collateral="HBOT"))
        assert filled.potential_returns == TokenAmount("HBOT", 10 * D(price))


def test_the_fee_of_closing_in_a_third_token_is_not_lost(paper_market: Any, schema: Schema) -> None:
    market = paper_market(schema("0.01", token="PFC"), asks={"HBOT-PFC": "2"}, collateral="HBOT")
    filled = order(Side.SELL, leverage=2, close=True).populate_collateral_entries(market)
    assert filled.potential_returns == of("20", "HBOT")
    assert filled.percent_fee_value == of("0.4", "PFC")
    assert filled.percent_fee_collateral is None
    assert filled.collateral_dict == {}


def test_the_fee_of_closing_in_the_collateral_token_by_name_is_taken_from_the_returns(
    paper_market: Any, schema: Schema
) -> None:
    market = paper_market(schema("0.01", token="HBOT"), collateral="HBOT")
    assert order(Side.SELL, close=True).populate_collateral_entries(market).potential_returns == of("19.8", "HBOT")


@BOTH_SIDES
def test_an_inverse_contract_has_its_margin_fee_and_returns_in_base(paper_market: Any, side: Side) -> None:
    market = paper_market(collateral="COINALPHA")
    opened = order(side, leverage=4).populate_collateral_entries(market)
    assert opened.order_collateral == of("2.5", "COINALPHA")
    assert opened.percent_fee_collateral == of("0.1", "COINALPHA")
    closed = order(side, leverage=4, close=True).populate_collateral_entries(market)
    assert closed.potential_returns == of("9.9", "COINALPHA")


def test_a_third_collateral_token_is_valued_at_the_market(paper_market: Any) -> None:
    market = paper_market(collateral="USDX", asks={"HBOT-USDX": "3"})
    filled = order(Side.SELL, leverage=2).populate_collateral_entries(market)
    assert filled.order_collateral == of("30", "USDX")
    assert filled.percent_fee_collateral == of("0.6", "USDX")


def test_without_a_leverage_of_its_own_an_order_has_that_of_the_market(paper_market: Any) -> None:
    market = paper_market(collateral="HBOT", leverage="5")
    assert order(Side.BUY, leverage=None).populate_collateral_entries(market).order_collateral == of("4", "HBOT")


def test_leverage_is_a_number_above_0() -> None:
    with pytest.raises(InvalidOrderError, match=r"leverage 0: expected a number above 0"):
        order(Side.BUY, leverage=0)
