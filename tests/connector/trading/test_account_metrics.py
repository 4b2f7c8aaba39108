"""The numbers of an account."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from declconn.types import Side

ONE, HUNDRED = Decimal(1), Decimal(100)


def numbers(exchange: Any, name: str, *labels: str) -> Any:
    """The values of one metric by some labels; the only one, if there are none."""
    found = {
        tuple(sample.labels[label] for label in labels): sample.value
        for sample in exchange.metrics()
        if sample.name == f"declconn_{name}"
    }
    return found if labels else found[()]


async def test_orders_are_counted_as_they_are_and_as_they_were_told(player: Any, desk: Any) -> None:
    exchange = await player.start()
    assert numbers(exchange, "orders", "state") == {("active",): 0, ("lost",): 0, ("fate_unknown",): 0}
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    other = await exchange.place_order("BTC-USD", Side.SELL, ONE, price=HUNDRED)
    desk.fill(desk.order(order.client_order_id), "0.5")
    await player.settle()
    assert numbers(exchange, "orders", "state")["active",] == 2

    desk.fill(desk.order(order.client_order_id), "0.5")
    await player.settle()
    await exchange.cancel_order(other.client_order_id)
    assert numbers(exchange, "orders", "state")["active",] == 0
    assert numbers(exchange, "order_events_total", "event") == {
        ("BuyOrderCreatedEvent",): 1,
        ("SellOrderCreatedEvent",): 1,
        ("OrderFilledEvent",): 2,
        ("BuyOrderCompletedEvent",): 1,
        ("OrderCancelledEvent",): 1,
    }
    assert numbers(exchange, "requests_total", "operation", "result")["place_order", "ok"] == 2


async def test_an_order_whose_fate_is_unknown_can_be_seen(player: Any, desk: Any, faults: Any) -> None:
    exchange = await player.start()
    desk.script["POST /order"] = [faults["lost"]]
    desk.gates["GET /order"] = asyncio.Event()
    await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    desk.tells = False
    assert numbers(exchange, "orders", "state")["active",] == 1
    assert numbers(exchange, "order_doubts") == 1
    assert numbers(exchange, "requests_total", "operation", "result")["place_order", "unknown_outcome"] == 1

    desk.gates["GET /order"].set()
    await player.pass_by(5)
    assert numbers(exchange, "orders", "state")["fate_unknown",] == 0
    assert numbers(exchange, "order_doubts") == 0


async def test_the_user_stream_tells_that_it_lives_and_how_long_it_is_silent(player: Any, desk: Any) -> None:
    exchange = await player.start()
    assert numbers(exchange, "user_stream_connected") == 1
    assert numbers(exchange, "stream_connections", "stream") == {("market",): 1, ("user",): 1}
    before = numbers(exchange, "user_stream_silence_seconds")
    await player.pass_by(3)
    assert numbers(exchange, "user_stream_silence_seconds") == before + 3
    desk.put()
    await player.settle()
    assert numbers(exchange, "user_stream_silence_seconds") == 0


async def test_what_cannot_be_asked_now_is_counted(player: Any, desk: Any) -> None:
    exchange = await player.start()
    assert numbers(exchange, "upkeep_troubles") == 0
    desk.script["GET /balances"] = ["WHO"] * 10
    exchange.account.upkeep.want()
    await player.pass_by(2)
    assert numbers(exchange, "upkeep_troubles") == 1


async def test_no_label_holds_a_secret(player: Any) -> None:
    exchange = await player.start(credentials={"api_key": "hush-hush-key", "api_secret": "hush-hush-secret"})
    assert not [text for sample in exchange.metrics() for text in sample.labels.values() if "hush" in text]
