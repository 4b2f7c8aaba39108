"""What margin an account has: Hummingbot's own cases first, 10 COINALPHA at 2 HBOT."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from declconn.account.order_candidate import OrderCandidate
from declconn.account.perpetual_budget_checker import PerpetualBudgetChecker
from declconn.account.perpetual_order_candidate import PerpetualOrderCandidate
from declconn.account.trade_fee import TokenAmount, TradeFeeSchema
from declconn.errors import ConfigurationError
from declconn.types import OrderType, Side

D = Decimal


def order(side: Side, leverage: int = 1, close: bool = False, price: str = "2") -> PerpetualOrderCandidate:
    return PerpetualOrderCandidate(
        "COINALPHA-HBOT",
        True,
        OrderType.LIMIT,
        side,
        D(10),
        D(price),
        leverage=D(leverage),
        position_close=close,
    )


@pytest.mark.parametrize("side", list(Side))
def test_an_order_shrinks_until_its_margin_and_fee_fit(paper_market: Any, side: Side) -> None:
    market = paper_market(balances={"HBOT": "10"}, decimals=2, collateral="HBOT")
    fits = PerpetualBudgetChecker(market).adjust_candidate(order(side), all_or_none=False)
    assert fits.amount == D("4.95")
    assert fits.order_collateral == TokenAmount("HBOT", D("9.9"))
    assert fits.percent_fee_collateral == TokenAmount("HBOT", D("0.099"))


def test_all_or_none_makes_what_does_not_fit_nothing(paper_market: Any) -> None:
    market = paper_market(balances={"HBOT": "10"}, collateral="HBOT")
    assert PerpetualBudgetChecker(market).adjust_candidate(order(Side.BUY)).amount == 0


def test_the_last_cent_may_be_used_with_a_leverage_that_does_not_divide(
    paper_market: Any, schema: Callable[..., TradeFeeSchema]
) -> None:
    market = paper_market(schema(), {"HBOT": "10"}, collateral="HBOT", decimals=8)
    checker = PerpetualBudgetChecker(market)
    assert checker.adjust_candidate(order(Side.BUY, leverage=3, price="3")).amount == D(10)
    shrunk = checker.adjust_candidate(order(Side.BUY, leverage=3, price="7"), all_or_none=False)
    assert shrunk.amount == D("4.28571428")


def test_a_margin_that_was_rounded_up_costs_no_more_than_the_last_digits(
    paper_market: Any, schema: Callable[..., TradeFeeSchema]
) -> None:
    market = paper_market(schema("0.1391"), {"HBOT": "2"}, collateral="HBOT")
    shrunk = PerpetualBudgetChecker(market).adjust_candidate(order(Side.BUY, leverage=7, price="1"), all_or_none=False)
    needed = shrunk.collateral_dict["HBOT"]
    assert D("1.99999999999999") < needed <= 2


def test_a_position_can_be_closed_without_any_balance_and_locks_nothing(
    paper_market: Any, schema: Callable[..., TradeFeeSchema]
) -> None:
    fees = schema("0.01", token="PFC", flat=(("FEE", "1"),))
    checker = PerpetualBudgetChecker(paper_market(fees, asks={"HBOT-PFC": "2"}, collateral="HBOT"))
    first, second = checker.adjust_candidates([order(Side.SELL, close=True)] * 2)
    assert first == second
    assert first.amount == D(10)
    assert not first.resized


def test_closing_lets_others_open(paper_market: Any) -> None:
    checker = PerpetualBudgetChecker(paper_market(balances={"HBOT": "20.2"}, collateral="HBOT"))
    closed, opened = checker.adjust_candidates([order(Side.SELL, close=True), order(Side.BUY)])
    assert (closed.amount, opened.amount) == (D(10), D(10))


def test_a_spot_order_is_refused(paper_market: Any) -> None:
    spot = OrderCandidate("COINALPHA-HBOT", True, OrderType.LIMIT, Side.BUY, D(10), D(2))
    with pytest.raises(ConfigurationError, match=r"found an OrderCandidate, expected a PerpetualOrderCandidate"):
        PerpetualBudgetChecker(paper_market(collateral="HBOT")).adjust_candidate(spot)


def test_the_kind_of_the_candidate_stays(paper_market: Any) -> None:
    market = paper_market(balances={"HBOT": "100"}, collateral="HBOT")
    adjusted = PerpetualBudgetChecker(market).adjust_candidates([order(Side.BUY, leverage=2)])
    assert adjusted == [order(Side.BUY, leverage=2).populate_collateral_entries(market)]
