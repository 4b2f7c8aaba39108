"""Every way of an order's life, on every venue, from the connector's methods to the matching engine and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from declconn.types import OrderState, Side


def test_a_limit_order_rests_is_filled_in_parts_and_completes(world: Any) -> None:
    process = world.start()
    order = process.order(Side.BUY, "2", "100")
    assert order.state is OrderState.OPEN
    assert world.order(order).price == 100
    world.trade("cat", Side.SELL, "0.5", "100")
    process.idle()
    assert (order.state, order.executed_amount_base) == (OrderState.PARTIALLY_FILLED, Decimal("0.5"))
    world.trade("cat", Side.SELL, "1.5", "95")
    process.idle()
    assert (order.state, order.average_executed_price) == (OrderState.FILLED, 100)
    process.pass_by(3)
    print(process.told, world.believed, world.balances)
    assert 0
