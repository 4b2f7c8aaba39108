"""What one token is worth in another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Protocol

from declconn.account.exact import exact, quotient
from declconn.account.tokens import same_token, split_trading_pair
from declconn.errors import DeclconnError

_USD_EQUIVALENTS: Final[Mapping[str, str]] = MappingProxyType({"USD": "USDT"})
"""Where no market has the dollar itself, its most traded token speaks for it."""


class UnknownRateError(DeclconnError):
    """Nobody knows what one token is worth in the other."""

    def __init__(self, base: str, quote: str, wanted_for: str) -> None:
        self.base, self.quote = base, quote
        super().__init__(
            f"{wanted_for}: no rate {base}-{quote} is known; follow a market of these two, or hand in a RateSource "
            f"that knows it, for example TableRates({{'{base}-{quote}': ...}})"
        )


class RateSource(Protocol):
    """Whoever knows what tokens are worth."""

    def rate(self, base: str, quote: str) -> Decimal | None:
        """How many ``quote`` one ``base`` is worth; ``None`` where that is not known."""
        ...


class TableRates:
    """Rates from a table that the caller keeps: ``{"BTC-USDT": price}``."""

    def __init__(self, prices: Mapping[str, Decimal]) -> None:
        self._prices = prices

    def rate(self, base: str, quote: str) -> Decimal | None:
        return find_rate(self._prices, base, quote)


class BookRates:
    """Rates from the middle of live order books.

    Args:
        trading_pairs: the markets that are followed now.
        mid_price: the middle price of one of them, or ``None`` while it is not known.
    """

    def __init__(self, trading_pairs: Callable[[], Iterable[str]], mid_price: Callable[[str], Decimal | None]) -> None:
        self._trading_pairs, self._mid_price = trading_pairs, mid_price

    def rate(self, base: str, quote: str) -> Decimal | None:
        prices = {pair: price for pair in self._trading_pairs() if (price := self._mid_price(pair)) is not None}
        return find_rate(prices, base, quote)


@exact
def find_rate(prices: Mapping[str, Decimal], base: str, quote: str) -> Decimal | None:
    """What one ``base`` is worth in ``quote``, by the prices of ``BASE-QUOTE`` pairs.

    The first that is known: the pair itself; with dollars named by their token; 1 for the same token; the pair the
    other way round; the way over one third token. Prices that are not positive are passed over.
    """
    direct = _price(prices, base, quote)
    if direct is not None:
        return direct
    base, quote = _USD_EQUIVALENTS.get(base, base), _USD_EQUIVALENTS.get(quote, quote)
    if same_token(base, quote):
        return Decimal(1)
    rate = _either_way(prices, base, quote)
    return rate if rate is not None else _bridged(prices, base, quote)


def _bridged(prices: Mapping[str, Decimal], base: str, quote: str) -> Decimal | None:
    for bridge in _partners(prices, base):
        first, second = _either_way(prices, base, bridge), _either_way(prices, bridge, quote)
        if first is not None and second is not None:
            return first * second
    return None


def _partners(prices: Mapping[str, Decimal], token: str) -> Iterator[str]:
    for pair in prices:
        base, quote = split_trading_pair(pair)
        if token == base:
            yield quote
        elif token == quote:
            yield base


def _either_way(prices: Mapping[str, Decimal], base: str, quote: str) -> Decimal | None:
    price = _price(prices, base, quote)
    if price is None and (reverse := _price(prices, quote, base)) is not None:
        price = quotient(Decimal(1), reverse)
    return price


def _price(prices: Mapping[str, Decimal], base: str, quote: str) -> Decimal | None:
    price = prices.get(f"{base}-{quote}")
    return price if price is not None and price > 0 else None
