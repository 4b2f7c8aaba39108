"""All orders that are known, found by our id or by the venue's at the same cost however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from declconn.account.in_flight_order import InFlightOrder

MAX_CACHE_SIZE: Final = 1000
CACHED_ORDER_TTL: Final = 30.0
"""An order that ended is cached for so many seconds, among at most so many (Hummingbot's numbers)."""

MISSING_FILLS_TTL: Final = 600.0
"""Seconds that an order stays cached while the venue has filled more of it than the fills that came."""

KEPT_ORDERS: Final = 10_000
"""How many orders that ended are remembered, so that their late fills count and repeated news is recognised."""


class TrackedOrders:
    """Orders that work, orders that were lost, and the last ones that ended."""

    def __init__(self) -> None:
        self.active: dict[str, InFlightOrder] = {}
        self.lost: dict[str, InFlightOrder] = {}
        self._ended: dict[str, tuple[float, InFlightOrder]] = {}
        self._by_exchange_id: dict[str, list[InFlightOrder]] = {}

    def __contains__(self, client_order_id: str) -> bool:
        return self._named(client_order_id) is not None

    def find(
        self, client_order_id: str | None, exchange_order_id: str | None = None, trading_pair: str | None = None
    ) -> InFlightOrder | None:
        """The order with this id of ours, or else with this id of the venue's.

        Venues number orders per market: without a pair, an id that two markets have finds none.
        """
        if client_order_id is not None and (order := self._named(client_order_id)) is not None:
            return order
        if exchange_order_id is None:
            return None
        found = [
            order
            for order in self._by_exchange_id.get(exchange_order_id, ())
            if trading_pair in (None, order.trading_pair)
        ]
        return found[0] if len(found) == 1 else None

    def activate(self, order: InFlightOrder) -> None:
        """It is new, or lives after all."""
        self._leave(order)
        self.active[order.client_order_id] = order

    def lose(self, order: InFlightOrder) -> None:
        """The venue does not find it."""
        self._leave(order)
        self.lost[order.client_order_id] = order

    def end(self, order: InFlightOrder, now: float) -> InFlightOrder | None:
        """It is over.

        Args:
            now: seconds of a clock that never steps back.

        Returns:
            an order that is now forgotten for it.
        """
        self._leave(order)
        self._ended[order.client_order_id] = (now, order)
        if len(self._ended) <= KEPT_ORDERS:
            return None
        _, oldest = self._ended.pop(next(iter(self._ended)))
        self._unindex(oldest)
        return oldest

    def index(self, order: InFlightOrder) -> None:
        """The venue's id of it has become known."""
        if order.exchange_order_id is not None:
            self._by_exchange_id.setdefault(order.exchange_order_id, []).append(order)

    def cached(self, now: float) -> Iterator[InFlightOrder]:
        """Those that ended a short time ago, the last one first."""
        return islice(self._recent(now), MAX_CACHE_SIZE)

    def unconfirmed(self) -> list[InFlightOrder]:
        """Those that ended without a word of how much was executed."""
        return [order for _, order in self._ended.values() if order.is_unconfirmed]

    def _recent(self, now: float) -> Iterator[InFlightOrder]:
        for ended, order in reversed(self._ended.values()):
            age = now - ended
            if age > MISSING_FILLS_TTL:
                return
            if age <= CACHED_ORDER_TTL or order.is_missing_fills:
                yield order

    def _named(self, client_order_id: str) -> InFlightOrder | None:
        order = self.active.get(client_order_id)
        if order is None and client_order_id in self._ended:
            return self._ended[client_order_id][1]
        return order or self.lost.get(client_order_id)

    def _leave(self, order: InFlightOrder) -> None:
        for place in (self.active, self.lost, self._ended):
            place.pop(order.client_order_id, None)

    def _unindex(self, order: InFlightOrder) -> None:
        if order.exchange_order_id is None:
            return
        same = self._by_exchange_id[order.exchange_order_id]
        same.remove(order)
        if not same:
            del self._by_exchange_id[order.exchange_order_id]
