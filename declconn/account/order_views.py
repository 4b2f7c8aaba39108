"""The orders that somebody may want to walk through, under Hummingbot's names."""

from __future__ import annotations

from collections.abc import Mapping

from declconn.account.in_flight_order import InFlightOrder
from declconn.account.tracked_orders import TrackedOrders
from declconn.clock import Clock


class OrderViews:
    """Orders by our id. Each view is a snapshot: it can be walked while news comes in.

    Args:
        clock: how long ago an order ended.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._orders = TrackedOrders()

    @property
    def active_orders(self) -> Mapping[str, InFlightOrder]:
        """Orders that are not over, by our id."""
        return dict(self._orders.active)

    @property
    def cached_orders(self) -> Mapping[str, InFlightOrder]:
        """Orders that ended a short time ago."""
        return {order.client_order_id: order for order in self._orders.cached(self._clock.monotonic())}

    @property
    def unconfirmed_orders(self) -> Mapping[str, InFlightOrder]:
        """Orders that ended without a word of how much was executed: it is worth asking for that."""
        return {order.client_order_id: order for order in self._orders.unconfirmed()}

    @property
    def lost_orders(self) -> Mapping[str, InFlightOrder]:
        """Orders that the venue does not find, until it tells their end or does not find them once more."""
        return dict(self._orders.lost)

    @property
    def all_orders(self) -> Mapping[str, InFlightOrder]:
        """Active and cached orders."""
        return {**self.active_orders, **self.cached_orders}

    @property
    def all_fillable_orders(self) -> Mapping[str, InFlightOrder]:
        """Active, cached and lost orders: it is worth asking for their fills."""
        return {**self.all_orders, **self.lost_orders}

    @property
    def all_updatable_orders(self) -> Mapping[str, InFlightOrder]:
        """Active and lost orders: it is worth asking for their state."""
        return {**self.active_orders, **self.lost_orders}

    def fetch_order(
        self, client_order_id: str | None = None, exchange_order_id: str | None = None, trading_pair: str | None = None
    ) -> InFlightOrder | None:
        """The order with our id, or else with the venue's; also one that ended long ago, while it is remembered.

        Args:
            trading_pair: the market, where it is known: some venues' ids are unique per market only.
        """
        return self._orders.find(client_order_id, exchange_order_id, trading_pair)
