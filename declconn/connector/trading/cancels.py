"""Cancelling many orders in as few requests as the venue allows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.in_flight_order import InFlightOrder
from declconn.clock import Clock
from declconn.connector.requests.operations import Operations
from declconn.connector.symbols import Symbols
from declconn.connector.trading.cancel_requests import CancelRequests
from declconn.connector.trading.cancel_wishes import CancelWishes
from declconn.connector.trading.together import by_market
from declconn.errors import DeclconnError
from declconn.log import get_logger
from declconn.net.duties import comes_within
from declconn.net.throttler import Priority

logger = get_logger("declconn.orders")

CANCEL_TIME: Final = 10.0
"""Seconds that are waited for the venue when several orders are cancelled."""

Taken: TypeAlias = set[str]
"""The client ids of orders whose cancel the venue took."""


@dataclass(frozen=True, slots=True)
class CancellationResult:
    """Whether the venue took the wish to cancel an order."""

    order_id: str
    success: bool


class Cancels:
    """Cancels orders one by one, in batches, or a market at a stroke.

    A market is cancelled at a stroke only if the venue, asked just before, has no open order there but those that are
    meant: what others placed is theirs.

    Args:
        requests: cancel.
        wishes: cancels orders one by one, also those that the venue may not have yet.
        operations: how the venue is asked.
        tracker: keeps the orders.
        symbols: the venue's markets.
        clock: measures timeouts.
    """

    def __init__(
        self,
        requests: CancelRequests,
        wishes: CancelWishes,
        *,
        operations: Operations,
        tracker: ClientOrderTracker,
        symbols: Symbols,
        clock: Clock,
    ) -> None:
        self._requests, self._wishes, self._operations = requests, wishes, operations
        self._tracker, self._symbols, self._clock = tracker, symbols, clock

    async def one(self, order: InFlightOrder) -> None:
        """Cancel an order; as `CancelWishes.one`."""
        await self._wishes.one(order)

    async def several(self, orders: Iterable[InFlightOrder], timeout: float) -> list[CancellationResult]:
        """Cancel these; those that the venue did not take in time come last in the answer."""
        return await self._within(timeout, list(orders), self._in_batches)

    async def all(self, timeout: float) -> list[CancellationResult]:
        """Cancel every order of ours; as `several`."""
        active = self._tracker.active_orders.values()
        ours = [order for order in active if not (order.is_external or order.is_over_by_word)]
        return await self._within(timeout, ours, self._by_market)

    async def _within(
        self,
        timeout: float,
        orders: list[InFlightOrder],
        cancel: Callable[[list[InFlightOrder], Taken], Awaitable[None]],
    ) -> list[CancellationResult]:
        taken: Taken = set()
        task = asyncio.ensure_future(cancel(orders, taken))
        try:
            await comes_within(timeout, task, self._clock)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        results = [CancellationResult(order.client_order_id, order.client_order_id in taken) for order in orders]
        return sorted(results, key=lambda result: not result.success)

    async def _by_market(self, orders: list[InFlightOrder], taken: Taken) -> None:
        """Cancel market by market at a stroke where that is right, the others in batches."""
        if "cancel_all_orders" not in self._operations or "cancel_orders" in self._operations:
            await self._in_batches(orders, taken)
            return
        there = [order for order in orders if not (order.is_pending_create or self._requests.goes_alone(order))]
        others = [order for order in orders if order not in there]
        about_one = self._operations.is_about_one_market("cancel_all_orders")
        strokes = [self._at_a_stroke(group, taken) for group in (by_market(there).values() if about_one else [there])]
        await asyncio.gather(*strokes, *(self._alone(order, taken) for order in others))

    async def _at_a_stroke(self, orders: list[InFlightOrder], taken: Taken) -> None:
        market = self._market("cancel_all_orders", orders)
        try:
            if len(orders) < 2 or not await self._are_all(orders, market):
                await self._in_batches(orders, taken)
                return
            await self._requests.everything(market, orders)
        except DeclconnError as error:
            logger.warning("%d orders were not cancelled: %s", len(orders), error)
        else:
            taken.update(order.client_order_id for order in orders)

    async def _are_all(self, orders: Sequence[InFlightOrder], market: Mapping[str, Any]) -> bool:
        """Whether the venue, asked now, has no open orders but these: in a market, or anywhere."""
        asks_market = "open_orders" in self._operations and self._operations.is_about_one_market("open_orders")
        if "open_orders" not in self._operations or (asks_market and not market):
            return False
        found = await self._operations.call("open_orders", market, priority=Priority.FIRST)
        return all(any(order.is_meant_by(answer) for order in orders) for answer in found)

    async def _in_batches(self, orders: list[InFlightOrder], taken: Taken) -> None:
        """Cancel with lists of ids, where the venue takes these; else one by one, all at the same time."""
        able = [order for order in orders if self._requests.can_cancel_together(order)]
        if len(able) < 2:
            able = []
        others = [order for order in orders if order not in able]
        about_one = bool(able) and self._operations.is_about_one_market("cancel_orders")
        together = [
            self._together(group, taken) for group in (by_market(able).values() if about_one else [able]) if group
        ]
        await asyncio.gather(*together, *(self._alone(order, taken) for order in others))

    async def _together(self, orders: Sequence[InFlightOrder], taken: Taken) -> None:
        try:
            refusals = await self._requests.together(orders)
        except DeclconnError as error:
            logger.warning("%d orders were not cancelled: %s", len(orders), error)
            return
        for client_order_id, refusal in refusals.items():
            fields = {"client_order_id": client_order_id}
            logger.warning("the order %s was not cancelled: %s", client_order_id, refusal, extra=fields)
        taken.update(order.client_order_id for order in orders if order.client_order_id not in refusals)

    async def _alone(self, order: InFlightOrder, taken: Taken) -> None:
        try:
            await self.one(order)
        except DeclconnError as error:
            logger.warning("the order %r was not cancelled: %s", order, error, extra=order.log_fields)
        else:
            taken.add(order.client_order_id)

    def _market(self, operation: str, orders: Sequence[InFlightOrder]) -> Mapping[str, Any]:
        """The arguments of the orders' market; none for an operation about all markets."""
        if not orders or not self._operations.is_about_one_market(operation):
            return {}
        return self._symbols.arguments(orders[0].trading_pair)
