"""What the books that are followed say of prices now; nothing where they are not live."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from declconn.book import OrderBook
from declconn.types import BookState, Side


class MarketPrices:
    """Prices by trading pair; ``None`` where no live book knows them.

    Args:
        books: those that are followed.
    """

    def __init__(self, books: Callable[[], Mapping[str, OrderBook]]) -> None:
        self._books = books

    def best(self, trading_pair: str, side: Side) -> Decimal | None:
        """The best ask for a buy, the best bid for a sale."""
        book = self._live(trading_pair)
        return None if book is None else book.get_price(side is Side.BUY)

    def through(self, trading_pair: str, side: Side, amount: Decimal) -> Decimal | None:
        """The average price that an amount of base would trade at."""
        book = self._live(trading_pair)
        return None if book is None else book.get_vwap_for_volume(side is Side.BUY, amount).result_price

    def mid(self, trading_pair: str) -> Decimal | None:
        """The middle between the best bid and ask."""
        book = self._live(trading_pair)
        return None if book is None else book.mid_price

    def _live(self, trading_pair: str) -> OrderBook | None:
        book = self._books().get(trading_pair)
        return book if book is not None and book.state is BookState.LIVE else None
