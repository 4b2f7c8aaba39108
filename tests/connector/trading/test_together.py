"""Where limits are short: orders in doubt share requests, and questions that had to wait become fewer."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from declconn.connector.exchange import OrderRequest
from declconn.types import OrderType, Side

ONE, HUNDRED = Decimal(1), Decimal(100)

LISTS = """\
endpoints:
  order_status:
    get: /several
    params: {market: null, tag: null, ids: "{exchange_order_ids|join:,}"}
    batch: 3
    each: "@"
  recent_trades: {like: order_trades, params: {id: null, since: "{since}"}}
"""
SHORT = """\
rate_limits: {few: 2+6/1m}
endpoint_defaults: {cost: {by: auth, of: {none: {}, signed: {few: 1}}}}
endpoints: {place_order: {cost: {}}, cancel_order: {cost: {}}}
"""


async def place(exchange: Any, number: int) -> list[Any]:
    return [await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED) for _ in range(number)]


def takes_lists(desk: Any) -> None:
    def tell(fields: dict[str, Any]) -> Any:
        ids = fields["ids"].split(",")
        unknown = [number for number in ids if number not in desk.orders]
        return {"error": {"code": "NONE", "text": f"{unknown}"}} if unknown else [desk.orders[number] for number in ids]

    desk.answers["GET /several"] = tell


async def test_after_a_reconnect_all_that_were_filled_meanwhile_are_asked_about_together(
    player: Any, desk: Any
) -> None:
    takes_lists(desk)
    exchange = await player.start(LISTS)
    orders = await place(exchange, 5)
    desk.tells = False
    for order in orders:
        desk.fill(desk.order(order.client_order_id), "1")
    desk.asked.clear()
    desk.tells = True
    desk.user.drop()
    await player.pass_by(3)
    assert all(order.is_filled and order.executed_amount_base == 1 for order in orders)
    assert [fields["ids"] for fields in desk.fields("GET /several")] == ["1,2,3", "4,5"]
    assert ["id" in fields for fields in desk.fields("GET /fills")] == [False]


async def test_one_that_the_venue_does_not_know_spoils_no_question_about_others(player: Any, desk: Any) -> None:
    takes_lists(desk)
    exchange = await player.start(LISTS)
    orders = await place(exchange, 3)
    desk.tells = False
    desk.fill(desk.order(orders[0].client_order_id), "1")
    desk.fill(desk.order(orders[2].client_order_id), "1")
    del desk.orders["2"]
    await player.pass_by(125, step=1)
    assert [order.is_filled for order in orders] == [True, False, True]


async def test_what_recent_trades_do_not_show_is_asked_for_order_by_order(player: Any, desk: Any) -> None:
    takes_lists(desk)
    exchange = await player.start(LISTS)
    orders = await place(exchange, 2)
    all_fills = desk.answers["GET /fills"]
    desk.answers["GET /fills"] = lambda fields: all_fills(fields) if "id" in fields else desk.fills[:1]
    desk.tells = False
    for order in orders:
        desk.fill(desk.order(order.client_order_id), "1")
    await player.pass_by(125, step=1)
    assert [order.executed_amount_base for order in orders] == [1, 1]
    assert [fields.get("id") for fields in desk.fields("GET /fills")] == [None, "2"]


ONLY_OPEN = "endpoints: {order_status: null}\n"
FOUND = """\
endpoints:
  order_status: {params: {tag: null, id: "{exchange_order_id}"}}
  find_order: {like: order_status, params: {id: null, tag: "{client_order_id}"}}
