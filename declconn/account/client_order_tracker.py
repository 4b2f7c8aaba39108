"""Follows orders: takes what is told of them, tells events, forgets nothing that matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from declconn.account import order_events
from declconn.account.events import OrderEvent, OrderFilledEvent
from declconn.account.fills_wait import FillsWait
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.order_events import REFUSED, Reason
from declconn.account.order_log import log_event
from declconn.account.order_states import end_without_fills
from declconn.account.order_store import AccountStore
from declconn.account.order_views import OrderViews
from declconn.account.orphans import Orphans
from declconn.account.store_writer import StoreWriter
from declconn.account.trade_fee import TradeFeeBase
from declconn.clock import Clock
from declconn.errors import ConfigurationError
from declconn.log import get_logger
from declconn.records import OrderUpdate, TradeUpdate
from declconn.types import OrderState

logger = get_logger("declconn.orders")

NOT_FOUND_GRACE: Final = 30.0
"""Seconds from its creation in which it does not count that the venue does not find an order: it may be on its way."""


class ClientOrderTracker(OrderViews):
    """Follows the orders of an account.

    An order is kept in the store before `start_tracking_order` returns, so that it can be sent then. Every change is
    kept after its events were told: a process tells an event once, and one that follows a crash may tell it again,
    with the same ``event_id``. Where the store fails meanwhile, changes are kept as soon as it works again; only a new
    order that it does not take is refused.

    Args:
        clock: gives events their times, and measures.
        store: keeps orders and fills.
        trigger_event: hears every event; it must not raise.
        fee_of: what a fill of an order cost.
        want_fills: called when the venue has filled more of an order than the fills that came, each time that it says
            a larger number, and when it says that the order is over. They may be on their way: whoever asks for them
            had better wait a moment, and look at ``is_missing_fills`` again.
        is_asked: whether the venue is being asked about an order: fills that it lacks are waited for that long.
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
        is_asked: Callable[[InFlightOrder], bool] = lambda order: False,
        on_change: Callable[[InFlightOrder], None] = lambda order: None,
        lost_order_count_limit: int = 3,
        not_found_grace: float = NOT_FOUND_GRACE,
    ) -> None:
        super().__init__(clock)
        self._store, self._writer = store, StoreWriter(store)
        self._trigger_event, self._on_change = trigger_event, on_change
        self._fee_of, self._want_fills = fee_of, want_fills
        self._lost_order_count_limit, self._not_found_grace = lost_order_count_limit, not_found_grace
        self._orphans = Orphans()
        self._fills_wait = FillsWait(clock, self._give_up_fills, is_asked)

    def start_tracking_order(self, order: InFlightOrder) -> None:
        """Follow an order from now on; when this returns it is kept, and may be sent.

        Raises:
            ConfigurationError: an order of this id is known already.
        """
        self._begin(order)
        self._name(order)

    def start_tracking_external(self, update: OrderUpdate) -> InFlightOrder | None:
        """Follow an order that somebody else placed; it keeps its ids, and is given a client id if it has none.

        Returns:
            the order, also if it was known; ``None`` if the update lacks its market, side, amount or both ids.
        """
        order = self.fetch_order(update.client_order_id, update.exchange_order_id, update.trading_pair)
        if order is None:
            order = InFlightOrder.external(update, self._time(update.timestamp))
            if order is None:
                return None
            self._begin(order)
            self._tell(order_events.external(order, self._time(update.timestamp)))
            self._name(order)
        self.update_order(order, update)
        return order

    def stop_tracking_order(self, client_order_id: str) -> None:
        """Count an order among those that ended, whatever its state; one that is not known is nothing."""
        order = self._orders.find(client_order_id)
        if order is not None:
            self._end(order)

    def process_order_update(self, update: OrderUpdate) -> None:
        """Take what the venue told of an order, on whichever way and however late.

        ``cancelled`` and ``error`` are answers for those who asked, and say nothing here. News of an order whose id is
        not known yet is kept for it.
        """
        order = self._subject(update)
        if order is not None:
            self.update_order(order, update)

    def update_order(self, order: InFlightOrder, update: OrderUpdate) -> None:
        """As `process_order_update`, for whoever knows the order; the update need not name it."""
        order.not_found_count = 0  # how it stands is good news: the venue knows it
        if order.is_lost and _ends_executed(order, update):  # it lives after all, and its end is told then
            self.update_order(order, msgspec.structs.replace(update, state=OrderState.OPEN))
        before = _Before.of(order)
        if order.update_with_order_update(update):
            self._settle(order, before, self._time(update.timestamp))

    def process_trade_update(self, trade: TradeUpdate) -> None:
        """Take a fill: each counts once, whether its order is still to be accepted, works, or is over."""
        order = self._subject(trade)
        if order is None:
            return
        before = _Before.of(order)
        fee = self._fee_of(order, trade)
        if order.update_with_trade_update(trade, fee):
            order.not_found_count = 0
            timestamp = self._time(trade.timestamp)
            fill = order_events.filled(order, trade, fee, timestamp)
            self._settle(order, before, timestamp, fill=fill)

    def process_order_not_found(self, client_order_id: str, *, is_over: bool = False) -> None:
        """The venue was asked for an order and does not know it; only such answers may be reported here.

        More than the limit make it lost, unless it is young. One that the venue said to be executed whole was filled,
        and waits for its fills; one that is lost already is over then.

        Args:
            is_over: the venue only tells of orders that are open, and had accepted this one: it was not lost, but
                cancelled.
        """
        order = self._orders.find(client_order_id)
        if order is None or client_order_id in self._orders.lost:
            self.stop_tracking_order(client_order_id)
            return
        if not self._may_be_lost(order):
            return
        order.not_found_count += 1
        if order.is_whole_by_venue or order.not_found_count > self._lost_order_count_limit:
            self._lose(order, is_over)

    def is_nearly_lost(self, order: InFlightOrder) -> bool:
        """Whether one more answer that the venue does not know it is the last that counts."""
        is_last = order.not_found_count >= self._lost_order_count_limit
        return order.is_lost or (is_last and self._may_be_lost(order))

    def _may_be_lost(self, order: InFlightOrder) -> bool:
        age = (self._clock.time_ns() - order.creation_timestamp) / 1e9
        return not order.is_over_by_word and age >= self._not_found_grace

    def found(self, client_order_id: str) -> None:
        """The venue knows an order: earlier answers that it does not know it count no more."""
        order = self._orders.find(client_order_id)
        if order is not None:
            order.not_found_count = 0

    def keep_cancel_wish(self, order: InFlightOrder, *, is_wanted: bool) -> None:
        """Keep with an order that it is to be cancelled once the venue has it, or that it is not."""
        if order.is_cancel_wanted is not is_wanted:
            order.is_cancel_wanted = is_wanted
            self._writer.save_order(order)

    def amendment_lost(self, order: InFlightOrder) -> None:
        """Keep with an order that nobody knows whether its last amendment took effect."""
        order.is_amendment_lost = True
        self._writer.save_order(order)

    def keep_terms(
        self, order: InFlightOrder, amount: Decimal, price: Decimal | None, trigger_price: Decimal | None
    ) -> None:
        """Keep with an order what the venue has taken of an amendment, whatever time its answer names.

        News of market orders are not followed in their amounts, which may count in quote; many tell no trigger price.
        """
        if (order.amount, order.price, order.trigger_price) != (amount, price, trigger_price):
            order.amount, order.price, order.trigger_price = amount, price, trigger_price
            self._on_change(order)
            self._writer.save_order(order)

    def to_confirm(self, order: InFlightOrder) -> None:
        """Keep with an order that its end is told without a word of how much was executed: that is asked for."""
        order.is_unconfirmed = True
        self._writer.save_order(order)

    def confirmed(self, order: InFlightOrder) -> None:
        """The venue has said how much of an order was executed, or what it knows of that."""
        if order.is_unconfirmed:
            order.is_unconfirmed = False
            self._writer.save_order(order)

    def order_failed(self, client_order_id: str, error_message: str, error_type: str) -> None:
        """An order was surely not accepted: the venue refused it, or it was never sent.

        One that was accepted before does not fail; that is logged, and its end is left to the venue to tell.
        """
        order = self._orders.find(client_order_id)
        if order is None or order.is_done:
            return
        if not order.is_pending_create:
            said = (order, error_type, error_message)
            logger.warning("%r is said to have failed (%s: %s), but it lives", *said, extra=order.log_fields)
            return
        self._finish(order, OrderState.FAILED, Reason(error_type, error_message))

    @property
    def tracking_states(self) -> dict[str, Any]:
        """Active and lost orders for somebody who keeps them elsewhere, in words that JSON has."""
        return {order_id: order.to_json() for order_id, order in self.all_updatable_orders.items()}

    def restore_tracking_states(self, tracking_states: Mapping[str, Any]) -> None:
        """Follow again what `tracking_states` told, but for orders that are known already."""
        for state in tracking_states.values():
            if state["client_order_id"] not in self._orders:
                order = InFlightOrder.from_json(state)
                self._writer.save_order(order)
                for trade_id in order.order_fills:
                    self._writer.save_fill(order, trade_id)
                self._take_up(order)

    def restore(self) -> None:
        """Follow again what the store has kept, and wait again for what `stop` gave up waiting for."""
        for state in sorted(self._store.orders(), key=lambda state: int(state["last_update_timestamp"])):
            client_order_id = state["client_order_id"]
            if client_order_id not in self._orders:
                self._take_up(InFlightOrder.from_json({**state, "order_fills": self._store.fills(client_order_id)}))
        self._fills_wait.resume()

    def save_again(self) -> None:
        """Keep what could not be kept before, because the store failed; news of orders try that, too."""
        self._writer.write_again()

    async def stop(self) -> None:
        """Wait for no more fills; orders stay as they are, here and in the store."""
        await self._fills_wait.stop()
        self._writer.write_again()

    def _begin(self, order: InFlightOrder) -> None:
        if order.client_order_id in self._orders:
            raise ConfigurationError(
                f"client order id {order.client_order_id!r} was used before; give every order an id of its own"
            )
        order.wait_by(self._clock)
        if order.is_external:
            self._writer.save_order(order)
        else:
            self._store.save_order(order.state_to_json())  # what cannot be kept must not be sent
        self._orders.activate(order)
        self._on_change(order)

    def _subject(self, news: OrderUpdate | TradeUpdate) -> InFlightOrder | None:
        """Whom the news is about; what is about nobody is kept."""
        order = self._orders.find(news.client_order_id, news.exchange_order_id, news.trading_pair)
        if order is None:
            self._orphans.keep(news)
        return order

    def _settle(
        self,
        order: InFlightOrder,
        before: _Before,
        timestamp: int,
        *,
        fill: OrderFilledEvent | None = None,
        reason: Reason = REFUSED,
    ) -> None:
        """Do all that follows from a change: tell first, then keep."""
        order.last_update_timestamp = max(order.last_update_timestamp, timestamp)
        self._place(order, before.state)
        self._on_change(order)
        events = order_events.news(order, before.state, timestamp, fill=fill, reason=reason)
        for event in list(events):  # decided before the first is told: who hears it may change the order
            self._tell(event)
        if fill is not None:
            self._writer.save_fill(order, fill.exchange_trade_id)
        self._writer.save_order(order)
        begins_to_wait = order.awaits_fills and not before.awaits_fills
        if begins_to_wait or (order.is_missing_fills and order.filled_by_venue > before.filled_by_venue):
            self._want_fills(order)
        if begins_to_wait:
            self._fills_wait.add(order)
        if before.exchange_order_id is None:
            self._name(order)

    def _tell(self, event: OrderEvent) -> None:
        log_event(event)
        self._trigger_event(event)

    def _place(self, order: InFlightOrder, was: OrderState) -> None:
        if order.state is was:
            return
        if order.is_lost:
            self._orders.lose(order)
        elif order.is_done:
            self._end(order)
        elif was is OrderState.FAILED:
            logger.warning("%r was lost and lives after all", order, extra=order.log_fields)
            self._orders.activate(order)

    def _end(self, order: InFlightOrder) -> None:
        forgotten = self._orders.end(order, self._clock.monotonic())
        if forgotten is not None:
            self._writer.forget_order(forgotten.client_order_id)

    def _lose(self, order: InFlightOrder, is_over: bool) -> None:
        """Venues forget orders that are over: one that was executed whole was filled, one to be cancelled is so."""
        if order.is_whole_by_venue or order.is_pending_cancel or is_over:
            end = OrderState.FILLED if order.is_whole_by_venue else OrderState.CANCELED
            self.update_order(order, OrderUpdate(state=end, filled=order.told_filled))
            return
        order.is_lost = True
        count = order.not_found_count
        reason = Reason("order_not_found", f"the venue did not find the order {count} times; it may live nevertheless")
        logger.warning("%r is lost: the venue did not find it %d times", order, count, extra=order.log_fields)
        self._finish(order, OrderState.FAILED, reason)

    def _finish(self, order: InFlightOrder, state: OrderState, reason: Reason = REFUSED) -> None:
        before = _Before.of(order)
        order.finish(state)
        self._settle(order, before, self._clock.time_ns(), reason=reason)

    def _give_up_fills(self, order: InFlightOrder) -> None:
        if order.awaits_fills and order.told_end is not None:
            logger.warning(
                "%r is over (%s), but not all of its fills arrived on time; it ends with the venue's %s",
                *(order, order.told_end, order.filled_by_venue),
                extra=order.log_fields,
            )
            self._finish(order, end_without_fills(order.told_end))

    def _name(self, order: InFlightOrder) -> None:
        """The venue's id may have become known: take the news that came under it before."""
        if order.exchange_order_id is None:
            return
        self._orders.index(order)
        for news in self._orphans.take(order.exchange_order_id, order.trading_pair):
            if isinstance(news, OrderUpdate):
                self.process_order_update(news)
            else:
                self.process_trade_update(news)

    def _take_up(self, order: InFlightOrder) -> None:
        order.wait_by(self._clock)
        if order.is_lost:
            self._orders.lose(order)
        elif order.is_done:
            self._end(order)
        else:
            self._orders.activate(order)
        if order.awaits_fills:
            self._fills_wait.add(order)
        self._on_change(order)
        self._name(order)

    def _time(self, told: int | None) -> int:
        return self._clock.time_ns() if told is None else told


def _ends_executed(order: InFlightOrder, update: OrderUpdate) -> bool:
    """Whether it tells an end, and that more was executed before than we know."""
    is_cut_short = update.state in (OrderState.CANCELED, OrderState.FAILED)
    has_news = is_cut_short and update.filled is not None and update.filled > order.executed_amount_base
    return update.state is OrderState.FILLED or has_news


class _Before(NamedTuple):
    """What an order was before it changed."""

    state: OrderState
    exchange_order_id: str | None
    filled_by_venue: Decimal
    awaits_fills: bool

    @classmethod
    def of(cls, order: InFlightOrder) -> _Before:
        return cls(order.state, order.exchange_order_id, order.filled_by_venue, order.awaits_fills)
