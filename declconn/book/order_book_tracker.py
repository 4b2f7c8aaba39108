"""Keeping many books in step: take messages in, number them, tell listeners, and see that every need is served."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from random import Random
from types import MappingProxyType
from typing import Final

from declconn.book.attendant import Attendant
from declconn.book.book_rules import BookRules, Need
from declconn.book.events import BookEvent, BookEventKind, Listener, Listeners
from declconn.book.metrics import BookMetrics
from declconn.book.order_book import OrderBook
from declconn.book.order_book_tracker_data_source import OrderBookTrackerDataSource
from declconn.book.rules import ArrivalStamps
from declconn.book.synchronizer import BookSynchronizer
from declconn.clock import Clock
from declconn.errors import UnknownPairError
from declconn.log import get_logger
from declconn.records import OrderBookMessage, Trade
from declconn.types import BookState

logger = get_logger(__name__)

_DIFF: Final = BookEventKind.DIFF
"""Looking up a member of an enum for every message takes long."""

_LIVE: Final = BookState.LIVE


class _Follower:
    """One pair that is followed: its synchronizer, who serves that one's needs, and what of it was told last."""

    __slots__ = ("attendant", "state", "synchronizer", "turn")

    def __init__(self, synchronizer: BookSynchronizer, attendant: Attendant) -> None:
        self.synchronizer, self.attendant = synchronizer, attendant
        self.state, self.turn = synchronizer.book.state, synchronizer.turn


