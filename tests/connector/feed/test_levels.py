"""What books keep of a level is the user's choice: every digit, or floats."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from declconn.book import BookEvent, Precision
from declconn.errors import ConfigurationError
from declconn.testing import OfflineConnector

D = Decimal
SNAPSHOT = b'{"seq": 5, "bids": [["100.10", "1.50"], ["99", "1"]], "asks": [["101", "2"]]}'


def frame(**changes: Any) -> str:
    diff = {
        "t": "depth",
        "s": "btcusd",
        "f": 6,
        "u": 7,
        "b": [["100.10", "0.250"]],
        "a": [["101", "0.00"], ["102", "3"]],
    }
    return json.dumps({**diff, **changes})


def synced(toy: Path, markets: bytes, levels: Precision) -> OfflineConnector:
    offline = OfflineConnector(toy, ["BTC-USD"], levels=levels)
    offline.on_response("trading_rules", markets)
    offline.tracker.on_connect(["BTC-USD"])
    offline.on_response("order_book_snapshot", SNAPSHOT, symbol="btcusd")
    return offline


@pytest.mark.parametrize("levels", ["exact", "float"])
def test_books_of_both_kinds_hold_the_same_numbers(toy: Path, markets: bytes, levels: Precision) -> None:
    offline = synced(toy, markets, levels)
    offline.on_frame("market", frame())
    book = offline.order_book("BTC-USD")
    assert book.best == (100.1, 102.0)
    assert (book.best_bid, book.best_ask) == (D("100.1"), D("102"))
    assert book.levels(2)[0] == [(D("100.1"), D("0.25")), (D("99"), D("1"))]
    assert offline.tracker.metrics("BTC-USD").applied == 2


def test_exact_books_keep_the_venues_digits_and_float_books_do_not(toy: Path, markets: bytes) -> None:
    rows = {}
    for levels in ("exact", "float"):
        offline = synced(toy, markets, levels)  # type: ignore[arg-type]
        offline.on_frame("market", frame())
        rows[levels] = offline.order_book("BTC-USD").rows(1)[0]
    assert rows == {"exact": [["100.10", "0.250"]], "float": [[100.1, 0.25]]}


@pytest.mark.parametrize("levels", ["exact", "float"])
@pytest.mark.parametrize("size", ["NaN", "-1", "", "x", None])
def test_a_level_that_is_none_never_stays_in_a_live_book(
    toy: Path, markets: bytes, levels: Precision, size: str | None
) -> None:
    offline = synced(toy, markets, levels)
    offline.on_frame("market", frame(b=[["100.10", size]]))
    book = offline.order_book("BTC-USD")
    assert book.state == "STALE"
    assert "is not a level" in book.reason


@pytest.mark.parametrize("levels", ["exact", "float"])
def test_listeners_hear_the_message_whichever_way_it_was_read(toy: Path, markets: bytes, levels: Precision) -> None:
    offline = synced(toy, markets, levels)
    offline.on_frame("market", frame())
    offline.on_frame("market", frame(f=8, u=8, b={"1": ["98", "4"]}))  # a map of levels needs the general way
    heard = [event for event in offline.events if isinstance(event, BookEvent) and event.kind == "diff"]
    assert [event.update_id for event in heard] == [7, 8]
    for event in heard:
        assert event.message is not None
        assert event.message.trading_pair == "BTC-USD"
        assert [float(row[1]) for row in event.message.bids] in ([0.25], [4.0])


def test_floats_cannot_be_had_where_the_venue_sends_checksums() -> None:
    with pytest.raises(ConfigurationError, match=r"kraken sends checksums of its own digits.*levels='exact'"):
        OfflineConnector("kraken", levels="float")


def test_there_are_no_other_levels(toy: Path) -> None:
    with pytest.raises(ConfigurationError, match="levels: found 'decimal', expected one of exact, float"):
        OfflineConnector(toy, levels="decimal")  # type: ignore[arg-type]
