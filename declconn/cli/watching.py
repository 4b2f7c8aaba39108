"""What `demo` shows: books of a venue on localhost, on a terminal or as plain lines."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Sequence
from random import Random

from rich.console import Console
from rich.live import Live

from declconn.book import BookEvent
from declconn.cli.screen import DEPTH, BookView, line, panels
from declconn.cli.watched import WatchedBook, print_summary, unrouted
from declconn.clock import SystemClock
from declconn.connector.exchange import Exchange
from declconn.records import Trade
from declconn.registry import connect
from declconn.simulator.markets import random_markets
from declconn.simulator.venue import Venue
from declconn.spec_files import load_spec
from declconn.types import BookState

FRAMES_PER_SECOND = 8


async def watch(name: str, seconds: float, trading_pairs: Sequence[str]) -> int:
    """Play a spec as a venue and show its books until the time is over, or until cancelled.

    Args:
        name: a spec's name or file.
        seconds: how long to watch.
        trading_pairs: which books.

    Returns:
        0 if every book became live and changed, and none ever crossed, else 1.

    Raises:
        DeclconnError: the spec cannot be loaded, or cannot be played.
    """
    spec = load_spec(name)
    async with Venue(spec, random_markets(spec, trading_pairs, Random()), clock=SystemClock()) as venue:
        title = f"{spec.name}, played from its spec on {next(iter(venue.environment.values()))}"
        async with connect(name, trading_pairs, environment=venue.environment) as exchange:
            books = [_Watched(exchange, pair) for pair in trading_pairs]
            # Ctrl-C cancels this task: the summary is told all the same, and everything is closed.
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                async with asyncio.timeout(seconds):
                    await _show(title, books)
            strange = unrouted(exchange)
    print_summary(books, strange)
    return 0 if all(book.is_well for book in books) else 1


async def _show(title: str, books: Sequence[_Watched]) -> None:
    """Draw on a terminal, print lines anywhere else, until cancelled."""
    console = Console()
    if not console.is_terminal or not console.encoding.startswith("utf"):
        print(title, flush=True)
        while True:
            await asyncio.sleep(1)
            for book in books:
                print(line(book.view(), time.time_ns()), flush=True)
    with Live(console=console, auto_refresh=False) as live:
        while True:
            live.update(panels(title, [book.view() for book in books], console.width), refresh=True)
            await asyncio.sleep(1 / FRAMES_PER_SECOND)


class _Watched(WatchedBook):
    """A book that is watched, with what is shown of it meanwhile."""

    def __init__(self, exchange: Exchange, trading_pair: str) -> None:
        super().__init__(exchange, trading_pair)
        self._updates: deque[float] = deque(maxlen=1000)
        self._trades: deque[Trade] = deque(maxlen=DEPTH)
        exchange.add_listener(self._on_update, BookEvent)
        exchange.add_listener(self._on_trade, Trade)

    def view(self) -> BookView:
        """What there is to see now."""
        book, now = self.book, time.monotonic()
        bids, asks = book.levels(DEPTH) if book.state is BookState.LIVE else ([], [])
        rate = float(sum(then > now - 1 for then in self._updates))
        return BookView(
            book.trading_pair,
            book.state,
            book.integrity,
            book.reason,
            bids,
            asks,
            self.metrics.applied,
            rate,
            tuple(self._trades),
        )

    def _on_update(self, event: BookEvent) -> None:
        if event.trading_pair == self.book.trading_pair and event.message is not None:
            self._updates.append(time.monotonic())

    def _on_trade(self, trade: Trade) -> None:
        if trade.trading_pair == self.book.trading_pair:
            self._trades.appendleft(trade)
