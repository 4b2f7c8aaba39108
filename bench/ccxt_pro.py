"""ccxt.pro: what its WebSocket client does with a frame, without socket, without anybody who waits, without a limit."""

from __future__ import annotations

import asyncio
from typing import Any

from bench.contender import Contender
from bench.frames import Market


class CcxtPro(Contender):
    """``Client.handle_text_or_binary_message``: decode, route, sequence check, apply; then the best of its book."""

    def __init__(self, market: Market) -> None:
        import ccxt
        import ccxt.pro

        self.name = f"ccxt.pro {ccxt.__version__}"
        self.take = self._take
        self._market = market
        self._loop = asyncio.new_event_loop()
        self._symbol = market.pair.replace("-", "/")
        self._exchange: Any = getattr(ccxt.pro, market.name)({"asyncio_loop": self._loop})
        self._client: Any = self._loop.run_until_complete(self._open())

    async def _open(self) -> Any:
        base, quote = self._market.pair.split("-")
        exchange = self._exchange
        market = exchange.safe_market_structure(
            {
                "id": self._market.symbol,
                "symbol": self._symbol,
                "base": base,
                "quote": quote,
                "baseId": base,
                "quoteId": quote,
                "type": "spot",
                "spot": True,
                "active": True,
            }
        )
        exchange.set_markets([market])
        url = exchange.urls["api"]["ws"]
        return exchange.client(
            url["spot"] if "spot" in url else f"{url}/public" if isinstance(url, str) else url["public"]
        )

    def prepare(self) -> None:
        market = self._market
        numbers = [[[float(text) for text in row] for row in side] for side in (market.bids, market.asks)]
        book = self._exchange.order_book({})
        book.reset({"bids": numbers[0], "asks": numbers[1], "nonce": market.update_id, "symbol": self._symbol})
        self._exchange.orderbooks[self._symbol] = book
        self._book = book

    def _take(self, frame: str) -> None:
        self._client.handle_text_or_binary_message(frame)
        self.best = (self._book["bids"][0][0], self._book["asks"][0][0])

    def close(self) -> None:
        """Let go of what the client holds."""
        self._loop.run_until_complete(self._exchange.close())
        self._loop.close()
