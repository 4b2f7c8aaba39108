"""A record of each kind, to find out whether it can be said before somebody asks for it."""

from __future__ import annotations

from collections.abc import Mapping
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
from declconn.types import OrderState, PositionMode, PositionSide, Side


def examples(rule: TradingRule, now: int) -> Mapping[str, Any]:
    """By the record's name.

    Args:
        rule: of the market that the examples are about.
        now: the time, nanoseconds since the epoch.
    """
    pair, one, fee = rule.trading_pair, rule.contract_size or Decimal(1), Decimal("0.001")
    return {
        "order": OrderUpdate(
            "7", "1", pair, OrderState.OPEN, Decimal(0), Decimal(0), one, one, Side.BUY, True, timestamp=now
        ),
        "fill": TradeUpdate(
            "1", one, one, "7", "1", pair, one, (Fee(fee, rule.quote),), True, None, PositionSide.BOTH, now
        ),
        "balance": BalanceUpdate(rule.quote, one, one, Decimal(0)),
        "position": PositionUpdate(pair, one, PositionSide.BOTH, one, Decimal(0), Decimal(1)),
        "funding_info": FundingInfo(pair, one, one, fee, now),
        "funding_payment": FundingPayment(pair, one, now, fee),
        "leverage": LeverageReply(Decimal(1)),
        "mode": ModeReply(PositionMode.ONEWAY),
        "server_time": ServerTime(now),
        "ticker": Ticker(pair, one, one, one, one, one, now),
        "trading_fee": TradingFee(fee, fee, pair),
        "trading_rule": rule,
    }
