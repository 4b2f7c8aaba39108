"""The orders that wait in one market, best price first and then oldest first."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal

from declconn.simulator.engine.orders import ZERO, Order
from declconn.types import Side

OPPOSITE = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}


class LimitBook:
    """Price-time priority. An order that comes back after it was taken out stands at the end of its price."""

    def __init__(self) -> None:
        self._levels: dict[Side, dict[Decimal, dict[str, Order]]] = {Side.BUY: {}, Side.SELL: {}}
        self._prices: dict[Side, list[Decimal]] = {Side.BUY: [], Side.SELL: []}
        self._changed: dict[Side, set[Decimal]] = {Side.BUY: set(), Side.SELL: set()}

    def add(self, order: Order) -> None:
        """Let an order wait."""
        price = _price(order)
        level = self._levels[order.side].get(price)
        if level is None:
            level = self._levels[order.side][price] = {}
            insort(self._prices[order.side], price)
        level[order.exchange_order_id] = order
        self.note(order)

    def remove(self, order: Order) -> None:
        """Take an order out."""
        price, prices = _price(order), self._prices[order.side]
        level = self._levels[order.side][price]
        del level[order.exchange_order_id]
        if not level:
            del self._levels[order.side][price]
            del prices[bisect_left(prices, price)]
        self.note(order)

    def note(self, order: Order) -> None:
        """The size at the order's price has changed."""
        self._changed[order.side].add(_price(order))

    def orders(self, side: Side) -> Iterator[Order]:
        """All orders of a side in the order in which they are filled."""
        for price in self._best_first(side):
            yield from self._levels[side][price].values()

    def best(self, side: Side) -> Decimal | None:
        """The highest bid or the lowest ask."""
        return next(self._best_first(side), None)

    def rows(self, side: Side) -> list[tuple[Decimal, Decimal]]:
        """Price and size of every level, best first."""
        return [(price, self._size(side, price)) for price in self._best_first(side)]

    def take_changes(self, side: Side) -> list[tuple[Decimal, Decimal]]:
        """Price and size (0: gone) of the levels that changed since this was asked last."""
        changed = sorted(self._changed[side])
        self._changed[side].clear()
        return [(price, self._size(side, price)) for price in changed]

    def _size(self, side: Side, price: Decimal) -> Decimal:
        return sum((order.remaining for order in self._levels[side].get(price, {}).values()), ZERO)

    def _best_first(self, side: Side) -> Iterator[Decimal]:
        return reversed(self._prices[side]) if side is Side.BUY else iter(self._prices[side])


def _price(order: Order) -> Decimal:
    assert order.price is not None, "market orders do not wait"
    return order.price
