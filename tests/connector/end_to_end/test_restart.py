"""A process is killed, and the next one knows everything that matters from the file and from the venue."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from declconn.account.events import OrderFilledEvent
from declconn.errors import ConfigurationError
from declconn.simulator import RequestFault
from declconn.types import OrderState, OrderType, Side

PAIR = "BTC-USDT"


def test_nautilus_5000_open_orders_are_known_again_with_what_happened_meanwhile(world: Any) -> None:
    first = world.start()
    placed = [first.order(Side.BUY, "2", price) for price in ("100", "99", "98")]
    world.trade("cat", Side.SELL, "0.5", "100")
    first.idle()
    world.kill()
    world.trade("cat", Side.SELL, "2", "99")
    world.engine.cancel("ann", PAIR, client_order_id=placed[2].client_order_id)
    theirs = world.trade("ann", Side.SELL, "1", "105")

    second = world.start()
    tracker = second.exchange.order_tracker
    orders = [tracker.fetch_order(order.client_order_id) for order in placed]
    assert [order.state for order in orders] == [OrderState.FILLED, OrderState.PARTIALLY_FILLED, OrderState.CANCELED]
    for order in orders:
        assert order.order_fills.keys() == {fill.trade_id for fill in world.order(order).fills}
    assert tracker.fetch_order(exchange_order_id=theirs.exchange_order_id).is_external
    assert world.believed == world.balances


def test_fills_are_told_by_the_first_process_or_by_the_second_and_counted_once(world: Any) -> None:
    first = world.start()
    order = first.order(Side.BUY, "2", "100")
    world.trade("cat", Side.SELL, "0.5", "100")
    first.idle()
    world.kill()
    world.trade("cat", Side.SELL, "1.5", "100")
    second = world.start()
    fills = [event for event in first.events + second.events if isinstance(event, OrderFilledEvent)]
    assert [fill.amount for fill in fills] == [Decimal("0.5"), Decimal("1.5")]
    kept = second.store.fills(order.client_order_id)
    assert sorted(fill["trade_id"] for fill in kept) == sorted(fill.trade_id for fill in world.order(order).fills)


@pytest.mark.parametrize("steps", range(0, 16, 2))
def test_a_kill_at_any_moment_loses_no_order(world: Any, steps: int) -> None:
    """Between the wish and the answer; whatever the venue has is known, and what it has not ends in time."""
    first = world.start()
    order_id = first.call(first.exchange.buy, PAIR, Decimal(1), OrderType.LIMIT, Decimal(100))
    first.step(steps)
    world.kill()
    second = world.start()
    order = second.exchange.order_tracker.fetch_order(order_id)
    second.pass_by(240, 2)
    is_there = order_id in world.engine.account("ann").by_client_id
    assert order.state is (OrderState.OPEN if is_there else OrderState.FAILED)
    assert world.engine.asked["ann", order_id] == is_there
    assert "BuyOrderCreated" in first.told + second.told or not is_there


@pytest.mark.parametrize("fault", [RequestFault.ANSWER_LOST, RequestFault.LOST])
def test_an_order_without_an_answer_is_asked_for_by_the_next_process(world: Any, fault: RequestFault) -> None:
    first = world.start()
    world.venue.faults.plan(fault, "place_order")
    placed = first.order(Side.BUY, "1", "100")
    world.kill()
    second = world.start()
    second.pass_by(240, 2)
    order = second.exchange.order_tracker.fetch_order(placed.client_order_id)
    assert order.state is (OrderState.OPEN if fault is RequestFault.ANSWER_LOST else OrderState.FAILED)
    assert world.venue.transport.sent.count("place_order") == 1


def test_ids_that_ran_ahead_of_the_clock_are_not_used_again(world: Any) -> None:
    """Short numbers do: a burst of orders takes those of the moments to come."""
    first = world.start()
    burst = [first.call(first.exchange.buy, PAIR, Decimal(1), OrderType.LIMIT, Decimal(90)) for _ in range(5)]
    world.kill()
    second = world.start()
    assert second.order(Side.BUY, "1", "90").client_order_id not in burst


def test_an_account_has_one_writer_who_is_named(world: Any) -> None:
    first = world.start()
    second = world.launch()
    with pytest.raises(ConfigurationError, match=r"process \d+ on .* is using the orders of this account"):
        second.run(second.exchange.start())
    assert first.order(Side.BUY, "1", "100").state is OrderState.OPEN


def test_the_same_connector_can_be_stopped_and_started(world: Any) -> None:
    process = world.start()
    order = process.order(Side.BUY, "2", "100")
    process.stop()
    assert world.venue.transport.sockets == []
    world.trade("cat", Side.SELL, "2", "100")
    process.run(process.exchange.start())
    process.run(process.exchange.wait_until_ready(60))
    process.idle()
    assert order.state is OrderState.FILLED
    assert process.told_of(order) == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]


def test_orders_can_be_cancelled_on_stop(world: Any) -> None:
    process = world.start(cancel_on_stop=True)
    ours, theirs = process.order(Side.BUY, "2", "100"), world.trade("ann", Side.BUY, "1", "99")
    process.stop()
    assert (world.order(ours).state, theirs.state) == (OrderState.CANCELED, OrderState.OPEN)
