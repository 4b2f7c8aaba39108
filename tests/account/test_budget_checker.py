"""What an account can pay for: Hummingbot's own cases first, 10 COINALPHA at 2 HBOT."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.account.budget_checker import BudgetChecker
from declconn.account.order_candidate import OrderCandidate
from declconn.account.perpetual_budget_checker import PerpetualBudgetChecker
from declconn.account.perpetual_order_candidate import PerpetualOrderCandidate
from declconn.account.rates import UnknownRateError
from declconn.account.trade_fee import TokenAmount, TradeFeeSchema
from declconn.types import OrderType, Side

D = Decimal
Schema = Callable[..., TradeFeeSchema]
PAIR = "COINALPHA-HBOT"


def order(side: Side = Side.BUY, amount: str = "10") -> OrderCandidate:
    return OrderCandidate(PAIR, True, OrderType.LIMIT, side, D(amount), D(2))


def of(amount: str, token: str) -> TokenAmount:
    return TokenAmount(token, D(amount))


def adjusted(market: Any, side: Side = Side.BUY, all_or_none: bool = False) -> OrderCandidate:
    return BudgetChecker(market).adjust_candidate(order(side), all_or_none)


def assert_is_nothing(candidate: OrderCandidate) -> None:
    assert candidate == replace(order(candidate.order_side, "0"), resized=True)


def test_what_fits_stays_as_it_is_whatever_the_steps_are(paper_market: Any) -> None:
    market = paper_market(balances={"HBOT": "20.2"}, decimals=-1)
    fits = BudgetChecker(market).adjust_candidate(order(amount="9.999"))
    assert fits.amount == D("9.999")
    assert not fits.resized
    assert fits.collateral_dict == {"HBOT": D("20.19798")}


def test_all_or_none_makes_what_does_not_fit_nothing(paper_market: Any) -> None:
    assert_is_nothing(adjusted(paper_market(balances={"HBOT": "10"}), all_or_none=True))


def test_a_buy_shrinks_until_it_fits_with_its_fee(paper_market: Any) -> None:
    fits = adjusted(paper_market(balances={"HBOT": "10"}, decimals=2))
    assert fits.amount == D("4.95")
    assert fits.order_collateral == of("9.9", "HBOT")
    assert fits.percent_fee_collateral == of("0.099", "HBOT")
    assert fits.potential_returns == of("4.95", "COINALPHA")
    assert fits.resized


def test_a_sale_shrinks_to_what_is_there(paper_market: Any) -> None:
    fits = adjusted(paper_market(balances={"COINALPHA": "5"}), Side.SELL)
    assert fits.amount == D(5)
    assert fits.order_collateral == of("5", "COINALPHA")
    assert fits.percent_fee_value == of("0.1", "HBOT")
    assert fits.potential_returns == of("9.9", "HBOT")


def test_a_fixed_fee_is_paid_first(paper_market: Any, schema: Schema) -> None:
    fits = adjusted(paper_market(schema(flat=(("HBOT", "1"),)), {"HBOT": "11"}))
    assert fits.amount == D(5)
    assert fits.order_collateral == of("10", "HBOT")
    assert fits.fixed_fee_collaterals == (of("1", "HBOT"),)
    assert fits.potential_returns == of("5", "COINALPHA")


def test_a_fixed_fee_that_is_not_there_leaves_nothing(paper_market: Any, schema: Schema) -> None:
    assert_is_nothing(adjusted(paper_market(schema(flat=(("FEE", "11"),)), {"HBOT": "100", "FEE": "10"})))


def test_a_share_and_a_fixed_fee_in_the_token_of_the_collateral(paper_market: Any, schema: Schema) -> None:
    fits = adjusted(paper_market(schema("0.1", flat=(("HBOT", "1"),)), {"HBOT": "12"}))
    assert fits.amount == D(5)
    assert fits.order_collateral == of("10", "HBOT")
    assert fits.percent_fee_collateral == of("1", "HBOT")
    assert fits.fixed_fee_collaterals == (of("1", "HBOT"),)
    assert fits.potential_returns == of("5", "COINALPHA")


def test_a_share_and_a_fixed_fee_in_a_third_token(paper_market: Any, schema: Schema) -> None:
    fees = schema("0.01", token="PFC", flat=(("PFC", "1"),))
    fits = adjusted(paper_market(fees, {"HBOT": "20", "PFC": "1.2"}, asks={"HBOT-PFC": "2"}))
    assert fits.amount == D(5)
    assert fits.order_collateral == of("10", "HBOT")
    assert fits.percent_fee_collateral == of("0.2", "PFC")
    assert fits.fixed_fee_collaterals == (of("1", "PFC"),)
    assert fits.potential_returns == of("5", "COINALPHA")


def test_fixed_fees_in_one_token_are_added_up(paper_market: Any, schema: Schema) -> None:
    fees = schema(flat=(("HBOT", "1"), ("HBOT", "1")))
    assert_is_nothing(adjusted(paper_market(fees, {"HBOT": "1.5"})))
    assert adjusted(paper_market(fees, {"HBOT": "12"})).amount == D(5)


def test_locks_stand_until_they_are_reset(paper_market: Any) -> None:
    checker = BudgetChecker(paper_market(balances={"COINALPHA": "10"}))
    lock = checker.adjust_candidate_and_lock_available_collateral
    assert lock(order(Side.SELL, "7"), all_or_none=False).amount == D(7)
    second = lock(order(Side.SELL, "5"), all_or_none=False)
    assert second.amount == D(3)
    assert second.order_collateral == of("3", "COINALPHA")
    third = lock(order(Side.SELL, "5"), all_or_none=False)
    assert third.amount == 0
    assert third.order_collateral is None
    checker.reset_locked_collateral()
    assert [each.amount for each in (lock(order(Side.SELL, "7")), lock(order(Side.SELL, "5")))] == [D(7), D(0)]


def test_several_candidates_are_served_in_turn_and_leave_no_locks(paper_market: Any) -> None:
    checker = BudgetChecker(paper_market(balances={"COINALPHA": "10"}))
    orders = [order(Side.SELL, amount) for amount in ("7", "5", "5")]
    assert [each.amount for each in checker.adjust_candidates(orders, all_or_none=False)] == [D(7), D(3), D(0)]
    assert [each.amount for each in checker.adjust_candidates(orders)] == [D(7), D(0), D(0)]


def test_an_error_leaves_no_locks(paper_market: Any, schema: Schema) -> None:
    market = paper_market(schema("0.01", token="PFC"), {"COINALPHA": "10", "HBOT": "20"})
    checker = BudgetChecker(market)
    with pytest.raises(UnknownRateError):
        checker.adjust_candidates([order(Side.SELL), order(Side.BUY)])
    assert checker.adjust_candidate(order(Side.SELL)).amount == D(10)


def test_total_balances_are_used_on_request(paper_market: Any) -> None:
    market = paper_market(balances={"COINALPHA": "1"}, totals={"COINALPHA": "10"})
    assert BudgetChecker(market).adjust_candidate(replace(order(Side.SELL), from_total_balances=True)).amount == D(10)


def test_what_shrinks_below_the_smallest_step_is_nothing_and_locks_nothing(paper_market: Any, schema: Schema) -> None:
    market = paper_market(schema(flat=(("HBOT", "1"),)), {"HBOT": "1.01"}, decimals=2)
    assert_is_nothing(adjusted(market))


def test_an_order_of_nothing_needs_nothing(paper_market: Any, schema: Schema) -> None:
    checker = BudgetChecker(paper_market(schema(flat=(("HBOT", "1"),))))
    assert checker.adjust_candidate(order(amount="0")) == order(amount="0")


def test_a_wrapped_token_is_no_balance_of_what_it_wraps(paper_market: Any, schema: Schema) -> None:
    market = paper_market(schema(flat=(("WETH", "1"),)), {"HBOT": "100", "ETH": "100"})
    assert_is_nothing(adjusted(market))


numbers = st.decimals("1e-9", "1e9", places=9)
balances = st.fixed_dictionaries({token: numbers.map(str) for token in ("HBOT", "COINALPHA", "PFC", "USDX")})
tokens = st.sampled_from(["HBOT", "COINALPHA", "PFC"])
schemas = st.builds(
    lambda share, token, flat, deducted: TradeFeeSchema(
        token, share, share, deducted and token is None, *(tuple(TokenAmount(*fee) for fee in flat),) * 2
    ),
    st.decimals("-0.01", "0.5", places=7),
    st.none() | tokens,
    st.lists(st.tuples(tokens, st.decimals("-1", "100", places=6)), max_size=3),
    st.booleans(),
)
candidates = st.builds(
    OrderCandidate, st.just(PAIR), st.booleans(), st.just(OrderType.LIMIT), st.sampled_from(Side), numbers, numbers
)
derivative_candidates = st.builds(
    PerpetualOrderCandidate,
    st.just(PAIR),
    st.booleans(),
    st.just(OrderType.LIMIT),
    st.sampled_from(Side),
    numbers,
    numbers,
    leverage=st.decimals("0.1", "125", places=1),
    position_close=st.booleans(),
)
markets = st.fixed_dictionaries(
    {
        "schema": schemas,
        "balances": balances,
        "decimals": st.none() | st.integers(-2, 12),
        "asks": st.fixed_dictionaries({"HBOT-PFC": numbers.map(str)}),
        "bids": st.fixed_dictionaries({"USDX-HBOT": numbers.map(str)}),
    }
)
spot = st.tuples(st.just(BudgetChecker), markets, st.lists(candidates, min_size=1, max_size=4))
derivative = st.tuples(
    st.just(PerpetualBudgetChecker),
    st.builds(
        lambda market, token: {**market, "collateral": token},
        markets,
        st.sampled_from(["HBOT", "COINALPHA", "PFC", "USDX"]),
    ),
    st.lists(derivative_candidates, min_size=1, max_size=4),
)
BUDGETS = given(budget=spot | derivative, all_or_none=st.booleans())
Budget = tuple[type[BudgetChecker], dict[str, Any], list[OrderCandidate]]


@BUDGETS
def test_candidates_together_never_need_more_of_any_token_than_there_is(
    paper_market: Any, budget: Budget, all_or_none: bool
) -> None:
    checker, numbers_of_market, orders = budget
    market = paper_market(**numbers_of_market)
    needed: dict[str, Fraction] = {}
    for before, after in zip(orders, checker(market).adjust_candidates(orders, all_or_none), strict=True):
        assert 0 <= after.amount <= before.amount
        for part in (after.order_collateral, after.percent_fee_collateral, *after.fixed_fee_collaterals):
            if part is not None and not getattr(after, "position_close", False):
                needed[part.token] = needed.get(part.token, Fraction(0)) + Fraction(part.amount)
    assert {token: amount for token, amount in needed.items() if amount > Fraction(market.balances[token])} == {}


@BUDGETS
def test_what_was_adjusted_needs_no_adjustment(paper_market: Any, budget: Budget, all_or_none: bool) -> None:
    kind, numbers_of_market, orders = budget
    checker = kind(paper_market(**numbers_of_market))
    once = checker.adjust_candidate(orders[0], all_or_none)
    assert checker.adjust_candidate(once, all_or_none) == once


@BUDGETS
def test_what_an_order_could_still_afford_is_less_than_a_step(
    paper_market: Any, budget: Budget, all_or_none: bool
) -> None:
    """Shrinking is no cowardice: a step more would not fit."""
    kind, numbers_of_market, orders = budget
    market = paper_market(**{**numbers_of_market, "decimals": 4})
    shrunk = kind(market).adjust_candidate(orders[0], all_or_none=False)
    if shrunk.resized:
        larger = replace(shrunk, amount=shrunk.amount + D("0.0001"), resized=False)
        assert kind(market).adjust_candidate(larger).amount == 0


@given(candidate=candidates, schema_of_market=schemas)
def test_cost_returns_and_fee_add_up(
    paper_market: Any, candidate: OrderCandidate, schema_of_market: TradeFeeSchema
) -> None:
    """On top: what is paid is the price and the share. Deducted: what comes back is the price less the share."""
    market = paper_market(schema_of_market, asks={"HBOT-PFC": "2"})
    filled = candidate.populate_collateral_entries(market)
    worth = {"HBOT": Fraction(1), "COINALPHA": Fraction(candidate.price), "PFC": Fraction(1, 2)}

    def value(part: TokenAmount | None) -> Fraction:
        return Fraction(part.amount) * worth[part.token] if part else Fraction(0)

    notional, share = Fraction(candidate.amount) * Fraction(candidate.price), value(filled.percent_fee_value)
    assert value(filled.order_collateral) == notional
    assert share == notional * Fraction(schema_of_market.maker_percent_fee_decimal)
    deducted = notional - value(filled.potential_returns)
    on_top = value(filled.percent_fee_collateral)
    assert deducted + on_top == (share if deducted or share > 0 else 0)
