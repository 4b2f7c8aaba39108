"""What everybody may know of a venue: its markets, books and trades, kept live by one runtime from a spec."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from types import TracebackType
from typing import Any, Protocol, Self

from declconn.account.change import Change
from declconn.account.funding import FundingInfos
from declconn.book import BookEvent, OrderBook, OrderBookTracker
from declconn.clock import Clock
from declconn.compile.stream import Stream
from declconn.connector.complaints import Complaints
from declconn.connector.event_iterator import EventIterator
from declconn.connector.feed.connection import StreamConnection
from declconn.connector.feed.dispatch import Dispatch
from declconn.connector.feed.order_book_data_source import OrderBookDataSource
from declconn.connector.feed.silence import watch_for_silence
from declconn.connector.listeners import Listener, Listeners
from declconn.connector.market_prices import MarketPrices
from declconn.connector.market_queries import MarketQueries
from declconn.connector.metrics import (
    INFO,
    NETWORK_UP,
    of_books,
    of_complaints,
    of_limits,
    of_requests,
    of_status,
    of_streams,
)
from declconn.connector.network_check import NetworkCheck, NetworkStatus
from declconn.connector.requests.allowances import Allowances
from declconn.connector.requests.operations import Operations
from declconn.connector.requests.polls import Polls
from declconn.connector.requests.request_counts import RequestCounts
from declconn.connector.session import Session
from declconn.connector.shared import News
from declconn.connector.symbols import Symbols
from declconn.errors import ConfigurationError, DeclconnError, UnknownPairError
from declconn.log import about, get_logger
from declconn.metrics import Sample
from declconn.net.duties import one_after_another
from declconn.net.transport import Transport
from declconn.records import FundingInfo, TradingRule
from declconn.spec import Spec
from declconn.types import PriceType, Side

logger = get_logger("declconn.connector")

TRADING_RULES_INTERVAL = 30 * 60.0
"""Seconds between two looks at the venue's list of markets (Hummingbot's value)."""


class OpenConnection(Protocol):
    """Makes the conversation of a stream; its news go to the connector unless somebody else is named."""

    def __call__(self, stream: Stream, news: News | None = None) -> StreamConnection: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What `build` makes of a spec and a connector is made of."""

    spec: Spec
    environment: str
    clock: Clock
    random: Random
    transport: Transport
    symbols: Symbols
    operations: Operations
    session: Session
    polls: Polls
    data_source: OrderBookDataSource
    order_book_tracker: OrderBookTracker
    listeners: Listeners
    dispatch: Dispatch
    funding: FundingInfos
    open_connection: OpenConnection
    complaints: Complaints
    requests: RequestCounts
    allowances: Allowances
    progress: Change
    """Wakes those who wait until everything is ready."""


