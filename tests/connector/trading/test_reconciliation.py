"""What became of orders: lost answers, silent streams, fills that come late or twice, orders of others."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from declconn.account.events import ExternalOrderEvent, OrderFilledEvent
from declconn.account.order_store import MemoryStore
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.errors import UnknownOutcomeError
from declconn.types import OrderState, Side

ONE, HUNDRED = Decimal(1), Decimal(100)


async def place(exchange: Any, side: Side = Side.BUY) -> Any:
    return await exchange.place_order("BTC-USD", side, ONE, price=HUNDRED)


async def test_ccxt_2599_a_timed_out_order_that_went_through_is_found_and_not_sent_again(
    player: Any, desk: Any, faults: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    desk.tells = False
    desk.script["POST /order"] = [faults["lost"]]
    desk.gates["GET /order"] = asyncio.Event()
    order = await place(exchange)
    assert (order.state, order.fate_unknown) == (OrderState.PENDING_CREATE, True)
    desk.gates["GET /order"].set()
    await player.settle()

    assert (order.state, order.fate_unknown, order.exchange_order_id) == (OrderState.OPEN, False, "1")
    assert names_of(events) == ["BuyOrderCreated"]
    assert desk.count("POST /order") == 1


async def test_catalyst_317_an_order_that_was_filled_while_its_answer_was_lost_is_filled_once(
    player: Any, desk: Any, faults: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    desk.tells = False

    def fill_and_lose(handle: Any, fields: Any) -> Any:
        desk.fill(handle(fields), "1")
        return faults["vanished"](handle, fields)

    desk.script["POST /order"] = [fill_and_lose]
    order = await place(exchange)
    await player.pass_by(3)
    assert order.is_filled
    assert names_of(events) == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]
    assert (desk.count("POST /order"), len(desk.orders)) == (1, 1)


async def test_an_order_that_never_arrived_fails_after_the_grace_and_several_looks(
    player: Any, desk: Any, faults: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    desk.script["POST /order"] = [faults["vanished"]]
    order = await place(exchange)
    await player.pass_by(29)
    assert (order.state, order.fate_unknown, events) == (OrderState.PENDING_CREATE, True, [])
    await player.pass_by(60)
    assert names_of(events) == ["MarketOrderFailure"]
    assert events[0].error_type == "order_not_found"
    assert (order.is_failure, order.fate_unknown, desk.count("POST /order")) == (True, False, 1)


async def test_one_that_shows_up_after_it_was_given_up_lives(
    player: Any, desk: Any, faults: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    desk.script["POST /order"] = [faults["vanished"]]
    order = await place(exchange)
    await player.pass_by(90)
    assert order.is_failure
    desk.fill(desk.put(tag=order.client_order_id), "1")
    await player.settle()
    assert order.is_filled
    assert names_of(events)[-2:] == ["OrderFilled", "BuyOrderCompleted"]


async def test_a_venue_that_is_down_makes_no_order_lost(player: Any, desk: Any, faults: Any) -> None:
    exchange = await player.start()
    order = await place(exchange)
    for what in ("GET /order", "GET /orders", "GET /balances"):
        desk.script[what] = [faults["unreachable"]] * 1000
    await player.pass_by(300, step=1)
    assert order.state is OrderState.OPEN
    desk.script.clear()
    desk.tells = False
    desk.fill(desk.order(order.client_order_id), "1")
    await player.pass_by(60, step=1)
    assert order.is_filled


async def test_a_tag_that_was_used_is_this_very_order(player: Any, desk: Any) -> None:
    exchange = await player.start()
    desk.tells = False

    def arrives_twice(handle: Any, fields: Any) -> Any:
        handle(fields)
        return handle(fields)

    desk.script["POST /order"] = [arrives_twice]
    order = await place(exchange)
    await player.pass_by(2)
    assert (order.state, order.exchange_order_id) == (OrderState.OPEN, "1")
    assert desk.count("POST /order") == 1


async def test_the_user_stream_may_be_faster_than_the_answer(player: Any, desk: Any, names_of: Any) -> None:
    exchange = await player.start()
    events = player.hear(exchange)

    gate = desk.gates["POST /order"] = asyncio.Event()
    client_order_id = exchange.buy("BTC-USD", ONE, price=HUNDRED)
    await player.settle()
    order = desk.put(tag=client_order_id)
    desk.fill(order, "1", tell="fill order")
    await player.settle()
    desk.answers["POST /order"] = lambda _fields: {"id": order["id"], "state": "new", "done": "0"}
    gate.set()
    await player.settle()
    assert names_of(events) == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]
    assert desk.count("GET /fills") == 0


async def test_news_that_only_has_the_venues_id_waits_for_the_answer(player: Any, desk: Any, names_of: Any) -> None:
    exchange = await player.start()
    events = player.hear(exchange)

    def tell_before_the_answer(handle: Any, fields: Any) -> Any:
        desk.tells = False
        order = handle(fields)
        desk.user.say({"t": "order", **order, "tag": None})
        desk.user.say({"t": "fill", **desk.fill(order, "1"), "tag": None})
        desk.user.say({"t": "order", **order, "tag": None})
        return {"id": order["id"], "state": "new", "done": "0"}

    desk.script["POST /order"] = [tell_before_the_answer]
    order = await place(exchange)
    await player.settle()
    assert order.is_filled
    assert names_of(events) == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]


async def test_nautilus_3493_fills_that_the_venue_counts_are_asked_for_after_a_moment_and_never_counted_twice(
    player: Any, desk: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    order = await place(exchange)
    fill = desk.fill(desk.order(order.client_order_id), "1", tell="order")
    await player.settle()
    assert (order.is_done, order.executed_amount_base) == (False, 0), "nothing is inferred"
    assert desk.count("GET /fills") == 0, "it may be on its way"
    await player.pass_by(1)
    assert (order.is_filled, order.executed_amount_base) == (True, ONE)

    desk.user.say({"t": "fill", **fill})
    await player.settle()
    assert order.executed_amount_base == ONE
    assert names_of(events) == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]


async def test_fills_that_come_in_time_are_not_asked_for(player: Any, desk: Any) -> None:
    exchange = await player.start()
    order = await place(exchange)
    fill = desk.fill(desk.order(order.client_order_id), "1", tell="order")
    await player.pass_by(0.5)
    desk.user.say({"t": "fill", **fill})
    await player.pass_by(2)
    assert order.is_filled
    assert desk.count("GET /fills") == 0


async def test_fills_that_the_venue_never_shows_complete_the_order_by_its_word(
    player: Any, desk: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    order = await place(exchange)
    desk.answers["GET /fills"] = lambda _fields: []
    venues = desk.order(order.client_order_id)
    desk.fill(venues, "0.25")
    late = desk.fill(venues, "0.75", tell="order")
    await player.pass_by(6)
    assert names_of(events) == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]
    completed = events[-1]
    assert (order.executed_amount_base, completed.base_asset_amount) == (Decimal("0.25"), ONE)
    assert (completed.quote_asset_amount, completed.is_missing_fills) == (25, True), "the venue told no worth"

    desk.user.say({"t": "fill", **late})
    await player.settle()
    assert names_of(events)[3:] == ["OrderFilled"], "it is still told"
    assert (order.executed_amount_quote, order.is_missing_fills) == (HUNDRED, False)


async def test_who_waits_for_the_end_of_a_cancelled_order_sees_the_fills_that_its_end_counts(
    player: Any, desk: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    order = await place(exchange)
    waiting = asyncio.ensure_future(order.wait_until_done())
    venues = desk.order(order.client_order_id)
    fill = desk.fill(venues, "0.25", tell="")
    desk.end(venues)
    await player.pass_by(0.5)
    assert (order.state, waiting.done()) == (OrderState.PENDING_CANCEL, False)
    assert await exchange.cancel_all() == [], "there is nothing to cancel any more"
    assert await exchange.cancel_order(order.client_order_id) is order
    desk.user.say({"t": "fill", **fill})
    await player.settle()
    assert (await waiting).executed_amount_base == Decimal("0.25")
    assert names_of(events) == ["BuyOrderCreated", "OrderFilled", "OrderCancelled"]
    assert (desk.count("GET /fills"), desk.count("DELETE /order")) == (0, 0)


async def test_fills_that_an_end_counts_and_no_stream_tells_are_asked_for_before_it_is_told(
    player: Any, desk: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    order = await place(exchange)
    venues = desk.order(order.client_order_id)
    desk.fill(venues, "0.25", tell="")
    desk.end(venues)
    await player.pass_by(2)
    assert (order.is_cancelled, order.executed_amount_base) == (True, Decimal("0.25"))
    assert names_of(events) == ["BuyOrderCreated", "OrderFilled", "OrderCancelled"]
    assert desk.count("GET /fills") == 1


async def test_fills_come_before_an_end_of_which_only_an_answer_tells(
    player: Any, desk: Any, faults: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    order = await place(exchange)
    desk.tells = False
    desk.fill(desk.order(order.client_order_id), "0.25")
    desk.script["DELETE /order"] = [faults["lost"]]
    with pytest.raises(UnknownOutcomeError, match="cancel_order"):
        await exchange.cancel_order(order.client_order_id)
    await player.pass_by(2)
    assert names_of(events) == ["BuyOrderCreated", "OrderFilled", "OrderCancelled"]
    assert order.executed_amount_base == Decimal("0.25")


async def test_fills_after_the_end_still_count(player: Any, desk: Any, names_of: Any) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    order = await place(exchange)
    desk.answers["GET /fills"] = lambda _fields: []
    venues = desk.order(order.client_order_id)
    fill = desk.fill(venues, "0.25", tell="")
    desk.end(venues)
    await player.pass_by(6)
    assert (order.is_cancelled, events[-1].is_missing_fills) == (True, True)
    desk.user.say({"t": "fill", **fill})
    await player.settle()
    assert order.executed_amount_base == Decimal("0.25")
    assert names_of(events) == ["BuyOrderCreated", "OrderCancelled", "OrderFilled"]


async def test_fills_of_an_order_that_was_cancelled_meanwhile_are_asked_for(player: Any, desk: Any) -> None:
    exchange = await player.start()
    order = await place(exchange)
    venues = desk.order(order.client_order_id)
    desk.fill(venues, "0.25", tell="")
    desk.answers["GET /fills"] = lambda _fields: []
    desk.end(venues)
    await player.pass_by(60)
    assert (order.is_cancelled, order.is_missing_fills) == (True, True)
    desk.answers["GET /fills"] = lambda _fields: desk.fills
    await player.pass_by(125)
    assert order.executed_amount_base == Decimal("0.25")


async def test_what_was_filled_before_a_cancel_without_a_word_of_it_is_found_in_the_next_round(
    player: Any, desk: Any
) -> None:
    exchange = await player.start()
    told, silent = await place(exchange), await place(exchange)
    await exchange.cancel_order(told.client_order_id)
    await player.settle()
    desk.tells = False
    desk.fill(desk.order(silent.client_order_id), "0.25")
    await exchange.cancel_order(silent.client_order_id)
    assert (silent.is_cancelled, silent.executed_amount_base) == (True, 0)
    await player.pass_by(125, step=1)
    assert silent.executed_amount_base == Decimal("0.25")
    assert [fields["tag"] for fields in desk.fields("GET /order")] == [silent.client_order_id]


async def test_a_cancel_whose_answer_is_lost_is_raised_and_the_venue_asked(
    player: Any, desk: Any, faults: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    order = await place(exchange)
    desk.tells = False
    desk.script["DELETE /order"] = [faults["lost"]]
    with pytest.raises(UnknownOutcomeError, match="cancel_order"):
        await exchange.cancel_order(order.client_order_id)
    await player.pass_by(2)
    assert order.is_cancelled
    assert names_of(events) == ["BuyOrderCreated", "OrderCancelled"]

    order = await place(exchange)
    desk.script["DELETE /order"] = [faults["vanished"]]
    exchange.cancel("BTC-USD", order.client_order_id)
    await player.pass_by(2)
    assert order.state is OrderState.OPEN
    assert desk.count("DELETE /order") == 2


@pytest.mark.parametrize("ended", ["done", "gone"])
async def test_a_cancel_that_comes_too_late_asks_how_the_order_ended(player: Any, desk: Any, ended: str) -> None:
    exchange = await player.start()
    order = await place(exchange)
    desk.tells = False
    venues = desk.order(order.client_order_id)
    if ended == "done":
        desk.fill(venues, "1")
    else:
        desk.end(venues)
    await exchange.cancel_order(order.client_order_id)
    await player.pass_by(2)
    assert order.state is {"done": OrderState.FILLED, "gone": OrderState.CANCELED}[ended]


async def test_an_order_that_cannot_be_found_when_it_is_cancelled_is_not_given_up_at_once(
    player: Any, desk: Any
) -> None:
    exchange = await player.start()
    order = await place(exchange)
    desk.script["DELETE /order"] = ["NONE"]
    await exchange.cancel_order(order.client_order_id)
    await player.pass_by(2)
    assert order.state is OrderState.OPEN


async def test_nautilus_4958_an_order_known_only_by_its_client_id_is_not_written_off_while_it_lives(
    player: Any, desk: Any, faults: Any
) -> None:
    variant = """\
