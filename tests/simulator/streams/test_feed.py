"""A stream from the venue's side: what it understands and what it answers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from declconn.records import Trade, TradingRule
from declconn.registry import load_spec
from declconn.simulator.streams.feed import Feed, Heard
from declconn.types import Side

KNOWN = {"opt": {"depth": 1000}, "env": {"ws": "wss://ws.kraken.com/v2"}}
RULES = [TradingRule("XBTUSDT", "BTC", "USDT"), TradingRule("ETHUSDT", "ETH", "USDT")]


def feed() -> Feed:
    spec = load_spec("kraken")
    return Feed("market", spec.streams["market"], spec, RULES)


def hear(message: Any) -> Heard | None:
    return feed().hear(json.dumps(message), KNOWN)


def test_a_subscription_is_accepted_and_its_topics_are_known() -> None:
    params = {"channel": "book", "symbol": ["ETH/USDT", "BTC/USDT"], "depth": 1000}
    heard = hear({"method": "subscribe", "params": params, "req_id": 5})
    assert heard is not None
    assert heard.subscribed == {("book", "BTC-USDT"), ("book", "ETH-USDT")}
    assert [json.loads(answer) for answer in heard.answers] == [{"req_id": 5, "success": True}]


def test_an_end_is_told_from_a_beginning() -> None:
    params = {"channel": "trade", "symbol": ["BTC/USDT"], "snapshot": False}
    heard = hear({"method": "unsubscribe", "params": params, "req_id": 6})
    assert heard is not None
    assert (heard.subscribed, heard.unsubscribed) == (frozenset(), {("trades", "BTC-USDT")})


@pytest.mark.parametrize("params", [{"channel": "book", "symbol": ["BTC/USDT"], "depth": 10}, {"channel": "weather"}])
def test_what_the_spec_does_not_ask_for_is_not_understood(params: dict[str, Any]) -> None:
    assert hear({"method": "subscribe", "params": params, "req_id": 7}) is None
    assert feed().hear("hello", KNOWN) is None


def test_a_pair_has_a_topic_in_every_channel() -> None:
    assert feed().topics("BTC-USDT", KNOWN) == {("book", "BTC-USDT"), ("trades", "BTC-USDT")}


def test_all_pairs_are_heard_at_the_url_of_the_spec() -> None:
    assert feed().urls(KNOWN) == {"wss://ws.kraken.com/v2": {"BTC-USDT", "ETH-USDT"}}


def test_news_are_written_in_the_streams_own_spelling_and_units() -> None:
    trade = Trade("BTC-USDT", Decimal("1.10"), Decimal(2), Side.SELL, "9", 1_700_000_000_000_000_000)
    assert json.loads(feed().frames.text("trade", trade, KNOWN)) == {
        "channel": "trade",
        "type": "update",
        "data": [
            {
                "symbol": "BTC/USDT",
                "price": "1.10",
                "qty": "2",
                "side": "sell",
                "trade_id": "9",
                "timestamp": "2023-11-14T22:13:20.000Z",
            }
        ],
    }
