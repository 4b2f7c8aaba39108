"""Records of an account: orders, fills, balances, positions."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from declconn.types import FillCause, OrderState, PositionAction, PositionMode, PositionSide, Side, Trigger


class Fee(msgspec.Struct, frozen=True):
    """What a fill cost: positive is paid, negative is a rebate; no token means the venue's default."""

    amount: Decimal
    token: str | None = None


class OrderUpdate(msgspec.Struct, frozen=True):
    """News of one order; what it lacks stays as it was. One that waits for a price has a ``trigger``."""

    client_order_id: str | None = None
    exchange_order_id: str | None = None
    trading_pair: str | None = None
    state: OrderState | None = None
    filled: Decimal | None = None
    filled_quote: Decimal | None = None
    amount: Decimal | None = None
    price: Decimal | None = None
    side: Side | None = None
    cancelled: bool | None = None
    error: str | None = None
    timestamp: int | None = None
    trigger: Trigger | None = None
    trigger_price: Decimal | None = None


class TradeUpdate(msgspec.Struct, frozen=True):
    """A fill of one of the account's orders; one that the venue itself forced has a ``cause``."""

    trade_id: str
    price: Decimal
    amount: Decimal
    client_order_id: str | None = None
    exchange_order_id: str | None = None
    trading_pair: str | None = None
    quote_amount: Decimal | None = None
    fee: tuple[Fee, ...] = ()
    is_taker: bool | None = None
    position_action: PositionAction | None = None
    position_side: PositionSide | None = None
    timestamp: int | None = None
    side: Side | None = None
    cause: FillCause | None = None


class BalanceUpdate(msgspec.Struct, frozen=True):
    """What an account holds of one asset; two of the three numbers give the third.

    Or by how much that has changed: ``delta`` then stands alone.
    """

    asset: str
    total: Decimal | None = None
    available: Decimal | None = None
    locked: Decimal | None = None
    delta: Decimal | None = None
    timestamp: int | None = None


class PositionUpdate(msgspec.Struct, frozen=True):
    """A position of a derivative account; amount 0 removes it."""

    trading_pair: str
    amount: Decimal | None = None
    side: PositionSide | None = None
    entry_price: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    leverage: Decimal | None = None
    margin_mode: str | None = None


class FundingPayment(msgspec.Struct, frozen=True):
    """A funding payment of our account; positive was received."""

    trading_pair: str
    amount: Decimal
    timestamp: int
    rate: Decimal | None = None


class TradingFee(msgspec.Struct, frozen=True):
    """The account's fees on one market; 0.001 is 0.1 %."""

    maker: Decimal
    taker: Decimal
    trading_pair: str | None = None


class LeverageReply(msgspec.Struct, frozen=True):
    """What leverage was set, or how much may be."""

    leverage: Decimal | None = None
    max_leverage: Decimal | None = None


class ModeReply(msgspec.Struct, frozen=True):
    """The account's position mode."""

    mode: PositionMode
