"""What a trade costs, in any token, exactly."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.account.rates import TableRates, UnknownRateError
from declconn.account.trade_fee import (
    AddedToCostTradeFee,
    DeductedFromReturnsTradeFee,
    TokenAmount,
    TradeFeeBase,
    TradeFeeSchema,
)
from declconn.errors import ConfigurationError
from declconn.types import PositionAction, Side

D = Decimal
PAIR = "COINALPHA-HBOT"
ON_TOP, DEDUCTED = AddedToCostTradeFee, DeductedFromReturnsTradeFee
PLAIN, IN_TOKEN = TradeFeeSchema(), TradeFeeSchema(percent_fee_token="PFC")
FROM_RETURNS = TradeFeeSchema(buy_percent_fee_deducted_from_returns=True)


@pytest.mark.parametrize(
    ("schema", "side", "kind"),
    [
        (PLAIN, Side.BUY, ON_TOP),
        (IN_TOKEN, Side.BUY, ON_TOP),
        (FROM_RETURNS, Side.BUY, DEDUCTED),
        (PLAIN, Side.SELL, DEDUCTED),
        (IN_TOKEN, Side.SELL, DEDUCTED),
        (FROM_RETURNS, Side.SELL, DEDUCTED),
    ],
)
def test_a_spot_fee_is_on_top_of_a_buy_or_taken_from_what_comes_back(
    schema: TradeFeeSchema, side: Side, kind: type[TradeFeeBase]
) -> None:
    flat = (TokenAmount("FEE", D(1)),)
    assert TradeFeeBase.new_spot_fee(schema, side, D("0.01"), "PFC", flat) == kind(D("0.01"), "PFC", flat)


@pytest.mark.parametrize(
    ("schema", "action", "kind"),
    [
        (PLAIN, PositionAction.OPEN, ON_TOP),
        (IN_TOKEN, PositionAction.OPEN, ON_TOP),
        (IN_TOKEN, PositionAction.CLOSE, ON_TOP),
        (PLAIN, PositionAction.CLOSE, DEDUCTED),
        (PLAIN, PositionAction.NIL, DEDUCTED),
    ],
)
def test_a_perpetual_fee_is_on_top_of_the_margin_or_taken_from_what_is_set_free(
    schema: TradeFeeSchema, action: PositionAction, kind: type[TradeFeeBase]
) -> None:
    assert type(TradeFeeBase.new_perpetual_fee(schema, action)) is kind


def test_a_share_paid_in_a_token_is_not_deducted_from_returns_at_once() -> None:
    with pytest.raises(ConfigurationError, match=r"percent_fee_token \(PFC\).*leave out one of"):
        TradeFeeSchema(percent_fee_token="PFC", buy_percent_fee_deducted_from_returns=True)


@pytest.mark.parametrize(
    ("fee", "token", "amount"),
    [
        (ON_TOP(D("0.01")), "HBOT", "0.2"),
        (ON_TOP(D("0.01")), "COINALPHA", "0.1"),
        (ON_TOP(D("0.01")), "PFC", "0.4"),
        (ON_TOP(D("-0.01")), "HBOT", "-0.2"),
        (ON_TOP(flat_fees=(TokenAmount("HBOT", D(3)),)), "HBOT", "3"),
        (ON_TOP(flat_fees=(TokenAmount("COINALPHA", D(3)),)), "HBOT", "6"),
        (ON_TOP(flat_fees=(TokenAmount("HBOT", D(3)),)), "COINALPHA", "1.5"),
        (ON_TOP(flat_fees=(TokenAmount("PFC", D(3)),)), "HBOT", "1.5"),
        (DEDUCTED(D("0.01"), None, (TokenAmount("PFC", D(3)), TokenAmount("HBOT", D("0.1")))), "HBOT", "1.8"),
    ],
)
def test_a_fee_of_10_at_2_is_worth(fee: TradeFeeBase, token: str, amount: str) -> None:
    rates = TableRates({"HBOT-PFC": D(2)})
    assert fee.fee_amount_in_token(PAIR, D(2), D(10), token, rates) == D(amount)
    if token == "HBOT":
        assert fee.fee_amount_in_quote(PAIR, D(2), D(10), rates) == D(amount)


def test_wrapped_tokens_are_worth_what_they_wrap() -> None:
    fee = ON_TOP(D("0.01"), None, (TokenAmount("WETH", D(1)), TokenAmount("USDC.E", D(5))))
    assert fee.fee_amount_in_quote("ETH-USDC", D(3000), D(1)) == D("3035")


def test_no_rate_is_asked_where_there_is_no_share() -> None:
    assert ON_TOP().fee_amount_in_token(PAIR, D(2), D(10), "PFC") == 0


def test_an_unknown_rate_is_an_error_that_says_which() -> None:
    with pytest.raises(UnknownRateError, match=r"fee of 0\.20* HBOT on COINALPHA-HBOT: no rate HBOT-PFC.*RateSource"):
        ON_TOP(D("0.01")).fee_amount_in_token(PAIR, D(2), D(10), "PFC")


def test_a_fee_is_exact_beyond_28_digits() -> None:
    price, amount, percent = D("61234.123456789012"), D("0.123456789012345678"), D("0.00012345")
    fee = ON_TOP(percent).fee_amount_in_quote(PAIR, price, amount)
    assert len(fee.as_tuple().digits) > 28
    assert Fraction(fee) == Fraction(price) * Fraction(amount) * Fraction(percent)


@pytest.mark.parametrize("kind", [ON_TOP, DEDUCTED])
def test_a_fee_survives_json(kind: type[TradeFeeBase]) -> None:
    fee = kind(D("0.0010"), "PFC", (TokenAmount("FEE", D("1.50")),))
    written = fee.to_json()
    assert written["percent"] == "0.0010"
    assert written["flat_fees"] == [{"token": "FEE", "amount": "1.50"}]
    assert TradeFeeBase.from_json(written) == fee


def test_an_unknown_type_of_fee_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"'Burnt', expected one of AddedToCost, DeductedFromReturns"):
        TradeFeeBase.from_json({"fee_type": "Burnt"})


amounts = st.decimals("1e-12", "1e12", places=12)
shares = st.decimals("-0.01", "0.1", places=8)
reversible = st.builds(lambda twos, tens: D(2) ** twos / D(10) ** tens, st.integers(0, 12), st.integers(0, 8))
"""Rates whose reverse is a decimal that ends."""


@given(amount=amounts, price=amounts, percent=shares, flat=amounts, rate=reversible)
def test_a_fee_keeps_its_value_in_every_token(
    amount: Decimal, price: Decimal, percent: Decimal, flat: Decimal, rate: Decimal
) -> None:
    fee = ON_TOP(percent, None, (TokenAmount("HBOT", flat), TokenAmount("PFC", flat)))
    rates = TableRates({"HBOT-PFC": rate})
    in_quote = fee.fee_amount_in_quote(PAIR, price, amount, rates)
    in_third = fee.fee_amount_in_token(PAIR, price, amount, "PFC", rates)
    assert Fraction(in_third) == Fraction(in_quote) * Fraction(rate)


@given(amount=amounts, price=amounts, percent=shares)
def test_a_share_in_base_is_worth_the_share_in_quote_at_the_price_of_the_trade(
    amount: Decimal, price: Decimal, percent: Decimal
) -> None:
    in_base = DEDUCTED(percent).fee_amount_in_token(PAIR, price, amount, "COINALPHA")
    in_quote = DEDUCTED(percent).fee_amount_in_quote(PAIR, price, amount)
    assert Fraction(in_base) * Fraction(price) == Fraction(in_quote)
