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
        0 if every book became live and none ever crossed, else 1.

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
    for book in books:
        print(book.summary())
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


class _Watched:
    """A book that is watched: what is shown of it, and what has to be said in the end.

    Attributes:
        was_live: it could be believed at some time.
        crossed: it was live and its best bid was not below its best ask, at any time.
    """

    def __init__(self, exchange: Exchange, trading_pair: str) -> None:
        self._book = exchange.get_order_book(trading_pair)
        self._updates: deque[float] = deque(maxlen=1000)
        self._count = 0
        self._trades: deque[Trade] = deque(maxlen=DEPTH)
        self.was_live = self.crossed = False
        exchange.add_listener(self._on_book, BookEvent)
        exchange.add_listener(self._on_trade, Trade)

    @property
    def is_well(self) -> bool:
        """The book became live, and never crossed."""
        return self.was_live and not self.crossed

    def view(self) -> BookView:
        """What there is to see now."""
        book, now = self._book, time.monotonic()
        bids, asks = book.levels(DEPTH) if book.state is BookState.LIVE else ([], [])
        rate = float(sum(then > now - 1 for then in self._updates))
        return BookView(
            book.trading_pair,
            book.state,
            book.integrity,
            book.reason,
            bids,
            asks,
            self._count,
            rate,
            tuple(self._trades),
        )

    def summary(self) -> str:
        """What became of it, in one line."""
        live = "live" if self.was_live else f"never live ({self._book.reason})"
        crossed = "crossed" if self.crossed else "never crossed"
        return f"{self._book.trading_pair}: {live}, {self._book.integrity}, {self._count} updates, {crossed}"

    def _on_book(self, event: BookEvent) -> None:
        if event.trading_pair != self._book.trading_pair:
            return
        if event.message is not None:
            self._count += 1
            self._updates.append(time.monotonic())
        if self._book.state is BookState.LIVE:
            self.was_live = True
            self.crossed = self.crossed or self._book.is_crossed

    def _on_trade(self, trade: Trade) -> None:
        if trade.trading_pair == self._book.trading_pair:
            self._trades.appendleft(trade)
