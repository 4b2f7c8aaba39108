"""A wish to cancel an order that the venue may not have yet is kept until it has it, or never had it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from declconn.account.order_store import MemoryStore
from declconn.connector.trading.cancels import CancellationResult
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.errors import UnknownOutcomeError, VenueError
from declconn.types import OrderState, Side

ONE, HUNDRED = Decimal(1), Decimal(100)

BY_THE_VENUES_ID = """\
endpoints:
  cancel_order: {params: {tag: null, id: "{exchange_order_id}"}}
"""


async def place(exchange: Any) -> Any:
    return await exchange.place_order("BTC-USD", Side.BUY, ONE, price=HUNDRED)


async def place_in_vain(exchange: Any, desk: Any, faults: Any) -> Any:
    """An order that has not arrived, and nobody can tell."""
    desk.script["POST /order"] = [faults["vanished"]]
    order = await place(exchange)
    assert order.fate_unknown
    return order


async def test_an_order_that_arrives_after_it_was_cancelled_is_cancelled_on_first_sight(
    player: Any, desk: Any, faults: Any, names_of: Any
) -> None:
    exchange = await player.start()
    events = player.hear(exchange)
    order = await place_in_vain(exchange, desk, faults)
    with pytest.raises(UnknownOutcomeError, match="cancelled as soon as the venue does"):
        await exchange.cancel_order(order.client_order_id)
    venues = desk.put(tag=order.client_order_id)
    await player.settle()
    assert (order.state, venues["state"]) == (OrderState.CANCELED, "gone")
    assert names_of(events) == ["BuyOrderCreated", "OrderCancelled"]
    assert desk.count("DELETE /order") == 2


async def test_where_the_venues_id_is_needed_the_wish_is_kept_too(player: Any, desk: Any, faults: Any) -> None:
    exchange = await player.start(BY_THE_VENUES_ID)
    order = await place_in_vain(exchange, desk, faults)
    cancelling = asyncio.create_task(exchange.cancel_order(order.client_order_id))
    await player.settle()
    cancelling.cancel()
    await asyncio.gather(cancelling, return_exceptions=True)
    desk.put(tag=order.client_order_id)
    await player.pass_by(5)
    assert order.is_cancelled
    assert desk.fields("DELETE /order") == [{"market": "btcusd", "id": "1"}]


async def test_whoever_waits_for_the_venues_id_waits_by_the_connectors_clock(
    player: Any, desk: Any, faults: Any
) -> None:
    exchange = await player.start(BY_THE_VENUES_ID)
    order = await place_in_vain(exchange, desk, faults)
    cancelling = asyncio.create_task(exchange.cancel_order(order.client_order_id))
    await player.pass_by(9)
    assert not cancelling.done()
    await player.pass_by(2)
    with pytest.raises(UnknownOutcomeError, match="it is cancelled as soon as the venue does"):
        await cancelling


async def test_whoever_cancels_an_order_that_never_arrived_is_done_when_it_is_given_up(
    player: Any, desk: Any, faults: Any
) -> None:
    exchange = await player.start(BY_THE_VENUES_ID)
    order = await place_in_vain(exchange, desk, faults)
    await player.pass_by(30)
    cancelling = asyncio.create_task(exchange.cancel_order(order.client_order_id))
    await player.pass_by(9)
    exchange.order_tracker.order_failed(order.client_order_id, "it never arrived", "order_not_found")
    await cancelling
    assert order.is_failure
    assert desk.count("DELETE /order") == 0


async def test_cancel_all_is_no_success_where_the_venue_does_not_know_the_order(
    player: Any, desk: Any, faults: Any
) -> None:
    exchange = await player.start()
    order, known = await place_in_vain(exchange, desk, faults), await place(exchange)
    assert await exchange.cancel_all() == [
        CancellationResult(known.client_order_id, True),
        CancellationResult(order.client_order_id, False),
    ]
    desk.put(tag=order.client_order_id)
    await player.settle()
    assert order.is_cancelled


async def test_the_wish_outlives_a_restart(player: Any, desk: Any, faults: Any, tmp_path: Path) -> None:
    kept = {"trading": TradingSettings(store=tmp_path / "orders.sqlite")}
    first = await player.start("", **kept)
    order = await place_in_vain(first, desk, faults)
    with pytest.raises(UnknownOutcomeError):
        await first.cancel_order(order.client_order_id)
    await first.stop()
    venues = desk.put(tag=order.client_order_id)
    second = await player.start("", **kept)
    await player.pass_by(2)
    assert venues["state"] == "gone"
    assert second.order_tracker.fetch_order(order.client_order_id).is_cancelled


async def test_a_wish_that_fails_when_the_order_shows_up_is_tried_again(player: Any, desk: Any, faults: Any) -> None:
    exchange = await player.start()
    order = await place_in_vain(exchange, desk, faults)
    with pytest.raises(UnknownOutcomeError):
        await exchange.cancel_order(order.client_order_id)
    desk.script["DELETE /order"] = ["BUSY", "BUSY"]
    desk.put(tag=order.client_order_id)
    await player.settle()
    assert order.is_open
    await player.pass_by(4)
    assert order.is_cancelled


async def test_whoever_stops_waiting_while_the_order_is_on_its_way_has_it_cancelled(player: Any, desk: Any) -> None:
    exchange = await player.start()
    gate = desk.gates["POST /order"] = asyncio.Event()
    client_order_id = exchange.buy("BTC-USD", ONE, price=HUNDRED)
    await player.settle()
    cancelling = asyncio.create_task(exchange.cancel_order(client_order_id))
    await player.settle()
    cancelling.cancel()
    gate.set()
    await player.settle()
    assert desk.order(client_order_id)["state"] == "gone"


async def test_a_cancel_that_waits_for_its_order_is_sent_once(player: Any, desk: Any) -> None:
    exchange = await player.start()
    gate = desk.gates["POST /order"] = asyncio.Event()
    client_order_id = exchange.buy("BTC-USD", ONE, price=HUNDRED)
    await player.settle()
    cancelling = asyncio.create_task(exchange.cancel_order(client_order_id))
    await player.settle()
    gate.set()
    await cancelling
    await player.pass_by(5)
    assert desk.count("DELETE /order") == 1


async def test_a_cancel_that_the_venue_refuses_is_no_wish_any_more(player: Any, desk: Any) -> None:
    exchange = await player.start()
    gate = desk.gates["POST /order"] = asyncio.Event()
    desk.script["DELETE /order"] = ["BUSY"]
    client_order_id = exchange.buy("BTC-USD", ONE, price=HUNDRED)
    await player.settle()
    cancelling = asyncio.create_task(exchange.cancel_order(client_order_id))
    await player.settle()
    gate.set()
    with pytest.raises(VenueError):
        await cancelling
    await player.pass_by(60)
    assert desk.order(client_order_id)["state"] == "new"
    assert desk.count("DELETE /order") == 1


async def test_what_may_still_live_when_a_connector_stops_is_logged(
    player: Any, desk: Any, faults: Any, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = await player.start("", trading=TradingSettings(store=MemoryStore(), cancel_on_stop=True))
    order = await place_in_vain(exchange, desk, faults)
    await exchange.stop()
    assert f"orders that may still live: {order.client_order_id}" in caplog.text
