"""What can be asked of a venue about its markets, whether they are followed or not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from declconn.compile.template import Time
from declconn.connector.requests.operations import Operations
from declconn.connector.symbols import Symbols
from declconn.errors import NotSupportedError
from declconn.records import Kline, Ticker


class MarketQueries:
    """Asks once, and keeps nothing of the answers.

    Attributes:
        name: the venue's.
    """

    def __init__(self, name: str, operations: Operations, symbols: Symbols, trading_pairs: Iterable[str]) -> None:
        self.name = name
        self._operations, self._symbols = operations, symbols
        self._trading_pairs = list(dict.fromkeys(trading_pairs))

    @property
    def trading_pairs(self) -> list[str]:
        """The pairs that are followed."""
        return list(self._trading_pairs)

    async def get_last_traded_prices(self, trading_pairs: Iterable[str] | None = None) -> dict[str, Decimal]:
        """The last price of each pair (default: those that are followed), asked from the venue.

        Raises:
            NotSupportedError: the spec declares neither `last_price` nor `tickers`.
        """
        pairs = list(self._trading_pairs if trading_pairs is None else trading_pairs)
        if "last_price" in self._operations:
            found = await asyncio.gather(*(self._ask("last_price", pair) for pair in pairs))
            tickers = [ticker for tickers in found for ticker in tickers]
        else:
            tickers = await self.get_tickers()
        prices = {ticker.trading_pair: ticker.price for ticker in tickers if ticker.price is not None}
        return {pair: prices[pair] for pair in pairs if pair in prices}

    async def get_tickers(self) -> list[Ticker]:
        """The ticker of every market that the venue lists."""
        return await self._operations.call("tickers")

    async def get_klines(
        self,
        trading_pair: str,
        interval: str = "1m",
        *,
        since: int | None = None,
        until: int | None = None,
        limit: int | None = None,
    ) -> list[Kline]:
        """Candles, as many as the venue gives in one answer, oldest first.

        Args:
            trading_pair: which market.
            interval: ``1m 5m 15m 30m 1h 4h 1d``, as far as the spec knows them.
            since: the first opening, nanoseconds since the epoch.
            until: the last opening.
            limit: the most candles.
        """
        times = {"since": since, "until": until}
        arguments: dict[str, Any] = {name: Time(ns) for name, ns in times.items() if ns is not None}
        if limit is not None:
            arguments["limit"] = limit
        klines: list[Kline] = await self._ask("klines", trading_pair, interval=interval, **arguments)
        return sorted(klines, key=lambda kline: kline.timestamp)

    async def _ask(self, operation: str, trading_pair: str, **arguments: Any) -> list[Any]:
        if operation not in self._operations:
            raise NotSupportedError(f"the spec of {self.name} declares no operation {operation!r}")
        market = self._symbols.arguments(trading_pair)
        records = await self._operations.call(operation, {**market, **arguments})
        return [record for record in records if getattr(record, "trading_pair", None) in (None, trading_pair)]
