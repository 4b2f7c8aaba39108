"""Orders whose trigger price was reached, brought to the market one after the other."""

from __future__ import annotations

from declconn.simulator.engine.orders import Order
from declconn.simulator.engine.refusals import RefusedError
from declconn.simulator.engine.trading import Trading


def activate(trading: Trading) -> None:
    """Give all triggered orders their turn, and those that their trades trigger.

    Each order is triggered once, so this ends.
    """
    while trading.triggered:
        order = trading.triggered.popleft()
        if order.is_open:  # what it was to reduce may be gone by now, and the order with it
            _bring_to_market(trading, order)


def _bring_to_market(trading: Trading, order: Order) -> None:
    """From now on it is an order like any other; it ends where it could not be placed as one."""
    owner, settlement = trading.accounts[order.account], trading.settlements[order.asked.trading_pair]
    order.trigger_price, order.updated = None, trading.desk.next_time()
    try:
        order.amount = trading.reducible(owner, order.asked, order.amount)
        plan = trading.plan(order)
        settlement.check_funds(owner, order, plan)
    except RefusedError as error:
        trading.close(order, error.text)
        return
    trading.tell(order)
    trading.play(order, plan)
