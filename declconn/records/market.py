"""Records of a market: what everybody may hear."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import msgspec

from declconn.types import AmountUnit, PositionMode, Side


class TradingRule(msgspec.Struct, frozen=True):
    """What the venue accepts for one market, in Hummingbot's words."""

    symbol: str
    base: str
    quote: str
    aliases: tuple[str, ...] = ()
    min_order_size: Decimal | None = None
    max_order_size: Decimal | None = None
    min_base_amount_increment: Decimal | None = None
    min_quote_amount_increment: Decimal | None = None
    min_notional_size: Decimal | None = None
    min_price_increment: Decimal | None = None
    price_decimals: int | None = None
    amount_decimals: int | None = None
    max_price_significant_digits: int | None = None
    contract_size: Decimal | None = None
    contract_unit: AmountUnit | None = None
    max_leverage: Decimal | None = None
    amount_unit: AmountUnit | None = None
    collateral_token: str | None = None
    position_modes: tuple[PositionMode, ...] = ()
    supports_limit_orders: bool | None = None
    supports_market_orders: bool | None = None
    market: Mapping[str, Any] = MappingProxyType({})

    @property
    def trading_pair(self) -> str:
        """Our name of the market: ``BASE-QUOTE``."""
        return f"{self.base}-{self.quote}"


class OrderBookMessage(msgspec.Struct, gc=False):
    """A snapshot or a diff of one book.

    ``bids`` and ``asks`` are rows of at least two items, price and size as the venue wrote them (text, int or
    Decimal); size 0 deletes. Ids are the venue's and may be absent.
    """

    trading_pair: str
    bids: list[Any]
    asks: list[Any]
    update_id: int | None = None
    first_update_id: int | None = None
    previous_update_id: int | None = None
    checksum: int | None = None
    timestamp: int | None = None


class Trade(msgspec.Struct, frozen=True):
    """A public trade; ``side`` is the taker's."""

    trading_pair: str
    price: Decimal
    amount: Decimal
    side: Side
    trade_id: str | None = None
    timestamp: int | None = None


class Liquidation(msgspec.Struct, frozen=True):
    """A position of somebody was closed by force; ``side`` is that of the closing order, so SELL ends a long one."""

    trading_pair: str
    price: Decimal
    amount: Decimal
    side: Side
    trade_id: str | None = None
    timestamp: int | None = None


class Ticker(msgspec.Struct, frozen=True):
    """The last price of a market and what surrounds it."""

    trading_pair: str
    price: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    base_volume: Decimal | None = None
    quote_volume: Decimal | None = None
    timestamp: int | None = None


class Kline(msgspec.Struct, frozen=True):
    """One candle; ``timestamp`` is its opening. One from a stream may still grow: ``closed`` says when it is done."""

    timestamp: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    quote_volume: Decimal | None = None
    trading_pair: str | None = None
    interval: str | None = None
    closed: bool | None = None


class FundingInfo(msgspec.Struct, frozen=True):
    """What a perpetual's funding stands at."""

    trading_pair: str
    index_price: Decimal | None = None
    mark_price: Decimal | None = None
    rate: Decimal | None = None
    next_funding_time: int | None = None


class LeverageTier(msgspec.Struct, frozen=True):
    """How much leverage a position of some size may have."""

    trading_pair: str
    max_leverage: Decimal
    min_notional: Decimal | None = None
    max_notional: Decimal | None = None
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    maintenance_rate: Decimal | None = None


class ServerTime(msgspec.Struct, frozen=True):
    """The venue's clock."""

    time: int
