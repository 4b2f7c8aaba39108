"""One line of the log for each event of an order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from declconn.account.events import (
    BuyOrderCompletedEvent,
    BuyOrderCreatedEvent,
    ExternalOrderEvent,
    MarketOrderFailureEvent,
    OrderCancelledEvent,
    OrderEvent,
    OrderExpiredEvent,
    OrderFilledEvent,
    SellOrderCompletedEvent,
    SellOrderCreatedEvent,
)
from declconn.log import get_logger
from declconn.types import Side

logger = get_logger("declconn.orders")


def log_event(event: OrderEvent) -> None:
    """Say what happened to an order, with its ids and its market as fields."""
    fields = {"trading_pair": event.trading_pair, "client_order_id": event.order_id}
    if event.exchange_order_id is not None:
        fields["exchange_order_id"] = event.exchange_order_id
    logger.info("order %s %s", event.order_id, _TEXTS[type(event)](event), extra=fields)


def _wanted(event: Any, side: Side, order_type: str) -> str:
    price = "" if event.price is None else f" at {event.price:f}"
    return f"{side} {event.amount:f} {event.trading_pair}{price} ({order_type})"


def _filled(event: OrderFilledEvent) -> str:
    return f"filled: {event.trade_type} {event.amount:f} {event.trading_pair} at {event.price:f}"


def _completed(event: Any) -> str:
    base, quote = f"{event.base_asset_amount:f} {event.base_asset}", f"{event.quote_asset_amount:f} {event.quote_asset}"
    return f"completed: {base} for {quote}"


_TEXTS: Final[Mapping[type[OrderEvent], Callable[[Any], str]]] = {
    BuyOrderCreatedEvent: lambda event: f"placed: {_wanted(event, Side.BUY, event.type)}",
    SellOrderCreatedEvent: lambda event: f"placed: {_wanted(event, Side.SELL, event.type)}",
    ExternalOrderEvent: lambda event: f"of others seen: {_wanted(event, event.trade_type, event.order_type)}",
    OrderFilledEvent: _filled,
    BuyOrderCompletedEvent: _completed,
    SellOrderCompletedEvent: _completed,
    OrderCancelledEvent: lambda _event: "cancelled",
    OrderExpiredEvent: lambda _event: "expired: the venue gave it up",
    MarketOrderFailureEvent: lambda event: f"failed ({event.error_type}): {event.error_message}",
}
