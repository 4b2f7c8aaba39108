"""The language's own tables: the fields of every record, what streams emit, what operations answer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from declconn.records.account import (
    BalanceUpdate,
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


def _ids(where: str = "id") -> dict[str, Field]:
    return {
        "client_order_id": Field(Kind.TEXT, "the id that we gave the order", one_of=where),
        "exchange_order_id": Field(Kind.TEXT, "the id that the venue gave the order", one_of=where),
    }


def _symbol(required: bool = True) -> dict[str, Field]:
    return {"symbol": Field(Kind.SYMBOL, "the venue's name of the market", required)}


def _when(required: bool = False) -> dict[str, Field]:
    return {"timestamp": Field(Kind.TIME, "when it happened, by the venue's clock", required)}


_TRADING_RULE = {
    "symbol": Field(Kind.TEXT, "the name that requests take", required=True),
    "base": Field(Kind.ASSET, "what is traded", required=True),
    "quote": Field(Kind.ASSET, "what it is priced in", required=True),
    "aliases": Field(Kind.TEXTS, "further names that answers use; empty ones are dropped"),
    "min_order_size": Field(Kind.AMOUNT, "the smallest amount of an order"),
    "max_order_size": Field(Kind.AMOUNT, "the largest amount of an order"),
    "min_base_amount_increment": Field(Kind.AMOUNT, "the step of amounts"),
    "min_quote_amount_increment": Field(Kind.DECIMAL, "the step of quote amounts"),
    "min_notional_size": Field(Kind.DECIMAL, "the smallest price times amount"),
    "min_price_increment": Field(Kind.PRICE, "the step of prices"),
    "price_decimals": Field(Kind.INT, "decimals of prices, where the venue gives no step"),
    "amount_decimals": Field(Kind.INT, "decimals of amounts, where the venue gives no step"),
    "max_price_significant_digits": Field(Kind.INT, "the most significant digits of a price"),
    "contract_size": Field(Kind.DECIMAL, "units in one contract"),
    "contract_unit": Field(Kind.AMOUNT_UNIT, "what those units are: base (default), or quote for inverse contracts"),
    "max_leverage": Field(Kind.DECIMAL, "the most leverage that any position may have"),
    "amount_unit": Field(Kind.AMOUNT_UNIT, "what this market's amounts are counted in"),
    "collateral_token": Field(Kind.ASSET, "what margin and profit are paid in"),
    "position_modes": Field(Kind.MODES, "the position modes that this market allows"),
    "supports_limit_orders": Field(Kind.BOOL, "limit orders are accepted"),
    "supports_market_orders": Field(Kind.BOOL, "market orders are accepted"),
}

_ORDER_BOOK = {
    **_symbol(),
    "bids": Field(Kind.LEVELS, "the buying side", one_of="levels"),
    "asks": Field(Kind.LEVELS, "the selling side", one_of="levels"),
    "changes": Field(Kind.CHANGES, "one list of levels for both sides", one_of="levels"),
    "update_id": Field(Kind.INT, "the last id that this message covers"),
    "first_update_id": Field(Kind.INT, "the first id that this message covers; default: update_id"),
    "previous_update_id": Field(Kind.INT, "the id of the message before this one"),
    "checksum": Field(Kind.INT, "the venue's checksum of the book after this message"),
    **_when(),
}

_ORDER = {
    **_ids(),
    **_symbol(False),
    "state": Field(Kind.STATE, "read through orders.states"),
    "filled": Field(Kind.AMOUNT, "how much is executed"),
    "filled_quote": Field(Kind.DECIMAL, "how much is executed, in quote"),
    "amount": Field(Kind.AMOUNT, "how much was ordered"),
    "side": Field(Kind.SIDE, "read through orders.sides"),
    "trigger": Field(Kind.TRIGGER, "STOP or TAKE_PROFIT, of an order that waits for a price; other words are none"),
    "trigger_price": Field(Kind.PRICE, "the price that it waits for"),
    "price": Field(Kind.PRICE, "the order's price"),
    "cancelled": Field(Kind.BOOL, "the answer of a cancel: it is cancelled"),
    "error": Field(Kind.TEXT, "this row's error code, read with errors.kinds"),
    **_when(),
}

_FILL = {
    "trade_id": Field(Kind.TEXT, "the venue's id of the fill", required=True),
    **_ids(),
    **_symbol(False),
    "price": Field(Kind.PRICE, "the price of the fill", required=True),
    "amount": Field(Kind.AMOUNT, "the amount of the fill", required=True),
    "quote_amount": Field(Kind.DECIMAL, "price times amount, as the venue counts it"),
    "fee": Field(Kind.FEE, "what it cost: {amount, token, each}"),
    "is_taker": Field(Kind.BOOL, "our order took"),
    "position_action": Field(Kind.POSITION_ACTION, "it opened or closed a position"),
    "position_side": Field(Kind.POSITION_SIDE, "the position that it changed"),
    **_when(),
    "side": Field(Kind.SIDE, "the side of the order that it filled"),
    "cause": Field(Kind.CAUSE, "LIQUIDATION or ADL, where the venue forced it; other words are none"),
}

_FUNDING_INFO = {
    **_symbol(),
    "index_price": Field(Kind.PRICE, "the price of the underlying"),
    "mark_price": Field(Kind.PRICE, "the price that margin is counted with"),
    "rate": Field(Kind.DECIMAL, "the next funding rate; 0.0001 is 0.01 %"),
    "next_funding_time": Field(Kind.TIME, "when it is paid next"),
}

RECORDS: Mapping[str, Record] = MappingProxyType(
    {
        "trading_rule": Record(TradingRule, _TRADING_RULE),
        "order_book": Record(OrderBookMessage, _ORDER_BOOK),
        "trade": Record(
            Trade,
            {
                **_symbol(),
                "price": Field(Kind.PRICE, "the price of the trade", required=True),
                "amount": Field(Kind.AMOUNT, "its amount; with a sign where there is no side", required=True),
                "side": Field(Kind.SIDE, "the taker's side; without it the sign of the amount decides"),
                "trade_id": Field(Kind.TEXT, "the venue's id of the trade"),
                **_when(),
            },
        ),
        "liquidation": Record(
            Liquidation,
            {
                **_symbol(),
                "price": Field(Kind.PRICE, "the price of the closing order", required=True),
                "amount": Field(Kind.AMOUNT, "how much was closed", required=True),
                "side": Field(Kind.SIDE, "the closing order's side: SELL ends a long position", required=True),
                "trade_id": Field(Kind.TEXT, "the venue's id of it"),
                **_when(),
            },
        ),
        "ticker": Record(
            Ticker,
            {
                **_symbol(),
                "price": Field(Kind.PRICE, "the last traded price", one_of="price"),
                "bid": Field(Kind.PRICE, "the best bid", one_of="price"),
                "ask": Field(Kind.PRICE, "the best ask", one_of="price"),
                "base_volume": Field(Kind.AMOUNT, "traded in 24 hours, in base"),
                "quote_volume": Field(Kind.DECIMAL, "traded in 24 hours, in quote"),
                **_when(),
            },
        ),
        "kline": Record(
            Kline,
            {
                "timestamp": Field(Kind.TIME, "the opening of the candle", required=True),
                "open": Field(Kind.PRICE, "the first price", required=True),
                "high": Field(Kind.PRICE, "the highest price", required=True),
                "low": Field(Kind.PRICE, "the lowest price", required=True),
                "close": Field(Kind.PRICE, "the last price", required=True),
                "volume": Field(Kind.AMOUNT, "traded amount, in base", required=True),
                "quote_volume": Field(Kind.DECIMAL, "traded amount, in quote"),
                **_symbol(False),
                "interval": Field(Kind.TEXT, "how long the candle is: 1m 5m 15m 30m 1h 4h 1d"),
                "closed": Field(Kind.BOOL, "it will not change any more"),
            },
        ),
        "order": Record(OrderUpdate, _ORDER),
        "fill": Record(TradeUpdate, _FILL),
        "balance": Record(
            BalanceUpdate,
            {
                "asset": Field(Kind.ASSET, "what is held", required=True),
                "total": Field(Kind.DECIMAL, "all of it", one_of="amount"),
                "available": Field(Kind.DECIMAL, "what can be used", one_of="amount"),
                "locked": Field(Kind.DECIMAL, "what orders hold", one_of="amount"),
                "delta": Field(Kind.DECIMAL, "how much total and available have changed, where a stream tells no more"),
                **_when(),
            },
            needs="amount",
        ),
        "position": Record(
            PositionUpdate,
            {
                **_symbol(),
                "amount": Field(Kind.AMOUNT, "its size; 0 removes the position", required=True),
                "side": Field(Kind.POSITION_SIDE, "read through positions.sides"),
                "entry_price": Field(Kind.PRICE, "the average price of entry"),
                "unrealized_pnl": Field(Kind.DECIMAL, "profit that is not taken yet"),
                "leverage": Field(Kind.DECIMAL, "the leverage it has"),
                "margin_mode": Field(Kind.TEXT, "the venue's word"),
            },
        ),
        "funding_info": Record(FundingInfo, _FUNDING_INFO),
        "funding_payment": Record(
            FundingPayment,
            {
                **_symbol(),
                "amount": Field(Kind.DECIMAL, "positive was received", required=True),
                "rate": Field(Kind.DECIMAL, "the rate that was paid"),
                "timestamp": Field(Kind.TIME, "when it was paid", required=True),
            },
        ),
        "server_time": Record(ServerTime, {"time": Field(Kind.TIME, "the venue's clock", required=True)}),
        "leverage": Record(
            LeverageReply,
            {
                "leverage": Field(Kind.DECIMAL, "what is set"),
                "max_leverage": Field(Kind.DECIMAL, "the most that may be set"),
            },
        ),
        "mode": Record(ModeReply, {"mode": Field(Kind.MODE, "read through positions.modes", required=True)}),
        "trading_fee": Record(
            TradingFee,
            {
                **_symbol(False),
                "maker": Field(Kind.DECIMAL, "0.001 is 0.1 %", required=True),
                "taker": Field(Kind.DECIMAL, "0.001 is 0.1 %", required=True),
            },
        ),
        "leverage_tier": Record(
            LeverageTier,
            {
                **_symbol(),
                "max_leverage": Field(Kind.DECIMAL, "the most leverage in this tier", required=True),
                "min_notional": Field(Kind.DECIMAL, "where the tier begins, in quote"),
                "max_notional": Field(Kind.DECIMAL, "where the tier ends, in quote"),
                "maintenance_rate": Field(Kind.DECIMAL, "the maintenance margin rate"),
                "min_amount": Field(Kind.AMOUNT, "where the tier begins, in base"),
                "max_amount": Field(Kind.AMOUNT, "where the tier ends, in base"),
            },
        ),
    }
)

EMITS: Mapping[str, str] = MappingProxyType(
    {
        "trade": "trade",
        "liquidation": "liquidation",
        "ticker": "ticker",
        "kline": "kline",
        "order_book_snapshot": "order_book",
        "order_book_diff": "order_book",
        "funding_info": "funding_info",
        "order_update": "order",
        "trade_update": "fill",
        "balance_update": "balance",
        "position_update": "position",
        "funding_payment": "funding_payment",
    }
)
"""What an event of a stream emits: the record that its mapping fills (``poll`` and ``reconnect`` fill none)."""

UPDATES = frozenset({"order_update", "position_update", "funding_info", "balance_update"})
"""Emits that may carry a part of their record; what they lack stays as it was."""

PARTS = UPDATES | {"order_book_diff"}
"""Emits whose messages may lack what a whole record has: updates, and changes of one side of a book."""

OPERATIONS: Mapping[str, str | None] = MappingProxyType(
    {
        "ping": None,
        "server_time": "server_time",
        "trading_rules": "trading_rule",
        "order_book_snapshot": "order_book",
        "last_price": "ticker",
        "tickers": "ticker",
        "klines": "kline",
        "place_order": "order",
        "amend_order": "order",
        "cancel_order": "order",
        "order_status": "order",
        "find_order": "order",
        "cancel_orders": "order",
        "cancel_all_orders": "order",
        "open_orders": "order",
        "cancel_all_after": None,
        "order_trades": "fill",
        "recent_trades": "fill",
        "balances": "balance",
        "trading_fees": "trading_fee",
        "positions": "position",
        "funding_info": "funding_info",
        "leverage_tiers": "leverage_tier",
        "funding_payments": "funding_payment",
        "set_leverage": "leverage",
        "position_mode": "mode",
        "set_position_mode": "mode",
        "set_margin_mode": "mode",
    }
)
"""The operations that the runtime knows, and the record that each answers with."""
