"""Positions, leverage, margin and funding, from the connector's methods to the matching engine and back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from declconn.account.events import FundingPaymentCompletedEvent, LiquidationEvent, PositionModeChangeEvent
from declconn.errors import VenueError
from declconn.records import FundingInfo
from declconn.types import OrderState, PositionAction, PositionMode, PositionSide, Side

PAIR = "BTC-USDT"
D = Decimal

TOLD_BY_REST = """\
spec: 1
extends: binance_perpetual
name: told_by_rest
endpoints:
  order_trades:
    result:
      client_order_id: clientOrderId
      cause: "starts_with(clientOrderId || '', 'autoclose-') && 'LIQUIDATION' || `null`"
streams: {user: {events: {fill: {map: {cause: null}}}}}
"""
"""A venue whose stream says of no fill that it was forced, and whose answers do."""


@pytest.fixture
def world(play: Callable[..., Any]) -> Any:
    return play("binance_perpetual")


def of(process: Any, kind: type) -> list[Any]:
    return [event for event in process.events if isinstance(event, kind)]


def test_a_position_is_opened_grows_and_is_closed(world: Any) -> None:
    process = world.start()
    exchange = process.exchange
    process.order(Side.BUY, "2")
    world.trade("bob", Side.SELL, "5", "120")
    process.order(Side.BUY, "5")
    position = exchange.get_position(PAIR)
    real = world.engine.positions("ann")[0]
    assert (position.amount, position.position_side) == (7, PositionSide.LONG)
    assert abs(position.entry_price - real.entry_price) < D("1e-9")
    closing = process.order(Side.SELL, "7", "90", position_action=PositionAction.CLOSE)
    assert (closing.state, closing.executed_amount_base) == (OrderState.PARTIALLY_FILLED, 5)
    assert exchange.get_position(PAIR).amount == 2
    world.trade("cat", Side.BUY, "2", "90")
    process.pass_by(3)
    assert (closing.state, exchange.account_positions) == (OrderState.FILLED, {})
    process.pass_by(130)
    assert world.believed == world.balances


def test_an_order_that_closes_never_opens(world: Any) -> None:
    process = world.start()
    with pytest.raises(VenueError) as caught:
        process.order(Side.SELL, "1", "100", position_action=PositionAction.CLOSE)
    assert caught.value.kind == "invalid_order"
    process.order(Side.BUY, "1")
    process.order(Side.SELL, "3", "90", position_action=PositionAction.CLOSE)
    process.pass_by(3)
    assert process.exchange.account_positions == {}


def test_in_hedge_mode_there_is_a_position_for_each_side(world: Any) -> None:
    process = world.start()
    exchange = process.exchange
    process.run(exchange.set_position_mode(PositionMode.HEDGE))
    assert (exchange.position_mode, world.engine.account("ann").position_mode) == (PositionMode.HEDGE,) * 2
    assert [event.success for event in of(process, PositionModeChangeEvent)] == [True]
    process.order(Side.BUY, "2")
    process.order(Side.SELL, "1")
    process.idle()
    assert exchange.get_position(PAIR, PositionSide.LONG).amount == 2
    assert exchange.get_position(PAIR, PositionSide.SHORT).amount == -1
    process.order(Side.SELL, "2", "90", position_action=PositionAction.CLOSE)
    process.idle()
    assert list(exchange.account_positions) == [f"{PAIR}SHORT"]
    with pytest.raises(VenueError):
        process.run(exchange.set_position_mode(PositionMode.ONEWAY))
    assert exchange.position_mode is PositionMode.HEDGE


def test_the_mode_of_the_account_is_learnt_at_the_start(world: Any) -> None:
    world.engine.set_position_mode("ann", PositionMode.HEDGE)
    assert world.start().exchange.position_mode is PositionMode.HEDGE


def test_leverage_is_set_within_the_venues_limit(world: Any) -> None:
    process = world.start()
    process.run(process.exchange.set_leverage(PAIR, 10))
    assert (process.exchange.get_leverage(PAIR), world.engine.leverage("ann", PAIR)) == (10, 10)
    process.order(Side.BUY, "5", "100")
    process.pass_by(130)
    assert world.believed == world.balances
    assert world.believed["USDT"][1] > 100_000 - 500 / 5
    with pytest.raises(VenueError, match="it may be 1 to 50"):
        process.run(process.exchange.set_leverage(PAIR, 51))
    assert process.exchange.get_leverage(PAIR) == 10


def test_positions_from_before_the_start_are_known(world: Any) -> None:
    world.trade("ann", Side.BUY, "2", "110")
    assert world.start().exchange.get_position(PAIR).amount == 2


def test_funding_is_told_once_as_it_is_paid_also_over_restarts(world: Any) -> None:
    process = world.start()
    process.order(Side.BUY, "2")
    process.pass_by(1)
    world.engine.pay_funding(PAIR, D("0.001"), D(110))
    process.pass_by(700, 5)
    paid = of(process, FundingPaymentCompletedEvent)
    assert [(event.trading_pair, event.amount) for event in paid] == [(PAIR, D("-0.22"))]
    world.kill()
    world.clock.advance(1)
    world.engine.pay_funding(PAIR, D("-0.001"), D(110))
    process = world.start()
    process.pass_by(700, 5)
    assert [event.amount for event in of(process, FundingPaymentCompletedEvent)] == [D("0.22")]
    assert world.believed == world.balances


def test_funding_stands_where_the_venue_says(world: Any) -> None:
    process = world.start()
    info = FundingInfo(PAIR, D(101), D(102), D("0.0002"), world.clock.time_ns() + 3600 * 10**9)
    world.venue.set_funding(info)
    process.pass_by(5)
    assert process.exchange.get_funding_info(PAIR) == info


def test_a_liquidation_is_told_and_the_position_is_gone(world: Any) -> None:
    process = world.start()
    world.engine.deposit("ann", "USDT", D(-99_950))
    process.run(process.exchange.set_leverage(PAIR, 20))
    process.order(Side.BUY, "5")
    process.idle()
    world.venue.set_funding(FundingInfo(PAIR, D(95), D(95), D(0), world.clock.time_ns()))
    process.pass_by(3)
    told = of(process, LiquidationEvent)
    assert [(event.trading_pair, event.position_side, event.amount) for event in told] == [(PAIR, PositionSide.LONG, 5)]
    assert process.exchange.account_positions == {}
    process.pass_by(130)
    assert world.believed == world.balances


def test_a_liquidation_that_only_answers_tell_is_told_once(play: Callable[..., Any], tmp_path: Path) -> None:
    """The trades that orders lack after a silence have the venue's own among them."""
    path = tmp_path / "told_by_rest.yaml"
    path.write_text(TOLD_BY_REST)
    world = play(str(path))
    process = world.start()
    world.engine.deposit("ann", "USDT", D(-99_930))
    process.run(process.exchange.set_leverage(PAIR, 20))
    process.order(Side.BUY, "5")
    orders = [process.order(Side.BUY, "1", price) for price in ("100", "99")]
    process.idle()
    world.venue.disconnect()
    world.trade("cat", Side.SELL, "1.5", "99")
    world.engine.set_mark_price(PAIR, D(95))
    assert of(process, LiquidationEvent) == []
    process.pass_by(10)
    assert [order.state for order in orders] == [OrderState.FILLED, OrderState.CANCELED]
    told = of(process, LiquidationEvent)
    assert [(event.trading_pair, event.position_side, event.amount, event.price) for event in told] == [
        (PAIR, PositionSide.LONG, D("6.5"), 95)
    ]
    assert process.exchange.account_positions == {}
    world.engine.deposit("ann", "USDT", D(100))
    again = [process.order(Side.BUY, "0.1", price) for price in ("91", "92")]
    world.venue.disconnect()
    world.trade("cat", Side.SELL, "0.15", "91")
    process.pass_by(130)
    assert [order.executed_amount_base for order in again] == [D("0.05"), D("0.1")]
    assert of(process, LiquidationEvent) == told
    assert "recent_trades" in world.venue.transport.sent
