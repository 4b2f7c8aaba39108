"""Records of each kind, to find out whether they can be said before somebody asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from declconn.records import (
    BalanceUpdate,
    Fee,
    FundingInfo,
    FundingPayment,
    LeverageReply,
    ModeReply,
    OrderUpdate,
    PositionUpdate,
    ServerTime,
    Ticker,
    TradeUpdate,
    TradingFee,
    TradingRule,
)
from declconn.spec import Spec
from declconn.types import OrderState, PositionMode, PositionSide, Side


def examples(spec: Spec, rule: TradingRule, now: int) -> Mapping[str, Sequence[Any]]:
    """By the record's name; of an order there is one in every state that an engine tells.

    Args:
        spec: whose client ids they have.
        rule: of the market that the examples are about.
        now: the time, nanoseconds since the epoch.
    """
    client_order_id = f"{spec.orders.client_order_id.prefix}7" if spec.orders else "7"
    pair, one, fee = rule.trading_pair, rule.contract_size or Decimal(1), Decimal("0.001")
    return {
        "order": [
            OrderUpdate(
                client_order_id, "1", pair, state, filled, filled * one, one, one, Side.BUY, True, timestamp=now
            )
            for state, filled in (
                (OrderState.OPEN, Decimal(0)),
                (OrderState.PARTIALLY_FILLED, one / 2),
                (OrderState.FILLED, one),
                (OrderState.CANCELED, one / 2),
            )
        ],
        "fill": [
            TradeUpdate(
                "1",
                one,
                one,
                client_order_id,
                "1",
                pair,
                one,
                (Fee(fee, rule.quote),),
                True,
                None,
                PositionSide.BOTH,
                now,
            )
        ],
        "balance": [BalanceUpdate(rule.quote, one, one, Decimal(0))],
        "position": [PositionUpdate(pair, one, PositionSide.BOTH, one, Decimal(0), Decimal(1))],
        "funding_info": [FundingInfo(pair, one, one, fee, now)],
        "funding_payment": [FundingPayment(pair, one, now, fee)],
        "leverage": [LeverageReply(Decimal(1))],
        "mode": [ModeReply(PositionMode.ONEWAY)],
        "server_time": [ServerTime(now)],
        "ticker": [Ticker(pair, one, one, one, one, one, now)],
        "trading_fee": [TradingFee(fee, fee, pair)],
        "trading_rule": [rule],
    }
