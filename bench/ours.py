"""declconn: the whole way of a frame, from ``StreamConnection.received`` to a listener who reads the book."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Literal

from bench.contender import Contender
from bench.frames import Market
from declconn.book import BookEvent, OrderBook, Precision
from declconn.book.sides import PYTHON, Sides
from declconn.clock import SystemClock
from declconn.records import OrderBookMessage, TradingRule
from declconn.registry import connect
from declconn.testing.offline import NoNetwork

Reading = Literal["best", "best as Decimal", "top 20"]


class Declconn(Contender):
    """Decode, route, sequence rule, apply, one listener, which reads the book."""

    def __init__(self, market: Market, levels: Precision, reading: Reading, sides: Sides) -> None:
        self.name = f"{'Python' if sides is PYTHON else 'native'}, {levels}, {reading}"
        self._market = market
        exchange = connect(
            market.spec,
            credentials={},
            transport=NoNetwork(),
            clock=SystemClock(),
            random=Random(0),
            levels=levels,
        )
        base, quote = market.pair.split("-")
        exchange.parts.symbols.update([TradingRule(market.symbol, base, quote)])
        self._tracker = exchange.order_book_tracker
        self._tracker.follow(market.pair)
        self._book = exchange.get_order_book(market.pair)
        self._book.adopt(OrderBook(market.pair, precision=levels, sides=sides))
        self._remove: Callable[[], None] = lambda: None
        listeners = {"best": self._read_best, "best as Decimal": self._read_decimals, "top 20": self._read_top}
        self._listener = listeners[reading]
        self._exchange = exchange
        stream = next(stream for stream in exchange.parts.data_source.streams.values() if stream.carries_books)
        self.take = exchange.parts.open_connection(stream).received

    def prepare(self) -> None:
        market = self._market
        self._remove()
        self._tracker.on_connect([market.pair])
        self._tracker.on_snapshot(OrderBookMessage(market.pair, market.bids, market.asks, market.update_id))
        self._remove = self._exchange.add_listener(self._listener, BookEvent)

    def _read_best(self, _event: BookEvent) -> None:
        self.best = self._book.best

    def _read_decimals(self, _event: BookEvent) -> None:
        bid, ask = self._book.best_bid, self._book.best_ask
        self.best = (float(bid or 0), float(ask or 0))

    def _read_top(self, _event: BookEvent) -> None:
        bids, asks = self._book.top(20)
        self.best = (bids[0][0], asks[0][0])