class MarketData(MarketQueries):
    """The part of a connector that needs no credentials.

    ``async with`` starts and stops it; ``start`` returns when the trading rules are loaded and the streams are
    opening, and ``wait_until_ready`` when every book is live.

    Attributes:
        name: the spec's name.
        order_book_tracker: keeps the books in step with the venue.
    """

    def __init__(self, parts: Parts, trading_pairs: Sequence[str]) -> None:
        super().__init__(parts.spec.name, parts.operations, parts.symbols, trading_pairs)
        self.order_book_tracker = parts.order_book_tracker
        self.parts = parts
        self._tasks: list[asyncio.Task[None]] = []
        self._started = False
        self._prices = MarketPrices(lambda: self.order_books)
        self._network = NetworkCheck(self.check_network, parts.clock, parts.listeners.publish)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} ({self.parts.environment}) {', '.join(self._trading_pairs)}>"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Load the trading rules, open the streams, begin to keep the books.

        Raises:
            UnknownPairError: the venue does not list one of the pairs.
            NetworkError, VenueError, MappingError: the trading rules could not be loaded.
            NotSupportedError: a public stream needs what this runtime does not do yet.
        """
        if self._started:
            return
        self._started = True
        try:
            with about(venue=self.name):
                await self._begin()
        except BaseException:
            await self.stop()
            raise

    async def _begin(self) -> None:
        await self.update_trading_rules()
        for pair in self._trading_pairs:
            self.parts.symbols.rule(pair)
        for pair in self._trading_pairs:
            self.order_book_tracker.follow(pair)
        self.order_book_tracker.start()
        self.parts.polls.start()
        self.parts.data_source.start(self._trading_pairs)
        self._tasks += [asyncio.create_task(duty, name=f"{self.name} {what}") for what, duty in self._duties()]

    def _duties(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """What goes on in the background while the connector runs, besides streams and books."""
        yield "trading rules", self._keep_rules_fresh()
        yield "network", self._network.run()
        period = self.spec.order_book.resnapshot
        if period != "never":
            yield (
                "silence",
                watch_for_silence(self.order_book_tracker, float(period), self.parts.clock, self.parts.random),
            )

    async def stop(self) -> None:
        """Close every socket and end every task. A stopped connector may be started again."""
        self._started = False
        with about(venue=self.name):
            await self._end()
            self._network.stopped()

    async def _end(self) -> None:
        parts = self.parts
        await one_after_another(
            self._end_duties,
            parts.polls.stop,
            parts.order_book_tracker.stop,
            parts.data_source.stop,
            parts.session.stop,
            parts.transport.close,
        )

    async def _end_duties(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def spec(self) -> Spec:
        """The spec that this connector plays."""
        return self.parts.spec

    @property
    def trading_rules(self) -> Mapping[str, TradingRule]:
        """What the venue accepts, for every pair that it lists."""
        return self.parts.symbols.rules

    @property
    def order_books(self) -> Mapping[str, OrderBook]:
        """The books of the pairs that are followed."""
        return self.order_book_tracker.order_books

    @property
    def status_dict(self) -> dict[str, bool]:
        """What is ready, part by part, under Hummingbot's names."""
        return {
            "symbols_mapping_initialized": bool(self.parts.symbols.pairs),
            "trading_rule_initialized": bool(self.parts.symbols.rules),
            "order_books_initialized": self.order_book_tracker.ready or not self._trading_pairs,
        }

    @property
    def ready(self) -> bool:
        """Every part is ready: rules are known and every book is live."""
        return self._started and all(self.status_dict.values())

    async def wait_until_ready(self, timeout: float | None = None) -> None:
        """Return when `ready` is true.

        Raises:
            TimeoutError: it took longer; the message says which parts are not ready.
            ConfigurationError: the connector was not started.
        """
        self._require_started()
        remove = self.add_listener(lambda _event: self.parts.progress.happened(), BookEvent, FundingInfo)
        try:
            await self.parts.progress.until(lambda: self.ready, timeout)
        except TimeoutError:
            waiting = [part for part, done in self.status_dict.items() if not done]
            why = f" ({'; '.join(self._troubles())})" if self._troubles() else ""
            raise TimeoutError(f"{self.name} is not ready: {', '.join(waiting)}{why}") from None
        finally:
            remove()

    def _require_started(self) -> None:
        if not self._started:
            raise ConfigurationError(f"{self.name} is not started; use 'async with', or await start() first")

    def _troubles(self) -> list[str]:
        """Why something is not ready, as far as that is known."""
        books = [f"{book.trading_pair}: {book.reason}" for book in self.order_books.values() if book.reason]
        return books + self.parts.allowances.waiting()

    def metrics(self) -> Iterator[Sample]:
        """Everything that is counted, as it is now; any thread may ask. `docs/metrics.md` lists the names."""
        venue, parts = self.name, self.parts
        yield INFO.sample(1, venue=venue, environment=parts.environment)
        yield NETWORK_UP.sample(self.network_status is NetworkStatus.CONNECTED, venue=venue)
        yield from of_status(venue, self.status_dict)
        yield from of_books(venue, self.order_book_tracker)
        yield from of_complaints(venue, parts.complaints)
        yield from of_requests(venue, parts.requests)
        yield from of_limits(venue, parts.allowances)
        yield from of_streams(venue, parts.data_source.lines, parts.clock)

    def get_order_book(self, trading_pair: str) -> OrderBook:
        """The book of a pair.

        Raises:
            UnknownPairError: this pair is not followed.
        """
        try:
            return self.order_books[trading_pair]
        except KeyError:
            if not self._started and trading_pair in self._trading_pairs:
                raise UnknownPairError(f"{trading_pair!r} has no book yet: {self.name} is not started") from None
            followed = ", ".join(self._trading_pairs) or "none"
            raise UnknownPairError(
                f"{trading_pair!r} is not followed by {self.name} (followed: {followed}); add_trading_pair adds it"
            ) from None

    def get_price(self, trading_pair: str, is_buy: bool) -> Decimal | None:
        """The best ask for a buy, the best bid for a sale; ``None`` while no live book has one."""
        return self._prices.best(trading_pair, Side.BUY if is_buy else Side.SELL)

    def get_mid_price(self, trading_pair: str) -> Decimal | None:
        """The middle between the best bid and ask; ``None`` while no live book has both."""
        return self._prices.mid(trading_pair)

    def get_price_by_type(self, trading_pair: str, price_type: PriceType) -> Decimal | None:
        """The best bid or ask, the middle, or the last trade.

        Raises:
            UnknownPairError: this pair is not followed.
            BookNotLiveError: the book may be wrong now.
        """
        return self.get_order_book(trading_pair).get_price_by_type(price_type)

    async def add_trading_pair(self, trading_pair: str) -> None:
        """Follow one more pair.

        Raises:
            UnknownPairError: the venue does not list it.
        """
        self.parts.symbols.rule(trading_pair)
        if trading_pair not in self._trading_pairs:
            await self.order_book_tracker.add_pair(trading_pair)
            self._trading_pairs.append(trading_pair)

    async def remove_trading_pair(self, trading_pair: str) -> None:
        """Stop following a pair; its book is gone afterwards."""
        if trading_pair in self._trading_pairs:
            self._trading_pairs.remove(trading_pair)
            await self.order_book_tracker.remove_pair(trading_pair)

    async def update_trading_rules(self) -> None:
        """Load the venue's list of markets anew."""
        rules = await self.parts.operations.call("trading_rules")
        self.parts.symbols.update(rules)

    async def _keep_rules_fresh(self) -> None:
        while True:
            await self.parts.clock.sleep(TRADING_RULES_INTERVAL)
            try:
                await self.update_trading_rules()
            except DeclconnError as error:
                logger.warning("%s: the trading rules could not be loaded again: %s", self.name, error)

    @property
    def network_status(self) -> NetworkStatus:
        """Whether the venue answered when it was last looked; changes are told as `NetworkStatusEvent`."""
        return self._network.status

    async def check_network(self) -> bool:
        """Whether the venue answers."""
        operation = next(name for name in ("ping", "server_time", "trading_rules") if name in self.parts.operations)
        try:
            await self.parts.operations.call(operation)
        except DeclconnError as error:
            logger.info("%s: %s", self.name, error)
            return False
        return True

    def add_listener(self, listener: Listener, *kinds: type) -> Callable[[], None]:
        """Call ``listener`` with every event of these classes: `Trade`, `BookEvent`, `FundingInfo`, `Ticker`, ...

        It must be quick and must not raise. Returns a function that takes it away again.
        """
        return self.parts.listeners.add(listener, *kinds)

    def events(self, *kinds: type) -> EventIterator:
        """Iterate over every event of these classes from now on (no class: all)."""
        return self.parts.listeners.events(*kinds)
