"""Orders as a venue knows them: what was asked for, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from declconn.records import OrderUpdate, TradeUpdate
from declconn.types import OrderState, OrderType, PositionSide, Side, TimeInForce, Trigger

ZERO = Decimal(0)

OPEN_STATES = frozenset({OrderState.OPEN, OrderState.PARTIALLY_FILLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What somebody asks for.

    Attributes:
        amount: in base units.
        price: the limit, quote per base; ``None`` for market orders.
        reduce_only: it may make a position smaller, and nothing else.
        position_side: the position it is about; ``BOTH`` except in hedge mode.
        trigger_price: it waits outside the book until this price is reached; ``None``: it comes to the market at once.
        trigger: from where that price is reached; of no meaning without one.
    """

    trading_pair: str
    side: Side
    amount: Decimal
    order_type: OrderType = OrderType.LIMIT
    price: Decimal | None = None
    client_order_id: str | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.BOTH
    trigger_price: Decimal | None = None
    trigger: Trigger = Trigger.STOP

    @property
    def reduces(self) -> bool:
        """It only makes a position smaller: it says so, or it closes one of the two sides of hedge mode."""
        closing = {PositionSide.LONG: Side.SELL, PositionSide.SHORT: Side.BUY}.get(self.position_side)
        return self.reduce_only or self.side is closing

    @property
    def rests(self) -> bool:
        """What is not filled at once waits in the book."""
        return self.order_type is not OrderType.MARKET and self.time_in_force is TimeInForce.GTC


@dataclass(slots=True, eq=False)
class Order:
    """An order of an account.

    Attributes:
        account: whose it is.
        asked: what was asked for; ``amount``, ``price`` and ``trigger_price`` may have been amended since.
        created, updated: nanoseconds since the epoch.
        filled, filled_quote: how much is executed, in base and in quote.
        hold: what is set aside for the rest of it: a spot order's own token, a perpetual's notional.
        fills: its fills, oldest first.
        reason: why the venue ended it; ``None`` while it is open, and where it was filled or cancelled by its owner.
        trigger_price: what it still waits for; ``None`` for an order that was triggered, and for any without one.
    """

    exchange_order_id: str
    account: str
    asked: NewOrder
    amount: Decimal
    price: Decimal | None
    created: int
    updated: int
    state: OrderState = OrderState.OPEN
    filled: Decimal = ZERO
    filled_quote: Decimal = ZERO
    hold: Decimal = ZERO
    fills: list[TradeUpdate] = field(default_factory=list)
    reason: str | None = None
    trigger_price: Decimal | None = None

    @property
    def side(self) -> Side:
        """Whether it buys or sells."""
        return self.asked.side

    @property
    def remaining(self) -> Decimal:
        """What is not filled yet."""
        return self.amount - self.filled

    @property
    def is_untriggered(self) -> bool:
        """It does not stand in the book yet, and meets nobody."""
        return self.trigger_price is not None

    @property
    def waiting_value(self) -> Decimal:
        """What the rest of it is worth, as far as its own prices tell."""
        return self.remaining * (self.price or self.trigger_price or ZERO)

    @property
    def is_open(self) -> bool:
        """It may still be filled."""
        return self.state in OPEN_STATES

    def take(self, amount: Decimal, value: Decimal, time: int) -> None:
        """Count a fill."""
        self.filled += amount
        self.filled_quote += value
        self.updated = time
        self.state = OrderState.PARTIALLY_FILLED if self.remaining else OrderState.FILLED

    @property
    def update(self) -> OrderUpdate:
        """All that can be told about it now."""
        return OrderUpdate(
            client_order_id=self.asked.client_order_id,
            exchange_order_id=self.exchange_order_id,
            trading_pair=self.asked.trading_pair,
            state=self.state,
            filled=self.filled,
            filled_quote=self.filled_quote,
            amount=self.amount,
            price=self.price,
            side=self.side,
            timestamp=self.updated,
            trigger=self.asked.trigger if self.is_untriggered else None,
            trigger_price=self.trigger_price,
        )