class OrderBookTracker:
    """The books of a connector.

    Messages come in through ``on_*``, which never wait. Between ``start`` and ``stop`` every need of a book is served
    through the data source, by one task per pair that needs something; one pair's trouble touches no other's.
    Without ``start`` it works offline: ``pending_needs`` says what would be asked, and nothing is.

    A connector follows its pairs, starts, and calls ``on_connect`` when it subscribes them.

    Args:
        data_source: whoever owns the connections.
        rules: how this venue's books are kept.
        clock: stamps arrivals, measures and sleeps.
        random: spreads the pauses of many pairs.
        new_book: makes the book of a pair (its units, its contract size).

    Attributes:
        strays: messages about pairs that are not followed.
    """

    def __init__(
        self,
        data_source: OrderBookTrackerDataSource,
        rules: BookRules,
        clock: Clock,
        random: Random,
        new_book: Callable[[str], OrderBook] = OrderBook,
    ) -> None:
        self._data_source = data_source
        self._rules = rules
        self._clock = clock
        self._random = random
        self._new_book = new_book
        # Where a venue's messages have an order of their own, a stamp only says how late they are.
        by_arrival = rules.sequence_rule().by_arrival
        self._stamp: Callable[[], int] = ArrivalStamps(clock).next if by_arrival else clock.time_ns
        self._followers: dict[str, _Follower] = {}
        self._books: dict[str, OrderBook] = {}
        self._listeners = Listeners()
        self._is_running = False
        self._is_over = False
        self._refreshing: asyncio.Task[None] | None = None
        self.strays = 0

    @property
    def order_books(self) -> Mapping[str, OrderBook]:
        """Every followed pair's book, whatever its state; a live view."""
        return MappingProxyType(self._books)

    @property
    def ready(self) -> bool:
        """Some pair is followed, and every book is live."""
        return bool(self._books) and all(book.state is BookState.LIVE for book in list(self._books.values()))

    def metrics(self, trading_pair: str) -> BookMetrics:
        """The counters of one pair.

        Raises:
            UnknownPairError: the pair is not followed.
        """
        return self._follower(trading_pair).synchronizer.metrics

    def pending_needs(self) -> dict[str, Need]:
        """What each book needs from outside; pairs that need nothing are left out."""
        needs = {pair: follower.synchronizer.need for pair, follower in self._followers.items()}
        return {pair: need for pair, need in needs.items() if need is not Need.NOTHING}

    def add_listener(self, listener: Listener) -> None:
        """Call this for every event; if it raises, that is logged and nobody else notices."""
        self._listeners.add(listener)

    def remove_listener(self, listener: Listener) -> None:
        """Call it no more."""
        self._listeners.remove(listener)

    def start(self) -> None:
        """Serve the needs that arise from now on; to be called in a running loop, before anything is subscribed."""
        self._is_running, self._is_over = True, False
        if self._rules.resnapshot is not None and self._refreshing is None:
            self._refreshing = asyncio.create_task(self._refresh_in_turn(self._rules.resnapshot), name="order books")

    async def stop(self) -> None:
        """Serve nothing more, and wait until all tasks are gone; the books stay as they are."""
        self._is_running, self._is_over = False, True
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait({self._refreshing})
            self._refreshing = None
        for follower in self._followers.values():
            await follower.attendant.stop()

    def follow(self, trading_pair: str) -> None:
        """Keep a book of this pair; somebody else subscribes to it. A pair that is followed already is left alone."""
        if trading_pair in self._followers:
            return
        synchronizer = BookSynchronizer(self._new_book(trading_pair), self._rules)
        attendant = Attendant(
            synchronizer, self._data_source, self._rules, self._clock, self._random, self.on_snapshot, self._tell
        )
        self._books[trading_pair] = synchronizer.book
        self._followers[trading_pair] = _Follower(synchronizer, attendant)

    async def add_pair(self, trading_pair: str) -> None:
        """Follow a pair and subscribe to it; if that fails the pair is not followed, and the error is raised."""
        if trading_pair in self._followers:
            return
        self.follow(trading_pair)
        try:
            await self._data_source.subscribe(trading_pair)
        except BaseException:
            await self._forget(trading_pair)
            raise
        self._attend(self._follower(trading_pair))

    async def remove_pair(self, trading_pair: str) -> None:
        """Forget a pair and unsubscribe from it; whoever still holds its book finds it stale.

        Raises:
            UnknownPairError: the pair is not followed.
        """
        self._follower(trading_pair)
        await self._forget(trading_pair)
        await self._data_source.unsubscribe(trading_pair)

    def on_connect(self, trading_pairs: Iterable[str]) -> None:
        """These pairs are being subscribed on a new connection; to be called before its first message."""
        for pair in trading_pairs:
            self._tell(pair, BookSynchronizer.on_connect)

    def on_disconnect(self, trading_pairs: Iterable[str]) -> None:
        """The connection of these pairs is gone: their books are stale until it is back."""
        for pair in trading_pairs:
            self._tell(pair, BookSynchronizer.on_disconnect)

    def on_silence(self, trading_pair: str) -> None:
        """This pair's channel brings nothing although it should."""
        self._tell(trading_pair, BookSynchronizer.on_silence)

    def on_unreadable(self, trading_pair: str) -> None:
        """A message about this pair's book came and could not be read."""
        self._tell(trading_pair, BookSynchronizer.on_unreadable)

    def on_snapshot(self, message: OrderBookMessage) -> None:
        """A whole book arrived."""
        follower = self._followers.get(message.trading_pair)
        if follower is None:
            self.strays += 1
            return
        applied = follower.synchronizer.on_snapshot(message, self._stamp())
        self._look(follower)
        if applied:
            self._emit(follower.synchronizer.book, BookEventKind.SNAPSHOT, message)

    def on_diff(self, message: OrderBookMessage) -> None:
        """A change of a book arrived."""
        follower = self._followers.get(message.trading_pair)
        if follower is None:
            self.strays += 1
        elif not follower.synchronizer.on_diff(message, self._stamp()):
            self._look(follower)
        elif self._listeners.all:
            self._listeners.tell(BookEvent(message.trading_pair, _DIFF, _LIVE, message.update_id, message))

    def on_trade(self, trade: Trade) -> None:
        """A public trade arrived: its book remembers the price."""
        book = self._books.get(trade.trading_pair)
        if book is None:
            self.strays += 1
            return
        book.apply_trade(trade)

    def _tell(self, trading_pair: str, what: Callable[[BookSynchronizer], None]) -> None:
        follower = self._followers.get(trading_pair)
        if follower is not None:
            what(follower.synchronizer)
            self._report(follower)
            self._attend(follower)

    def _look(self, follower: _Follower) -> None:
        """See whether a message that was not simply applied changed a book's state or needs."""
        turn = follower.turn
        if self._report(follower) or follower.turn != turn:
            self._attend(follower)

    def _report(self, follower: _Follower) -> bool:
        """Tell of a new state; returns whether there is one."""
        book, before = follower.synchronizer.book, follower.state
        follower.state, follower.turn = book.state, follower.synchronizer.turn
        if book.state is before:
            return False
        level = logging.WARNING if book.state is BookState.STALE and not self._is_over else logging.INFO
        said = (book.trading_pair, book.state, book.reason and f": {book.reason}")
        logger.log(level, "%s: the book is %s%s", *said, extra={"trading_pair": book.trading_pair})
        self._emit(book, BookEventKind.STATE, None)
        return True

    def _attend(self, follower: _Follower) -> None:
        if self._is_running:
            follower.attendant.look()

    def _emit(self, book: OrderBook, kind: BookEventKind, message: OrderBookMessage | None) -> None:
        self._listeners.tell(BookEvent(book.trading_pair, kind, book.state, book.last_diff_uid, message))

    async def _refresh_in_turn(self, period: float) -> None:
        """Compare every book with a fresh snapshot once per period, one pair after the other."""
        while True:
            pairs = tuple(self._followers)
            for pair in pairs:
                await self._clock.sleep(period / len(pairs))
                self._tell(pair, BookSynchronizer.refresh)
            if not pairs:
                await self._clock.sleep(period)

    async def _forget(self, trading_pair: str) -> None:
        self._tell(trading_pair, BookSynchronizer.on_remove)
        follower = self._followers.pop(trading_pair)
        del self._books[trading_pair]
        await follower.attendant.stop()

    def _follower(self, trading_pair: str) -> _Follower:
        follower = self._followers.get(trading_pair)
        if follower is None:
            known = ", ".join(self._followers) or "none"
            raise UnknownPairError(f"{trading_pair}: no book of this pair; followed are: {known}; try add_pair")
        return follower
