"""What an order would need, cost and return: Hummingbot's own cases first, 10 COINALPHA at 2 HBOT."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from declconn.account.order_candidate import OrderCandidate
from declconn.account.rates import UnknownRateError
from declconn.account.trade_fee import TokenAmount, TradeFeeSchema
from declconn.errors import InvalidOrderError
from declconn.types import OrderType, Side

D = Decimal
Schema = Callable[..., TradeFeeSchema]


def order(side: Side, amount: str = "10", price: str = "2", is_maker: bool = True) -> OrderCandidate:
    return OrderCandidate("COINALPHA-HBOT", is_maker, OrderType.LIMIT, side, D(amount), D(price))


def of(amount: str, token: str) -> TokenAmount:
    return TokenAmount(token, D(amount))


def test_a_buy_of_a_maker(paper_market: Any) -> None:
    filled = order(Side.BUY).populate_collateral_entries(paper_market())
    assert filled.order_collateral == of("20", "HBOT")
    assert filled.percent_fee_collateral == of("0.2", "HBOT")
    assert filled.percent_fee_value == of("0.2", "HBOT")
    assert filled.fixed_fee_collaterals == ()
    assert filled.potential_returns == of("10", "COINALPHA")
    assert filled.collateral_dict == {"HBOT": D("20.2")}


def test_a_buy_of_a_taker(paper_market: Any) -> None:
    filled = order(Side.BUY, is_maker=False).populate_collateral_entries(paper_market())
    assert filled.order_collateral == of("20", "HBOT")
    assert filled.percent_fee_collateral == of("0.4", "HBOT")
    assert filled.potential_returns == of("10", "COINALPHA")


def test_a_buy_that_pays_in_what_it_buys(paper_market: Any, schema: Schema) -> None:
    filled = order(Side.BUY).populate_collateral_entries(paper_market(schema("0.01", deducted=True)))
    assert filled.order_collateral == of("20", "HBOT")
    assert filled.percent_fee_collateral is None
    assert filled.percent_fee_value == of("0.1", "COINALPHA")
    assert filled.potential_returns == of("9.90", "COINALPHA")


def test_a_sale_pays_from_what_it_returns(paper_market: Any) -> None:
    filled = order(Side.SELL).populate_collateral_entries(paper_market())
    assert filled.order_collateral == of("10", "COINALPHA")
    assert filled.percent_fee_collateral is None
    assert filled.percent_fee_value == of("0.2", "HBOT")
    assert filled.potential_returns == of("19.8", "HBOT")


@pytest.mark.parametrize("prices", [{"asks": {"HBOT-PFC": "2"}}, {"bids": {"PFC-HBOT": "0.5"}}])
def test_a_fee_in_a_third_token_is_bought_at_the_price_that_costs_more(
    paper_market: Any, schema: Schema, prices: Any
) -> None:
    market = paper_market(schema("0.01", token="PFC"), **prices)
    filled = order(Side.BUY).populate_collateral_entries(market)
    assert filled.order_collateral == of("20", "HBOT")
    assert filled.percent_fee_collateral == of("0.4", "PFC")
    assert filled.percent_fee_value == of("0.4", "PFC")
    assert filled.potential_returns == of("10", "COINALPHA")


def test_fixed_fees_must_be_there_too(paper_market: Any, schema: Schema) -> None:
    filled = order(Side.BUY).populate_collateral_entries(paper_market(schema(flat=(("HBOT", "1"), ("FEE", "2")))))
    assert filled.order_collateral == of("20", "HBOT")
    assert filled.percent_fee_collateral is None
    assert filled.percent_fee_value is None
    assert filled.fixed_fee_collaterals == (of("1", "HBOT"), of("2", "FEE"))
    assert filled.potential_returns == of("10", "COINALPHA")
    assert filled.collateral_dict == {"HBOT": D(21), "FEE": D(2)}


def test_the_same_price_and_share_on_top_and_deducted(paper_market: Any, schema: Schema) -> None:
    candidate = OrderCandidate("COINX-USDT", True, OrderType.LIMIT, Side.BUY, D(10), D(9))

    class Spot(paper_market):  # type: ignore[misc]
        def get_buy_collateral_token(self, trading_pair: str) -> str:
            return "USDT"

    on_top = candidate.populate_collateral_entries(Spot(schema("0.01")))
    assert on_top.collateral_dict == {"USDT": D("90.9")}
    assert on_top.potential_returns == of("10", "COINX")
    deducted = candidate.populate_collateral_entries(Spot(schema("0.01", deducted=True)))
    assert deducted.collateral_dict == {"USDT": D(90)}
    assert deducted.potential_returns == of("9.9", "COINX")


def test_a_rebate_is_shown_and_makes_no_order_need_less(paper_market: Any, schema: Schema) -> None:
    market = paper_market(schema("-0.01", flat=(("FEE", "-1"),)))
    bought = order(Side.BUY).populate_collateral_entries(market)
    assert bought.collateral_dict == {"HBOT": D(20)}
    assert bought.percent_fee_value == of("-0.2", "HBOT")
    sold = order(Side.SELL).populate_collateral_entries(market)
    assert sold.percent_fee_value == of("-0.2", "HBOT")
    assert sold.potential_returns == of("20.2", "HBOT")


def test_a_fee_token_without_a_price_is_an_error_that_says_what_to_do(paper_market: Any, schema: Schema) -> None:
    with pytest.raises(UnknownRateError, match=r"COINALPHA-HBOT: no rate HBOT-PFC is known; follow a market"):
        order(Side.BUY).populate_collateral_entries(paper_market(schema("0.01", token="PFC")))


def test_a_candidate_is_a_copy_when_it_is_filled_in(paper_market: Any) -> None:
    candidate = order(Side.BUY)
    assert candidate.populate_collateral_entries(paper_market()) is not candidate
    assert candidate.order_collateral is None


def test_what_was_filled_in_before_does_not_stay(paper_market: Any, schema: Schema) -> None:
    filled = order(Side.BUY).populate_collateral_entries(paper_market(schema("0.01", flat=(("FEE", "1"),))))
    again = filled.populate_collateral_entries(paper_market(schema("0")))
    assert again == order(Side.BUY).populate_collateral_entries(paper_market(schema("0")))


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity"])
def test_an_amount_is_a_number_from_0(amount: str) -> None:
    with pytest.raises(InvalidOrderError, match=rf"COINALPHA-HBOT: amount {amount}: expected a number from 0"):
        order(Side.BUY, amount=amount)


@pytest.mark.parametrize("price", ["0", "-1", "NaN"])
def test_a_price_is_a_number_above_0(price: str) -> None:
    with pytest.raises(InvalidOrderError, match=rf"price {price}: expected a number above 0.*get_price"):
        order(Side.BUY, price=price)


def test_words_may_be_text_and_numbers_are_exact() -> None:
    candidate = OrderCandidate("COINALPHA-HBOT", True, "LIMIT", "BUY", D(10), 2)  # type: ignore[arg-type]
    assert (candidate.order_type, candidate.order_side, candidate.price) == (OrderType.LIMIT, Side.BUY, D(2))
    assert candidate.order_side is Side.BUY
    with pytest.raises(InvalidOrderError, match=r"COINALPHA-HBOT: amount: found 1\.5, expected a Decimal"):
        OrderCandidate("COINALPHA-HBOT", True, OrderType.LIMIT, Side.BUY, 1.5, D(2))  # type: ignore[arg-type]
