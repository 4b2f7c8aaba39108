"""What an order is to be after it was amended, in its market's steps, and what of that is told."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from declconn.account.in_flight_order import InFlightOrder
from declconn.account.order_rules import check_order
from declconn.connector.trading.new_orders import amount_in_steps, price_in_steps
from declconn.errors import InvalidOrderError
from declconn.records import TradingRule
from declconn.types import OrderType


class Changes(NamedTuple):
    """What a user wants to change; ``None`` stays as it is."""

    amount: Decimal | None
    price: Decimal | None
    trigger_price: Decimal | None

    @property
    def named(self) -> Iterable[str]:
        """What was said."""
        return (name for name, value in self._asdict().items() if value is not None)


class Amendment(NamedTuple):
    """What an order is to be, and which of these the venue is told even if it could do without."""

    amount: Decimal
    price: Decimal | None
    trigger_price: Decimal | None
    told: frozenset[str]


def check_changes(order: InFlightOrder, changes: Changes) -> None:
    """See that an order has what is to be changed.

    Raises:
        InvalidOrderError: it has not.
    """
    if changes.trigger_price is not None and order.trigger is None:
        raise InvalidOrderError(f"{order.client_order_id}: it waits for no price, so it has no trigger_price")
    if changes.price is not None and order.order_type is OrderType.MARKET:
        raise InvalidOrderError(
            f"{order.client_order_id}: it is a MARKET order, so it has no price; amount, and the trigger_price of one "
            "that waits, can be amended"
        )


def amendment(order: InFlightOrder, rule: TradingRule, changes: Changes) -> Amendment:
    """What an order is to be. Only what changes is told, and whatever was said while nobody knows how it is there.

    Raises:
        InvalidOrderError: it would break a trading rule, or is as it is wanted.
    """
    price = order.price if changes.price is None else price_in_steps(rule, changes.price)
    trigger_price = order.trigger_price
    if changes.trigger_price is not None:
        trigger_price = price_in_steps(rule, changes.trigger_price, "trigger_price")
    reference = price or trigger_price
    amount = order.amount if changes.amount is None else amount_in_steps(rule, changes.amount, reference)
    wanted = {"amount": amount, "price": price, "trigger_price": trigger_price}
    told = frozenset(name for name in changes.named if order.is_amendment_lost or wanted[name] != getattr(order, name))
    if not told:
        raise InvalidOrderError(f"{order!r}: it is so already; name another amount or price")
    check_order(rule, order.order_type, order.trade_type, amount, price, reference, trigger_price)
    return Amendment(amount, price, trigger_price, told)
