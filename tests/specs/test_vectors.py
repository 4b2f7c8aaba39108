"""Checksums that venues publish as worked examples, through the shipped specs."""

from __future__ import annotations

import pytest

from declconn.records import TradingRule
from declconn.testing import OfflineConnector
from declconn.types import BookState, Integrity

BIDS = """
45283.5 0.10000000  45283.4 1.54582015  45282.1 0.10000000  45281.0 0.10000000  45280.3 1.54592586
45279.0 0.07990000  45277.6 0.03310103  45277.5 0.30000000  45277.3 1.54602737  45276.6 0.15445238
"""
ASKS = """
45285.2 0.00100000  45286.4 1.54571953  45286.6 1.54571109  45289.6 1.54560911  45290.2 0.15890660
45291.8 1.54553491  45294.7 0.04454749  45296.1 0.35380000  45297.5 0.09945542  45299.5 0.18772827
"""


def levels(text: str) -> str:
    """JSON numbers with all their digits, as the venue sends them."""
    words = text.split()
    pairs = zip(words[::2], words[1::2], strict=True)
    return ", ".join(f'{{"price": {price}, "qty": {size}}}' for price, size in pairs)


def kraken(asks: str, checksum: int) -> OfflineConnector:
    """The example of https://docs.kraken.com/exchange/guides/websockets/book-checksum-v2."""
    venue = OfflineConnector("kraken", options={"depth": 10})
    venue.exchange.parts.symbols.update([TradingRule("XBTUSD", "BTC", "USD")])
    book = f'"symbol": "BTC/USD", "bids": [{levels(BIDS)}], "asks": [{levels(asks)}], "checksum": {checksum}'
    venue.on_frame("market", f'{{"channel": "book", "type": "snapshot", "data": [{{{book}}}]}}')
    return venue


def test_krakens_worked_example_of_its_checksum_agrees() -> None:
    venue = kraken(ASKS, 3310070434)
    book = venue.order_book("BTC-USD")

    assert (book.state, book.integrity) == (BookState.LIVE, Integrity.VERIFIED)
    assert venue.tracker.metrics("BTC-USD").checksums_ok == 1


@pytest.mark.parametrize(("asks", "checksum"), [(ASKS, 3310070435), (ASKS.replace("0.00100000", "0.001"), 3310070434)])
def test_another_checksum_or_another_spelling_of_a_size_does_not_agree(asks: str, checksum: int) -> None:
    venue = kraken(asks, checksum)
    assert venue.tracker.metrics("BTC-USD").checksums_failed == 1
    assert venue.exchange.order_books["BTC-USD"].state is BookState.STALE
