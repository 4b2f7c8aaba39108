"""Orders amended at a venue, from the connector's method to the matching engine and back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from declconn.errors import InvalidOrderError, NotSupportedError, UnknownOutcomeError, VenueError
from declconn.simulator import FrameFault, RequestFault
from declconn.types import OrderState, Side, Trigger

PAIR = "BTC-USDT"
D = Decimal


@pytest.fixture(params=["kraken", "binance_perpetual"])
def amends(request: pytest.FixtureRequest, play: Callable[..., Any]) -> Any:
    """A venue that can amend orders."""
    return play(request.param)


@pytest.fixture
def stops(play: Callable[..., Any]) -> Any:
    """One that can amend those that wait for a price, and whose last price is 100."""
    world = play("kraken")
    world.print_at("100")
    return world


def test_an_order_has_another_amount_and_price_and_the_same_ids(amends: Any) -> None:
    process = amends.start()
    order = process.order(Side.BUY, "2", "100")
    exchange_order_id = order.exchange_order_id
    process.run(process.exchange.amend_order(order.client_order_id, amount=D(3), price=D("100.57")))
    process.idle()
    assert (order.amount, order.price, order.exchange_order_id) == (3, D("100.5"), exchange_order_id)
    amends.trade("cat", Side.SELL, "1", "100")
    process.idle()
    assert (order.state, order.executed_amount_base) == (OrderState.PARTIALLY_FILLED, 1)
    amends.agrees_about(order)


def test_what_is_not_said_stays(amends: Any) -> None:
    process = amends.start()
    order = process.order(Side.BUY, "2", "100")
    process.run(process.exchange.amend_order(order.client_order_id, price=D(99)))
    assert (order.amount, order.price) == (2, 99)
    process.run(process.exchange.amend_order(order.client_order_id, amount=D(1)))
    assert (order.amount, order.price) == (1, 99)
    amends.agrees_about(order)


def test_the_amount_counts_what_is_filled_already(amends: Any) -> None:
    process = amends.start()
    order = process.order(Side.BUY, "2", "100")
    amends.trade("cat", Side.SELL, "0.5", "100")
    process.idle()
    process.run(process.exchange.amend_order(order.client_order_id, amount=D(3)))
    assert (amends.order(order).amount, amends.order(order).remaining) == (3, D("2.5"))
    amends.agrees_about(order)


def test_an_amended_order_may_be_filled_at_once(amends: Any) -> None:
    process = amends.start()
    order = process.order(Side.BUY, "2", "100")
    process.run(process.exchange.amend_order(order.client_order_id, price=D(110)))
    process.idle()
    assert (order.state, order.executed_amount_base) == (OrderState.FILLED, 2)
    assert process.told_of(order) == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]
    amends.agrees_about(order)


def test_an_amendment_that_the_venue_refuses_changes_nothing(amends: Any) -> None:
    process = amends.start()
    order = process.order(Side.BUY, "2", "100")
    with pytest.raises(VenueError) as caught:
        process.run(process.exchange.amend_order(order.client_order_id, amount=D(999)))
    assert caught.value.kind == "insufficient_funds"
    assert (order.state, order.amount, order.price) == (OrderState.OPEN, 2, 100)
    assert process.told_of(order) == ["BuyOrderCreated"]
    amends.agrees_about(order)


def test_an_amendment_that_breaks_a_rule_or_changes_nothing_is_never_sent(amends: Any) -> None:
    process = amends.start()
    order = process.order(Side.BUY, "2", "100")
    for words in ({"amount": D("0.0001")}, {"amount": D(2)}, {"price": 99.5}, {"trigger_price": D(105)}):
        with pytest.raises(InvalidOrderError):
            process.run(process.exchange.amend_order(order.client_order_id, **words))
    assert "amend_order" not in amends.venue.transport.sent


@pytest.mark.parametrize("fault", [RequestFault.ANSWER_LOST, RequestFault.FAILED_AFTERWARDS, RequestFault.LOST])
@pytest.mark.parametrize("frames", [False, True])
def test_an_amendment_without_an_answer_is_asked_about(amends: Any, fault: RequestFault, frames: bool) -> None:
    process = amends.start()
    order = process.order(Side.BUY, "2", "100")
    if not frames:
        amends.venue.faults.plan_frame(FrameFault.LOST, "order_update")
    amends.venue.faults.plan(fault, "amend_order")
    with pytest.raises(UnknownOutcomeError):
        process.run(process.exchange.amend_order(order.client_order_id, amount=D(3), price=D(101)))
    process.pass_by(10)
    assert (order.amount, order.price) == ((2, 100) if fault is RequestFault.LOST else (3, 101))
    assert amends.venue.transport.sent.count("amend_order") == 1, "it is never sent again"
    amends.agrees_about(order)


def test_an_order_that_is_filled_meanwhile_cannot_be_amended(amends: Any) -> None:
    process = amends.start()
    order = process.order(Side.BUY, "2", "100")
    amends.venue.faults.plan_frame(FrameFault.LOST, times=4)
    amends.trade("cat", Side.SELL, "2", "100")
    with pytest.raises(VenueError):
        process.run(process.exchange.amend_order(order.client_order_id, amount=D(3)))
    process.pass_by(130)
    assert (order.state, order.amount) == (OrderState.FILLED, 2)
    amends.agrees_about(order)


def test_an_amended_order_outlives_a_restart(amends: Any) -> None:
    first = amends.start()
    placed = first.order(Side.BUY, "2", "100")
    first.run(first.exchange.amend_order(placed.client_order_id, amount=D(3), price=D(99)))
    amends.kill()
    second = amends.start()
    order = second.exchange.order_tracker.fetch_order(placed.client_order_id)
    assert (order.amount, order.price) == (3, 99)
    amends.agrees_about(order)


def test_a_waiting_order_has_another_trigger_price(stops: Any) -> None:
    process = stops.start()
    order = process.order(Side.BUY, "2", "104", trigger_price=D(105))
    words = {"amount": D(1), "price": D(101), "trigger_price": D("103.07")}
    process.run(process.exchange.amend_order(order.client_order_id, **words))
    process.idle()
    assert (order.amount, order.price, order.trigger, order.trigger_price) == (1, 101, Trigger.STOP, 103)
    stops.print_at("103")
    process.idle()
    assert not stops.order(order).is_untriggered
    stops.agrees_about(order)


def test_a_waiting_market_order_has_another_trigger_price(stops: Any) -> None:
    process = stops.start()
    order = process.order(Side.SELL, "2", trigger_price=D(95))
    process.run(process.exchange.amend_order(order.client_order_id, trigger_price=D(97)))
    assert (stops.order(order).trigger_price, order.trigger_price) == (97, 97)
    stops.print_at("97")
    process.idle()
    assert order.state is OrderState.FILLED
    stops.agrees_about(order)


def test_a_waiting_market_order_has_another_amount(stops: Any) -> None:
    process = stops.start()
    order = process.order(Side.SELL, "2", trigger_price=D(95))
    process.run(process.exchange.amend_order(order.client_order_id, amount=D(3)))
    assert (stops.order(order).amount, order.amount) == (3, 3)


@pytest.mark.parametrize("limit", [None, "94"])
@pytest.mark.parametrize("fault", [RequestFault.ANSWER_LOST, RequestFault.LOST])
def test_a_trigger_price_whose_answer_was_lost_is_learnt_and_never_moved_back(
    stops: Any, fault: RequestFault, limit: str | None
) -> None:
    process = stops.start()
    order = process.order(Side.SELL, "2", limit, trigger_price=D(95))
    stops.venue.faults.plan_frame(FrameFault.LOST, "order_update")
    stops.venue.faults.plan(fault, "amend_order")
    with pytest.raises(UnknownOutcomeError):
        process.run(process.exchange.amend_order(order.client_order_id, trigger_price=D(97)))
    process.run(process.exchange.amend_order(order.client_order_id, amount=D(1)))
    there = D(97) if fault is RequestFault.ANSWER_LOST else D(95)
    assert (stops.order(order).trigger_price, stops.order(order).amount) == (there, 1)
    process.pass_by(130)
    assert order.trigger_price == there
    process.run(process.exchange.amend_order(order.client_order_id, trigger_price=there))
    process.run(process.exchange.amend_order(order.client_order_id, trigger_price=D(95)))
    assert (stops.order(order).trigger_price, order.trigger_price) == (95, 95)


def test_a_trigger_price_whose_answer_was_lost_may_be_said_again_before_anything_is_learnt(stops: Any) -> None:
    process = stops.start()
    order = process.order(Side.SELL, "2", "94", trigger_price=D(95))
    stops.venue.faults.plan_frame(FrameFault.LOST, "order_update")
    stops.venue.faults.plan(RequestFault.ANSWER_LOST, "amend_order")
    with pytest.raises(UnknownOutcomeError):
        process.run(process.exchange.amend_order(order.client_order_id, trigger_price=D(97)))
    order.trigger_price = D(95)  # as if nothing had told yet
    process.run(process.exchange.amend_order(order.client_order_id, trigger_price=D(95)))
    assert stops.order(order).trigger_price == 95


def test_an_order_that_was_triggered_and_rests_has_another_price(stops: Any) -> None:
    process = stops.start()
    order = process.order(Side.SELL, "2", "104", trigger_price=D(95))
    stops.print_at("95")
    process.idle()
    process.run(process.exchange.amend_order(order.client_order_id, price=D(103)))
    assert (stops.order(order).price, order.price) == (103, 103)
    stops.agrees_about(order)


def test_a_market_order_has_no_price_to_amend(stops: Any) -> None:
    process = stops.start()
    order = process.order(Side.SELL, "2", trigger_price=D(95))
    with pytest.raises(InvalidOrderError, match="it is a MARKET order, so it has no price"):
        process.run(process.exchange.amend_order(order.client_order_id, price=D(94)))
    assert "amend_order" not in stops.venue.transport.sent


def test_a_trigger_price_that_is_reached_already_is_refused(stops: Any) -> None:
    process = stops.start()
    order = process.order(Side.BUY, "2", "104", trigger_price=D(105))
    with pytest.raises(VenueError):
        process.run(process.exchange.amend_order(order.client_order_id, trigger_price=D(99)))
    assert (order.trigger_price, stops.order(order).trigger_price) == (105, 105)


def test_where_nothing_can_be_amended_nothing_is_sent(play: Callable[..., Any]) -> None:
    world = play("binance")
    process = world.start()
    order = process.order(Side.BUY, "2", "100")
    with pytest.raises(NotSupportedError, match="amend_order"):
        process.run(process.exchange.amend_order(order.client_order_id, amount=D(3)))
    assert (order.amount, world.order(order).amount) == (2, 2)
