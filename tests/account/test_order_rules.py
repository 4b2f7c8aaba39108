"""What a market allows of an order."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.account.order_rules import check_order, quantize_amount, quantize_price
from declconn.errors import InvalidOrderError
from declconn.records import TradingRule
from declconn.types import AmountUnit, OrderType, Side

D = Decimal


def rule(**words: Any) -> TradingRule:
    return TradingRule("BTCUSDT", "BTC", "USDT", **words)


SPOT = rule(
    min_order_size=D("0.001"),
    max_order_size=D("100"),
    min_base_amount_increment=D("0.001"),
    min_price_increment=D("0.5"),
    min_notional_size=D("10"),
    min_quote_amount_increment=D("0.01"),
)
INVERSE = rule(
    contract_size=D("100"),
    contract_unit=AmountUnit.QUOTE,
    min_order_size=D("100"),
    max_order_size=D("1000000"),
    min_base_amount_increment=D("100"),
)


def test_prices_and_amounts_are_rounded_down_to_their_steps() -> None:
    assert quantize_price(SPOT, D("100.99")) == D("100.5")
    assert quantize_amount(SPOT, D("1.2349")) == D("1.234")


def test_a_rule_without_steps_changes_nothing() -> None:
    assert quantize_price(rule(), D("1.23456789")) == D("1.23456789")
    assert quantize_amount(rule(), D("1.23456789")) == D("1.23456789")


@pytest.mark.parametrize(
    ("price", "rounded"),
    [("1234.567", "1234.5"), ("0.001234567", "0.0012345"), ("123456", "123456"), ("123456.7", "123456")],
)
def test_significant_digits_limit_a_price_but_whole_numbers_are_allowed(price: str, rounded: str) -> None:
    assert quantize_price(rule(max_price_significant_digits=5), D(price)) == D(rounded)


def test_amounts_of_inverse_contracts_are_rounded_by_what_they_are_worth() -> None:
    price = D("30000")
    amount = quantize_amount(INVERSE, D("0.0123"), price)  # worth 369

    assert amount * price == D("300").quantize(D(1))
    assert quantize_amount(INVERSE, amount, price) == amount
    check_order(INVERSE, OrderType.LIMIT, Side.BUY, amount, price)


positive = st.decimals("1e-18", "1e18", allow_nan=False, allow_infinity=False, places=18)
steps = st.sampled_from([D(10) ** n for n in range(-12, 3)] + [D("0.5"), D("0.25"), D("0.00025"), D("3")])


@given(positive, steps)
def test_what_is_rounded_is_a_multiple_not_above_and_stays_when_rounded_again(number: Decimal, step: Decimal) -> None:
    market = rule(min_price_increment=step, min_base_amount_increment=step)
    for quantize in (quantize_price, quantize_amount):
        rounded = quantize(market, number)
        assert 0 <= Fraction(number) - Fraction(rounded) < Fraction(step)
        assert Fraction(rounded) % Fraction(step) == 0
        assert quantize(market, rounded) == rounded


@given(positive, positive, steps, st.one_of(st.none(), st.integers(1, 8)))
def test_an_order_that_was_rounded_is_never_too_fine(
    amount: Decimal, price: Decimal, step: Decimal, digits: int | None
) -> None:
    market = rule(
        min_price_increment=D(10) ** step.adjusted(),
        min_base_amount_increment=step,
        max_price_significant_digits=digits,
    )
    amount, price = quantize_amount(market, amount), quantize_price(market, price)
    if amount and price:
        check_order(market, OrderType.LIMIT, Side.BUY, amount, price)


LIMIT, MARKET, BUY, SELL = OrderType.LIMIT, OrderType.MARKET, Side.BUY, Side.SELL


def test_an_order_within_the_rules_is_allowed() -> None:
    check_order(SPOT, LIMIT, BUY, D("0.1"), D("100.5"))
    check_order(SPOT, MARKET, SELL, D("0.1"), None)
    check_order(SPOT, MARKET, BUY, D("0.1"), None, reference_price=D("1000.123"))
    check_order(SPOT, MARKET, BUY, D("0.1"), None, reference_price=D("100.5"), trigger_price=D("100.5"))


@pytest.mark.parametrize(
    ("trigger_price", "message"),
    [
        ("100.001", r"the trigger price 100\.001 is finer than the step 0\.\d+; the next lower price is 100"),
        ("-1", "found the trigger price -1, and a trigger order needs a positive price in USDT"),
    ],
)
def test_a_trigger_price_is_a_price(trigger_price: str, message: str) -> None:
    with pytest.raises(InvalidOrderError, match=message):
        check_order(SPOT, MARKET, BUY, D("0.1"), None, trigger_price=D(trigger_price))


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ((LIMIT, BUY, D(0), D("100")), "found the amount 0, expected a positive number of BTC"),
        ((LIMIT, BUY, D("NaN"), D("100")), "found the amount NaN"),
        ((LIMIT, BUY, D("-1"), D("100")), "found the amount -1"),
        ((LIMIT, BUY, D(1), None), "found the price None, and a LIMIT order needs a positive price in USDT"),
        ((OrderType.LIMIT_MAKER, BUY, D(1), D(0)), "found the price 0"),
        ((LIMIT, BUY, D(1), D("NaN")), "found the price NaN"),
        ((LIMIT, BUY, D(1), D("100.7")), r"the price 100.7 is finer than the step 0.5; the next lower price is 100.5"),
        ((LIMIT, BUY, D("0.0005"), D("100000")), "0.0005 BTC is less than the smallest order, 0.001 BTC"),
        ((LIMIT, BUY, D("100.001"), D("100")), "100.001 BTC is more than the largest order, 100 BTC; split it"),
        ((LIMIT, BUY, D("1.0005"), D("100")), "1.0005 BTC is finer than the step 0.001; the next smaller amount is 1"),
        ((LIMIT, BUY, D(1), D("0.2")), "the price 0.2 rounds down to 0 at the step 0.5; it has to be higher"),
        ((LIMIT, SELL, D("0.01"), D("100")), "is worth 1 USDT, less than the smallest worth, 10 USDT"),
        ((MARKET, SELL, D("0.01"), None, D("100")), "is worth 1 USDT"),
        ((MARKET, BUY, D("0.001"), None, D("1")), "is worth 0.001 USDT"),
    ],
)
def test_what_a_market_does_not_take_is_refused_with_the_limit_and_what_to_do(order: Any, message: str) -> None:
    with pytest.raises(InvalidOrderError, match=rf"^BTC-USDT: .*{message}"):
        check_order(SPOT, *order)


def test_an_amount_of_which_the_step_leaves_nothing_is_told_as_it_was_asked() -> None:
    with pytest.raises(InvalidOrderError, match=r"0\.0001 BTC rounds down to 0 at the step 0\.001; order more"):
        check_order(rule(min_base_amount_increment=D("0.001")), LIMIT, BUY, D("0.0001"), D(100))


def test_a_purchase_that_counts_in_quote_is_at_least_one_step_of_quote() -> None:
    with pytest.raises(InvalidOrderError, match=r"less than the step of such amounts, 0\.01"):
        check_order(rule(min_quote_amount_increment=D("0.01")), MARKET, BUY, D("0.001"), None, D("1"))


def test_a_market_says_which_kinds_of_orders_it_takes() -> None:
    with pytest.raises(InvalidOrderError, match="takes no MARKET orders; place a limit order"):
        check_order(rule(supports_market_orders=False), MARKET, BUY, D(1), None)
    with pytest.raises(InvalidOrderError, match="takes no LIMIT_MAKER orders; place a market order"):
        check_order(rule(supports_limit_orders=False), OrderType.LIMIT_MAKER, BUY, D(1), D(1))


def test_sizes_of_inverse_contracts_are_told_in_quote() -> None:
    with pytest.raises(InvalidOrderError, match="50 USDT is less than the smallest order, 100 USDT"):
        check_order(INVERSE, LIMIT, BUY, D("0.005"), D("10000"))
    with pytest.raises(InvalidOrderError, match="150 USDT is finer than the step 100"):
        check_order(INVERSE, LIMIT, BUY, D("0.015"), D("10000"))
    check_order(INVERSE, MARKET, BUY, D("0.015"), None)  # nobody knows yet what it is worth
