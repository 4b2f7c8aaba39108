"""What is asked of a venue about orders, by whichever operation can name them."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final

from declconn.account.in_flight_order import InFlightOrder
from declconn.compile.template import Time
from declconn.connector.requests.operations import Operations
from declconn.connector.symbols import Symbols
from declconn.connector.trading.order_arguments import OrderArguments
from declconn.errors import VenueError
from declconn.records import OrderUpdate, TradeUpdate

MARGIN: Final = 60 * 10**9
"""Nanoseconds before an order's creation from which recent trades are asked: clocks differ."""


class OrderInquiries:
    """Asks for the state of an order, for its fills, and for all open orders.

    Args:
        operations: how the venue is asked.
        arguments: orders in the venue's words.
        symbols: the venue's markets.
    """

    def __init__(self, operations: Operations, arguments: OrderArguments, symbols: Symbols) -> None:
        self._operations, self._arguments, self._symbols = operations, arguments, symbols

    @property
    def listed(self) -> AbstractSet[str]:
        """The pairs that can be asked about."""
        return self._symbols.rules.keys()

    def can_ask_for(self, order: InFlightOrder) -> bool:
        """Whether the venue tells of this order alone, so also of one that is over."""
        return self._operation_for(order) is not None

    async def state(self, order: InFlightOrder) -> OrderUpdate | None:
        """What the venue says of an order; ``None``: it does not know it, or it is not among the open ones.

        Raises:
            DeclconnError: it was asked in vain.
        """
        operation = self._operation_for(order)
        try:
            if operation is not None:
                answers = await self._operations.call(operation, self._arguments.naming(order))
            else:
                answers = await self._operations.call("open_orders", self._symbols.arguments(order.trading_pair))
        except VenueError as error:
            if error.kind != "order_not_found":
                raise
            return None
        return next((answer for answer in answers if order.is_meant_by(answer)), None)

    async def fills(self, order: InFlightOrder) -> list[TradeUpdate]:
        """The fills of an order, perhaps with those of others; none where the venue cannot be asked.

        Raises:
            DeclconnError: it was asked in vain.
        """
        if "order_trades" in self._operations and self._arguments.can_name("order_trades", order):
            return await self._operations.call("order_trades", self._arguments.naming(order))
        if "recent_trades" not in self._operations:
            return []
        since = Time(order.creation_timestamp - MARGIN)
        market = self._symbols.arguments(order.trading_pair)
        return await self._operations.call("recent_trades", {**market, "since": since})

    async def open_orders(self, trading_pairs: Iterable[str]) -> list[OrderUpdate]:
        """All open orders, or those of these pairs where the venue wants to be asked about each.

        Raises:
            DeclconnError: it was asked in vain.
        """
        if "open_orders" not in self._operations:
            return []
        if not self._operations.is_about_one_market("open_orders"):
            return await self._operations.call("open_orders")
        found: list[OrderUpdate] = []
        for pair in sorted(trading_pairs):
            found += await self._operations.call("open_orders", self._symbols.arguments(pair))
        return found

    def _operation_for(self, order: InFlightOrder) -> str | None:
        operations = (name for name in ("order_status", "find_order") if name in self._operations)
        return next((name for name in operations if self._arguments.can_name(name, order)), None)
