"""The player of recordings: hands them to a connector, item by item, and tells what became of the books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from declconn.book import OrderBook
from declconn.compile.lookup import Sources
from declconn.compile.stream import Event, Stream
from declconn.errors import MappingError, ReplayError, VenueError
from declconn.records import TradingRule
from declconn.testing.answers import Answers
from declconn.testing.clock import ManualClock
from declconn.testing.offline import OfflineConnector
from declconn.testing.recordings import Item, Recording
from declconn.types import BookState

SHOWN = 10
"""How many levels of each side a summary holds."""


@dataclass(frozen=True, slots=True)
class BookSummary:
    """What became of one book; levels are ``[price, size]`` in the venue's own digits, best first."""

    synced: bool
    applied: int
    stale: int
    gaps: int
    resyncs: int
    checksums_ok: int
    checksums_failed: int
    crossed: int
    bids: list[list[str]] = field(default_factory=list)
    asks: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReplaySummary:
    """What became of a recording.

    Attributes:
        frames: how many frames were handed in.
        unrouted: how many of them were nothing that the spec speaks of.
        books: by trading pair.
        complaints: what was wrong with messages, by kind.
        unasked: how many answers by HTTP belong to no operation of the spec.
        hears_books: a frame was the event of a book, or no stream of the spec brings any.
    """

    frames: int
    unrouted: int
    books: Mapping[str, BookSummary]
    complaints: Mapping[str, int]
    unasked: int
    hears_books: bool


class Player:
    """Plays one recording.

    Args:
        offline: the connector.
        clock: its clock, which is set to the time of each item.
        answers: tells which operation an answer by HTTP belongs to.
        known: what the matchers of its streams may name.
    """

    def __init__(self, offline: OfflineConnector, clock: ManualClock, answers: Answers, known: Sources) -> None:
        self._offline, self._clock, self._answers, self._known = offline, clock, answers, known
        self._streams = offline.exchange.parts.data_source.streams
        self._has_books = any(stream.carries_books for stream in self._streams.values())
        self._heard_on: dict[str, set[str]] = {}
        self._unasked = 0

    def play(self, recording: Recording, given: list[TradingRule]) -> None:
        """Hand everything in, in order of time.

        Args:
            recording: what happened.
            given: trading rules beside those of the recording.

        Raises:
            ReplayError: there are no trading rules at all.
            UnknownPairError: a pair that was asked for is none of the recorded markets.
        """
        rules = {rule.symbol: rule for rule in given}
        asked = {url: self._answers.operation(url) for url in recording.urls}
        # Markets first: a recorder may have asked for them after its first frame, and in several requests.
        for item in recording.items:
            if item.kind == "answer" and (found := asked[item.url]) and found[0] == "trading_rules":
                # By symbol: a recorder may have asked more than once.
                rules.update((rule.symbol, rule) for rule in self._answer(item, *found))
        if not rules:
            raise ReplayError(
                self._without_rules([url for url, found in asked.items() if found and found[0] == "trading_rules"])
            )
        symbols = self._offline.exchange.parts.symbols
        symbols.update(rules.values())
        for pair in self._offline.exchange.trading_pairs:
            symbols.rule(pair)
        for item in recording.items:
            self._clock.set(item.at)
            if item.kind == "answer":
                self._play_answer(item, asked[item.url])
            elif item.kind == "frame":
                self._play_frame(item)
            else:
                self._play_close(item)

    def _without_rules(self, answered: list[str]) -> str:
        name = self._offline.exchange.name
        if answered:
            return (
                f"the answer of trading_rules is here ({answered[0]}), but {name} finds no market in it; "
                "look at its `each`, `where` and `result`"
            )
        return (
            f"the recording holds no answer of trading_rules, so its symbols mean nothing to {name}; "
            "add the file that has it, or name the markets (--market BTC-USDT=BTCUSDT)"
        )

    def _play_answer(self, item: Item, found: tuple[str, dict[str, Any]] | None) -> None:
        if found is None:
            self._unasked += 1
        elif found[0] != "trading_rules":
            self._answer(item, *found)

    def _answer(self, item: Item, operation: str, arguments: dict[str, Any]) -> list[Any]:
        try:
            return self._offline.on_response(operation, item.content, status=item.status, **arguments)
        except (MappingError, VenueError) as error:
            self._offline.exchange.parts.complaints.add(f"endpoints.{operation}", error)
            return []

    def _play_frame(self, item: Item) -> None:
        stream = self._stream(item)
        self._heard_on.setdefault(item.socket, set()).add(stream)
        self._offline.on_frame(stream, item.content, connection=item.socket)

    def _play_close(self, item: Item) -> None:
        for stream in self._heard_on.pop(item.socket, ()):
            self._offline.on_close(stream, connection=item.socket)

    def _stream(self, item: Item) -> str:
        """The first stream that knows the frame: a recorder may have heard on one socket what we hear on several."""
        if len(self._streams) > 1:
            for name, stream in self._streams.items():
                if self._knows(stream, item.content):
                    return name
        return next(iter(self._streams))

    def _knows(self, stream: Stream, content: bytes | str) -> bool:
        try:
            frame = stream.decode(content)
        except MappingError:
            return False
        return any(isinstance(meaning, Event) for meaning, _ in stream.route(frame, self._known))

    def summary(self) -> ReplaySummary:
        """What became of it all."""
        exchange = self._offline.exchange
        connections = self._offline.connections
        return ReplaySummary(
            frames=sum(connection.frames for connection in connections),
            unrouted=sum(connection.unrouted for connection in connections),
            books={pair: self._book(pair, book) for pair, book in sorted(exchange.order_books.items())},
            complaints=dict(exchange.parts.complaints.counts),
            unasked=self._unasked,
            hears_books=any(connection.hears_books or not self._has_books for connection in connections),
        )

    def _book(self, pair: str, book: OrderBook) -> BookSummary:
        metrics = self._offline.tracker.metrics(pair)
        bids, asks = book.unchecked.rows(SHOWN)
        return BookSummary(
            synced=book.state is BookState.LIVE,
            applied=metrics.applied,
            stale=metrics.stale,
            gaps=metrics.gaps,
            resyncs=metrics.resyncs,
            checksums_ok=metrics.checksums_ok,
            checksums_failed=metrics.checksums_failed,
            crossed=metrics.crossed,
            bids=[[_digits(row[0]), _digits(row[1])] for row in bids],
            asks=[[_digits(row[0]), _digits(row[1])] for row in asks],
        )


def _digits(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
