"""declconn: a crypto exchange connector is a YAML spec; one runtime plays them all.

import asyncio, declconn

async def main():
    async with declconn.connect("binance", ["BTC-USDT"]) as exchange:
        await exchange.wait_until_ready(30)
        book = exchange.get_order_book("BTC-USDT")
        print(book.best_bid, book.best_ask)

asyncio.run(main())
"""

from __future__ import annotations

from importlib.metadata import version

from declconn.book import BookEvent, OrderBook
from declconn.connector.derivative import Derivative
from declconn.connector.exchange import Exchange
from declconn.connector.news import PollEvent, StreamTrouble
from declconn.errors import (
    BookNotLiveError,
    ConfigurationError,
    CredentialsError,
    DeclconnError,
    MappingError,
    NetworkError,
    NotSupportedError,
    SpecError,
    UnknownPairError,
    UnknownSpecError,
    VenueError,
)
from declconn.records import FundingInfo, Kline, Liquidation, Ticker, Trade, TradingRule
from declconn.registry import available, connect, load_spec

__version__ = version("declconn")

__all__ = [
    "BookEvent",
    "BookNotLiveError",
    "ConfigurationError",
    "CredentialsError",
    "DeclconnError",
    "Derivative",
    "Exchange",
    "FundingInfo",
    "Kline",
    "Liquidation",
    "MappingError",
    "NetworkError",
    "NotSupportedError",
    "OrderBook",
    "PollEvent",
    "SpecError",
    "StreamTrouble",
    "Ticker",
    "Trade",
    "TradingRule",
    "UnknownPairError",
    "UnknownSpecError",
    "VenueError",
    "__version__",
    "available",
    "connect",
    "load_spec",
]
