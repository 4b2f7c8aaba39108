"""Every knob of the checksum recipe, against CRC32 over a text that is written out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zlib import crc32

import pytest

from declconn.book.checksum import Crc32, agree
from declconn.book.order_book import OrderBook
from declconn.book.rows import raw_text
from declconn.records import OrderBookMessage


def book() -> OrderBook:
    book = OrderBook("BTC-USDT")
    bids = [["0.0950", "0.500"], [Decimal("0.09"), 12], ["0.08", Decimal("1E-8")]]
    book.apply_snapshot(OrderBookMessage("BTC-USDT", bids, [["1.0", "2.00", "x"], ["11", "3"]]))
    return book


@pytest.mark.parametrize(
    ("knobs", "text"),
    [
        ({"order": "interleave", "depth": 25}, "0.0950:0.500:1.0:2.00:0.09:12:11:3:0.08:0.00000001"),
        ({"order": "interleave", "depth": 1}, "0.0950:0.500:1.0:2.00"),
        ({"order": "asks_bids", "depth": 1}, "1.0:2.00:0.0950:0.500"),
        ({"order": "bids_asks", "depth": 1}, "0.0950:0.500:1.0:2.00"),
        ({"order": "bids_asks", "depth": 1, "join": ""}, "0.09500.5001.02.00"),
        ({"order": "bids_asks", "depth": 1, "fields": ("size",)}, "0.500:2.00"),
        ({"order": "bids_asks", "depth": 1, "fields": ("size", "price")}, "0.500:0.0950:2.00:1.0"),
        ({"order": "bids_asks", "depth": 1, "ask_sign": -1}, "0.0950:0.500:1.0:-2.00"),
        ({"order": "asks_bids", "depth": 2, "join": "", "format": "digits"}, "102001139505009" + "12"),
        (
            {"order": "bids_asks", "depth": 1, "join": "", "format": "fixed8"},
            "9500000" + "50000000" + "100000000" + "200000000",
        ),
    ],
)
def test_the_text_under_the_checksum(knobs: dict[str, Any], text: str) -> None:
    recipe = Crc32(**knobs)
    assert recipe.text(*book().unchecked.rows(recipe.depth)) == text
    assert recipe.compute(book().unchecked) == crc32(text.encode())


def test_a_signed_checksum_is_the_same_32_bits() -> None:
    size = next(str(size) for size in range(1, 100) if crc32(f"1:{size}".encode()) >> 31)
    checksum = crc32(f"1:{size}".encode())
    one_bid = OrderBook("BTC-USDT")
    one_bid.apply_snapshot(OrderBookMessage("BTC-USDT", [["1", size]], []))
    assert Crc32("bids_asks", 1).compute(one_bid.unchecked) == checksum
    assert Crc32("bids_asks", 1, signed=True).compute(one_bid.unchecked) == checksum - (1 << 32)


def test_an_empty_book_has_the_checksum_of_nothing() -> None:
    assert Crc32("interleave", 25).compute(OrderBook("BTC-USDT").unchecked) == 0


def test_checksums_agree_whether_signed_or_not() -> None:
    assert agree(-1, 0xFFFFFFFF)
    assert agree(5, 5)
    assert not agree(5, -5)


@pytest.mark.parametrize(
    ("value", "text"),
    [("1.50", "1.50"), (7, "7"), (Decimal("1E-8"), "0.00000001"), (Decimal("1.20"), "1.20"), (Decimal("1E+3"), "1000")],
)
def test_digits_are_the_venues_own_without_an_exponent(value: object, text: str) -> None:
    assert raw_text(value) == text
