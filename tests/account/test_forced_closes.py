"""Fills that the venue forced become events of liquidation or auto-deleveraging."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from declconn.account.events import AdlEvent, LiquidationEvent
from declconn.account.forced_closes import REMEMBERED, ForcedCloses
from declconn.account.in_flight_order import InFlightOrder
from declconn.records import TradeUpdate
from declconn.testing import ManualClock
from declconn.types import FillCause, OrderType, PositionSide, Side

D = Decimal
PAIR = "BTC-USDT"


class Account:
    """Forced closes of an account with at most one order, and what was told."""

    def __init__(self, order: InFlightOrder | None = None) -> None:
        self.told: list[Any] = []
        self.clock = ManualClock()
        self.closes = ForcedCloses(find=lambda *_ids: order, clock=self.clock, tell=self.told.append)

    def hear(self, **changes: Any) -> list[Any]:
        fill = {"trade_id": "7", "price": D(9000), "amount": D("0.5"), "exchange_order_id": "e-1", "trading_pair": PAIR}
        self.closes.hear(TradeUpdate(**{**fill, "cause": FillCause.LIQUIDATION, "timestamp": 5, **changes}))
        return self.told


def order(side: Side, *, is_external: bool) -> InFlightOrder:
    return InFlightOrder(
        client_order_id="c-1",
        exchange_order_id="e-1",
        trading_pair=PAIR,
        order_type=OrderType.LIMIT,
        trade_type=side,
        amount=D(1),
        price=D(9000),
        creation_timestamp=0,
        is_external=is_external,
    )


def test_a_liquidation_is_told_with_the_position_that_it_closed() -> None:
    assert Account().hear(side=Side.SELL) == [
        LiquidationEvent(
            event_id="BTC-USDT:7:liquidation",
            timestamp=5,
            trading_pair=PAIR,
            position_side=PositionSide.LONG,
            amount=D("0.5"),
            price=D(9000),
        )
    ]


def test_auto_deleveraging_is_an_event_of_its_own() -> None:
    (event,) = Account().hear(cause=FillCause.ADL, side=Side.BUY)
    assert isinstance(event, AdlEvent)
    assert (event.event_id, event.position_side) == ("BTC-USDT:7:adl", PositionSide.SHORT)


def test_a_fill_without_a_cause_is_an_ordinary_one() -> None:
    assert Account().hear(cause=None) == []


def test_a_fill_of_our_own_order_forces_nothing() -> None:
    assert Account(order(Side.SELL, is_external=False)).hear() == []


@pytest.mark.parametrize(("side", "closed"), [(Side.SELL, PositionSide.LONG), (Side.BUY, PositionSide.SHORT)])
def test_the_order_tells_the_side_where_the_fill_does_not(side: Side, closed: PositionSide) -> None:
    (event,) = Account(order(side, is_external=True)).hear(trading_pair=None)
    assert (event.trading_pair, event.position_side) == (PAIR, closed)


def test_the_side_of_the_position_wins_over_that_of_the_order() -> None:
    (event,) = Account().hear(side=Side.SELL, position_side=PositionSide.SHORT)
    assert event.position_side is PositionSide.SHORT


def test_in_a_net_position_the_side_of_the_order_decides() -> None:
    (event,) = Account().hear(side=Side.BUY, position_side=PositionSide.BOTH)
    assert event.position_side is PositionSide.SHORT


def test_without_any_side_nobody_knows() -> None:
    (event,) = Account().hear()
    assert event.position_side is PositionSide.BOTH


def test_a_fill_that_comes_twice_is_told_once_and_every_part_is_told() -> None:
    account = Account()
    for trade_id in ("7", "7", "8"):
        account.hear(trade_id=trade_id)
    assert [event.event_id for event in account.told] == ["BTC-USDT:7:liquidation", "BTC-USDT:8:liquidation"]


def test_only_so_many_are_remembered() -> None:
    account = Account()
    for trade_id in range(REMEMBERED + 1):
        account.hear(trade_id=str(trade_id))
    assert len(account.hear(trade_id=str(REMEMBERED))) == REMEMBERED + 1
    assert len(account.hear(trade_id="0")) == REMEMBERED + 2


def test_a_fill_without_a_time_happened_now() -> None:
    account = Account()
    (event,) = account.hear(timestamp=None)
    assert event.timestamp == account.clock.time_ns()


def test_a_fill_of_an_unknown_market_cannot_be_told() -> None:
    assert Account().hear(trading_pair=None) == []
