"""A connector without network: frames and answers are handed in, and go the whole way of a live connection."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any

from declconn.book import OrderBook, OrderBookTracker, Precision
from declconn.clock import Clock
from declconn.compile.assets import Assets
from declconn.compile.lookup import Sources
from declconn.compile.stream import Event, Stream, Taker
from declconn.connector.exchange import Exchange
from declconn.connector.feed.connection import StreamConnection
from declconn.connector.feed.streams import Streams
from declconn.connector.market_data import Parts
from declconn.connector.words import words_of
from declconn.errors import NetworkError, ReplayError
from declconn.net.transport import Request, Response, Socket
from declconn.registry import connect
from declconn.suggest import suggestion
from declconn.testing.clock import ManualClock


class NoNetwork:
    """A transport that reaches nobody."""

    async def send(self, request: Request) -> Response:
        raise NetworkError(f"offline: {request!r} was not sent")

    async def connect(self, url: str, headers: Mapping[str, str], *, max_frame: int, ping: float | None) -> Socket:
        raise NetworkError("offline: no socket was opened")

    async def close(self) -> None:
        pass


class OfflineConnector:
    """Plays what is handed in: decode, route, map, sequence rule, book, listeners, exactly as live.

    Args:
        name_or_path: a spec's name or file.
        trading_pairs: which pairs to keep books of; ``None`` for every pair that is spoken of.
        environment: as in `connect`.
        options, levels: as in `connect`.
        clock: the source of time; one that is set by hand by default.

    Attributes:
        exchange: the connector, which is never started.
        events: everything that a listener would have heard, in order.
        clock: the source of time.
    """

    def __init__(
        self,
        name_or_path: str | os.PathLike[str],
        trading_pairs: Sequence[str] | None = None,
        *,
        environment: str | None = None,
        options: Mapping[str, Any] | None = None,
        clock: Clock | None = None,
        levels: Precision = "exact",
    ) -> None:
        self.clock = clock or ManualClock()
        self.exchange: Exchange = connect(
            name_or_path,
            trading_pairs or (),
            credentials={},
            environment=environment,
            options=options,
            transport=NoNetwork(),
            clock=self.clock,
            random=Random(0),
            levels=levels,
        )
        self.events: list[Any] = []
        self.exchange.add_listener(self.events.append)
        self._parts = self.exchange.parts
        self._streams = {**self._parts.data_source.streams, **_private_streams(self._parts)}
        self._pairs = None if trading_pairs is None else set(trading_pairs)
        self._connections: dict[tuple[str, object], StreamConnection] = {}
        self._audience = _Audience(self.tracker, self._pairs)
        for pair in trading_pairs or ():
            self.tracker.follow(pair)

    @property
    def tracker(self) -> OrderBookTracker:
        """Keeps the books; its ``pending_needs`` say what a live connector would ask for now."""
        return self.exchange.order_book_tracker

    @property
    def connections(self) -> list[StreamConnection]:
        """Every connection that a frame was handed to."""
        return list(self._connections.values())

    def order_book(self, trading_pair: str) -> OrderBook:
        """The book of a pair.

        Raises:
            UnknownPairError: nothing was heard of it.
        """
        return self.exchange.get_order_book(trading_pair)

    def on_frame(self, stream: str, raw: bytes | str, *, connection: object = None) -> None:
        """Hand in a frame as the socket gave it.

        Args:
            stream: the spec's name of the stream.
            raw: the frame.
            connection: tells several connections of one stream apart.

        Raises:
            ReplayError: the spec has no stream of that name.
        """
        self.connection(stream, connection).received(raw)

    def on_close(self, stream: str, *, connection: object = None) -> None:
        """The socket is gone, and with it the books that were heard there, until they are heard of again."""
        self.connection(stream, connection).closed("recorded")

    def on_response(self, operation: str, raw: bytes | str, *, status: int = 200, **arguments: Any) -> list[Any]:
        """Hand in the answer of an operation.

        Args:
            operation: the spec's name of it.
            raw: the body.
            status: the HTTP status.
            arguments: what the request was asked with, in the venue's words (``symbol="BTCUSDT"``).

        Returns:
            its records.

        Raises:
            NotSupportedError, VenueError, MappingError: as when it is called.
        """
        body = raw.encode() if isinstance(raw, str) else raw
        endpoint = self._parts.operations.endpoint(operation)
        records = self._parts.operations.read(endpoint, Response(status, {}, body), arguments)
        if operation == "trading_rules":
            self._parts.symbols.update(records)
        elif operation == "order_book_snapshot":
            for message in records:
                self._audience.see(message.trading_pair)
                self.tracker.on_snapshot(message)
        return records

    def connection(self, stream: str, connection: object = None) -> StreamConnection:
        """The conversation that frames of a stream are handed to."""
        key = (stream, connection)
        if key not in self._connections:
            news = _FollowOnSight(self._audience, self._parts.dispatch)
            self._connections[key] = self._parts.open_connection(self._stream(stream), news)
            news.markets = self._connections[key].markets
        return self._connections[key]

    def _stream(self, name: str) -> Stream:
        if name not in self._streams:
            known = ", ".join(self._streams) or "none"
            raise ReplayError(f"{self.exchange.name} has no stream {name!r}{suggestion(name, self._streams)}; {known}")
        return self._streams[name]


def _private_streams(parts: Parts) -> dict[str, Stream]:
    """The streams that tell of an account, which a connector without credentials does not have."""
    spec = parts.spec
    words = words_of(spec, parts.symbols, Assets(spec.assets.case, spec.assets.rename))
    return {stream.name: stream for stream in Streams(spec, parts.symbols, words).private()}


class _Audience:
    """Who is followed: everybody who is spoken of, or the given pairs."""

    def __init__(self, tracker: OrderBookTracker, pairs: set[str] | None) -> None:
        self._tracker, self._pairs = tracker, pairs
        self._lost: set[str] = set()

    def see(self, trading_pair: str) -> bool:
        """Follow a pair that is spoken of, again if its connection was lost; says whether it is followed."""
        if trading_pair in self._lost:
            self._lost.remove(trading_pair)
            self._tracker.on_connect([trading_pair])
        elif self._pairs is None and trading_pair not in self._tracker.order_books:
            self._tracker.follow(trading_pair)
        return trading_pair in self._tracker.order_books

    def lose(self, pairs: Iterable[str]) -> None:
        self._lost.update(pairs)


class _FollowOnSight:
    """News of one connection, whose markets are the pairs whose books are heard on it."""

    def __init__(self, audience: _Audience, dispatch: Any) -> None:
        self._audience, self._dispatch = audience, dispatch
        self.markets: dict[str, Sources] = {}

    def subscribed(self, pairs: Iterable[str]) -> None:
        self._dispatch.subscribed(pairs)

    def taker(self, event: Event) -> Taker:
        take = self._dispatch.taker(event)
        return partial(self._see, take) if event.emit.startswith("order_book") else take

    def _see(self, take: Taker, record: Any) -> None:
        if self._audience.see(record.trading_pair):
            self.markets.setdefault(record.trading_pair, {})
        take(record)

    def unreadable(self, trading_pair: str) -> None:
        self._dispatch.unreadable(trading_pair)

    def lost(self, pairs: Iterable[str]) -> None:
        pairs = tuple(pairs)
        self._dispatch.lost(pairs)
        self._audience.lose(pairs)
        for pair in pairs:
            self.markets.pop(pair, None)
