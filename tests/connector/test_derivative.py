"""Funding: asked at the start, kept up to date by the stream, part by part."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from declconn.connector.derivative import Derivative
from declconn.errors import NotSupportedError, UnknownPairError
from declconn.records import FundingInfo, Kline, Ticker

ASKED = 'endpoints: {funding_info: {get: "/funding/{symbol}", result: {rate: r, mark_price: m}}}\n'
HEARD = """\
streams:
  market:
    events:
      funding: {when: {t: fund}, emit: funding_info, map: {symbol: s, index_price: i, mark_price: m, rate: r}}
"""


@pytest.fixture
def funding(venue: Any) -> Any:
    venue.answers["/api/funding/btcusd"] = {"r": "0.0001", "m": "100"}
    venue.answers["/api/funding/ethusd"] = {"r": "0.0002", "m": "10"}
    return venue


async def test_it_is_ready_when_the_funding_of_every_pair_is_known(
    variant: Any, play: Any, funding: Any, until: Any
) -> None:
    exchange = await play(variant(f"kind: derivative\n{ASKED}"), "BTC-USD", "ETH-USD")
    assert isinstance(exchange, Derivative)
    await exchange.wait_until_ready(5)

    assert exchange.get_funding_info("ETH-USD") == FundingInfo(
        "ETH-USD", mark_price=Decimal(10), rate=Decimal("0.0002")
    )
    assert exchange.status_dict["funding_info"]
    assert len(funding.asked("/api/funding")) == 2


async def test_a_part_that_the_stream_brings_leaves_the_rest_as_it_was(
    variant: Any, play: Any, funding: Any, until: Any, heard: Any
) -> None:
    exchange = await play(variant(f"kind: derivative\n{ASKED}{HEARD}"))
    news = heard(exchange, FundingInfo)
    await exchange.wait_until_ready(5)
    await funding.talks[0].say({"t": "fund", "s": "btcusd", "i": "99.5"})
    await until(lambda: exchange.get_funding_info("BTC-USD").index_price is not None)

    assert exchange.get_funding_info("BTC-USD") == FundingInfo(
        "BTC-USD", index_price=Decimal("99.5"), mark_price=Decimal(100), rate=Decimal("0.0001")
    )
    assert news[-1] == FundingInfo("BTC-USD", index_price=Decimal("99.5"))


async def test_the_stream_alone_is_enough(variant: Any, play: Any, venue: Any, until: Any) -> None:
    exchange = await play(variant(f"kind: derivative\n{HEARD}"))
    await until(lambda: exchange.order_book_tracker.ready)
    assert not exchange.ready
    with pytest.raises(UnknownPairError, match="no funding was heard yet"):
        exchange.get_funding_info("BTC-USD")
    await venue.talks[0].say({"t": "fund", "s": "btcusd", "i": "1", "m": "2", "r": "-0.001"})
    await exchange.wait_until_ready(5)

    assert exchange.get_funding_info("BTC-USD").rate == Decimal("-0.001")


async def test_what_could_not_be_asked_is_asked_again(variant: Any, play: Any, venue: Any, until: Any) -> None:
    exchange = await play(variant(f"kind: derivative\n{ASKED}"))
    await until(lambda: venue.asked("/api/funding"))
    venue.answers["/api/funding/btcusd"] = {"r": "0.0001", "m": "100"}
    await exchange.wait_until_ready(5)


async def test_a_spec_without_funding_says_so_and_is_ready_without(variant: Any, play: Any, venue: Any) -> None:
    exchange = await play(variant("kind: derivative"))
    await exchange.wait_until_ready(5)
    with pytest.raises(NotSupportedError, match="has no funding information"):
        exchange.get_funding_info("BTC-USD")
    with pytest.raises(UnknownPairError):
        exchange.get_funding_info("ETH-USD")


async def test_a_pair_that_is_left_leaves_no_funding_behind(variant: Any, play: Any, funding: Any) -> None:
    exchange = await play(variant(f"kind: derivative\n{ASKED}"))
    await exchange.wait_until_ready(5)
    await exchange.remove_trading_pair("BTC-USD")

    assert exchange.funding_info == {}


async def test_tickers_and_klines_of_a_stream_are_iterated(variant: Any, play: Any, venue: Any, until: Any) -> None:
    exchange = await play(
        variant(
            "streams:\n  market:\n    events:\n"
            "      ticker: {when: {t: tick}, emit: ticker, map: {symbol: s, price: p, bid: b, ask: a}}\n"
            "      kline: {when: {t: k}, emit: kline, map: {symbol: s, timestamp: at, open: o, high: h, low: l, "
            "close: c, volume: v}}\n"
        )
    )
    await until(lambda: exchange.ready)
    events = exchange.events(Ticker, Kline)
    waiting = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    await venue.talks[0].say({"t": "tick", "s": "btcusd", "p": "100", "b": "99", "a": "101"})
    candle = {"t": "k", "s": "btcusd", "at": 1_600_000_000_000, "o": "1", "h": "3", "l": "0.5", "c": "2", "v": "10"}
    await venue.talks[0].say(candle)

    assert (await waiting).bid == Decimal(99)
    kline = await anext(events)
    assert (kline.trading_pair, kline.close, kline.timestamp) == ("BTC-USD", Decimal(2), 1_600_000_000 * 10**9)
    await events.aclose()
