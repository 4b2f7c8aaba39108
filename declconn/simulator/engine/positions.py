"""Positions and the margin that they need, without a rounding that could make or lose money."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from declconn.records import PositionUpdate
from declconn.simulator.engine.fees import quotient
from declconn.simulator.engine.orders import ZERO, Order
from declconn.types import PositionAction, PositionSide, Side


@dataclass(slots=True)
class Position:
    """A position of one account in one market: signed amount, and what was paid for it.

    Profit is ``amount * price - cost``. Entry prices are only made to be shown: a cost adds up, an average does not.

    Attributes:
        amount: base units, negative for a short one.
        cost: quote; negative for a short one.
        buys, sells: the notional of open orders that may make it longer or shorter.
        leverage: how much notional one unit of margin carries.
        reducers: the open orders that only reduce it, by the venue's id.
    """

    account: str
    trading_pair: str
    side: PositionSide
    leverage: Decimal
    amount: Decimal = ZERO
    cost: Decimal = ZERO
    buys: Decimal = ZERO
    sells: Decimal = ZERO
    reducers: dict[str, Order] = field(default_factory=dict)

    def margin(self, fee: Decimal, *, buys: Decimal = ZERO, sells: Decimal = ZERO) -> Decimal:
        """What is set aside for the position, for all that its open orders could make of it, and for their fees.

        Args:
            fee: the highest rate.
            buys, sells: the notional of an order that is to come.
        """
        buys, sells = self.buys + buys, self.sells + sells
        worst = max(abs(self.cost), abs(self.cost + buys), abs(self.cost - sells))
        return quotient(worst, self.leverage) + (buys + sells) * fee

    def closable(self, side: Side) -> Decimal:
        """How much an order of this side can take away from it."""
        return max(ZERO, -self.amount if side is Side.BUY else self.amount)

    def profit(self, price: Decimal) -> Decimal:
        """What would be gained if it were closed at a price."""
        return self.amount * price - self.cost

    def trade(self, side: Side, amount: Decimal, price: Decimal) -> tuple[Decimal, PositionAction | None]:
        """Buy or sell.

        Returns:
            the profit that is taken, and whether the position was opened or closed (``None``: closed, and opened the
            other way round).
        """
        sign = 1 if side is Side.BUY else -1
        closed = min(amount, self.closable(side))
        released = ZERO
        if closed:
            rest = abs(self.amount) - closed
            released = self.cost if not rest else quotient(self.cost * closed, abs(self.amount))
        profit = -sign * closed * price - released
        self.amount += sign * amount
        self.cost += sign * (amount - closed) * price - released
        if closed == amount:
            return profit, PositionAction.CLOSE
        return profit, None if closed else PositionAction.OPEN

    def weigh(self, order: Order) -> None:
        """Count what the rest of an order may make of the position; nothing if it is not open, or not triggered."""
        if order.asked.reduces:
            self._list(order)
            return
        notional = order.waiting_value if order.is_open and not order.is_untriggered else ZERO
        if order.side is Side.BUY:
            self.buys += notional - order.hold
        else:
            self.sells += notional - order.hold
        order.hold = notional

    def _list(self, order: Order) -> None:
        if order.is_open:
            self.reducers[order.exchange_order_id] = order
        else:
            self.reducers.pop(order.exchange_order_id, None)

    def update(self, price: Decimal) -> PositionUpdate:
        """All that can be told about it.

        Args:
            price: the mark price, for the profit that is not taken yet.
        """
        return PositionUpdate(
            trading_pair=self.trading_pair,
            amount=self.amount,
            side=self.side,
            entry_price=quotient(self.cost, self.amount) if self.amount else None,
            unrealized_pnl=self.profit(price),
            leverage=self.leverage,
        )
