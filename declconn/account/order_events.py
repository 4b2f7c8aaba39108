"""An order's life in events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

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
from declconn.account.executions import quote_amount
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.order_states import FINAL, UNACCEPTED
from declconn.account.trade_fee import TradeFeeBase
from declconn.records import TradeUpdate
from declconn.types import OrderState, Side


class Reason(NamedTuple):
    """Why an order failed: one of the language's error kinds or the class of an error, and words for a person."""

    error_type: str
    error_message: str


REFUSED = Reason("rejected", "the venue says that the order has failed")


def news(
    order: InFlightOrder,
    was: OrderState,
    timestamp: int,
    *,
    fill: OrderFilledEvent | None = None,
    reason: Reason = REFUSED,
) -> Iterator[OrderEvent]:
    """What is to be told after an order has changed, in the order of its life.

    Args:
        was: its state before.
        timestamp: when it changed, nanoseconds since the epoch.
        fill: the fill that changed it.
        reason: why it failed, if it did.
    """
    lived = order.is_accepted or (order.is_cancelled and order.has_fills)
    if was in UNACCEPTED and lived and not order.is_external:
        yield created(order, timestamp)
    if fill is not None:
        yield fill
    if was in FINAL or order.is_open:
        return
    if order.state is OrderState.FILLED:
        yield completed(order, timestamp)
    elif order.state is OrderState.CANCELED:
        is_given_up = order.told_end is OrderState.FAILED  # but it lived
        yield expired(order, timestamp) if is_given_up else cancelled(order, timestamp)
    elif not order.is_found_again:
        yield failure(order, timestamp, reason)


def created(order: InFlightOrder, timestamp: int) -> BuyOrderCreatedEvent | SellOrderCreatedEvent:
    """The venue has accepted it."""
    kind = BuyOrderCreatedEvent if order.trade_type is Side.BUY else SellOrderCreatedEvent
    return kind(
        **_of(order, f"{order.client_order_id}:created", timestamp),
        type=order.order_type,
        amount=order.amount,
        price=order.price,
        creation_timestamp=order.creation_timestamp,
        leverage=order.leverage,
        position=order.position,
        time_in_force=order.time_in_force,
        trigger=order.trigger,
        trigger_price=order.trigger_price,
    )


def external(order: InFlightOrder, timestamp: int) -> ExternalOrderEvent:
    """It was seen, and is not ours."""
    return ExternalOrderEvent(
        **_of(order, f"{order.client_order_id}:external", timestamp),
        trade_type=order.trade_type,
        order_type=order.order_type,
        amount=order.amount,
        price=order.price,
        trigger=order.trigger,
        trigger_price=order.trigger_price,
    )


def filled(order: InFlightOrder, trade: TradeUpdate, fee: TradeFeeBase, timestamp: int) -> OrderFilledEvent:
    """A part of it was executed. An account that trades with itself has one trade id in two orders."""
    return OrderFilledEvent(
        **_of(order, f"{order.trading_pair}:{trade.trade_id}:{order.client_order_id}", timestamp),
        trade_type=order.trade_type,
        order_type=order.order_type,
        price=trade.price,
        amount=trade.amount,
        quote_amount=quote_amount(trade),
        trade_fee=fee,
        exchange_trade_id=trade.trade_id,
        is_taker=trade.is_taker,
        leverage=order.leverage,
        position=trade.position_action or order.position,
    )


def completed(order: InFlightOrder, timestamp: int) -> BuyOrderCompletedEvent | SellOrderCompletedEvent:
    """It was executed whole: by its fills, or by the venue's numbers where fills did not come."""
    kind = BuyOrderCompletedEvent if order.trade_type is Side.BUY else SellOrderCompletedEvent
    return kind(
        **_of(order, f"{order.client_order_id}:completed", timestamp),
        order_type=order.order_type,
        base_asset=order.base_asset,
        quote_asset=order.quote_asset,
        base_asset_amount=max(order.executed_amount_base, order.filled_by_venue),
        quote_asset_amount=max(order.executed_amount_quote, order.filled_quote_by_venue),
        is_missing_fills=order.is_missing_fills,
    )


def cancelled(order: InFlightOrder, timestamp: int) -> OrderCancelledEvent:
    """It ended before it was executed whole."""
    about = _of(order, f"{order.client_order_id}:cancelled", timestamp)
    return OrderCancelledEvent(**about, is_missing_fills=order.is_missing_fills)


def expired(order: InFlightOrder, timestamp: int) -> OrderExpiredEvent:
    """The venue gave it up."""
    about = _of(order, f"{order.client_order_id}:expired", timestamp)
    return OrderExpiredEvent(**about, is_missing_fills=order.is_missing_fills)


def failure(order: InFlightOrder, timestamp: int, reason: Reason) -> MarketOrderFailureEvent:
    """It was never accepted, or is lost."""
    return MarketOrderFailureEvent(
        **_of(order, f"{order.client_order_id}:failed", timestamp),
        order_type=order.order_type,
        error_type=reason.error_type,
        error_message=reason.error_message,
    )


def _of(order: InFlightOrder, event_id: str, timestamp: int) -> dict[str, Any]:
    """What every event of an order begins with."""
    return {
        "event_id": event_id,
        "timestamp": timestamp,
        "order_id": order.client_order_id,
        "trading_pair": order.trading_pair,
        "exchange_order_id": order.exchange_order_id,
    }
