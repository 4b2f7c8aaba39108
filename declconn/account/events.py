"""What happens to an account, under Hummingbot's names.

Every event has an ``event_id`` that is the same after a restart, so that whoever hears an event twice (once before a
crash, once after it) can tell; and a ``timestamp``, nanoseconds since the epoch: the venue's where it told one.
An order's life in events: created, filled (any number of times), then one of completed, cancelled, expired, failure.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from declconn.account.trade_fee import TradeFeeBase
from declconn.types import OrderType, PositionAction, PositionMode, PositionSide, Side, TimeInForce, Trigger


class AccountEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What all events of an account have."""

    event_id: str
    timestamp: int


class OrderEvent(AccountEvent, frozen=True, kw_only=True):
    """An event of one order; ``order_id`` is the client's, ``exchange_order_id`` is ``None`` while it is unknown."""

    order_id: str
    trading_pair: str
    exchange_order_id: str | None = None


class _OrderCreated(OrderEvent, frozen=True, kw_only=True):
    type: OrderType
    amount: Decimal
    price: Decimal | None
    creation_timestamp: int
    leverage: Decimal = Decimal(1)
    position: PositionAction = PositionAction.NIL
    time_in_force: TimeInForce = TimeInForce.GTC
    trigger: Trigger | None = None
    trigger_price: Decimal | None = None


class BuyOrderCreatedEvent(_OrderCreated, frozen=True, kw_only=True):
    """The venue has accepted a buy order."""


class SellOrderCreatedEvent(_OrderCreated, frozen=True, kw_only=True):
    """The venue has accepted a sell order."""


class OrderFilledEvent(OrderEvent, frozen=True, kw_only=True):
    """A part of an order was executed."""

    trade_type: Side
    order_type: OrderType
    price: Decimal
    amount: Decimal
    quote_amount: Decimal
    trade_fee: TradeFeeBase
    exchange_trade_id: str
    is_taker: bool | None = None
    leverage: Decimal = Decimal(1)
    position: PositionAction = PositionAction.NIL


class _OrderCompleted(OrderEvent, frozen=True, kw_only=True):
    order_type: OrderType
    base_asset: str
    quote_asset: str
    base_asset_amount: Decimal
    quote_asset_amount: Decimal
    is_missing_fills: bool = False


class BuyOrderCompletedEvent(_OrderCompleted, frozen=True, kw_only=True):
    """A buy order was executed whole.

    Attributes:
        is_missing_fills: the venue has executed more than the fills that came in time. The base amount is the venue's;
            the quote amount is too, if it told one, and else only that of the fills. Fills that come after all are
            still told.
    """


class SellOrderCompletedEvent(_OrderCompleted, frozen=True, kw_only=True):
    """A sell order was executed whole; as `BuyOrderCompletedEvent`."""


class OrderCancelledEvent(OrderEvent, frozen=True, kw_only=True):
    """An order ended before it was executed whole; what was filled stays filled, and was told before.

    Attributes:
        is_missing_fills: the venue has executed more than the fills that came in time; see `BuyOrderCompletedEvent`.
    """

    is_missing_fills: bool = False


class OrderExpiredEvent(OrderEvent, frozen=True, kw_only=True):
    """The venue gave up an order that it had accepted; as `OrderCancelledEvent`."""

    is_missing_fills: bool = False


class MarketOrderFailureEvent(OrderEvent, frozen=True, kw_only=True):
    """An order was never accepted, or the venue has no memory of it.

    Attributes:
        error_type: one of the language's error kinds, or the class of the error.
        error_message: what was wrong, for a person.
    """

    order_type: OrderType
    error_type: str | None = None
    error_message: str | None = None


class ExternalOrderEvent(OrderEvent, frozen=True, kw_only=True):
    """An open order was seen that somebody else placed; its fills and its end are told like those of our own."""

    trade_type: Side
    order_type: OrderType
    amount: Decimal
    price: Decimal | None
    trigger: Trigger | None = None
    trigger_price: Decimal | None = None


class FundingPaymentCompletedEvent(AccountEvent, frozen=True, kw_only=True):
    """Funding was paid (negative) or received (positive)."""

    trading_pair: str
    amount: Decimal
    funding_rate: Decimal | None = None


class PositionModeChangeEvent(AccountEvent, frozen=True, kw_only=True):
    """A change of the position mode went through or was refused; ``position_mode`` is the one that was asked for."""

    trading_pair: str
    position_mode: PositionMode
    success: bool
    message: str | None = None


class BalanceEvent(AccountEvent, frozen=True, kw_only=True):
    """What is held of an asset has changed."""

    asset: str
    total: Decimal
    available: Decimal


class PositionUpdateEvent(AccountEvent, frozen=True, kw_only=True):
    """A position has changed; ``amount`` has the sign of its side, 0 means that it is closed."""

    trading_pair: str
    position_side: PositionSide
    amount: Decimal
    entry_price: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    leverage: Decimal | None = None


class _ForcedClose(AccountEvent, frozen=True, kw_only=True):
    trading_pair: str
    position_side: PositionSide
    amount: Decimal
    price: Decimal | None = None


class LiquidationEvent(_ForcedClose, frozen=True, kw_only=True):
    """The venue closed (a part of) our position because its margin was used up."""


class AdlEvent(_ForcedClose, frozen=True, kw_only=True):
    """The venue closed (a part of) our position to cover a loss of somebody else (auto-deleveraging)."""
