"""What goes wrong between a connector and a venue, and that nothing comes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from declconn.errors import NetworkError, VenueError
from declconn.simulator import FrameFault, RequestFault
from declconn.types import BookState, OrderState, Side

PAIR = "BTC-USDT"
ROUND = 130
"""Seconds after which every order was asked for, however much the user stream tells."""


def sent(world: Any, operation: str = "place_order") -> int:
    """How often it was sent."""
    return int(world.venue.transport.sent.count(operation))


@pytest.mark.parametrize("fault", [RequestFault.ANSWER_LOST, RequestFault.FAILED_AFTERWARDS])
def test_ccxt_2599_an_order_without_an_answer_is_found_and_never_sent_again(world: Any, fault: RequestFault) -> None:
    process = world.start()
    world.venue.faults.plan_frame(FrameFault.LOST, "order_update")
    world.venue.faults.plan(fault, "place_order")
    order = process.order(Side.BUY, "1", "100")
    assert (order.state, order.fate_unknown) == (OrderState.OPEN, False)
    assert order.exchange_order_id == world.order(order).exchange_order_id
    assert sent(world) == 1
    assert process.told == ["BuyOrderCreated"]


@pytest.mark.parametrize("fault", [RequestFault.LOST, RequestFault.FAILED])
def test_an_order_that_never_arrived_fails_in_time_and_is_never_sent_again(world: Any, fault: RequestFault) -> None:
    process = world.start()
    world.venue.faults.plan(fault, "place_order")
    order = process.order(Side.BUY, "1", "100")
    process.pass_by(20)
    assert order.state is OrderState.PENDING_CREATE, "it may be on its way"
    process.pass_by(200)
    assert order.state is OrderState.FAILED
    assert (sent(world), world.engine.asked["ann", order.client_order_id]) == (1, 0)
    assert process.told == ["MarketOrderFailure"]


@pytest.mark.parametrize("comes_back", [True, False], ids=["the same process", "a new process"])
def test_what_an_order_held_that_never_arrived_is_given_back_once(world: Any, comes_back: bool) -> None:
    process = world.start()
    world.venue.faults.plan(RequestFault.LOST, "place_order")
    order = process.order(Side.BUY, "8", "100")
    if comes_back:
        world.venue.disconnect()
    else:
        world.kill()
        process = world.start()
    for _ in range(30):
        process.pass_by(5)
        assert all(available <= total for total, available in world.believed.values())
    order = process.exchange.order_tracker.fetch_order(order.client_order_id)
    assert order.state is OrderState.FAILED
    assert world.believed == world.balances


def test_an_answer_that_takes_its_time_changes_nothing(world: Any) -> None:
    process = world.start()
    world.venue.faults.delay(20, "place_order")
    placing = process.begin(process.exchange.place_order(PAIR, Side.BUY, Decimal(1), price=Decimal(100)))
    process.pass_by(5)
    world.trade("cat", Side.SELL, "1", "100")
    process.pass_by(30)
    order = placing.result()
    assert order.state is OrderState.FILLED
    assert process.told_of(order) == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]


def test_what_surely_did_not_leave_or_was_too_fast_is_sent_again(world: Any) -> None:
    process = world.start()
    world.venue.faults.plan(RequestFault.UNREACHABLE, "place_order")
    world.venue.faults.plan(RequestFault.RATE_LIMITED, "place_order")
    order = process.order(Side.BUY, "1", "100")
    assert order.state is OrderState.OPEN
    assert world.engine.asked["ann", order.client_order_id] == 1


def test_an_order_that_cannot_leave_fails_and_says_why(world: Any) -> None:
    process = world.start()
    world.venue.faults.plan(RequestFault.UNREACHABLE, "place_order", times=9)
    with pytest.raises(NetworkError):
        process.order(Side.BUY, "1", "100")
    assert process.told == ["MarketOrderFailure"]
    assert sent(world) == 0


@pytest.mark.parametrize("fault", [RequestFault.ANSWER_LOST, RequestFault.LOST, RequestFault.FAILED])
def test_a_cancel_without_an_answer_is_looked_into(world: Any, fault: RequestFault) -> None:
    process = world.start()
    order = process.order(Side.BUY, "1", "100")
    world.venue.faults.plan_frame(FrameFault.LOST, "order_update")
    world.venue.faults.plan(fault, "cancel_order")
    process.call(process.exchange.cancel, PAIR, order.client_order_id)
    process.pass_by(10)
    assert order.state is world.order(order).state
    assert order.is_done == (fault is RequestFault.ANSWER_LOST)


def test_cancelling_everything_does_not_say_that_a_lost_order_was_there(world: Any) -> None:
    process = world.start()
    world.venue.faults.plan(RequestFault.LOST, "place_order", times=2)
    lost = [process.order(Side.BUY, "1", price) for price in ("100", "99")]
    process.run(process.exchange.cancel_all())
    process.pass_by(240, 2)
    assert [order.is_done for order in lost] == [True, True]
    assert "BuyOrderCreated" not in process.told


def test_a_venue_that_is_closed_refuses_and_is_asked_again_when_it_opens(world: Any) -> None:
    process = world.start()
    order = process.order(Side.BUY, "1", "100")
    world.venue.faults.is_closed = True
    world.venue.disconnect()
    with pytest.raises(VenueError) as caught:
        process.order(Side.BUY, "1", "100")
    assert caught.value.kind in ("maintenance", "rate_limited"), "as the venue's words allow"
    process.pass_by(60)
    assert (order.state, process.exchange.ready) == (OrderState.OPEN, False)
    world.trade("cat", Side.SELL, "1", "100")
    world.venue.faults.is_closed = False
    process.pass_by(90)
    assert order.state is OrderState.FILLED
    assert process.exchange.ready
    assert process.exchange.get_order_book(PAIR).state is BookState.LIVE
    assert world.believed == world.balances


@pytest.mark.parametrize("loss", ["disconnect", "expire_sessions"])
def test_what_happened_while_nobody_listened_is_asked_for_at_once(world: Any, loss: str) -> None:
    process = world.start()
    orders = [process.order(Side.BUY, "1", price) for price in ("100", "99", "98")]
    getattr(world.venue, loss)()
    world.trade("cat", Side.SELL, "1.5", "99")
    world.engine.cancel("ann", PAIR, client_order_id=orders[2].client_order_id)
    process.pass_by(10)
    states = [OrderState.FILLED, OrderState.PARTIALLY_FILLED, OrderState.CANCELED]
    assert [order.state for order in orders] == states
    assert orders[1].executed_amount_base == Decimal("0.5")
    assert process.exchange.ready
    assert world.believed == world.balances
    again = process.order(Side.BUY, "1", "100")
    world.trade("cat", Side.SELL, "1", "100")
    process.idle()
    assert again.state is OrderState.FILLED, "the new stream tells"


def test_hummingbot_8250_a_stream_that_stays_silent_is_found_out_and_opened_anew(world: Any) -> None:
    process = world.start()
    order = process.order(Side.BUY, "3", "100")
    process.pass_by(ROUND)
    world.venue.faults.plan_frame(FrameFault.LOST, times=20)
    world.trade("cat", Side.SELL, "1", "100")
    process.pass_by(ROUND)
    assert order.executed_amount_base == 1, "rounds find what no stream tells"
    world.venue.faults.clear()
    process.pass_by(20)
    world.trade("cat", Side.SELL, "1", "100")
    process.idle()
    assert order.executed_amount_base == 2
    process.pass_by(ROUND)
    assert process.told_of(order) == ["BuyOrderCreated", "OrderFilled", "OrderFilled"]


@pytest.mark.parametrize("fault", FrameFault)
@pytest.mark.parametrize("emit", ["order_update", "trade_update", "balance_update"])
def test_frames_that_are_lost_late_or_twice_cost_nothing(world: Any, fault: FrameFault, emit: str) -> None:
    process = world.start()
    world.venue.faults.plan_frame(fault, emit, times=3)
    order = process.order(Side.BUY, "2", "100")
    world.trade("cat", Side.SELL, "0.5", "100")
    process.pass_by(3)
    world.trade("cat", Side.SELL, "1.5", "100")
    process.pass_by(ROUND)
    assert (order.state, order.executed_amount_base) == (OrderState.FILLED, 2)
    assert process.told_of(order) == ["BuyOrderCreated", "OrderFilled", "OrderFilled", "BuyOrderCompleted"]
    assert world.believed == world.balances
