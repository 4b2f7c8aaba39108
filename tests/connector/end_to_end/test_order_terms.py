"""How long orders wait, and for what: IOC, FOK, stops and take profits, from the connector to the engine and back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from declconn.account.events import ExternalOrderEvent
from declconn.errors import NotSupportedError, VenueError
from declconn.simulator import FrameFault, NewOrder, RequestFault
from declconn.types import OrderState, OrderType, Side, TimeInForce, Trigger

PAIR = "BTC-USDT"
D = Decimal
ROUND = 130
"""Seconds after which every order was asked for, however much the user stream tells."""

IOC, FOK = TimeInForce.IOC, TimeInForce.FOK
STOP, TAKE_PROFIT = Trigger.STOP, Trigger.TAKE_PROFIT

DIRECTIONS = pytest.mark.parametrize(
    ("side", "trigger", "trigger_price", "short_of", "beyond"),
    [
        (Side.BUY, STOP, "105", "104.9", "105"),
        (Side.SELL, STOP, "95", "95.1", "94"),
        (Side.BUY, TAKE_PROFIT, "95", "95.1", "95"),
        (Side.SELL, TAKE_PROFIT, "105", "104.9", "106"),
    ],
)


@pytest.fixture
def stops(world: Any) -> Any:
    """Each of the venues, with a last price of 100."""
    world.print_at("100")
    return world


# -- time in force


def test_an_ioc_order_takes_what_is_there_and_ends(world: Any) -> None:
    process = world.start()
    order = process.order(Side.BUY, "7", "110", time_in_force=IOC)
    process.idle()
    assert (order.state, order.executed_amount_base) == (OrderState.CANCELED, 5)
    assert process.told_of(order) == ["BuyOrderCreated", "OrderFilled", "OrderCancelled"]
    assert process.exchange.in_flight_orders == {}
    world.agrees_about(order)


def test_an_ioc_order_that_is_filled_whole_completes(world: Any) -> None:
    process = world.start()
    order = process.order(Side.BUY, "5", "110", time_in_force=IOC)
    process.idle()
    assert process.told_of(order) == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]
    world.agrees_about(order)


def test_an_ioc_order_that_meets_nobody_ends_without_fills(world: Any) -> None:
    process = world.start()
    order = process.order(Side.SELL, "1", "100", time_in_force=IOC)
    process.idle()
    assert process.told_of(order) == ["SellOrderCreated", "OrderCancelled"]
    world.agrees_about(order)


@pytest.mark.parametrize(("amount", "filled"), [("5", "5"), ("5.001", "0")])
def test_a_fok_order_is_filled_whole_or_not_at_all(world: Any, amount: str, filled: str) -> None:
    process = world.start()
    if FOK not in process.exchange.supported_times_in_force(OrderType.LIMIT):
        with pytest.raises(NotSupportedError, match="LIMIT FOK orders are not offered"):
            process.order(Side.BUY, amount, "110", time_in_force=FOK)
        assert "place_order" not in world.venue.transport.sent
        return
    order = process.order(Side.BUY, amount, "110", time_in_force=FOK)
    process.idle()
    assert order.executed_amount_base == D(filled)
    assert order.state is (OrderState.FILLED if D(filled) else OrderState.CANCELED)
    world.agrees_about(order)


@pytest.mark.parametrize("frames", [None, *FrameFault])
def test_an_ioc_order_without_an_answer_is_found_with_its_fills_and_its_end(
    world: Any, frames: FrameFault | None
) -> None:
    process = world.start()
    if frames is not None:
        world.venue.faults.plan_frame(frames, times=5)
    world.venue.faults.plan(RequestFault.ANSWER_LOST, "place_order")
    order = process.order(Side.BUY, "7", "110", time_in_force=IOC)
    process.pass_by(ROUND)
    assert (order.state, order.executed_amount_base) == (OrderState.CANCELED, 5)
    told = process.told_of(order)
    assert (told[0], sorted(told[1:])) == ("BuyOrderCreated", ["OrderCancelled", "OrderFilled"])
    assert world.engine.asked["ann", order.client_order_id] == 1
    world.agrees_about(order)


# -- triggers


@DIRECTIONS
def test_a_limit_order_waits_for_its_price_and_then_in_the_book(
    stops: Any, side: Side, trigger: Trigger, trigger_price: str, short_of: str, beyond: str
) -> None:
    process = stops.start()
    limit = "96" if side is Side.BUY else "104"
    order = process.order(side, "2", limit, trigger_price=D(trigger_price), trigger=trigger)
    stops.print_at(short_of)
    process.idle()
    assert (order.state, order.trigger, order.trigger_price) == (OrderState.OPEN, trigger, D(trigger_price))
    assert (process.events[0].trigger, process.events[0].trigger_price) == (trigger, D(trigger_price))
    assert stops.order(order).is_untriggered
    stops.agrees_about(order)  # what it holds too
    stops.print_at(beyond)
    process.idle()
    assert (order.state, stops.order(order).is_untriggered) == (OrderState.OPEN, False)
    stops.trade("bob", Side.SELL if side is Side.BUY else Side.BUY, "2", limit)
    process.idle()
    told = process.told_of(order)
    assert (told[0], told[-1]) == (f"{side.title()}OrderCreated", f"{side.title()}OrderCompleted")
    assert set(told[1:-1]) == {"OrderFilled"}
    stops.agrees_about(order)


@DIRECTIONS
def test_a_market_order_waits_for_its_price_and_is_then_filled(
    stops: Any, side: Side, trigger: Trigger, trigger_price: str, short_of: str, beyond: str
) -> None:
    process = stops.start()
    order = process.order(side, "2", trigger_price=D(trigger_price), trigger=trigger)
    stops.print_at(short_of)
    process.pass_by(ROUND)
    assert (order.state, process.told_of(order)) == (OrderState.OPEN, [f"{side.title()}OrderCreated"])
    assert stops.believed == stops.balances
    stops.print_at(beyond)
    process.idle()
    assert (order.state, order.executed_amount_base) == (OrderState.FILLED, 2)
    assert process.told_of(order)[-1] == f"{side.title()}OrderCompleted"
    stops.agrees_about(order)


@pytest.mark.parametrize(("time_in_force", "filled"), [(IOC, 5), (FOK, 0)])
def test_a_triggered_order_keeps_its_time_in_force(stops: Any, time_in_force: TimeInForce, filled: int) -> None:
    process = stops.start()
    if time_in_force not in process.exchange.supported_times_in_force(OrderType.LIMIT):
        pytest.skip(f"{stops.name} has no {time_in_force} orders")
    order = process.order(Side.BUY, "7", "110", trigger_price=D(105), time_in_force=time_in_force)
    assert order.state is OrderState.OPEN
    stops.print_at("105")
    process.idle()
    assert (order.state, order.executed_amount_base) == (OrderState.CANCELED, filled)
    stops.agrees_about(order)


def test_what_would_be_triggered_at_once_is_refused(stops: Any) -> None:
    process = stops.start()
    with pytest.raises(VenueError) as caught:
        process.order(Side.BUY, "1", trigger_price=D(99))
    assert caught.value.kind in ("invalid_order", "rejected"), "as the venue's words allow"
    assert process.told == ["MarketOrderFailure"]
    assert stops.engine.account("ann").orders == {}


def test_what_a_venue_does_not_offer_is_never_sent(play: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "without_stops.yaml"
    path.write_text("spec: 1\nextends: binance\nname: without_stops\norders: {types: {LIMIT: {STOP: null}}}\n")
    world = play(str(path))
    process = world.start()
    assert process.exchange.supported_triggers(OrderType.LIMIT) == {TAKE_PROFIT}
    with pytest.raises(NotSupportedError, match="LIMIT STOP orders are not offered"):
        process.order(Side.BUY, "1", "110", trigger_price=D(105))
    assert "place_order" not in world.venue.transport.sent


def test_an_untriggered_order_is_cancelled_and_never_triggered(stops: Any) -> None:
    process = stops.start()
    order = process.order(Side.BUY, "2", trigger_price=D(105))
    process.run(process.exchange.cancel_order(order.client_order_id))
    process.run(order.wait_until_done())
    stops.print_at("106")
    process.idle()
    assert process.told_of(order) == ["BuyOrderCreated", "OrderCancelled"]
    stops.agrees_about(order)


def test_cancelling_everything_cancels_untriggered_orders_too(stops: Any) -> None:
    process = stops.start()
    orders = [process.order(Side.BUY, "1", "97"), process.order(Side.SELL, "1", trigger_price=D(95))]
    results = process.run(process.exchange.cancel_all())
    process.pass_by(5)
    assert [result.success for result in results] == [True, True]
    assert [order.state for order in orders] == [OrderState.CANCELED] * 2
    assert stops.engine.open_orders("ann") == []


def test_an_order_that_is_cancelled_while_it_is_triggered_ends_as_the_venue_says(stops: Any) -> None:
    process = stops.start()
    order = process.order(Side.BUY, "2", trigger_price=D(105))
    process.call(process.exchange.cancel, PAIR, order.client_order_id)
    stops.print_at("105")
    process.pass_by(10)
    assert (order.state, order.executed_amount_base) == (OrderState.FILLED, 2)
    assert process.told_of(order)[-1] == "BuyOrderCompleted"


@pytest.mark.parametrize("fires", ["before the kill", "while nobody is there", "afterwards"])
def test_a_waiting_order_outlives_a_restart(stops: Any, fires: str) -> None:
    first = stops.start()
    placed = first.order(Side.BUY, "2", "106", trigger_price=D(105))
    stops.trade("bob", Side.SELL, "0.5", "106")
    if fires == "before the kill":
        stops.print_at("105")
    stops.kill()
    if fires == "while nobody is there":
        stops.print_at("105")
    second = stops.start()
    if fires == "afterwards":
        restored = second.exchange.order_tracker.fetch_order(placed.client_order_id)
        assert (restored.state, restored.trigger, restored.trigger_price) == (OrderState.OPEN, STOP, 105)
        stops.print_at("105")
        second.idle()
    order = second.exchange.order_tracker.fetch_order(placed.client_order_id)
    assert (order.state, order.executed_amount_base) == (OrderState.PARTIALLY_FILLED, D("0.5"))
    stops.agrees_about(order)
    second.run(second.exchange.cancel_order(order.client_order_id))
    assert order.state is OrderState.CANCELED


@pytest.mark.parametrize("steps", range(0, 16, 5))
def test_a_kill_at_any_moment_loses_no_waiting_order(stops: Any, steps: int) -> None:
    first = stops.start()
    order_id = first.call(lambda: first.exchange.buy(PAIR, D(1), OrderType.MARKET, trigger_price=D(105)))
    first.step(steps)
    stops.kill()
    stops.print_at("105")
    second = stops.start()
    second.pass_by(240, 2)
    order = second.exchange.order_tracker.fetch_order(order_id)
    is_there = order_id in stops.engine.account("ann").by_client_id
    assert order.state is (OrderState.FILLED if is_there else OrderState.FAILED)
    assert stops.engine.asked["ann", order_id] == is_there


@pytest.mark.parametrize("loss", ["disconnect", "expire_sessions"])
def test_what_is_triggered_while_nobody_listens_is_asked_for(stops: Any, loss: str) -> None:
    process = stops.start()
    market, limit = (process.order(Side.BUY, "1", price, trigger_price=D(105)) for price in (None, "104"))
    getattr(stops.venue, loss)()
    stops.print_at("105")
    process.pass_by(10)
    assert (market.state, limit.state) == (OrderState.FILLED, OrderState.OPEN)
    assert process.told_of(market) == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]
    stops.agrees_about(limit)


@pytest.mark.parametrize("fault", FrameFault)
@pytest.mark.parametrize("emit", ["order_update", "trade_update", "balance_update"])
def test_frames_about_a_triggered_order_that_are_lost_late_or_twice_cost_nothing(
    stops: Any, fault: FrameFault, emit: str
) -> None:
    process = stops.start()
    order = process.order(Side.BUY, "2", trigger_price=D(105))
    stops.trade("bob", Side.SELL, "0.5", "106")
    stops.venue.faults.plan_frame(fault, emit, times=3)
    stops.print_at("105")
    process.pass_by(ROUND)
    assert process.told_of(order) == ["BuyOrderCreated", "OrderFilled", "OrderFilled", "BuyOrderCompleted"]
    stops.agrees_about(order)


@pytest.mark.parametrize("fault", [RequestFault.ANSWER_LOST, RequestFault.LOST])
def test_a_waiting_order_without_an_answer_is_found_or_given_up_in_time(stops: Any, fault: RequestFault) -> None:
    process = stops.start()
    stops.venue.faults.plan_frame(FrameFault.LOST, "order_update")
    stops.venue.faults.plan(fault, "place_order")
    order = process.order(Side.BUY, "2", trigger_price=D(105))
    process.pass_by(240, 2)
    assert order.state is (OrderState.OPEN if fault is RequestFault.ANSWER_LOST else OrderState.FAILED)
    assert stops.venue.transport.sent.count("place_order") == 1


def test_a_waiting_order_of_others_is_seen_and_followed(stops: Any) -> None:
    process = stops.start()
    wanted = NewOrder(trading_pair=PAIR, side=Side.BUY, amount=D(2), price=D(112), trigger_price=D(105))
    theirs = stops.engine.place("ann", wanted)
    process.idle()
    seen = list(process.exchange.in_flight_orders.values())
    assert [order.exchange_order_id for order in seen] == [stops.told_id(theirs)][: len(seen)]
    stops.print_at("105")
    process.pass_by(ROUND)
    order = process.exchange.order_tracker.fetch_order(exchange_order_id=theirs.exchange_order_id)
    assert (order.is_external, order.state, order.executed_amount_base) == (True, OrderState.FILLED, 2)


@pytest.mark.parametrize("limit", [None, "112"])
def test_a_waiting_order_of_others_is_known_whole_and_cancelled_where_it_waits(stops: Any, limit: str | None) -> None:
    theirs = NewOrder(
        trading_pair=PAIR,
        side=Side.BUY,
        amount=D(2),
        order_type=OrderType.LIMIT if limit else OrderType.MARKET,
        price=D(limit) if limit else None,
        client_order_id="web_7" if stops.spec.orders.client_order_id.format == "text" else None,
        trigger_price=D(105),
    )
    stops.engine.place("ann", theirs)
    process = stops.start()
    (order,) = process.exchange.in_flight_orders.values()
    assert (order.is_external, order.state, order.order_type) == (True, OrderState.OPEN, theirs.order_type)
    assert (order.trigger, order.trigger_price, order.price) == (STOP, 105, theirs.price)
    (seen,) = [event for event in process.events if isinstance(event, ExternalOrderEvent)]
    assert (seen.trigger, seen.trigger_price) == (STOP, 105)
    assert process.run(process.exchange.cancel_all()) == []
    process.run(process.exchange.cancel_order(order.client_order_id))
    process.run(order.wait_until_done())
    assert stops.engine.open_orders("ann") == []
