"""Follows orders: takes what is told of them, tells events, forgets nothing that matters."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from declconn.account import order_events
from declconn.account.events import OrderEvent
from declconn.account.fills_wait import FillsWait
from declconn.account.in_flight_order import InFlightOrder, external_order_id
from declconn.account.order_store import AccountStore
from declconn.account.orphans import Orphans
from declconn.account.tracked_orders import TrackedOrders
from declconn.account.trade_fee import TradeFeeBase
from declconn.clock import Clock
from declconn.errors import ConfigurationError
from declconn.records import OrderUpdate, TradeUpdate
from declconn.types import OrderState, OrderType

logger = logging.getLogger("declconn.orders")

NOT_FOUND_GRACE: Final = 30.0
"""Seconds from its creation in which an order that the venue does not find is not counted as lost."""


class ClientOrderTracker:
    """Follows the orders of an account.

    An order is kept in the store before `start_tracking_order` returns, so it can be sent then; every change is kept
    after its events were told. So an event is told once by a process, and again after a crash between the two; its
    ``event_id`` is the same then.

    Args:
        clock: tells times for events, and measures.
        store: keeps orders and fills.
        trigger_event: hears every event; it must not raise.
        fee_of: what a fill of an order cost.
        want_fills: called when the venue has filled more of an order than the fills that came, each time that it
            says a larger number. The fills may be on their way: it is wise to look at ``is_missing_fills`` again a
            moment later, before asking for them.
        on_change: called with every order that is new or has changed, before its events are told.
        lost_order_count_limit: an order that is not found more often than this is lost.
        not_found_grace: seconds, see `NOT_FOUND_GRACE`.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        store: AccountStore,
        trigger_event: Callable[[Any], None],
        fee_of: Callable[[InFlightOrder, TradeUpdate], TradeFeeBase],
        want_fills: Callable[[InFlightOrder], None],
        on_change: Callable[[InFlightOrder], None] = lambda order: None,
        lost_order_count_limit: int = 3,
        not_found_grace: float = NOT_FOUND_GRACE,
    ) -> None:
        self._clock, self._store = clock, store
        self._trigger_event, self._fee_of, self._want_fills = trigger_event, fee_of, want_fills
        self._on_change = on_change
        self._lost_order_count_limit, self._not_found_grace = lost_order_count_limit, not_found_grace
        self._orders = TrackedOrders()
        self._orphans = Orphans()
        self._fills_wait = FillsWait(clock, self._give_up_fills)

    # Views: snapshots, so that they can be walked while news comes in.

    @property
    def active_orders(self) -> Mapping[str, InFlightOrder]:
        """Orders that are not over, by our id."""
        return dict(self._orders.active)

    @property
    def cached_orders(self) -> Mapping[str, InFlightOrder]:
        """Orders that ended a short time ago; fills of theirs may still come."""
        return _by_id(self._orders.cached(self._clock.monotonic()))

    @property
    def lost_orders(self) -> Mapping[str, InFlightOrder]:
        """Orders that the venue did not find, until it tells their end or does not find them once more."""
        return dict(self._orders.lost)

    @property
    def all_orders(self) -> Mapping[str, InFlightOrder]:
        """Active and cached orders."""
        return {**self.active_orders, **self.cached_orders}

    @property
    def all_fillable_orders(self) -> Mapping[str, InFlightOrder]:
        """Active, cached and lost orders: those whose fills are worth asking for."""
        return {**self.all_orders, **self.lost_orders}

    @property
    def all_updatable_orders(self) -> Mapping[str, InFlightOrder]:
        """Active and lost orders: those whose state is worth asking for."""
        return {**self.active_orders, **self.lost_orders}

    def fetch_order(
        self,
        client_order_id: str | None = None,
        exchange_order_id: str | None = None,
        trading_pair: str | None = None,
    ) -> InFlightOrder | None:
        """The order with our id, or else with the venue's; also one that ended long ago, while it is remembered.

        Args:
            trading_pair: the market, where it is known: venues' ids are unique per market only.
        """
        return self._orders.find(client_order_id, exchange_order_id, trading_pair)

    # What we do.

    def start_tracking_order(self, order: InFlightOrder) -> None:
        """Follow an order from now on; when this returns it is kept and may be sent.

        Raises:
            ConfigurationError: its client order id was used before.
        """
        if order.client_order_id in self._orders:
            raise ConfigurationError(
                f"client order id {order.client_order_id!r} is in use; every order needs an id of its own"
            )
        self._store.save_order(order.state_to_json())
        self._orders.activate(order)
        self._on_change(order)
        self._name(order)

    def stop_tracking_order(self, client_order_id: str) -> None:
        """Count an order among those that ended, whatever its state; one that is not known is nothing."""
        order = self._orders.find(client_order_id, None, None)
        if order is not None:
            self._end(order)

    def start_tracking_external(self, update: OrderUpdate) -> InFlightOrder | None:
        """Follow an order that somebody else placed; it keeps its ids, and one without a client id is given one.

        Returns:
            the order, also if it is known already; ``None`` if the update does not tell its market, side, amount and
            the venue's id.
        """
        order = self.fetch_order(update.client_order_id, update.exchange_order_id, update.trading_pair)
        if order is None:
            order = self._external(update)
            if order is None:
                return None
            self.start_tracking_order(order)
            self._tell(order, order_events.external(order, self._time(update)))
        self.process_order_update(update)
        return order

    def order_failed(self, client_order_id: str, error_message: str, error_type: str) -> None:
        """It was surely not accepted: refused by the venue, or never sent.

        An order that was accepted does not fail; this is logged then, and its end is left to the venue to tell.
        """
        order = self._orders.find(client_order_id, None, None)
        if order is None or order.is_done:
            return
        if not order.is_pending_create:
            logger.warning("%r is said to have failed (%s: %s), but it lives", order, error_type, error_message)
            return
        order.finish(OrderState.FAILED)
        event = order_events.failure(order, self._clock.time_ns(), error_type, error_message)
        self._settle(order, event)

    # What the venue tells.

    def process_order_update(self, update: OrderUpdate) -> None:
        """Take what the venue told of an order, whichever way and however late.

        Its ``state`` counts, ``cancelled`` and ``error`` are answers for those who asked. News of an order whose id
        is not known yet is kept for it.
        """
        order = self.fetch_order(update.client_order_id, update.exchange_order_id, update.trading_pair)
        if order is None:
            self._orphans.keep(update)
            return
        order.not_found_count = 0
        state, filled, exchange_order_id = order.state, order.filled_by_venue, order.exchange_order_id
        waited = order.is_filled_by_word
        if not order.update_with_order_update(update):
            return
        timestamp = self._time(update)
        gave_up = update.state is OrderState.FAILED and state is not OrderState.FAILED
        self._settle(order, *self._news(order, state, timestamp, gave_up=gave_up))
        if order.is_missing_fills and order.filled_by_venue > filled:
            self._want_fills(order)
        if order.is_filled_by_word and not waited:
            self._fills_wait.add(order)
        if exchange_order_id is None:
            self._name(order)

    def process_trade_update(self, trade: TradeUpdate) -> None:
        """Take a fill; each counts once, before, during and after the life of its order."""
        order = self.fetch_order(trade.client_order_id, trade.exchange_order_id, trade.trading_pair)
        if order is None:
            self._orphans.keep(trade)
            return
        order.not_found_count = 0
        state, exchange_order_id = order.state, order.exchange_order_id
        fee = self._fee_of(order, trade)
        if not order.update_with_trade_update(trade, fee):
            return
        timestamp = trade.timestamp or self._clock.time_ns()
        fill = order_events.filled(order, trade, fee, timestamp)
        first, *rest = [*self._news(order, state, timestamp), None]
        self._settle(order, *([fill] if first is None else [first, fill, *rest]))
        self._store.save_fill(
            order.trading_pair, trade.trade_id, order.client_order_id, order.executions.fill_to_json(trade.trade_id)
        )
        if exchange_order_id is None:
            self._name(order)
