"""Cancelling many orders: lists of ids, a market at a stroke, one by one."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

from declconn.connector.trading.cancels import CancellationResult
from declconn.types import Side

ONE, HUNDRED = Decimal(1), Decimal(100)

LISTS = """\
endpoints:
  cancel_orders:
    post: /cancels
    auth: signed
    batch: 2
    body: {tags: "{client_order_ids}"}
    each: "@"
    result: {client_order_id: tag, cancelled: gone, error: why}
"""
STROKES = """\
endpoints:
  cancel_all_orders: {delete: /orders, auth: signed, params: {market: "{symbol}"}}
"""


async def place(exchange: Any, *pairs: str) -> list[Any]:
    return [await exchange.place_order(pair, Side.BUY, ONE, price=HUNDRED) for pair in pairs]


def takes_lists(desk: Any) -> None:
    """Cancels all orders of a list but those that are over or tagged otherwise."""

    def cancel(fields: dict[str, Any]) -> Any:
        rows = []
        for tag in fields["tags"]:
            answer = desk.answers["DELETE /order"]({"tag": tag})
            rows.append({"tag": tag, "gone": "gone" in answer, "why": answer.get("error", {}).get("code")})
        return rows

    desk.answers["POST /cancels"] = cancel


def takes_strokes(desk: Any) -> None:
    def cancel(fields: dict[str, Any]) -> Any:
        for order in desk.answers["GET /orders"](fields):
            desk.end(order)
        return {}

    desk.answers["DELETE /orders"] = cancel


async def test_one_by_one_all_of_ours_are_cancelled_and_those_of_others_stay(player: Any, desk: Any) -> None:
    exchange = await player.start()
    theirs = desk.put(tag="by-hand")
    orders = await place(exchange, "BTC-USD", "ETH-USD", "BTC-USD")
    results = await exchange.cancel_all()
    assert sorted(results, key=str) == sorted(
        [CancellationResult(order.client_order_id, True) for order in orders], key=str
    )
    assert all(order.is_cancelled for order in orders)
    assert (theirs["state"], desk.count("DELETE /order")) == ("new", 3)
    assert await exchange.cancel_all() == []


async def test_those_that_were_refused_come_last(player: Any, desk: Any) -> None:
    exchange = await player.start()
    first, second = await place(exchange, "BTC-USD", "BTC-USD")
    desk.script["DELETE /order"] = ["ODD"]
    results = await exchange.batch_order_cancel([first.client_order_id, second.client_order_id])
    assert [(result.order_id, result.success) for result in results] == [
        (second.client_order_id, True),
        (first.client_order_id, False),
    ]


async def test_what_is_not_answered_in_time_is_no_success(player: Any, desk: Any) -> None:
    exchange = await player.start()
    (order,) = await place(exchange, "BTC-USD")
    desk.gates["DELETE /order"] = asyncio.Event()
    cancelling = asyncio.ensure_future(exchange.cancel_all(timeout=3))
    await player.pass_by(2.5)
    assert not cancelling.done()
    await player.pass_by(1)
    assert await cancelling == [CancellationResult(order.client_order_id, False)]
    assert order.is_open


async def test_lists_of_ids_go_in_batches_and_every_row_is_read(player: Any, desk: Any) -> None:
    takes_lists(desk)
    exchange = await player.start(LISTS)
    orders = await place(exchange, *["BTC-USD"] * 3)
    desk.tells = False
    desk.fill(desk.order(orders[1].client_order_id), "1")
    results = await exchange.cancel_all()
    await player.settle()
    assert [len(fields["tags"]) for fields in desk.fields("POST /cancels")] == [2, 1]
    assert all(result.success for result in results), "that one was filled before is no failure"
    assert [order.state.value for order in orders] == ["CANCELED", "FILLED", "CANCELED"]
    assert desk.count("DELETE /order") == 0


async def test_a_row_that_says_no_is_a_failure(player: Any, desk: Any) -> None:
    takes_lists(desk)
    exchange = await player.start(LISTS)
    first, second = await place(exchange, "BTC-USD", "ETH-USD")
    desk.script["POST /cancels"] = [
        lambda _handle, fields: [{"tag": tag, "gone": False, "why": "ODD"} for tag in fields["tags"]]
    ]
    results = await exchange.cancel_all()
    assert [result.success for result in results] == [False, False]
    assert first.is_open
    assert second.is_open


async def test_one_list_serves_to_cancel_one_order_too(player: Any, desk: Any) -> None:
    takes_lists(desk)
    exchange = await player.start(LISTS + "  cancel_order: null\n")
    (order,) = await place(exchange, "BTC-USD")
    assert (await exchange.cancel_order(order.client_order_id)).is_cancelled
    assert desk.fields("POST /cancels") == [{"tags": [order.client_order_id]}]


async def test_a_list_whose_answer_is_lost_is_asked_about(player: Any, desk: Any, faults: Any) -> None:
    takes_lists(desk)
    exchange = await player.start(LISTS)
    orders = await place(exchange, "BTC-USD", "ETH-USD")
    desk.tells = False
    desk.script["POST /cancels"] = [faults["lost"]]
    results = await exchange.cancel_all()
    assert [result.success for result in results] == [False, False]
    await player.settle()
    assert all(order.is_cancelled for order in orders)


async def test_a_market_with_nothing_but_our_orders_is_cancelled_at_a_stroke(player: Any, desk: Any) -> None:
    takes_strokes(desk)
    exchange = await player.start(STROKES)
    orders = await place(exchange, "BTC-USD", "BTC-USD", "ETH-USD")
    results = await exchange.cancel_all()
    await player.settle()
    assert [result.success for result in results] == [True] * 3
    assert all(order.is_cancelled for order in orders)
    assert desk.fields("DELETE /orders") == [{"market": "btcusd"}]
    assert [fields["market"] for fields in desk.fields("DELETE /order")] == ["ethusd"]


async def test_an_order_that_was_filled_before_the_stroke_is_not_called_cancelled(player: Any, desk: Any) -> None:
    takes_strokes(desk)
    exchange = await player.start(STROKES)
    first, second = await place(exchange, "BTC-USD", "BTC-USD")
    desk.tells = False
    desk.fill(desk.order(first.client_order_id), "1")
    await exchange.cancel_all()
    await player.settle()
    assert (first.state.value, second.state.value) == ("FILLED", "CANCELED")


async def test_where_others_have_orders_ours_are_cancelled_one_by_one(player: Any, desk: Any) -> None:
    takes_strokes(desk)
    exchange = await player.start(STROKES)
    await place(exchange, "BTC-USD", "BTC-USD")
    desk.tells = False
    theirs = desk.put(tag="by-hand")
    results = await exchange.cancel_all()
    assert [result.success for result in results] == [True, True]
    assert theirs["state"] == "new"
    assert (desk.count("DELETE /orders"), desk.count("DELETE /order")) == (0, 2)


async def test_chosen_orders_are_never_cancelled_at_a_stroke(player: Any, desk: Any) -> None:
    takes_strokes(desk)
    exchange = await player.start(STROKES)
    orders = await place(exchange, "BTC-USD", "BTC-USD", "BTC-USD")
    await exchange.batch_order_cancel([order.client_order_id for order in orders[:2]])
    assert [order.is_open for order in orders] == [False, False, True]
    assert json.dumps(desk.asked).count("DELETE /orders") == 0
