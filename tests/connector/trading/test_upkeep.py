"""How often a venue is asked about an account, and what is done about streams that fell silent."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from declconn.account.events import BalanceEvent
from declconn.account.order_store import MemoryStore
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.errors import VenueError
from declconn.types import OrderState, Side

ONE, HUNDRED = Decimal(1), Decimal(100)

NO_BALANCES = "streams: {user: {events: {balance: null}}}\n"


async def test_while_the_stream_is_silent_there_is_a_round_every_five_seconds(player: Any, desk: Any) -> None:
    await player.start()
    await player.pass_by(61)
    before = desk.count("GET /balances")
    await player.pass_by(50)
    assert desk.count("GET /balances") - before == 10
    assert desk.count("GET /orders") == desk.count("GET /balances")


NEVER_IN = "streams: {user: {login: {accepted: {never: true}}}}\n"


async def test_a_stream_that_cannot_log_in_counts_as_silent_at_once(player: Any, desk: Any) -> None:
    exchange = player.connector(f"{NEVER_IN}orders: {{cancel: async}}\n")
    await exchange.start()
    await player.settle()
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    await exchange.cancel_order(order.client_order_id)
    assert order.is_pending_cancel
    before = desk.count("GET /balances")
    await player.pass_by(20)
    assert order.is_cancelled, "a round found it"
    assert desk.count("GET /balances") - before == 4
    why = r"user_stream_initialized \(user: streams\.user\.login: no good answer.*welcome"
    with pytest.raises(TimeoutError, match=why):
        await exchange.wait_until_ready(0.01)
    await exchange.stop()


async def test_while_the_stream_speaks_there_is_one_every_two_minutes(player: Any, desk: Any) -> None:
    await player.start()
    before = desk.count("GET /balances")
    for _ in range(12):
        await player.pass_by(20, step=1)
        desk.user.say({"t": "balance", "coin": "ETH", "total": "1", "free": "1"})
    assert desk.count("GET /balances") - before == 2


async def test_after_every_reconnect_there_is_a_round_at_once(player: Any, desk: Any) -> None:
    exchange = await player.start()
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    await player.pass_by(2)
    desk.tells = False
    desk.fill(desk.order(order.client_order_id), "1")
    before = desk.count("GET /balances")
    desk.user.drop()
    await player.pass_by(1)
    assert order.is_filled
    assert desk.count("GET /balances") == before + 1


async def test_what_was_missed_while_the_stream_was_away_is_no_reason_to_reconnect_again(
    player: Any, desk: Any
) -> None:
    exchange = await player.start()
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    await player.pass_by(2)
    desk.tells = False
    desk.fill(desk.order(order.client_order_id), "1")
    desk.user.drop()
    await player.pass_by(30)
    assert order.is_filled
    assert len([socket for socket in desk.sockets if socket.path == "/user"]) == 2


async def test_that_an_order_is_given_up_is_no_fault_of_the_stream(player: Any, desk: Any, faults: Any) -> None:
    exchange = await player.start()
    desk.script["POST /order"] = [faults["vanished"]]
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    await player.pass_by(200)
    assert order.is_failure
    assert len([socket for socket in desk.sockets if socket.path == "/user"]) == 1


async def test_hummingbot_8250_a_stream_that_subscribed_again_and_stays_silent_is_opened_anew(
    player: Any, desk: Any
) -> None:
    exchange = await player.start()
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    desk.user.drop()
    await player.pass_by(2)
    silent = desk.user
    desk.tells = False
    desk.fill(desk.order(order.client_order_id), "0.5")
    await player.pass_by(70)
    assert order.state is OrderState.PARTIALLY_FILLED, "the rounds found it"
    await player.pass_by(15)
    assert desk.user is not silent
    desk.tells = True
    desk.fill(desk.order(order.client_order_id), "0.5")
    await player.settle()
    assert order.is_filled


async def test_a_stream_that_is_only_slower_than_a_round_is_left_alone(player: Any, desk: Any) -> None:
    exchange = await player.start()
    await player.pass_by(70)
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    await player.pass_by(62)
    desk.tells = False
    fill = desk.fill(desk.order(order.client_order_id), "1")
    await player.pass_by(6)
    assert order.is_filled
    desk.user.say({"t": "fill", **fill})
    await player.pass_by(20)
    assert len([socket for socket in desk.sockets if socket.path == "/user"]) == 1


async def test_hummingbot_4115_balances_recover_where_no_stream_tells_them(player: Any, desk: Any) -> None:
    exchange = await player.start(NO_BALANCES)
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    assert exchange.get_available_balance("USD") == Decimal("899.9"), "what the order may cost is held"
    await player.pass_by(2)
    desk.fill(desk.order(order.client_order_id), "1")
    desk.balances["USD"] |= {"total": "899.8", "free": "899.8"}
    desk.balances["BTC"] |= {"total": "11", "free": "11"}
    await player.settle()
    assert exchange.get_balance("BTC") == 11
    assert exchange.get_balance("USD") == Decimal("899.9"), "by the fills that are known"
    await player.pass_by(6)
    assert exchange.get_all_balances() == {"USD": Decimal("899.8"), "BTC": Decimal(11)}
    assert exchange.available_balances == {"USD": Decimal("899.8"), "BTC": Decimal(11)}


async def test_balances_that_a_stream_tells_stand_as_they_are_told(player: Any, desk: Any) -> None:
    exchange = await player.start()
    events = player.hear(exchange, BalanceEvent)
    desk.user.say({"t": "balance", "coin": "USD", "total": "700", "free": "650"})
    await player.settle()
    assert (exchange.get_balance("USD"), exchange.get_available_balance("USD")) == (700, 650)
    assert [(event.asset, event.total, event.available) for event in events] == [("USD", 700, 650)]
    assert exchange.get_balance("XRP") == 0


DEPOSITS = """\
streams:
  user:
    events:
      deposit: {when: {t: deposit}, emit: balance_update, map: {asset: coin, delta: change, timestamp: at}}
