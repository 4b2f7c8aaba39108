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

from declconn.connector.derivative import Derivative
from declconn.connector.exchange import Exchange
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
from declconn.registry import available, connect, load_spec

__version__ = version("declconn")

__all__ = [
    "BookNotLiveError",
    "ConfigurationError",
    "CredentialsError",
    "DeclconnError",
    "Derivative",
    "Exchange",
    "MappingError",
    "NetworkError",
    "NotSupportedError",
    "SpecError",
    "UnknownPairError",
    "UnknownSpecError",
    "VenueError",
    "__version__",
    "available",
    "connect",
    "load_spec",
]
