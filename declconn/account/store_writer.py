"""Writes changes of orders to the store. What cannot be written is kept, and written when the store works again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from declconn.account.in_flight_order import InFlightOrder
from declconn.account.order_store import AccountStore
from declconn.log import get_logger

logger = get_logger("declconn.orders")

_STATE: Final = ""
"""What is written where it is no fill."""

_Change: TypeAlias = tuple[str, str]
"""Our id of an order, and what of it has changed: a trade id, or its state."""


class StoreWriter:
    """A store that fails for a while (a full disk) stops no order and loses no change.

    A new order is not written here: what cannot be kept must not be sent.

    Args:
        store: where orders and fills are kept.
    """

    def __init__(self, store: AccountStore) -> None:
        self._store = store
        self._due: dict[_Change, Callable[[], object]] = {}

    def save_order(self, order: InFlightOrder) -> None:
        """Keep how an order stands now, or, if that fails, how it stands by the time that the store works again."""
        self._write((order.client_order_id, _STATE), lambda: self._store.save_order(order.state_to_json()))

    def save_fill(self, order: InFlightOrder, trade_id: str) -> None:
        """Keep one of an order's fills."""
        pair, id_ = order.trading_pair, order.client_order_id
        fill = order.executions.fill_to_json(trade_id)
        self._write((id_, trade_id), lambda: self._store.save_fill(pair, trade_id, id_, fill))

    def forget_order(self, client_order_id: str) -> None:
        """Forget an order, and what of it could not be written."""
        self._due = {change: write for change, write in self._due.items() if change[0] != client_order_id}
        self._write((client_order_id, _STATE), lambda: self._store.forget_order(client_order_id))

    def write_again(self) -> None:
        """Write what could not be written before."""
        due, self._due = self._due, {}
        for change, write in due.items():
            self._try(change, write)
        if due and not self._due:
            logger.warning("%r works again; %d changes of orders that waited are kept now", self._store, len(due))

    def _write(self, change: _Change, write: Callable[[], object]) -> None:
        self._due.pop(change, None)
        if self._try(change, write) and self._due:
            self.write_again()

    def _try(self, change: _Change, write: Callable[[], object]) -> bool:
        try:
            write()
        except Exception:
            if not self._due:
                logger.exception("%r cannot keep a change of order %s; it is tried again", self._store, change[0])
            self._due[change] = write
            return False
        return True
