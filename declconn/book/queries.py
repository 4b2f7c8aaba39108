"""What can be asked of a book. The words are Hummingbot's; the answers are exact ``Decimal``s in base units.

Where the book is empty or too thin for an answer, the answer is ``None``, never NaN and never a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from declconn.book.rows import Row, as_decimal
from declconn.book.side import BookSide
from declconn.types import PriceType


class Level(NamedTuple):
    """One price of a book, and how much is offered there, in base units."""

    price: Decimal
    amount: Decimal


class OrderBookQueryResult(NamedTuple):
    """Hummingbot's shape of an answer: what was asked, and what was found (``None``: not asked, or not found)."""

    query_price: Decimal | None
    query_volume: Decimal | None
    result_price: Decimal | None
    result_volume: Decimal | None


class BookQueries:
    """The reading half of a book.

    ``is_buy`` always means the taker's side: buying looks at the asks, selling at the bids.
    A subclass gives the two sides, and so decides whether they may be read.
    """

    __slots__ = ()

    @property
    def bids(self) -> BookSide:
        """The buying side."""
        raise NotImplementedError

    @property
    def asks(self) -> BookSide:
        """The selling side."""
        raise NotImplementedError

    @property
    def last_trade_price(self) -> Decimal | None:
        """The price of the last public trade, if there was one."""
        raise NotImplementedError

    def amount_of(self, row: Row) -> Decimal:
        """The size of a row in base units."""
        raise NotImplementedError

    @property
    def best_bid(self) -> Decimal | None:
        """The highest price that somebody pays."""
        return self.bids.best_price

    @property
    def best_ask(self) -> Decimal | None:
        """The lowest price that somebody asks."""
        return self.asks.best_price

    @property
    def mid_price(self) -> Decimal | None:
        """Halfway between the best bid and the best ask."""
        bid, ask = self.best_bid, self.best_ask
        return None if bid is None or ask is None else (bid + ask) / 2

    def levels(self, depth: int) -> tuple[list[Level], list[Level]]:
        """The best bids and asks, at most ``depth`` each, best first, exact."""
        bids, asks = self.rows(depth)
        return [self._level(row) for row in bids], [self._level(row) for row in asks]

    def rows(self, depth: int) -> tuple[list[Row], list[Row]]:
        """The best bids and asks, price and size as the venue wrote them (its own digits, its own unit)."""
        return self.bids.rows(depth), self.asks.rows(depth)

    def top(self, depth: int) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
        """The best bids and asks as floats, sizes in the venue's unit: fast, and not for money."""
        return self.bids.top(depth), self.asks.top(depth)

    def snapshot(self) -> tuple[list[Level], list[Level]]:
        """All bids and all asks, best first."""
        return list(self._walk(is_buy=False)), list(self._walk(is_buy=True))

    def get_price(self, is_buy: bool) -> Decimal | None:
        """The best price for a taker."""
        return self.best_ask if is_buy else self.best_bid

    def get_price_by_type(self, price_type: PriceType) -> Decimal | None:
        """The mid price, the best bid, the best ask or the last trade's price."""
        match price_type:
            case PriceType.MID_PRICE:
                return self.mid_price
            case PriceType.BEST_BID:
                return self.best_bid
            case PriceType.BEST_ASK:
                return self.best_ask
            case PriceType.LAST_TRADE:
                return self.last_trade_price

    def get_price_for_volume(self, is_buy: bool, volume: Decimal) -> OrderBookQueryResult:
        """The worst price that taking ``volume`` meets; ``result_volume`` is how much of it there is."""
        taken = self._take(is_buy, volume)
        found = sum((level.amount for level in taken), Decimal(0))
        price = taken[-1].price if taken and found == volume else None
        return OrderBookQueryResult(None, volume, price, found)

    def get_volume_for_price(self, is_buy: bool, price: Decimal) -> OrderBookQueryResult:
        """How much can be taken at ``price`` or better; ``result_price`` is the worst level among them."""
        worst, volume = None, Decimal(0)
        for level in self._walk(is_buy):
            if level.price > price if is_buy else level.price < price:
                break
            worst, volume = level.price, volume + level.amount
        return OrderBookQueryResult(price, None, worst, volume)

    def get_vwap_for_volume(self, is_buy: bool, volume: Decimal) -> OrderBookQueryResult:
        """The average price of taking ``volume``, weighted by amount."""
        quote = self.get_quote_volume_for_base_amount(is_buy, volume).result_volume
        price = quote / volume if quote is not None and volume else None
        return OrderBookQueryResult(None, volume, price, volume if price is not None else None)

    def get_quote_volume_for_base_amount(self, is_buy: bool, base_amount: Decimal) -> OrderBookQueryResult:
        """What taking ``base_amount`` costs or brings, in quote."""
        taken = self._take(is_buy, base_amount)
        enough = sum(level.amount for level in taken) == base_amount
        quote = sum((level.price * level.amount for level in taken), Decimal(0)) if enough else None
        return OrderBookQueryResult(None, base_amount, None, quote)

    def simulate_buy(self, amount: Decimal) -> list[Level]:
        """The asks that a market order for ``amount`` would take; less than ``amount`` if there is no more."""
        return self._take(True, amount)

    def simulate_sell(self, amount: Decimal) -> list[Level]:
        """The bids that a market order for ``amount`` would take; less than ``amount`` if there is no more."""
        return self._take(False, amount)

    def _level(self, row: Row) -> Level:
        return Level(as_decimal(row[0]), self.amount_of(row))

    def _walk(self, is_buy: bool) -> Iterator[Level]:
        return map(self._level, self.asks if is_buy else self.bids)

    def _take(self, is_buy: bool, amount: Decimal) -> list[Level]:
        taken, left = [], amount
        for level in self._walk(is_buy):
            if left <= 0:
                break
            taken.append(Level(level.price, min(level.amount, left)))
            left -= level.amount
        return taken