"""
ONLY_DEPOSITS = f"{DEPOSITS}      balance: null\n"


@pytest.mark.parametrize("variant", [DEPOSITS, ONLY_DEPOSITS])
async def test_a_change_of_a_balance_counts_at_once_and_the_truth_is_asked_for(
    player: Any, desk: Any, variant: str
) -> None:
    exchange = await player.start(variant)
    await player.pass_by(2)
    events, before = player.hear(exchange, BalanceEvent), desk.count("GET /balances")
    desk.balances["USD"] |= {"total": "1100", "free": "1100"}
    at = player.clock.time_ns() // 10**6 + 1
    desk.user.say({"t": "deposit", "coin": "USD", "change": "30", "at": at})
    desk.user.say({"t": "deposit", "coin": "USD", "change": "50", "at": at})
    desk.user.say({"t": "deposit", "coin": "XRP", "change": "7", "at": at})
    await player.settle()
    assert exchange.get_all_balances() == {"USD": 1080, "BTC": 10}, "what nobody told is not made up"
    desk.balances["XRP"] = {"coin": "XRP", "total": "8", "free": "8"}
    await player.pass_by(2)
    assert [(event.asset, event.total) for event in events] == [
        ("USD", 1030),
        ("USD", 1080),
        ("USD", 1100),
        ("XRP", 8),
    ]
    assert exchange.get_available_balance("USD") == 1100
    assert desk.count("GET /balances") == before + 1


async def test_where_a_stream_tells_only_changes_a_fill_has_balances_asked_for(player: Any, desk: Any) -> None:
    exchange = await player.start(ONLY_DEPOSITS)
    order = await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    await player.pass_by(2)
    desk.fill(desk.order(order.client_order_id), "1")
    desk.balances["USD"] |= {"total": "899.8", "free": "899.8"}
    await player.pass_by(2)
    assert exchange.get_balance("USD") == Decimal("899.8")


async def test_balances_can_be_asked_for(player: Any, desk: Any) -> None:
    exchange = await player.start()
    desk.balances["XRP"] = {"coin": "XRP", "total": "5", "free": "4"}
    await exchange.update_balances()
    assert exchange.get_available_balance("XRP") == 4
    desk.script["GET /balances"] = ["ODD"]
    with pytest.raises(VenueError, match="ODD"):
        await exchange.update_balances()


async def test_an_account_is_ready_when_its_balances_orders_and_streams_are(player: Any, desk: Any) -> None:
    desk.gates["GET /balances"] = asyncio.Event()
    exchange = player.connector()
    await exchange.start()
    waiting = asyncio.ensure_future(exchange.wait_until_ready())
    await player.settle()
    assert {part for part, done in exchange.status_dict.items() if not done} == {"account_balance"}
    assert not waiting.done()
    desk.gates["GET /balances"].set()
    await player.settle()
    await waiting
    assert exchange.status_dict["user_stream_initialized"]
    desk.user.drop()
    await player.settle()
    assert not exchange.ready
    await exchange.stop()
    assert not exchange.ready


async def test_who_waits_in_vain_hears_what_is_wrong(player: Any, desk: Any) -> None:
    exchange = player.connector()
    desk.script["GET /balances"] = ["WHO"] * 100
    await exchange.start()
    await player.settle()
    with pytest.raises(TimeoutError, match=r"desk is not ready: account_balance \(account_balance: .*authentication"):
        await exchange.wait_until_ready(0.01)
    await player.pass_by(3)
    before = desk.count("GET /balances")
    await player.pass_by(100)
    assert desk.count("GET /balances") == before, "a key that is refused is not tried every few seconds"
    await exchange.stop()


async def test_a_poll_that_a_stream_asks_for_renews_the_balances(player: Any, desk: Any) -> None:
    poll = "streams: {user: {events: {hint: {when: {t: hint}, emit: poll, operations: [balances]}}}}\n"
    exchange = await player.start(poll)
    desk.balances["USD"] |= {"total": "1", "free": "1"}
    desk.user.say({"t": "hint"})
    await player.settle()
    assert exchange.get_balance("USD") == 1


async def test_limits_of_the_user_hold(player: Any) -> None:
    settings = TradingSettings(store=MemoryStore(), asset_limits={"USD": Decimal(150)})
    exchange = await player.start(NO_BALANCES, trading=settings)
    assert exchange.get_available_balance("USD") == 150
    await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)
    assert exchange.get_available_balance("USD") == Decimal("49.9")