"""
BY_MARKET = 'endpoints: {order_status: null, open_orders: {params: {market: "{symbol}"}}}\n'


@pytest.mark.parametrize(
    ("variant", "questions"),
    [(ONLY_OPEN, {"GET /orders": 1}), (FOUND, {"GET /orders": 1, "GET /order": 1}), (BY_MARKET, {"GET /orders": 2})],
    ids=["only open orders tell", "each can be found", "market by market"],
)
async def test_orders_whose_answers_were_lost_together_are_looked_for_among_the_open_ones_at_once(
    player: Any, desk: Any, faults: Any, variant: str, questions: dict[str, int]
) -> None:
    exchange = await player.start(variant, "BTC-USD", "ETH-USD")
    desk.asked.clear()
    desk.tells = False
    desk.script["POST /order"] = [faults["lost"]] * 4 + [faults["vanished"]]
    wanted = [OrderRequest("BTC-USD", Side.BUY, ONE, price=HUNDRED)] * 2
    wanted += [OrderRequest("ETH-USD", Side.BUY, ONE, price=HUNDRED)] * 3
    orders = [exchange.order_tracker.fetch_order(id_) for id_ in exchange.batch_order_create(wanted)]
    await player.settle()
    assert [order.is_working for order in orders] == [True] * 4 + [False]
    asked = Counter(what for what, _ in desk.asked if what.startswith("GET"))
    assert {what: asked[what] for what in ("GET /orders", "GET /order") if asked[what]} == questions


async def test_one_order_that_can_be_found_is_not_looked_for_among_all_open_ones(
    player: Any, desk: Any, faults: Any
) -> None:
    exchange = await player.start(FOUND)
    desk.asked.clear()
    desk.tells = False
    desk.script["POST /order"] = [faults["lost"]]
    (order,) = await place(exchange, 1)
    await player.settle()
    assert order.is_working
    assert (desk.count("GET /orders"), desk.count("GET /order")) == (0, 1)


async def test_questions_that_come_while_one_is_asked_are_the_next(player: Any, desk: Any) -> None:
    takes_lists(desk)
    exchange = await player.start(LISTS)
    orders = await place(exchange, 4)
    gate = desk.gates["GET /several"] = asyncio.Event()
    for order in orders:
        exchange.account.reconciliation.doubts.add(order)
        await player.settle()
    assert [fields["ids"] for fields in desk.fields("GET /several")] == ["1"]
    gate.set()
    await player.settle()
    assert [fields["ids"] for fields in desk.fields("GET /several")] == ["1", "2,3,4"]


async def test_who_waits_for_a_limit_hears_which_one(player: Any, desk: Any, caplog: pytest.LogCaptureFixture) -> None:
    exchange = player.connector(SHORT.replace("2+6", "1+1"))
    await exchange.start()
    await player.settle()
    with pytest.raises(TimeoutError, match=r"waiting for the limit 'few' \(1 of 1 in use\)"):
        await exchange.wait_until_ready(0.01)
    assert "waiting 60 s for the limit 'few' (1 of 1 in use)" in caplog.text
    waiting = {s.labels["pool"]: s.value for s in exchange.metrics() if s.name == "declconn_limit_waiting"}
    assert waiting["few"] >= 1
    await exchange.stop()


async def test_a_market_order_whose_end_is_not_told_is_asked_about(
    player: Any, desk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "declconn")
    exchange = await player.start()
    await player.pass_by(3)
    desk.tells = False
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, OrderType.MARKET)
    desk.fill(desk.order(order.client_order_id), "1", "101")
    await player.pass_by(1.5)
    assert (order.is_open, desk.count("GET /order")) == (True, 0)
    await player.pass_by(1)
    assert (order.is_filled, order.executed_amount_base) == (True, ONE)
    assert "no stream told its end within 2 s; the venue is asked" in caplog.text


async def test_a_market_order_that_ended_in_time_is_not_asked_about(player: Any, desk: Any) -> None:
    exchange = await player.start()
    exchange.batch_order_create([OrderRequest("BTC-USD", Side.BUY, ONE, OrderType.MARKET)])
    await player.settle()
    desk.fill(desk.orders["1"], "1", "101")
    await player.pass_by(5)
    assert desk.count("GET /order") == 0


TOKENS = """\
rate_limits: {few: 3+6/1m}
session: {token: {obtain: token, per: connection}}
endpoints:
  token: {post: /token, auth: signed, cost: {few: 1}, result: {token: token}}
  order_status: {cost: {few: 1}}
streams: {user: {channels: {account: "account.{session.token}"}}}
"""


async def test_what_a_stream_needs_to_log_in_goes_before_questions_that_wait(player: Any, desk: Any) -> None:
    desk.answers["POST /token"] = lambda _fields: {"token": "t"}
    exchange = await player.start(TOKENS)
    orders = await place(exchange, 6)
    await player.pass_by(30)
    for order in orders:
        exchange.account.reconciliation.doubts.add(order)
    await player.settle()
    assert desk.count("GET /order") == 3
    desk.user.drop()
    await player.pass_by(11)
    assert (desk.count("POST /token"), desk.count("GET /order")) == (2, 3)


async def test_a_round_does_not_ask_about_an_order_whose_fate_is_being_asked(
    player: Any, desk: Any, faults: Any
) -> None:
    exchange = await player.start()
    await player.pass_by(5)
    desk.script["POST /order"] = [faults["vanished"]]
    desk.gates["GET /order"] = asyncio.Event()
    await place(exchange, 1)
    desk.user.drop()
    await player.pass_by(20)
    assert desk.count("GET /order") == 1
