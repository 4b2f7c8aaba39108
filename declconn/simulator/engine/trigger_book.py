"""The orders of one market that wait outside the book until a price is reached."""

from __future__ import annotations

from decimal import Decimal

from declconn.simulator.engine.orders import NewOrder, Order
from declconn.types import Side, Trigger


class TriggerBook:
    """Price-time priority: what a moving price comes to first is triggered first, and of those the oldest.

    An order that comes back after it was taken out stands at the end of its price.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, Order] = {}

    def add(self, order: Order) -> None:
        """Let an order wait."""
        self._waiting[order.exchange_order_id] = order

    def remove(self, order: Order) -> None:
        """Take an order out; one that was taken already may be on its way to the market, and nothing happens."""
        self._waiting.pop(order.exchange_order_id, None)

    def orders(self) -> list[Order]:
        """All that wait, oldest first."""
        return list(self._waiting.values())

    def take(self, price: Decimal) -> list[Order]:
        """Take out what a price triggers, in the order of its priority."""
        reached = [order for order in self._waiting.values() if is_reached(order.asked, _trigger_price(order), price)]
        for order in reached:
            self.remove(order)
        return sorted(reached, key=_priority)


def waits_for_rise(order: NewOrder) -> bool:
    """Whether the price has to rise to trigger an order, or to fall."""
    return (order.side is Side.BUY) is (order.trigger is Trigger.STOP)


def is_reached(order: NewOrder, trigger_price: Decimal, price: Decimal) -> bool:
    """Whether a price triggers an order that waits for another."""
    return price >= trigger_price if waits_for_rise(order) else price <= trigger_price


def _priority(order: Order) -> tuple[bool, Decimal]:
    """A rising price comes to low ones first; both directions at once are only met by a market's first price."""
    price = _trigger_price(order)
    return (False, price) if waits_for_rise(order.asked) else (True, -price)


def _trigger_price(order: Order) -> Decimal:
    assert order.trigger_price is not None, "only who waits for a price is here"
    return order.trigger_price
