"""Replay: recorded frames and answers through the code of a live connection, and what became of the books."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from declconn.book import OrderBook
from declconn.compile.lookup import Sources
from declconn.compile.stream import Event, Stream
from declconn.connector.settings import choose_options
from declconn.errors import MappingError, ReplayError, VenueError
from declconn.records import TradingRule
from declconn.registry import load_spec
from declconn.spec import Spec
from declconn.testing.answers import Answers
from declconn.testing.clock import ManualClock
from declconn.testing.offline import OfflineConnector
from declconn.testing.recordings import Item, Recording, read_recording
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
    """

    frames: int
    unrouted: int
    books: Mapping[str, BookSummary]
    complaints: Mapping[str, int]
    unasked: int


def replay(
    name_or_path: str | os.PathLike[str],
    files: Sequence[str | Path],
    *,
    trading_pairs: Sequence[str] | None = None,
    environment: str | None = None,
    options: Mapping[str, Any] | None = None,
    markets: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
) -> ReplaySummary:
    """Play recordings against a spec.

    Args:
        name_or_path: a spec's name or file.
        files: recordings of any form; together they must hold an answer of `trading_rules`, or ``markets`` is given.
        trading_pairs: which books to keep; ``None`` for all that are spoken of.
        environment: which of the spec's; by default the one whose hosts were recorded, else the first.
        options: values for the options that the spec declares.
        markets: the venue's symbol for each trading pair, for a recording that has no list of markets.
        answers: for an operation, the path under which the recording has its answers, where the venue has moved it
            since (``{"order_book_snapshot": "/api/v3/market/orderbook/level2"}``).

    Raises:
        ReplayError: a file cannot be read or holds no list of markets; a market or an answer is not as above.
    """
    return play(
        name_or_path,
        read_recording(files),
        trading_pairs=trading_pairs,
        environment=environment,
        options=options,
        markets=markets,
        answers=answers,
    )


def play(
    name_or_path: str | os.PathLike[str],
    recording: Recording,
    *,
    trading_pairs: Sequence[str] | None = None,
    environment: str | None = None,
    options: Mapping[str, Any] | None = None,
    markets: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
) -> ReplaySummary:
    """Play a recording that was read already, whole or changed; see `replay`."""
    spec = load_spec(name_or_path)
    environment = environment or _recorded_environment(spec, recording)
    clock = ManualClock(0)
    offline = OfflineConnector(name_or_path, trading_pairs, environment=environment, options=options, clock=clock)
    urls = spec.environments[environment]
    known = {"env": urls, "opt": choose_options(spec, options or {}), "const": spec.constants}
    player = _Player(offline, clock, Answers(spec, urls, answers), known)
    player.play(recording, trading_rules(markets or {}))
    return player.summary()


def trading_rules(markets: Mapping[str, str]) -> list[TradingRule]:
    """Trading rules that say no more than what the markets are called.

    Args:
        markets: the venue's symbol for each trading pair.

    Raises:
        ReplayError: a trading pair is not written as ``BASE-QUOTE``.
    """
    rules = []
    for pair, symbol in markets.items():
        base, dash, quote = pair.partition("-")
        if not (base and dash and quote and symbol):
            raise ReplayError(f"not a market: {pair!r} as {symbol!r}; expected a pair and its symbol: BTC-USDT, BTCUSDT")
        rules.append(TradingRule(symbol, base, quote))
    return rules


class _Player:
    """Hands a recording to a connector, item by item."""

    def __init__(self, offline: OfflineConnector, clock: ManualClock, answers: Answers, known: Sources) -> None:
        self._offline, self._clock, self._answers, self._known = offline, clock, answers, known
        self._streams = offline.exchange.parts.data_source.streams
        self._heard_on: dict[str, set[str]] = {}
        self._unasked = 0

    def play(self, recording: Recording, given: list[TradingRule]) -> None:
        rules = {rule.symbol: rule for rule in given}
        asked = {url: self._answers.operation(url) for url in recording.urls}
        # Markets first: a recorder may have asked for them after its first frame, and in several requests.
        for item in recording.items:
            if item.kind == "answer" and (found := asked[item.url]) and found[0] == "trading_rules":
                # By symbol: a recorder may have asked more than once.
                rules.update((rule.symbol, rule) for rule in self._answer(item, *found))
        if not rules:
            raise ReplayError(
                f"the recording holds no answer of trading_rules, so its symbols mean nothing to "
                f"{self._offline.exchange.name}; add the file that has it ({', '.join(recording.urls[:3])} are here), "
                "or name the markets (--market BTC-USDT=BTCUSDT)"
            )
        self._offline.exchange.parts.symbols.update(rules.values())
        for item in recording.items:
            self._clock.set(item.at)
            if item.kind == "answer":
                self._play_answer(item, asked[item.url])
            elif item.kind == "frame":
                self._play_frame(item)
            else:
                self._play_close(item)

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
        exchange = self._offline.exchange
        connections = self._offline.connections
        return ReplaySummary(
            frames=sum(connection.frames for connection in connections),
            unrouted=sum(connection.unrouted for connection in connections),
            books={pair: self._book(pair, book) for pair, book in sorted(exchange.order_books.items())},
            complaints=dict(exchange.parts.complaints.counts),
            unasked=self._unasked,
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


def _recorded_environment(spec: Spec, recording: Recording) -> str:
    """The environment that shares most hosts with the recording."""
    recorded = {urlsplit(url).hostname for url in recording.urls}
    shared = {
        name: len({urlsplit(str(url)).hostname for url in urls.values()} & recorded)
        for name, urls in spec.environments.items()
    }
    return max(shared, key=lambda name: shared[name])


def _digits(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
