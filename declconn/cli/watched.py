"""A book that is watched for some time: what has to be said of it in the end."""

from __future__ import annotations

from collections.abc import Iterable

from declconn.book import BookEvent, BookEventKind, BookMetrics
from declconn.connector.exchange import Exchange
from declconn.types import BookState


class WatchedBook:
    """Notes what becomes of a book.

    Attributes:
        book: which one.
        was_live: it could be believed at some time.
        was_fed: a message changed it after its first snapshot; in a book of snapshots alone, any did.
    """

    def __init__(self, exchange: Exchange, trading_pair: str) -> None:
        self.book = exchange.get_order_book(trading_pair)
        self.was_live = self.was_fed = False
        self._metrics = exchange.order_book_tracker.metrics(trading_pair)
        self._feeds = {BookEventKind.DIFF}
        if exchange.spec.order_book.snapshot.from_ == "every":
            self._feeds.add(BookEventKind.SNAPSHOT)
        exchange.add_listener(self._on_book, BookEvent)

    @property
    def metrics(self) -> BookMetrics:
        """Its counters."""
        return self._metrics

    @property
    def is_well(self) -> bool:
        """It became live, changes came, and it never crossed."""
        return self.was_live and self.was_fed and not self._metrics.crossed

    def summary(self) -> str:
        """What became of it, in one line."""
        live = "live" if self.was_live else f"never live ({self.book.reason})"
        crossed = f"crossed {self._metrics.crossed} times" if self._metrics.crossed else "never crossed"
        line = f"{self.book.trading_pair}: {live}, {self.book.integrity}, {self._metrics.applied} updates, {crossed}"
        is_still = self.was_live and not self.was_fed
        return f"{line}; no diff came, so nothing shows that the spec reads them" if is_still else line

    def _on_book(self, event: BookEvent) -> None:
        if event.trading_pair == self.book.trading_pair:
            self.was_fed = self.was_fed or event.kind in self._feeds
            self.was_live = self.was_live or event.state is BookState.LIVE


def unrouted(exchange: Exchange) -> int:
    """How many frames of the market streams were no event of the spec."""
    return sum(connection.unrouted for connection in exchange.parts.data_source.connections)


def print_summary(books: Iterable[WatchedBook], strange: int) -> None:
    """What became of the books, and of frames that were none of the spec's."""
    for book in books:
        print(book.summary())
    if strange:
        print(f"frames that were no event of the spec: {strange}")
