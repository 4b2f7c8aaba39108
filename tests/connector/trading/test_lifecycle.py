"""Starting, stopping and coming back: what is kept, what is let go of, and who may have an account."""

from __future__ import annotations

import asyncio
import os
import stat
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from declconn.account.order_store import MemoryStore
from declconn.account.sqlite_store import SqliteStore
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.errors import ConfigurationError, NetworkError
from declconn.types import OrderState, Side

ONE, HUNDRED = Decimal(1), Decimal(100)

SWITCH = """\
endpoints:
  cancel_all_after: {post: /switch, auth: signed, body: {timeout: "{timeout|s}"}}
"""


async def place(exchange: Any, pair: str = "BTC-USD") -> Any:
    return await exchange.place_order(pair, Side.BUY, ONE, price=HUNDRED)


def kept(file: Path, **more: Any) -> dict[str, Any]:
    return {"trading": TradingSettings(store=file, **more)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "account" / "orders.sqlite"


async def test_fills_before_a_cancel_that_told_none_are_asked_for_by_the_process_after_a_crash(
    player: Any, desk: Any, file: Path
) -> None:
    exchange = await player.start("streams: {user: null}\n", **kept(file))
    order = await place(exchange)
    desk.fill(desk.order(order.client_order_id), "0.25")
    await exchange.cancel_order(order.client_order_id)
    assert (order.state.value, order.executed_amount_base) == ("CANCELED", 0)
    exchange.account.store.close()

    again = player.connector("streams: {user: null}\n", **kept(file))
    await again.start()
    await player.pass_by(6)
    known = again.order_tracker.fetch_order(order.client_order_id)
    assert (known.state.value, known.executed_amount_base) == ("CANCELED", Decimal("0.25"))
    assert not known.is_unconfirmed
    asked = len(desk.fields("GET /order"))
    await player.pass_by(20)
    assert len(desk.fields("GET /order")) == asked, "it is asked once"
    await again.stop()


async def test_nautilus_5000_orders_that_work_and_their_fills_are_known_again_after_a_restart(
    player: Any, desk: Any, file: Path, names_of: Any
) -> None:
    exchange = await player.start("", "BTC-USD", "ETH-USD", **kept(file))
    open_, filled, part, gone = [await place(exchange) for _ in range(4)]
    desk.fill(desk.order(part.client_order_id), "0.25")
    await player.settle()
    await exchange.stop()
    desk.tells = False
    desk.fill(desk.order(filled.client_order_id), "1")
    desk.fill(desk.order(part.client_order_id), "0.25")
    desk.end(desk.order(gone.client_order_id))
    desk.put(tag="by-hand", side="sell")

    desk.tells = True
    again = player.connector("", "BTC-USD", "ETH-USD", **kept(file))
    events = player.hear(again)
    await again.start()
    await player.pass_by(2)
    orders = again.order_tracker.all_orders
    assert {order.client_order_id: order.state.value for order in orders.values()} == {
        open_.client_order_id: "OPEN",
        filled.client_order_id: "FILLED",
        part.client_order_id: "PARTIALLY_FILLED",
        gone.client_order_id: "CANCELED",
        "by-hand": "OPEN",
    }
    assert orders[part.client_order_id].executed_amount_base == Decimal("0.5")
    assert orders["by-hand"].is_external
    told = names_of(events)
    assert sorted(told) == ["BuyOrderCompleted", "ExternalOrder", "OrderCancelled", "OrderFilled", "OrderFilled"], (
        "what was told before is not told again"
    )
    await again.stop()


async def test_an_order_whose_request_was_on_its_way_when_the_process_died_is_asked_for_by_its_client_id(
    player: Any, desk: Any, file: Path
) -> None:
    store = SqliteStore(file, "an account")
    exchange = await player.start("", trading=TradingSettings(store=store))
    desk.gates["POST /order"] = asyncio.Event()
    arrived, vanished = exchange.buy("BTC-USD", ONE, price=HUNDRED), exchange.sell("BTC-USD", ONE, price=HUNDRED)
    await player.settle()
    states = store.orders()
    await exchange.stop()
    desk.put(tag=arrived)
    assert [state["last_state"] for state in states] == ["PENDING_CREATE"] * 2

    again = await player.start("", trading=TradingSettings(store=store))
    found, missing = (again.order_tracker.fetch_order(tag) for tag in (arrived, vanished))
    assert (found.state, missing.state, missing.fate_unknown) == (OrderState.OPEN, OrderState.PENDING_CREATE, True)
    await player.pass_by(60)
    assert missing.is_failure
    assert desk.count("POST /order") == 2, "neither was sent again"


async def test_the_same_connector_starts_again_and_its_orders_are_the_same_objects(
    player: Any, desk: Any, file: Path
) -> None:
    exchange = await player.start("", **kept(file))
    order = await place(exchange)
    for _ in range(2):
        await exchange.stop()
        await exchange.start()
        await player.settle()
    assert exchange.in_flight_orders == {order.client_order_id: order}
    desk.fill(desk.order(order.client_order_id), "1")
    await player.settle()
    assert order.is_filled


async def test_an_order_that_was_on_its_way_when_it_stopped_is_resolved_when_it_starts_again(
    player: Any, desk: Any
) -> None:
    exchange = await player.start()
    desk.gates["POST /order"] = asyncio.Event()
    sent = exchange.buy("BTC-USD", ONE, price=HUNDRED)
    await player.settle()
    never_begun = exchange.buy("BTC-USD", ONE, price=HUNDRED)
    await exchange.stop()
    desk.put(tag=sent)
    await exchange.start()
    await player.pass_by(60)
    states = [exchange.order_tracker.fetch_order(tag).state for tag in (sent, never_begun)]
    assert states == [OrderState.OPEN, OrderState.FAILED]


async def test_orders_of_markets_that_are_gone_or_not_followed_harm_nothing(player: Any, desk: Any, file: Path) -> None:
    exchange = await player.start("", **kept(file))
    gone, other = await place(exchange, "LTC-USD"), await place(exchange, "ETH-USD")
    await exchange.stop()
    desk.markets = [market for market in desk.markets if market["id"] != "ltcusd"]
    again = await player.start("", **kept(file))
    assert set(again.in_flight_orders) == {gone.client_order_id, other.client_order_id}
    desk.fill(desk.order(other.client_order_id), "1")
    await player.settle()
    assert again.order_tracker.fetch_order(other.client_order_id).is_filled


async def test_nothing_is_touched_before_start_and_everything_is_let_go_of_by_stop(
    player: Any, desk: Any, file: Path
) -> None:
    before = asyncio.all_tasks()
    exchange = player.connector("", **kept(file))
    assert not file.parent.exists()
    await exchange.start()
    await player.settle()
    await place(exchange)
    exchange.buy("BTC-USD", ONE, price=HUNDRED)
    desk.fill(desk.order(next(iter(exchange.in_flight_orders))), "0.5", tell="order")
    await player.pass_by(0.5)
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    await exchange.stop()
    assert asyncio.all_tasks() == before
    assert not any(socket.is_open for socket in desk.sockets)
    assert desk.closings == 1
    store = SqliteStore(file, "somebody else")
    with pytest.raises(ConfigurationError, match="found the orders of account"):
        store.open()
    await exchange.stop()


async def test_a_second_connector_of_the_same_account_is_refused_and_told_who_has_it(
    player: Any, desk: Any, file: Path
) -> None:
    first = await player.start("", **kept(file))
    second = player.connector("", **kept(file))
    asked = len(desk.asked)
    with pytest.raises(ConfigurationError, match=r"process \d+ on .* is using the orders.*read_only=True"):
        await second.start()
    assert len(desk.asked) == asked, "nothing was asked"
    watcher = player.connector("", trading=False)
    await watcher.start()
    await watcher.stop()
    await first.stop()
    await second.start()
    await second.stop()


@pytest.mark.parametrize("market", ["BTC-USD", "BTC-EUR"])
async def test_a_connector_that_fails_to_start_lets_go_of_everything(
    player: Any, desk: Any, file: Path, faults: Any, market: str
) -> None:
    before = asyncio.all_tasks()
    exchange = player.connector(SWITCH, market, **kept(file, cancel_on_stop=True, cancel_all_after=60))
    if market == "BTC-USD":
        desk.answers["GET /markets"] = lambda _fields: faults["vanished"](None, {})
        desk.clock.sleep = asyncio.sleep  # type: ignore[method-assign]
        starting = asyncio.ensure_future(exchange.start())
        with pytest.raises(NetworkError):
            await starting
    else:
        with pytest.raises(Exception, match="BTC-EUR"):
            await exchange.start()
    assert asyncio.all_tasks() == before
    assert desk.asked == [], "the switch was not wound up, so it is not released"
    store = SqliteStore(file, "somebody else")
    with pytest.raises(ConfigurationError, match="found the orders of account"):
        store.open()


async def test_cancel_on_stop_cancels_ours_and_leaves_those_of_others(player: Any, desk: Any) -> None:
    exchange = await player.start("", trading=TradingSettings(store=MemoryStore(), cancel_on_stop=True))
    theirs = desk.put(tag="by-hand")
    order = await place(exchange)
    on_its_way = exchange.buy("BTC-USD", ONE, price=HUNDRED)
    await exchange.stop()
    assert order.is_cancelled
    assert (desk.order(on_its_way)["state"], theirs["state"]) == ("gone", "new")
    await exchange.stop()
    assert desk.count("DELETE /order") == 2


async def test_without_it_orders_work_on(player: Any, desk: Any) -> None:
    exchange = await player.start()
    order = await place(exchange)
    await exchange.stop()
    assert desk.order(order.client_order_id)["state"] == "new"


async def test_the_dead_mans_switch_is_wound_up_three_times_within_its_time_and_released(
    player: Any, desk: Any
) -> None:
    desk.answers["POST /switch"] = lambda _fields: {}
    settings = TradingSettings(store=MemoryStore(), cancel_all_after=30)
    exchange = await player.start(SWITCH, trading=settings)
    await player.pass_by(25)
    assert [fields["timeout"] for fields in desk.fields("POST /switch")] == [30, 30, 30]
    await exchange.stop()
    assert [fields["timeout"] for fields in desk.fields("POST /switch")] == [30, 30, 30, 0]


async def test_a_switch_that_the_venue_does_not_have_is_refused(player: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"no dead man's switch.*cancel_on_stop"):
        player.connector("", trading=TradingSettings(store=MemoryStore(), cancel_all_after=30))


async def test_by_default_orders_are_kept_in_the_users_state_directory(player: Any, tmp_path: Path) -> None:
    exchange = await player.start("", trading=True)
    store = exchange.account.store
    assert isinstance(store, SqliteStore)
    await exchange.stop()
    assert "secret" not in str(vars(store))


async def test_pairs_come_and_go_also_on_private_streams(player: Any, desk: Any) -> None:
    exchange = await player.start('streams: {user: {channels: {account: null, orders: "orders.{symbol}"}}}\n')
    assert desk.user.channels == ["orders.btcusd"]
    await player.pass_by(2)
    before = desk.count("GET /orders")
    await exchange.add_trading_pair("ETH-USD")
    await player.settle()
    assert desk.user.channels == ["orders.btcusd", "orders.ethusd"]
    assert desk.count("GET /orders") == before + 1, "the new pair is asked about at once"
    await exchange.remove_trading_pair("BTC-USD")
    await player.settle()
    assert desk.user.channels == ["orders.ethusd"]


async def test_where_open_orders_are_asked_for_pair_by_pair_all_that_matter_are(player: Any, desk: Any) -> None:
    exchange = await player.start('endpoints: {open_orders: {params: {market: "{symbol}"}}}\n')
    await place(exchange, "ETH-USD")
    before = len(desk.fields("GET /orders"))
    await player.pass_by(125, step=1)
    asked = {fields["market"] for fields in desk.fields("GET /orders")[before:]}
    assert asked == {"btcusd", "ethusd"}


async def test_states_can_be_handed_from_one_connector_to_the_next(player: Any, desk: Any) -> None:
    exchange = await player.start()
    order = await place(exchange)
    desk.fill(desk.order(order.client_order_id), "0.5")
    await player.settle()
    states = exchange.tracking_states
    await exchange.stop()
    again = await player.start()
    again.restore_tracking_states(states)
    restored = again.order_tracker.fetch_order(order.client_order_id)
    assert (restored.state, restored.executed_amount_base) == (OrderState.PARTIALLY_FILLED, Decimal("0.5"))


async def test_a_cancelled_stop_still_lets_go_of_everything(player: Any, desk: Any, file: Path) -> None:
    before = asyncio.all_tasks()
    exchange = player.connector("", **kept(file, cancel_on_stop=True))
    await exchange.start()
    await player.settle()
    await place(exchange)
    desk.gates["DELETE /order"] = asyncio.Event()
    stopping = asyncio.ensure_future(exchange.stop())
    await player.settle()
    stopping.cancel()
    await asyncio.gather(stopping, return_exceptions=True)
    assert asyncio.all_tasks() == before
    assert not any(socket.is_open for socket in desk.sockets)
    next_one = player.connector("", **kept(file))
    await next_one.start()
    await next_one.stop()
