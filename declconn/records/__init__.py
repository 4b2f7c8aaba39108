"""The canonical records: what a spec's mappings fill, and what users of a connector receive.

``RECORDS`` is the language's own table: for every record its fields, their kinds and which are required.
A record class has an attribute of the same name for every field, except that ``symbol``, the venue's spelling
of a market, becomes ``trading_pair`` (``BTC-USDT``). Times are integers, nanoseconds since the epoch, UTC.
Prices are quote per base; amounts are in base units; both are ``Decimal``, exact to the venue's digits.
"""

from __future__ import annotations

from declconn.records.account import (
    BalanceUpdate,
    Fee,
    FundingPayment,
    LeverageReply,
    ModeReply,
    OrderUpdate,
    PositionUpdate,
    TradeUpdate,
    TradingFee,
)
from declconn.records.fields import Field, Kind, Record
from declconn.records.market import (
    FundingInfo,
    Kline,
    LeverageTier,
    Liquidation,
    OrderBookMessage,
    ServerTime,
    Ticker,
    Trade,
    TradingRule,
)
from declconn.records.tables import EMITS, OPERATIONS, PARTS, RECORDS, UPDATES

__all__ = [
    "EMITS",
    "OPERATIONS",
    "PARTS",
    "RECORDS",
    "UPDATES",
    "BalanceUpdate",
    "Fee",
    "Field",
    "FundingInfo",
    "FundingPayment",
    "Kind",
    "Kline",
    "LeverageReply",
    "LeverageTier",
    "Liquidation",
    "ModeReply",
    "OrderBookMessage",
    "OrderUpdate",
    "PositionUpdate",
    "Record",
    "ServerTime",
    "Ticker",
    "Trade",
    "TradeUpdate",
    "TradingFee",
    "TradingRule",
]
