"""News of orders and fills, on whichever way it comes: whose it is, and what is still to be asked."""

from __future__ import annotations

from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.forced_closes import ForcedCloses
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.order_states import WORKING
from declconn.records import OrderUpdate, TradeUpdate


class OrderNews:
    """Tells orders of ours from orders that others place with the account.

    While the venue's id of an order of ours is not known, one that works without a client id may be that one. Such news
    is kept until it is clear whose it is.

    Args:
        tracker: keeps the orders.
        forced_closes: hears every fill, too.
    """

    def __init__(self, tracker: ClientOrderTracker, forced_closes: ForcedCloses) -> None:
        self._tracker, self._forced_closes = tracker, forced_closes
        self._unclear: dict[str, OrderUpdate] = {}

    def hear(self, news: OrderUpdate) -> InFlightOrder | None:
        """Take news of any order; returns the order if it is known. One that somebody else placed is known from now."""
        order = self._tracker.fetch_order(news.client_order_id, news.exchange_order_id, news.trading_pair)
        if order is not None:
            self.take(news, order)
            return order
        if news.state in WORKING and not self._may_be_ours(news):
            return self._tracker.start_tracking_external(news)
        if news.state in WORKING and news.exchange_order_id is not None:
            self._unclear[news.exchange_order_id] = news
        self._tracker.process_order_update(news)
        return None

    def hear_fill(self, fill: TradeUpdate) -> None:
        """Take a fill of any order of the account."""
        self._tracker.process_trade_update(fill)
        self._forced_closes.hear(fill)

    def take(self, news: OrderUpdate, order: InFlightOrder) -> None:
        """Take news of an order that is known."""
        if news.filled is not None:
            self._tracker.confirmed(order)
        self._tracker.update_order(order, news)

    def see(self, order: InFlightOrder) -> None:
        """An order has changed: look whether it is clear by now whose the orders are that may have been ours."""
        if not self._unclear or (order.exchange_order_id is None and order.is_open):
            return
        unclear, self._unclear = self._unclear, {}
        for exchange_order_id, news in unclear.items():
            if self._may_be_ours(news):
                self._unclear[exchange_order_id] = news
            elif not order.is_meant_by(news):
                self.hear(news)

    def _may_be_ours(self, news: OrderUpdate) -> bool:
        """Whether it may be an order of ours whose id at the venue is not known yet."""
        return news.client_order_id is None and any(
            order.exchange_order_id is None
            and news.trading_pair in (None, order.trading_pair)
            and news.side in (None, order.trade_type)
            for order in self._tracker.active_orders.values()
        )