endpoints:
  order_status: {params: {tag: null, id: "{exchange_order_id}"}}
  find_order: {like: order_status, params: {id: null, tag: "{client_order_id}"}}
"""
    exchange = await player.start(variant)
    desk.tells = False
    desk.script["POST /order"] = [faults["lost"]]
    desk.script["GET /order"] = [faults["unreachable"]] * 20
    order = await place(exchange)
    await player.pass_by(100)
    assert (order.state, order.exchange_order_id) == (OrderState.OPEN, "1")
    desk.fill(desk.order(order.client_order_id), "1")
    await player.pass_by(10)
    assert order.is_filled
    assert desk.fields("GET /order")[-1] == {"market": "btcusd", "id": "1"}


async def test_where_one_order_cannot_be_asked_for_open_orders_are_searched(
    player: Any, desk: Any, faults: Any, names_of: Any
) -> None:
    exchange = await player.start("endpoints: {order_status: null}\n")
    events = player.hear(exchange)
    desk.tells = False
    desk.script["POST /order"] = [faults["lost"]]
    first = await place(exchange)
    await player.pass_by(2)
    assert first.state is OrderState.OPEN
    second = await place(exchange)
    desk.fill(desk.order(first.client_order_id), "1")
    desk.end(desk.order(second.client_order_id))
    await player.pass_by(120)
    assert (first.state, second.state) == (OrderState.FILLED, OrderState.CANCELED)
    assert sorted(names_of(events)[2:]) == ["BuyOrderCompleted", "OrderCancelled", "OrderFilled"]


async def test_orders_of_others_are_seen_kept_with_their_ids_and_followed(
    player: Any, desk: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    theirs = desk.put(side="sell", size="2", price="120", tag="by-hand")
    await player.settle()
    nameless = desk.put(market="ethusd", size="3", price="50")
    await player.settle()
    first, second = exchange.in_flight_orders.values()
    assert (first.client_order_id, first.trade_type, first.is_external) == ("by-hand", Side.SELL, True)
    assert (second.exchange_order_id, second.trading_pair, second.has_client_order_id) == ("2", "ETH-USD", False)

    desk.fill(theirs, "2")
    desk.tells = False
    desk.fill(nameless, "1")
    await player.pass_by(125)
    assert names_of(events)[:4] == ["ExternalOrder", "ExternalOrder", "OrderFilled", "SellOrderCompleted"]
    assert second.executed_amount_base == ONE, "its fills are asked for, although no request can name it"
    desk.end(nameless)
    await player.pass_by(240, step=1)
    assert second.is_cancelled
    assert all(fields.get("tag") != second.client_order_id for _, fields in desk.asked)


async def test_orders_of_others_that_no_stream_told_of_are_found_in_rounds(player: Any, desk: Any) -> None:
    desk.tells = False
    desk.put(side="sell", size="2", price="120", tag="before-us")
    exchange = player.connector()
    events = player.hear(exchange, ExternalOrderEvent)
    await exchange.start()
    await player.settle()
    assert [event.order_id for event in events] == ["before-us"]
    await exchange.stop()


async def test_orders_of_others_without_a_client_id_are_seen_as_soon_as_they_cannot_be_ours(
    player: Any, desk: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    desk.gates["POST /order"] = asyncio.Event()
    exchange.buy("BTC-USD", ONE, price=HUNDRED)
    exchange.buy("BTC-USD", ONE, price=HUNDRED)
    await player.settle()
    desk.put(side="sell", size="2")
    await player.settle()
    assert [(event.trade_type, event.amount) for event in events] == [(Side.SELL, 2)], "ours are purchases"
    theirs = desk.put(side="buy", size="3")
    desk.fill(theirs, "3")
    await player.settle()
    assert len(events) == 1, "it may be ours"
    desk.tells = False
    desk.gates["POST /order"].set()
    await player.settle()
    assert [event.amount for event in events if isinstance(event, ExternalOrderEvent)] == [2, 3]
    assert sorted(names_of(events[1:])) == [
        *("BuyOrderCompleted", "BuyOrderCreated", "BuyOrderCreated", "ExternalOrder", "OrderFilled"),
    ]
    assert len(exchange.in_flight_orders) == 3


async def test_an_order_of_others_is_seen_when_the_one_that_it_may_have_been_was_refused(
    player: Any, desk: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    desk.gates["POST /order"] = asyncio.Event()
    exchange.buy("BTC-USD", ONE, price=HUNDRED)
    await player.settle()
    desk.put()
    desk.script["POST /order"] = ["POOR"]
    desk.gates["POST /order"].set()
    await player.settle()
    assert sorted(names_of(events)) == ["ExternalOrder", "MarketOrderFailure"]


async def test_what_one_round_finds_is_told_like_what_a_stream_tells(player: Any, desk: Any, names_of: Any) -> None:
    exchange = await player.start()
    desk.tells = False
    events = player.hear(exchange)
    orders = [await place(exchange) for _ in range(3)]
    filled, part, gone = (desk.order(order.client_order_id) for order in orders)
    desk.fill(filled, "1")
    desk.fill(part, "0.5")
    desk.end(gone)
    await player.pass_by(70)
    assert [order.state for order in orders] == [OrderState.FILLED, OrderState.PARTIALLY_FILLED, OrderState.CANCELED]
    assert len([event for event in events if isinstance(event, OrderFilledEvent)]) == 2


ONLY_OPEN_ORDERS = "endpoints: {order_status: null}\n"
AND_TRADES = (
    'endpoints: {order_status: null, recent_trades: {like: order_trades, params: {id: null, since: "{since}"}}}\n'
)


@pytest.mark.parametrize("variant", [ONLY_OPEN_ORDERS, AND_TRADES], ids=["nothing else tells", "trades tell"])
async def test_an_order_that_may_have_been_executed_is_not_written_off_because_it_is_not_open(
    player: Any, desk: Any, faults: Any, variant: str
) -> None:
    exchange = await player.start(variant)
    desk.tells = False

    def fill_and_lose(handle: Any, fields: Any) -> Any:
        desk.fill(handle(fields), "1")
        return faults["vanished"](handle, fields)

    desk.script["POST /order"] = [fill_and_lose]
    order = await place(exchange)
    await player.pass_by(300)

    assert not order.is_failure
    assert order.executed_amount_base == (1 if variant is AND_TRADES else 0)
    assert desk.count("POST /order") == 1


TRADES_OF_THE_ACCOUNT = """\
endpoints: {recent_trades: {like: order_trades, get: /trades, params: {id: null, since: "{since}"}}}
"""


async def forgotten(player: Any, desk: Any, exchange: Any, executed: str | None) -> Any:
    """An order that the venue had, and forgot when nobody listened; its trades are kept longer."""
    order = await place(exchange)
    desk.tells = False
    venues = desk.order(order.client_order_id)
    if executed is not None:
        desk.fill(venues, executed)
    del desk.orders[venues["id"]]
    return order


async def test_an_order_that_the_venue_forgot_is_asked_for_by_its_fills_before_it_is_given_up(
    player: Any, desk: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    order = await forgotten(player, desk, exchange, "1")
    await player.pass_by(200)
    assert (order.state, order.executed_amount_base) == (OrderState.FILLED, ONE)
    assert names_of(events) == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]
    assert desk.count("GET /fills") == 1, "only before the last word"


@pytest.mark.parametrize("code", ["NONE", "STRANGE"])
async def test_where_the_fills_of_an_order_are_forgotten_with_it_the_trades_of_the_account_tell(
    player: Any, desk: Any, names_of: Any, code: str
) -> None:
    exchange = await player.start(TRADES_OF_THE_ACCOUNT)
    events = player.hear(exchange)
    order = await forgotten(player, desk, exchange, "1")
    desk.script["GET /fills"] = [code] * 9
    desk.answers["GET /trades"] = lambda _fields: desk.fills
    await player.pass_by(200)
    assert (order.state, order.executed_amount_base) == (OrderState.FILLED, ONE)
    assert names_of(events) == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]
    assert (desk.count("GET /fills"), desk.count("GET /trades")) == (1, 1)


async def test_an_order_of_which_the_trades_know_nothing_either_is_lost(player: Any, desk: Any, names_of: Any) -> None:
    exchange = await player.start(TRADES_OF_THE_ACCOUNT)
    events = player.hear(exchange)
    order = await forgotten(player, desk, exchange, None)
    desk.answers["GET /trades"] = lambda _fields: []
    await player.pass_by(200)
    assert order.is_failure
    assert names_of(events) == ["BuyOrderCreated", "MarketOrderFailure"]


async def test_a_cancel_that_finds_no_order_is_not_the_last_word(player: Any, desk: Any, names_of: Any) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    order = await forgotten(player, desk, exchange, "1")
    await player.pass_by(31)
    exchange.order_tracker.process_order_not_found(order.client_order_id)
    for _ in range(2):
        await exchange.cancel_order(order.client_order_id)
        await player.settle()
    assert order.state is OrderState.FILLED
    assert names_of(events) == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]


DATED = "streams: {user: {events: {order: {map: {timestamp: at}}}}}\n"


async def test_an_amendment_is_followed_where_our_clock_is_ahead_of_the_venues(player: Any, desk: Any) -> None:
    exchange = await player.start(DATED)
    order = await place(exchange)
    venues = desk.order(order.client_order_id)
    desk.user.say({"t": "order", **venues, "price": "99", "size": "2", "at": desk.clock.time_ns() // 10**6 - 5_000})
    await player.settle()
    assert (order.price, order.amount) == (99, 2)


AMENDS = """\
endpoints:
  amend_order:
    put: /order
    auth: signed
    body: {market: "{symbol}", tag: "{client_order_id}", size: "{amount}", price: "{price}"}
    result: {exchange_order_id: id, timestamp: at}
