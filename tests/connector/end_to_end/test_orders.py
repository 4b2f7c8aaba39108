"""Every way of an order's life, on every venue, from the connector's methods to the matching engine and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from declconn.account.events import ExternalOrderEvent, OrderFilledEvent
from declconn.connector.exchange import OrderRequest
from declconn.errors import InvalidOrderError, UnknownOrderError, UnknownPairError, VenueError
from declconn.types import OrderState, OrderType, Side

PAIR = "BTC-USDT"
D = Decimal


def test_a_limit_order_rests_is_filled_in_parts_and_completes(world: Any) -> None:
    process = world.start()
    order = process.order(Side.BUY, "2", "100")
    assert order.state is OrderState.OPEN
    world.trade("cat", Side.SELL, "0.5", "100")
    process.idle()
    assert (order.state, order.executed_amount_base) == (OrderState.PARTIALLY_FILLED, D("0.5"))
    world.trade("cat", Side.SELL, "1.5", "95")
    process.idle()
    assert (order.state, order.average_executed_price) == (OrderState.FILLED, 100)
    assert process.told_of(order) == ["BuyOrderCreated", "OrderFilled", "OrderFilled", "BuyOrderCompleted"]
    world.agrees_about(order)


def test_a_limit_order_that_crosses_takes_what_is_there_and_rests_with_the_remainder(world: Any) -> None:
    process = world.start()
    order = process.order(Side.SELL, "6", "90")
    assert (order.state, order.executed_amount_base) == (OrderState.PARTIALLY_FILLED, 5)
    assert world.engine.markets[PAIR].book.best(Side.SELL) == 90
    fill = next(event for event in process.events if isinstance(event, OrderFilledEvent))
    assert (fill.is_taker, fill.trade_fee.flat_fees[0].amount) == (True, D("0.9"))
    world.agrees_about(order)


def test_a_post_only_order_rests_or_is_refused(world: Any) -> None:
    process = world.start()
    order = process.order(Side.BUY, "1", "100", OrderType.LIMIT_MAKER)
    assert order.state is OrderState.OPEN
    with pytest.raises(VenueError) as caught:
        process.order(Side.BUY, "1", "110", OrderType.LIMIT_MAKER)
    assert caught.value.kind == "post_only_rejected"
    assert process.told == ["BuyOrderCreated", "MarketOrderFailure"]
    assert process.events[-1].error_type == "post_only_rejected"
    assert len(world.engine.account("ann").orders) == 1
    world.agrees_about(order)


def test_a_market_order_is_filled_at_once(world: Any) -> None:
    process = world.start()
    order = process.order(Side.BUY, "2")
    process.run(order.wait_until_done())
    assert (order.state, order.price, order.average_executed_price) == (OrderState.FILLED, None, 110)
    assert process.told_of(order) == ["BuyOrderCreated", "OrderFilled", "BuyOrderCompleted"]
    world.agrees_about(order)


@pytest.mark.parametrize("filled", [False, True])
def test_an_order_is_cancelled_and_what_was_filled_stays_so(world: Any, filled: bool) -> None:
    process = world.start()
    order = process.order(Side.SELL, "2", "100")
    if filled:
        world.trade("cat", Side.BUY, "0.5", "100")
    process.run(process.exchange.cancel_order(order.client_order_id))
    process.run(order.wait_until_done())
    process.idle()
    assert (order.state, order.executed_amount_base) == (OrderState.CANCELED, D("0.5") if filled else 0)
    assert process.told_of(order) == ["SellOrderCreated", *["OrderFilled"] * filled, "OrderCancelled"]
    world.agrees_about(order)
    with pytest.raises(UnknownOrderError, match="is over: CANCELED"):
        process.run(process.exchange.cancel_order(order.client_order_id))


def test_what_the_account_cannot_pay_is_refused_by_the_venue(world: Any) -> None:
    process = world.start()
    with pytest.raises(VenueError) as caught:
        process.order(Side.BUY, "999", "109")
    assert caught.value.kind == "insufficient_funds"
    assert process.told == ["MarketOrderFailure"]
    assert process.exchange.in_flight_orders == {}


@pytest.mark.parametrize(("amount", "price"), [("0.0001", "100"), ("0.001", "100")])
def test_what_breaks_a_trading_rule_is_never_sent(world: Any, amount: str, price: str) -> None:
    process = world.start()
    with pytest.raises(InvalidOrderError):
        process.order(Side.BUY, amount, price)
    assert "place_order" not in world.venue.transport.sent


def test_a_pair_that_is_not_listed_and_amounts_in_floats_are_never_sent(world: Any) -> None:
    process = world.start()
    with pytest.raises(UnknownPairError):
        process.run(process.exchange.place_order("BTC-MOON", Side.BUY, D(1), OrderType.LIMIT, D(1)))
    with pytest.raises(InvalidOrderError, match="expected a Decimal"):
        process.run(process.exchange.place_order(PAIR, Side.BUY, 0.5, OrderType.LIMIT, D(100)))
    assert "place_order" not in world.venue.transport.sent


def test_prices_and_amounts_are_rounded_down_to_the_venues_steps(world: Any) -> None:
    process = world.start()
    order = process.order(Side.BUY, "1.23456", "100.19")
    assert (order.amount, order.price) == (D("1.234"), D("100.1"))
    world.agrees_about(order)


def test_an_order_keeps_the_digits_that_it_was_given(world: Any) -> None:
    order = world.start().order(Side.BUY, "1", "100")
    assert (str(order.price), str(order.amount)) == ("100.0", "1.000")


def test_buy_sell_and_cancel_return_at_once_and_events_tell(world: Any) -> None:
    process = world.start()
    exchange = process.exchange
    first = process.call(exchange.buy, PAIR, D(1), OrderType.LIMIT, D(100))
    second = process.call(exchange.sell, PAIR, D(1), OrderType.LIMIT, D(105))
    process.idle()
    process.call(exchange.cancel, PAIR, second)
    process.pass_by(2)
    told = [(event.order_id, type(event).__name__) for event in process.events]
    assert told == [
        (first, "BuyOrderCreatedEvent"),
        (second, "SellOrderCreatedEvent"),
        (second, "OrderCancelledEvent"),
    ]


def test_several_orders_are_placed_and_cancelled_together(world: Any) -> None:
    process = world.start()
    exchange = process.exchange
    wanted = [OrderRequest(PAIR, Side.BUY, D(1), price=D(price)) for price in (97, 98, 99)]
    ids = process.call(exchange.batch_order_create, wanted)
    process.pass_by(5)
    assert list(exchange.in_flight_orders) == ids
    results = process.run(exchange.batch_order_cancel(ids[:2]))
    assert [(result.order_id, result.success) for result in results] == [(ids[0], True), (ids[1], True)]
    process.pass_by(5)
    assert list(exchange.in_flight_orders) == ids[2:]


def test_cancelling_everything_leaves_the_orders_of_others(world: Any) -> None:
    process = world.start()
    orders = [process.order(Side.BUY, "1", price) for price in ("97", "98")]
    theirs = world.trade("ann", Side.BUY, "1", "99")
    process.idle()
    results = process.run(process.exchange.cancel_all())
    process.pass_by(5)
    assert {result.order_id for result in results} == {order.client_order_id for order in orders}
    assert all(result.success for result in results)
    assert [order.state for order in orders] == [OrderState.CANCELED] * 2
    assert theirs.is_open


def test_orders_of_others_are_seen_and_followed_to_their_end(world: Any) -> None:
    process = world.start()
    theirs = world.trade("ann", Side.SELL, "2", "105")
    process.idle()
    order = next(iter(process.exchange.in_flight_orders.values()))
    assert (order.is_external, order.exchange_order_id) == (True, theirs.exchange_order_id)
    assert (order.trade_type, order.amount, order.price) == (Side.SELL, 2, 105)
    world.trade("cat", Side.BUY, "0.5", "105")
    world.engine.cancel("ann", PAIR, exchange_order_id=theirs.exchange_order_id)
    process.idle()
    assert (order.state, order.executed_amount_base) == (OrderState.CANCELED, D("0.5"))
    assert process.told_of(order) == ["ExternalOrder", "OrderFilled", "OrderCancelled"]
    assert isinstance(process.events[0], ExternalOrderEvent)


def test_an_order_of_others_can_be_cancelled(world: Any) -> None:
    process = world.start()
    theirs = world.trade("ann", Side.SELL, "2", "105")
    process.idle()
    process.run(process.exchange.cancel_order(next(iter(process.exchange.in_flight_orders))))
    process.idle()
    assert theirs.state is OrderState.CANCELED
    assert process.exchange.in_flight_orders == {}


def test_a_fee_is_told_as_the_venue_took_it(world: Any) -> None:
    process = world.start()
    order = process.order(Side.BUY, "2")
    process.run(order.wait_until_done())
    real = world.order(order).fills[0].fee[0]
    assert order.fees_paid == {real.token: real.amount}
    assert order.cumulative_fee_paid(real.token) == real.amount == D("0.44")
    fee = process.exchange.account.fees.get_fee(PAIR, Side.BUY, is_maker=True)
    assert fee.percent == world.engine.fees.maker
