"""Channels recognised, in every form in which specs write them."""

from __future__ import annotations

from typing import Any

import pytest

from declconn.compile.stream import Stream, compile_spelling
from declconn.compile.words import Units
from declconn.registry import load_spec
from declconn.simulator.streams.subscriptions import Subscriptions, Topic
from declconn.simulator.wire.dialect import speech
from declconn.spec import models

KNOWN = {"opt": {"depth": 20}}
BTC, ETH = "BTC-USDT", "ETH-USDT"


def subscriptions(channels: dict[str, Any]) -> Subscriptions:
    model = models.Stream.model_validate({"url": "wss://x/", "channels": channels})
    words = speech(load_spec("binance"), {}).words
    stream = Stream("market", model, spelling=compile_spelling(model), words=words, units=Units())
    return Subscriptions(
        stream, {BTC: {"symbol": "BTC-USDT"}, ETH: {"symbol": "ETH-USDT"}, "BTC-USD": {"symbol": "BTC-USD"}}
    )


@pytest.mark.parametrize(
    ("channels", "captures", "topics"),
    [
        ({"t": "{symbol|lower}@trade"}, {"channels": ["eth-usdt@trade"]}, {("t", ETH)}),
        ({"t": "{symbol}@trade"}, {"channel": "ETH-USDT@trade"}, {("t", ETH)}),
        ({"t": {"ch": "book.{opt.depth}", "s": "{symbol}"}}, {"channels": [{"ch": "book.20", "s": BTC}]}, {("t", BTC)}),
        ({"t": {"ch": "x", "s": "{symbols}"}}, {"channel": {"ch": "x", "s": [ETH, BTC]}}, {("t", ETH), ("t", BTC)}),
        ({"t": "/match:{symbols|join:,}"}, {"channel": "/match:ETH-USDT,BTC-USDT"}, {("t", ETH), ("t", BTC)}),
        ({"t": "/match:{symbols|join:,}"}, {"channel": "/match:BTC-USD"}, {("t", "BTC-USD")}),
        ({"t": "level2"}, {"channel": "level2", "symbols": [ETH]}, {("t", ETH)}),
        ({"t": {"name": "n", "p": ["{symbol}"]}}, {"channel.name": "n", "channel.p": [BTC]}, {("t", BTC)}),
        ({"t": "{symbol}@trade"}, {"channel": "DOGE-USDT@trade"}, set()),
        ({"t": "{symbol}@trade"}, {}, set()),
    ],
)
def test_what_is_asked_for(channels: dict[str, Any], captures: dict[str, Any], topics: set[Topic]) -> None:
    assert subscriptions(channels).asked(captures, KNOWN) == topics


def test_all_that_there_is_about_a_pair() -> None:
    assert subscriptions({"t": "{symbol}@trade", "b": {"s": "{symbols}"}}).of_pair(BTC, KNOWN) == {
        ("t", BTC),
        ("b", BTC),
    }
