"""What a venue answers to questions about orders, at one of its counters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from declconn.records import OrderUpdate
from declconn.simulator.desk.counters import Counter
from declconn.simulator.desk.given import Given
from declconn.simulator.engine.matching_engine import MatchingEngine
from declconn.simulator.engine.orders import Order
from declconn.simulator.engine.refusals import RefusedError


class OrderClerk:
    """Serves whoever places, changes, cancels or asks about orders.

    Args:
        engine: what happens.
        counter: where he sits.

    Attributes:
        operations: what can be asked.
    """

    def __init__(self, engine: MatchingEngine, counter: Counter) -> None:
        self._engine, self._counter = engine, counter
        self.operations = {
            "place_order": self._place,
            "amend_order": self._amend,
            "cancel_order": self._cancel,
            "cancel_all_orders": self._cancel_all,
            "order_status": self._order_status,
            "find_order": self._order_status,
            "open_orders": self._open_orders,
            "order_trades": self._order_trades,
        }

    def _place(self, account: str, given: Given) -> Sequence[OrderUpdate]:
        return [self._counter.tells(self._engine.place(account, given.order))]

    def _amend(self, account: str, given: Given) -> Sequence[OrderUpdate]:
        order = self._kept(account, given)
        self._engine.amend(
            account,
            order.asked.trading_pair,
            exchange_order_id=order.exchange_order_id,
            amount=given.amount,
            price=given.number("price"),
            trigger_price=given.number("trigger_price"),
        )
        return [self._counter.tells(order)]

    def _cancel(self, account: str, given: Given) -> Sequence[OrderUpdate]:
        order = self._kept(account, given)
        return [self._cancelled(account, order)]

    def _cancel_all(self, account: str, given: Given) -> Sequence[OrderUpdate]:
        orders = [order for order in self._engine.open_orders(account, given.market) if self._counter.keeps(order)]
        return [self._cancelled(account, order) for order in orders]

    def _cancelled(self, account: str, order: Order) -> OrderUpdate:
        self._engine.cancel(account, order.asked.trading_pair, exchange_order_id=order.exchange_order_id)
        return msgspec.structs.replace(self._counter.tells(order), cancelled=True)

    def _order_status(self, account: str, given: Given) -> Sequence[OrderUpdate]:
        return [self._counter.tells(self._known(account, given, ids)) for ids in given.each_ids]

    def _open_orders(self, account: str, given: Given) -> Sequence[OrderUpdate]:
        orders = [order for order in self._engine.open_orders(account, given.market) if self._counter.keeps(order)]
        return [self._counter.tells(order) for order in orders]

    def _order_trades(self, account: str, given: Given) -> Sequence[Any]:
        return self._known(account, given, given.ids).fills

    def _known(self, account: str, given: Given, ids: dict[str, str]) -> Order:
        try:
            order = self._engine.order(account, given.market, **ids)
        except RefusedError:
            either = ids.get("client_order_id")
            if either != ids.get("exchange_order_id"):
                raise
            order = self._engine.order(account, given.market, client_order_id=either)
        if not self._counter.knows(order):
            raise RefusedError("order_not_found", f"{account} has no order {ids} here")
        return order

    def _kept(self, account: str, given: Given) -> Order:
        order = self._known(account, given, given.ids)
        if not self._counter.keeps(order):
            raise RefusedError("order_not_found", f"order {given.ids} waits for no price any more")
        return order
