"""A spec that looks for rows where a frame has none is told so, once; an empty frame now and then is ordinary."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from declconn.connector.feed.fruitless import MANY
from declconn.records import Trade
from declconn.testing import OfflineConnector

ROWS = "streams: {market: {events: {trade: {each: trades}}}}"
TRADE = {"s": "btcusd", "p": "100", "q": "1", "m": "b"}


def frame(**parts: Any) -> str:
    return json.dumps({"t": "trade", **parts})


@pytest.fixture
def offline(markets: bytes) -> Callable[[Path], OfflineConnector]:
    """A connector without network that knows its markets."""

    def begin(spec: Path) -> OfflineConnector:
        venue = OfflineConnector(spec)
        venue.on_response("trading_rules", markets)
        return venue

    return begin


def complaints(venue: OfflineConnector) -> dict[str, int]:
    return dict(venue.exchange.parts.complaints.counts)


def play(venue: OfflineConnector, frames: int, raw: str) -> None:
    for _ in range(frames):
        venue.on_frame("market", raw)


def test_an_each_that_never_finds_its_key_is_told_once(
    offline: Any, variant: Any, caplog: pytest.LogCaptureFixture
) -> None:
    venue = offline(variant(ROWS))
    play(venue, MANY - 1, frame(trade=[TRADE]))
    assert complaints(venue) == {}

    play(venue, 3 * MANY, frame(trade=[TRADE]))
    assert complaints(venue) == {"streams.market.events.trade.each": 1}
    (told,) = caplog.messages
    assert "`each: trades` looks for 'trades', and there is only 't', 'trade'" in told


def test_rows_that_are_absent_after_some_that_were_there_are_ordinary(offline: Any, variant: Any) -> None:
    venue = offline(variant(ROWS))
    play(venue, 1, frame(trades=[TRADE]))
    play(venue, 3 * MANY, frame(quiet=True))

    assert complaints(venue) == {}
    assert [event.price for event in venue.events if isinstance(event, Trade)] == [100]


def test_lists_that_are_empty_are_ordinary(offline: Any, variant: Any) -> None:
    venue = offline(variant(ROWS))
    play(venue, 3 * MANY, frame(trades=[]))
    assert complaints(venue) == {}


def test_a_symbol_that_is_never_one_of_the_venues_markets_is_told(
    offline: Any, toy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    venue = offline(toy)
    play(venue, MANY, frame(**{**TRADE, "s": "BTC/USD"}))

    assert complaints(venue) == {"streams.market.events.trade.symbol": 1}
    assert "no market of `trading_rules`: 'BTC/USD'; look at the `symbol` of both" in caplog.text


def test_a_book_whose_symbol_is_never_a_market_is_told_too(offline: Any, toy: Path, diff: Any) -> None:
    venue = offline(toy)
    play(venue, MANY, json.dumps(diff(1, 1, "BTC/USD")))
    assert complaints(venue) == {"streams.market.events.depth.symbol": 1}


def test_a_frame_that_cannot_be_read_has_a_complaint_of_its_own(offline: Any, toy: Path) -> None:
    venue = offline(toy)
    play(venue, MANY, frame(**{**TRADE, "p": "dear"}))
    assert complaints(venue) == {"streams.market.events.trade.price": MANY}


def test_the_first_time_of_an_event_is_told_where_it_cannot_be(
    offline: Any, variant: Any, caplog: pytest.LogCaptureFixture
) -> None:
    venue = offline(variant("time_unit: s\nstreams: {market: {events: {trade: {map: {timestamp: ts}}}}}"))
    play(venue, 3, frame(**TRADE, ts=1_795_000_000_000))
    assert complaints(venue) == {"streams.market.events.trade.timestamp": 1}
    (told,) = caplog.messages
    assert "streams.market.events.trade: its first record has a time in the year 58851; is `time_unit` right?" in told
