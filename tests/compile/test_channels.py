"""Channels of a stream: what each is asked for, and how many fit."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from declconn.compile.channels import Channels
from declconn.spec.models import Stream
from declconn.types import TimeUnit

MARKETS = {
    "BTC-USD": {"symbol": "btcusd", "base": "BTC", "quote": "USD", "market": {}},
    "ETH-USD": {"symbol": "ethusd", "base": "ETH", "quote": "USD", "market": {}},
    "LTC-USD": {"symbol": "ltcusd", "base": "LTC", "quote": "USD", "market": {}},
}
BOOK = {"when": {"t": "d"}, "emit": "order_book_diff", "map": {"symbol": "s", "bids": "b", "asks": "a"}}
TRADE = {"when": {"t": "t"}, "emit": "trade", "map": {"symbol": "s", "price": "p", "amount": "q"}}


def channels(**words: Any) -> Channels:
    return Channels(Stream.model_validate({"url": "wss://v", **words}), TimeUnit.MS)


def values(found: Channels, *, once: bool = True, only: Any = None) -> list[Any]:
    return [channel.value for channel in found.of(MARKETS, {}, only=only, once=once)]


def test_a_channel_names_one_market_or_all_or_none() -> None:
    found = channels(
        channels={"a": "a.{symbol}", "b": "b:{symbols|join:,}", "c": "beats", "d": {"x": "{base}/{quote}"}}
    )

    assert values(found) == [
        *["a.btcusd", "a.ethusd", "a.ltcusd"],
        "b:btcusd,ethusd,ltcusd",
        "beats",
        *[{"x": "BTC/USD"}, {"x": "ETH/USD"}, {"x": "LTC/USD"}],
    ]
    assert values(found, once=False, only=["b", "c"]) == ["b:btcusd,ethusd,ltcusd"]


def test_symbols_of_one_channel_are_dealt_out_over_messages() -> None:
    found = channels(limits={"args_per_message": 2}, channels={"b": "b:{symbols|join:,}"})

    assert values(found) == ["b:btcusd,ethusd", "b:ltcusd"]


def test_a_message_that_names_the_symbols_has_those_of_its_channel() -> None:
    found = channels(subscribe={"ids": "{symbols}", "channel": "{channel}"}, channels={"book": "level2"})
    [message] = found.subscribe(found.of(MARKETS, {}, only=None, once=True), count(1))

    assert message.text({}) == '{"ids":["btcusd","ethusd","ltcusd"],"channel":"level2"}'


def test_a_message_that_names_one_market_is_sent_once_for_each_with_all_its_channels() -> None:
    found = channels(subscribe={"market": "{symbol}", "topics": "{channels}"}, channels={"a": "trades", "b": "book"})
    texts = [message.text({}) for message in found.subscribe(found.of(MARKETS, {}, only=None, once=True), count(1))]

    assert texts == [f'{{"market":"{symbol}","topics":["trades","book"]}}' for symbol in ("btcusd", "ethusd", "ltcusd")]


def test_a_message_may_need_no_channel() -> None:
    found = channels(subscribe={"op": "start", "markets": "{symbols}"})
    [message] = found.subscribe(found.of(MARKETS, {}, only=None, once=True), count(1))

    assert message.text({}) == '{"op":"start","markets":["btcusd","ethusd","ltcusd"]}'


@pytest.mark.parametrize(
    ("names", "most"),
    [
        ({"a": "a.{symbol}"}, 10),
        ({"a": "a.{symbol}", "b": "b.{symbol}"}, 5),
        ({"a": "a:{symbols|join:,}", "b": "b.{symbol}"}, 5),
        ({"a": "a.{symbol}", "beats": "beats"}, 9),
        ({"beats": "beats"}, None),
    ],
)
def test_as_many_markets_fit_as_their_channels_do(names: dict[str, str], most: int | None) -> None:
    assert channels(limits={"channels_per_connection": 10}, channels=names).markets_per_connection == most


@pytest.mark.parametrize(
    ("event", "word", "books"),
    [
        ("depth", {}, {"depth"}),
        ("snapshot", {"channel": "depth"}, {"depth"}),
        ("snapshot", {}, {"depth", "trades"}),
    ],
)
def test_books_come_through_the_channel_that_is_named_or_else_through_any(
    event: str, word: dict[str, str], books: set[str]
) -> None:
    names = {"depth": "depth.{symbol}", "trades": "trades.{symbol}"}

    assert channels(channels=names, events={event: {**BOOK, **word}, "trade": TRADE}).books == books


def test_a_stream_without_books_has_no_channel_for_them() -> None:
    assert channels(channels={"trades": "trades.{symbol}"}, events={"trade": TRADE}).books == set()
