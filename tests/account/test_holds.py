"""What orders hold of an account."""

from __future__ import annotations

from decimal import Decimal

import pytest

from declconn.account.holds import SpotHolds
from declconn.account.in_flight_order import InFlightOrder
from declconn.records import OrderUpdate, TradeUpdate
from declconn.types import OrderState, OrderType, Side

D = Decimal


@pytest.mark.parametrize(("end", "held"), [("CANCELED", 4), ("FAILED", 4), ("FILLED", 10)])
def test_an_order_that_is_over_holds_no_more_than_the_fills_that_it_waits_for(end: str, held: int) -> None:
    order = InFlightOrder(
        client_order_id="dc-1",
        trading_pair="BTC-USDT",
        order_type=OrderType.LIMIT,
        trade_type=Side.SELL,
        amount=D(10),
        price=D(100),
        creation_timestamp=0,
    )
    holds = SpotHolds(maker_fee=lambda _pair: D(0))
    order.update_with_order_update(OrderUpdate(state=OrderState(end), filled=D(held)))
    assert order.is_open
    assert holds.of_order(order) == ("BTC", held)
    order.update_with_trade_update(TradeUpdate("a", D(100), D(held)))
    assert order.is_done
    assert holds.of_order(order) == ("BTC", 0)
