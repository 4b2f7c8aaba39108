"""Whose word counts: the user's, the venue's, the spec's; and what a fill did cost."""

from __future__ import annotations

from decimal import Decimal

import pytest

import declconn
from declconn.account.fee_schedule import FeeOverrides, FeeSchedule
from declconn.account.trade_fee import (
    AddedToCostTradeFee,
    DeductedFromReturnsTradeFee,
    TokenAmount,
    TradeFeeBase,
    TradeFeeSchema,
)
from declconn.errors import ConfigurationError
from declconn.records import Fee, TradeUpdate, TradingFee
from declconn.spec.models import Fees
from declconn.types import PositionAction, Side

D = Decimal
PAIR = "COINALPHA-HBOT"
ON_TOP, DEDUCTED = AddedToCostTradeFee, DeductedFromReturnsTradeFee
SCHEMA = TradeFeeSchema(
    maker_percent_fee_decimal=D("0.001"),
    taker_percent_fee_decimal=D("0.002"),
    maker_fixed_fees=(TokenAmount("FEE", D(1)),),
    taker_fixed_fees=(TokenAmount("FEE", D(2)),),
)
OPEN, CLOSE = PositionAction.OPEN, PositionAction.CLOSE


def percents(schedule: FeeSchedule, trading_pair: str = PAIR) -> tuple[Decimal, Decimal]:
    maker, taker = (schedule.get_fee(trading_pair, Side.BUY, is_maker=is_maker) for is_maker in (True, False))
    return maker.percent, taker.percent


def fill(*fees: Fee, is_taker: bool | None = None) -> TradeUpdate:
    return TradeUpdate("t1", D(2), D(10), fee=fees, is_taker=is_taker)


def test_maker_and_taker_pay_what_the_spec_says() -> None:
    schedule = FeeSchedule(SCHEMA)
    assert schedule.get_fee(PAIR, Side.BUY, is_maker=True) == ON_TOP(D("0.001"), None, SCHEMA.maker_fixed_fees)
    assert schedule.get_fee(PAIR, Side.SELL, is_maker=False) == DEDUCTED(D("0.002"), None, SCHEMA.taker_fixed_fees)


def test_a_derivative_goes_by_what_happens_to_the_position() -> None:
    schedule = FeeSchedule(TradeFeeSchema(), collateral_token=lambda pair: "HBOT")
    opened, closed = (schedule.get_fee(PAIR, Side.SELL, is_maker=True, position_action=each) for each in (OPEN, CLOSE))
    assert (opened, closed) == (ON_TOP(), DEDUCTED())


def test_a_share_is_paid_in_the_token_of_the_schema() -> None:
    schedule = FeeSchedule(TradeFeeSchema("PFC", D("0.001")))
    assert schedule.get_fee(PAIR, Side.BUY, is_maker=True) == ON_TOP(D("0.001"), "PFC")


def test_the_fees_of_the_account_go_before_those_of_the_spec() -> None:
    schedule = FeeSchedule(SCHEMA)
    schedule.update_trading_fees([TradingFee(D("-0.0001"), D("0.0005"), PAIR)])
    assert percents(schedule) == (D("-0.0001"), D("0.0005"))
    assert percents(schedule, "A-B") == (D("0.001"), D("0.002"))
    assert schedule.get_fee(PAIR, Side.BUY, is_maker=True).flat_fees == SCHEMA.maker_fixed_fees


def test_a_fee_without_a_market_is_that_of_all_others() -> None:
    schedule = FeeSchedule(SCHEMA)
    schedule.update_trading_fees([TradingFee(D("0.01"), D("0.02"), PAIR), TradingFee(D("0.03"), D("0.04"))])
    assert percents(schedule) == (D("0.01"), D("0.02"))
    assert percents(schedule, "A-B") == (D("0.03"), D("0.04"))


def test_the_user_goes_before_the_venue_word_by_word() -> None:
    schedule = FeeSchedule(SCHEMA, FeeOverrides(taker_percent_fee=D("0.075"), maker_fixed_fees=()))
    assert percents(schedule) == (D("0.001"), D("0.00075"))
    schedule.update_trading_fees([TradingFee(D("0.01"), D("0.02"), PAIR)])
    assert percents(schedule) == (D("0.01"), D("0.00075"))
    assert schedule.get_fee(PAIR, Side.BUY, is_maker=True).flat_fees == ()


