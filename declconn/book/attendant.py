"""Getting one book what it needs: ask, wait, ask again, each time after a longer pause."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import TypeAlias

from declconn.book.book_rules import BookRules, Need
from declconn.book.order_book_tracker_data_source import OrderBookTrackerDataSource
from declconn.book.synchronizer import BookSynchronizer
from declconn.clock import Clock, pause
from declconn.errors import DeclconnError
from declconn.log import about, get_logger
from declconn.records import OrderBookMessage

logger = get_logger(__name__)

PATIENCE = 10.0
"""Seconds to wait for what the stream should bring by itself (a snapshot, an answer) before asking (again)."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between asking once and asking again; the pause doubles in between, and varies by half to either side."""

CALM = 60.0
"""Seconds without asking after which a pair's next request goes out at once again."""

Tell: TypeAlias = Callable[[str, Callable[[BookSynchronizer], None]], None]


class Attendant:
    """Serves one book while it needs something; there is a task only that long.

    Args:
        synchronizer: whose needs they are.
        data_source: who can fulfil them.
        rules: how this venue's books are kept.
        clock: measures and sleeps.
        random: spreads the pauses of many pairs.
        take: where a snapshot that was answered goes.
        tell: how the synchronizer is told something, so that everybody hears of the consequences.
    """

    def __init__(
        self,
        synchronizer: BookSynchronizer,
        data_source: OrderBookTrackerDataSource,
        rules: BookRules,
        clock: Clock,
        random: Random,
        take: Callable[[OrderBookMessage], None],
        tell: Tell,
    ) -> None:
        self._synchronizer = synchronizer
        self._data_source = data_source
        self._rules = rules
        self._clock = clock
        self._random = random
        self._take = take
        self._tell = tell
        self._pair = synchronizer.book.trading_pair
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._asked = 0
        self._asked_at = clock.monotonic()

    def look(self) -> None:
        """Something changed: start serving if there is something to do."""
        self._news.set()
        is_busy = self._task is not None and not self._task.done()
        if not is_busy and not self._synchronizer.is_idle:
            with about(trading_pair=self._pair):
                self._task = asyncio.create_task(self._serve(), name=f"order book {self._pair}")

    async def stop(self) -> None:
        """Stop serving, and wait until that is so."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _serve(self) -> None:
        """Until the book is live, or there is no connection to serve it on."""
        synchronizer, answered = self._synchronizer, -1
        while not synchronizer.is_idle:
            if synchronizer.need is Need.NOTHING or synchronizer.turn == answered:
                if not await self._hears_news():
                    self._tell(self._pair, BookSynchronizer.on_timeout)
                continue
            await self._clock.sleep(self._pause())
            turn = synchronizer.turn
            if await self._fulfil(synchronizer.need):
                answered = turn

    async def _fulfil(self, need: Need) -> bool:
        """Do what the book needs; ``True`` if the answer is still on its way."""
        try:
            match need:
                case Need.SNAPSHOT:
                    return await self._request_snapshot()
                case Need.RESUBSCRIBE:
                    await self._resubscribe()
                case Need.RECONNECT:
                    await self._data_source.reconnect(self._pair)
                    return True
                case Need.NOTHING:
                    pass  # It came by itself during the pause.
        except DeclconnError as error:
            logger.warning("%s: %s failed, it will be tried again: %s", self._pair, need, error)
        except Exception:
            logger.exception("%s: %s failed, it will be tried again", self._pair, need)
        return False

    async def _request_snapshot(self) -> bool:
        snapshot = await self._data_source.request_snapshot(self._pair)
        if snapshot is not None:
            self._take(snapshot)
        return snapshot is None

    async def _resubscribe(self) -> None:
        # Before, not after: the new subscription's first message may arrive while this still waits.
        self._tell(self._pair, BookSynchronizer.on_connect)
        try:
            await self._data_source.resubscribe(self._pair)
        except Exception:
            self._tell(self._pair, BookSynchronizer.on_silence)
            raise

    def _pause(self) -> float:
        """How long to wait before asking: not at all at first, then longer and longer."""
        now = self._clock.monotonic()
        if now - self._asked_at > CALM:
            self._asked = 0
        seconds = pause(self._asked - 1, FIRST_PAUSE, LONGEST_PAUSE) if self._asked else 0.0
        self._asked, self._asked_at = self._asked + 1, now
        delay = self._rules.after_delay if self._synchronizer.need is Need.SNAPSHOT else 0.0
        return max(delay, seconds * (0.5 + self._random.random()))

    async def _hears_news(self) -> bool:
        """Wait until something changes; ``False``: nothing did, for as long as our patience lasts."""
        self._news.clear()
        futures = {asyncio.ensure_future(self._news.wait()), asyncio.ensure_future(self._clock.sleep(PATIENCE))}
        try:
            await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for future in futures:
                future.cancel()
        return self._news.is_set()
