"""A spot exchange: market data for everybody, and trading for whoever has credentials."""

from __future__ import annotations

from declconn.connector.market_data import MarketData, Parts


class Exchange(MarketData):
    """A live connector."""


__all__ = ["Exchange", "Parts"]