"""


async def test_an_amendment_counts_whole_though_its_answer_names_the_time_of_the_creation(
    player: Any, desk: Any
) -> None:
    exchange = await player.start(DATED + AMENDS)
    order = await place(exchange)
    venues, created = desk.order(order.client_order_id), desk.clock.time_ns() // 10**6
    desk.user.say({"t": "order", **venues, "price": "99", "size": "2", "at": created + 5_000})
    await player.settle()
    desk.answers["PUT /order"] = lambda _fields: {"id": venues["id"], "at": created}
    await exchange.amend_order(order.client_order_id, amount=Decimal(3), price=Decimal(90))
    assert (order.amount, order.price) == (3, 90)


async def test_an_answer_to_a_new_order_does_not_undo_an_amendment_that_news_told_before(
    player: Any, desk: Any
) -> None:
    exchange = await player.start("endpoints: {place_order: {result: {amount: size, price: price}}}\n")

    gate = desk.gates["POST /order"] = asyncio.Event()
    client_order_id = exchange.buy("BTC-USD", ONE, price=HUNDRED)
    await player.settle()
    venues = desk.put(tag=client_order_id)
    desk.user.say({"t": "order", **venues, "price": "99"})
    await player.settle()
    desk.answers["POST /order"] = lambda _fields: venues
    gate.set()
    await player.settle()
    order = exchange.order_tracker.fetch_order(client_order_id)
    assert order.price == 99


FILLS_ARE_SELDOM_TOLD = "rate_limits: {seldom: 1/30s}\nendpoints: {order_trades: {cost: {seldom: 1}}}\n"


async def test_an_order_waits_for_its_fills_while_our_own_rate_limit_holds_the_question_back(
    player: Any, desk: Any
) -> None:
    exchange = await player.start(FILLS_ARE_SELDOM_TOLD)
    orders = [await place(exchange) for _ in range(2)]
    for order in orders:
        desk.fill(desk.order(order.client_order_id), "1", tell="order")
    await player.pass_by(20)
    assert sorted(order.is_done for order in orders) == [False, True]
    await player.pass_by(20)
    assert [(order.state, order.executed_amount_quote) for order in orders] == [(OrderState.FILLED, HUNDRED)] * 2


async def test_what_the_store_could_not_keep_is_kept_in_the_next_round(player: Any, desk: Any) -> None:
    class FullStore(MemoryStore):
        is_full = False

        def save_order(self, state: dict[str, Any]) -> None:
            if self.is_full:
                raise OSError("disk full")
            super().save_order(state)

    store = FullStore()
    exchange = await player.start(trading=TradingSettings(store=store))
    order = await place(exchange)
    store.is_full = True
    desk.end(desk.order(order.client_order_id))
    await player.settle()
    assert order.is_cancelled
    assert [state["last_state"] for state in store.orders()] == ["OPEN"]
    store.is_full = False
    await player.pass_by(125, step=1)
    assert [state["last_state"] for state in store.orders()] == ["CANCELED"]
