"""Where orders are asked about: venues let those that wait for a price wait at a counter of their own, or at the same.

At a counter of its own an order has no id of the venue's before it is triggered, and is then found at the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec

from declconn.records import OrderUpdate
from declconn.simulator.engine.orders import Order
from declconn.spec import Spec, models
from declconn.spec.order_triggers import of_trigger
from declconn.types import Trigger


class Counter(Enum):
    """What is known at a counter, and what is told there."""

    EVERY_ORDER = "every order"
    TRIGGERED = "those in the market"
    WAITING = "those that wait for a price, and where to ask about them later"

    def knows(self, order: Order) -> bool:
        """Whether an order can be asked about here."""
        if self is Counter.WAITING:
            return order.asked.trigger_price is not None
        return self is Counter.EVERY_ORDER or not order.is_untriggered

    def keeps(self, order: Order) -> bool:
        """Whether an order stands here, so that it can be changed and ended."""
        return self.knows(order) and (self is not Counter.WAITING or order.is_untriggered)

    def tells(self, order: Order) -> OrderUpdate:
        """What is told here of an order that is known here."""
        if self is not Counter.WAITING:
            return order.update
        if order.is_untriggered:
            return without_id(order.update)
        update = order.update
        return OrderUpdate(update.client_order_id, update.exchange_order_id, update.trading_pair)


class Counters:
    """The counters of a venue.

    Args:
        spec: the venue's.

    Attributes:
        are_two: orders that wait for a price have a counter of their own.
    """

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        stops = of_trigger(spec, "place_order", Trigger.STOP)
        self.are_two = any(self._is_apart("place_order", one) and not _reads(one, "exchange_order_id") for one in stops)

    def of(self, operation: str, model: models.Endpoint) -> Counter:
        """Where a request goes to."""
        if not self.are_two:
            return Counter.EVERY_ORDER
        return Counter.WAITING if self._is_apart(operation, model) else Counter.TRIGGERED

    def _is_apart(self, operation: str, model: models.Endpoint) -> bool:
        """Whether a request is never about an order that has fills, or that waits for no price."""
        if operation == "open_orders":
            return not _reads(model, "filled")
        ordinary = of_trigger(self._spec, operation, None)
        return (model.method, model.path) not in [(one.method, one.path) for one in ordinary]


def without_id(update: OrderUpdate) -> OrderUpdate:
    """What is told of an order that has no id of the venue's yet."""
    return msgspec.structs.replace(update, exchange_order_id=None)


def _reads(model: models.Endpoint, field: str) -> bool:
    slots: Any = model.result
    return isinstance(slots, Mapping) and field in slots