def test_all_six_words_of_a_user_count() -> None:
    fixed = (TokenAmount("X", D(1)),)
    said = FeeOverrides("PFC", D(1), D(2), None, fixed, fixed)
    assert said.applied_to(SCHEMA) == TradeFeeSchema("PFC", D("0.01"), D("0.02"), False, fixed, fixed)
    deducted = FeeOverrides(buy_percent_fee_deducted_from_returns=True).applied_to(SCHEMA)
    assert deducted.buy_percent_fee_deducted_from_returns


def test_who_pays_in_a_token_of_their_own_no_longer_pays_in_what_is_bought() -> None:
    deducted = TradeFeeSchema(buy_percent_fee_deducted_from_returns=True)
    assert type(FeeSchedule(deducted, FeeOverrides("PFC")).get_fee(PAIR, Side.BUY, is_maker=True)) is ON_TOP
    with pytest.raises(ConfigurationError, match="leave out one of"):
        FeeSchedule(deducted, FeeOverrides("PFC", buy_percent_fee_deducted_from_returns=True))


def test_overrides_change_no_schema_of_others() -> None:
    FeeSchedule(SCHEMA, FeeOverrides(maker_percent_fee=D(5)))
    assert D("0.001") == SCHEMA.maker_percent_fee_decimal


@pytest.mark.parametrize(
    ("schedule", "token"),
    [(FeeSchedule(SCHEMA), "HBOT"), (FeeSchedule(SCHEMA, collateral_token=lambda pair: "MARGIN"), "MARGIN")],
)
def test_a_fill_costs_what_the_venue_says_in_its_own_token_or_the_usual_one(schedule: FeeSchedule, token: str) -> None:
    cost = schedule.fee_of_fill(fill(Fee(D("0.02")), Fee(D("-0.01"), "PFC")), PAIR, Side.BUY, OPEN)
    assert cost == ON_TOP(flat_fees=(TokenAmount(token, D("0.02")), TokenAmount("PFC", D("-0.01"))))


@pytest.mark.parametrize(("is_taker", "percent"), [(False, "0.001"), (True, "0.002"), (None, "0.002")])
def test_a_fill_without_a_fee_costs_what_the_schedule_says(is_taker: bool | None, percent: str) -> None:
    cost = FeeSchedule(SCHEMA).fee_of_fill(fill(is_taker=is_taker), PAIR, Side.BUY)
    assert type(cost) is ON_TOP
    assert cost.percent == D(percent)


def test_a_fee_of_0_is_a_fee_that_the_venue_told() -> None:
    cost = FeeSchedule(SCHEMA).fee_of_fill(fill(Fee(D(0), "FEE")), PAIR, Side.SELL)
    assert cost == DEDUCTED(flat_fees=(TokenAmount("FEE", D(0)),))


def of_spec(fees: Fees) -> TradeFeeSchema:
    maker, taker = (
        tuple(TokenAmount(fee.token, fee.amount) for fee in fixed)
        for fixed in (fees.maker_fixed_fees, fees.taker_fixed_fees)
    )
    return TradeFeeSchema(
        fees.percent_fee_token,
        fees.maker_percent_fee_decimal,
        fees.taker_percent_fee_decimal,
        bool(fees.buy_percent_fee_deducted_from_returns),
        maker,
        taker,
    )


@pytest.mark.parametrize(("name", "fee"), [("kucoin", ON_TOP(D("0.001"))), ("binance", DEDUCTED(D("0.001")))], ids=str)
def test_a_maker_buys_at_shipped_specs_for(name: str, fee: TradeFeeBase) -> None:
    schedule = FeeSchedule(of_spec(declconn.load_spec(name).fees))
    assert schedule.get_fee("COINALPHA-HBOT", Side.BUY, is_maker=True) == fee


@pytest.mark.parametrize("name", sorted(spec.name for spec in declconn.available()))
def test_every_shipped_spec_has_a_schedule(name: str) -> None:
    fees = declconn.load_spec(name).fees
    maker, taker = percents(FeeSchedule(of_spec(fees)))
    assert (maker, taker) == (fees.maker_percent_fee_decimal, fees.taker_percent_fee_decimal)
