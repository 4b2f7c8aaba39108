"""What is asked of a venue about orders, by whichever operation can name them, in as few requests as it allows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Final

from declconn.account.in_flight_order import InFlightOrder
from declconn.clock import Clock
from declconn.compile.template import Time
from declconn.connector.requests.operations import Operations
from declconn.connector.symbols import Symbols
from declconn.connector.trading.order_arguments import OrderArguments
from declconn.connector.trading.together import Together, by_market
from declconn.errors import VenueError
from declconn.net.throttler import Priority
from declconn.records import OrderUpdate, TradeUpdate

MARGIN: Final = 60 * 10**9
"""Nanoseconds before an order's creation from which recent trades are asked: clocks differ."""

RECENT: Final = 24 * 3600 * 10**9
"""Nanoseconds. Venues show recent trades of a day at the least; the fills of older orders are asked one by one."""

NOT_FOUND: Final = frozenset({"order_not_found"})
REFUSALS: Final = NOT_FOUND | frozenset({"order_done", "invalid_order", "rejected"})
"""Kinds of errors in which venues say of an order that they do not know that they cannot tell its fills."""

AT_ONCE: Final = 8
"""Requests about one order each that are made at the same time; the throttler paces them further."""


class OrderInquiries:
    """Asks for the state of an order, for its fills, and for all open orders.

    Orders that are asked about at the same time share a request where the venue takes lists of ids, where all open
    orders tell of several whose ids it does not take, and where recent trades tell what several lack.

    Args:
        operations: how the venue is asked.
        arguments: orders in the venue's words.
        symbols: the venue's markets.
        clock: tells how old an order is.
    """

    def __init__(self, operations: Operations, arguments: OrderArguments, symbols: Symbols, clock: Clock) -> None:
        self._operations, self._arguments, self._symbols, self._clock = operations, arguments, symbols, clock
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._states: Together[OrderUpdate] = Together(self._ask_states)
        self._open: Together[OrderUpdate] = Together(self._ask_open)
        self._recent: Together[TradeUpdate] = Together(self._ask_recent)
        self._trades: Together[TradeUpdate] = Together(self._ask_trades)

    async def stop(self) -> None:
        """Wait for no answer any more."""
        for together in (self._states, self._open, self._recent, self._trades):
            await together.stop()

    @property
    def listed(self) -> AbstractSet[str]:
        """The pairs that can be asked about."""
        return self._symbols.rules.keys()

    def can_ask_for(self, order: InFlightOrder) -> bool:
        """Whether the venue tells of this order alone, so also of one that is over."""
        return self._operation_for(order) is not None

    @property
    def tells_trades(self) -> bool:
        """Whether the venue tells the account's latest trades, whatever their orders."""
        return "recent_trades" in self._operations

    async def state(self, order: InFlightOrder, priority: Priority = Priority.NORMAL) -> OrderUpdate | None:
        """What the venue says of an order; ``None``: it does not know it, or it is not among the open ones.

        Raises:
            DeclconnError: it was asked in vain.
        """
        operation = self._operation_for(order)
        if operation is not None and self._arguments.takes_lists(operation):
            return _of(order, await self._states.about(order, priority))
        if operation is None or (operation == "find_order" and "open_orders" in self._operations):
            answer = _of(order, await self._open.about(order, priority))
            if answer is not None or operation is None:
                return answer
        return _of(order, await self._ask_state(operation, order, priority))

    async def fills(
        self, order: InFlightOrder, priority: Priority = Priority.NORMAL, *, is_forgotten: bool = False
    ) -> list[TradeUpdate]:
        """The fills of an order, perhaps with those of others; none where the venue cannot be asked.

        Args:
            is_forgotten: the venue does not know the order any more. The account's trades are asked too then: they
                outlive orders.

        Raises:
            DeclconnError: it was asked in vain.
        """
        found: list[TradeUpdate] = []
        alone = self._can_ask_for_fills(order)
        if self.tells_trades and (not alone or order.is_missing_fills):
            found = await self._recent.about(order, priority)
        if not alone or (found and _tells_all(order, found)):
            return found
        told = await self._ask_fills(order, priority, REFUSALS if is_forgotten else NOT_FOUND)
        if self.tells_trades and (told is None or (is_forgotten and not told)):
            told = await self._trades.about(order, priority)
        return [*found, *(told or ())]

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

    async def _ask_state(self, operation: str, order: InFlightOrder, priority: Priority) -> list[OrderUpdate]:
        try:
            async with self._turn:
                return await self._operations.call(operation, self._arguments.naming(order), priority=priority)
        except VenueError as error:
            if error.kind != "order_not_found":
                raise
            return []

    async def _ask_fills(
        self, order: InFlightOrder, priority: Priority, refusals: AbstractSet[str]
    ) -> list[TradeUpdate] | None:
        """The fills of this order alone; ``None``: the venue does not know it, which it says by one of these kinds."""
        try:
            async with self._turn:
                return await self._operations.call("order_trades", self._arguments.naming(order), priority=priority)
        except VenueError as error:
            if error.kind not in refusals:
                raise
            return None

    async def _ask_open(self, orders: Sequence[InFlightOrder], priority: Priority) -> list[OrderUpdate]:
        """Ask for all open orders; for one that can be asked for alone that is not worth it, and nothing is asked."""
        about_one = self._operations.is_about_one_market("open_orders")
        found: list[OrderUpdate] = []
        for group in by_market(orders).values() if about_one else [orders]:
            if len(group) > 1 or not self.can_ask_for(group[0]):
                market = self._symbols.arguments(group[0].trading_pair) if about_one else {}
                found += await self._operations.call("open_orders", market, priority=priority)
        return found

    async def _ask_states(self, orders: Sequence[InFlightOrder], priority: Priority) -> list[OrderUpdate]:
        """Ask with lists of ids; where one of them is not known, so that all are refused, one by one."""
        about_one = self._operations.is_about_one_market("order_status")
        tells_triggers = self._arguments.tells_triggers("order_status")
        groups: dict[object, list[InFlightOrder]] = {}
        for order in orders:
            key = (order.trading_pair if about_one else None, order.trigger if tells_triggers else None)
            groups.setdefault(key, []).append(order)
        return [answer for group in groups.values() for answer in await self._ask_group(group, priority)]

    async def _ask_group(self, orders: Sequence[InFlightOrder], priority: Priority) -> list[OrderUpdate]:
        try:
            return await self._operations.call("order_status", self._arguments.many(orders), priority=priority)
        except VenueError as error:
            if error.kind != "order_not_found":
                raise
        if len(orders) == 1:
            return []
        return [answer for order in orders for answer in await self._ask_group([order], priority)]

    async def _ask_recent(self, orders: Sequence[InFlightOrder], priority: Priority) -> list[TradeUpdate]:
        """Ask for trades since the oldest of these orders; of one that can be asked for alone nothing is asked here."""
        youngest = self._clock.time_ns() - RECENT
        asked = [o for o in orders if o.creation_timestamp > youngest or not self._can_ask_for_fills(o)]
        if all(map(self._can_ask_for_fills, asked)) and len(asked) < 2:
            return []
        return await self._ask_trades(asked, priority)

    async def _ask_trades(self, orders: Sequence[InFlightOrder], priority: Priority) -> list[TradeUpdate]:
        """Ask for the account's trades since the oldest of these orders."""
        about_one = self._operations.is_about_one_market("recent_trades") or len(by_market(orders)) == 1
        found: list[TradeUpdate] = []
        for group in by_market(orders).values() if about_one else [orders]:
            market = self._symbols.arguments(group[0].trading_pair) if about_one else {}
            since = Time(min(order.creation_timestamp for order in group) - MARGIN)
            found += await self._operations.call("recent_trades", {**market, "since": since}, priority=priority)
        return found

    def _can_ask_for_fills(self, order: InFlightOrder) -> bool:
        """Whether the venue tells of the fills of this order alone."""
        return "order_trades" in self._operations and self._arguments.can_name("order_trades", order)

    def _operation_for(self, order: InFlightOrder) -> str | None:
        operations = (name for name in ("order_status", "find_order") if name in self._operations)
        return next((name for name in operations if self._arguments.can_name(name, order)), None)


def _of(order: InFlightOrder, answers: Iterable[OrderUpdate]) -> OrderUpdate | None:
    return next((answer for answer in answers if order.is_meant_by(answer)), None)


def _tells_all(order: InFlightOrder, found: Iterable[TradeUpdate]) -> bool:
    """Whether, with these fills, no more of an order is executed than what is known."""
    new = {fill.trade_id: fill.amount for fill in found if order.is_meant_by(fill)}
    missing = sum((amount for trade_id, amount in new.items() if trade_id not in order.order_fills), Decimal(0))
    return order.executed_amount_base + missing >= order.filled_by_venue
