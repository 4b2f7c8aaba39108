"""Where each kind of news goes."""

from __future__ import annotations

from collections.abc import Iterable

from declconn.book import BookEvent, OrderBookTracker
from declconn.compile.stream import Event, Taker
from declconn.connector.listeners import Listeners
from declconn.records import Trade


class Dispatch:
    """Books go to the tracker, trades to both the tracker and the listeners, everything else to the listeners."""

    def __init__(self, tracker: OrderBookTracker, listeners: Listeners) -> None:
        self._tracker, self._listeners = tracker, listeners
        self._takers: dict[str, Taker] = {
            "order_book_diff": tracker.on_diff,
            "order_book_snapshot": tracker.on_snapshot,
            "trade": self._on_trade,
        }
        listeners.draw_from(tracker, BookEvent)

    def hand(self, emit: str, take: Taker) -> None:
        """Hand news of a kind to ``take`` from now on, and not to the listeners."""
        self._takers[emit] = take

    def taker(self, event: Event) -> Taker:
        """Who an event's records are for."""
        return self._takers.get(event.emit, self._listeners.publish)

    def subscribed(self, pairs: Iterable[str]) -> None:
        """These books are about to be asked for anew."""
        self._tracker.on_connect(pairs)

    def unreadable(self, trading_pair: str) -> None:
        """A message about this book could not be read."""
        self._tracker.on_unreadable(trading_pair)

    def lost(self, pairs: Iterable[str]) -> None:
        """Nothing is known about these books any more."""
        self._tracker.on_disconnect(pairs)

    def _on_trade(self, trade: Trade) -> None:
        self._tracker.on_trade(trade)
        self._listeners.publish(trade)
