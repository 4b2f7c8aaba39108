"""The requests that cancel orders, and what their answers say of each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from declconn.account.client_order_tracker import ClientOrderTracker
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.order_states import FINAL
from declconn.connector.requests.operations import Operations
from declconn.connector.trading.order_arguments import OrderArguments
from declconn.errors import DeclconnError, NotSupportedError, UnknownOutcomeError, VenueError
from declconn.log import about
from declconn.net.throttler import Priority
from declconn.records import OrderUpdate
from declconn.types import OrderState

TOO_LATE: Final = frozenset({"order_not_found", "order_done"})
"""Kinds of errors that say that there is nothing to cancel: the venue is asked what became of the order."""

Refusals = dict[str, VenueError]
"""What the venue refused, by client order id."""


class CancelRequests:
    """Asks the venue to cancel orders. News, or the answer, end them.

    Args:
        operations: how the venue is asked.
        tracker: keeps the orders.
        arguments: orders in the venue's words.
        ends_at_once: a good answer to a cancel ends the order (`orders.cancel: sync`).
        until_sent: waits while the request that places an order is on its way.
        look_at: asks soon what became of an order.
    """

    def __init__(
        self,
        *,
        operations: Operations,
        tracker: ClientOrderTracker,
        arguments: OrderArguments,
        ends_at_once: bool,
        until_sent: Callable[[InFlightOrder], Awaitable[None]],
        look_at: Callable[[InFlightOrder], None],
    ) -> None:
        self._operations, self._tracker, self._arguments = operations, tracker, arguments
        self._taken = OrderState.CANCELED if ends_at_once else OrderState.PENDING_CANCEL
        self._until_sent, self._look_at = until_sent, look_at

    async def one(self, order: InFlightOrder) -> None:
        """Cancel an order. One that is over is left alone, and so is one that the venue says to be over.

        Raises:
            NotSupportedError: the spec has no operation that cancels, or none that can name this order.
            UnknownOutcomeError: it may be cancelled, or the venue does not know it yet; it is asked.
            DeclconnError: the venue refused; the order is as it was.
        """
        with about(**order.log_fields):
            await self._until_sent(order)
            if not order.is_over_by_word:
                await self._one(order)

    @property
    def operation(self) -> str:
        """What cancels one order.

        Raises:
            NotSupportedError: the spec has nothing that does.
        """
        for name in ("cancel_order", "cancel_orders"):
            if name in self._operations:
                return name
        raise NotSupportedError("the spec declares neither 'cancel_order' nor 'cancel_orders'")

    async def _one(self, order: InFlightOrder) -> None:
        operation = self.operation
        if not self._arguments.can_name(operation, order):
            await self._until_seen(operation, order)
        if order.is_done:
            return
        several = operation == "cancel_orders"
        arguments = self._arguments.many([order]) if several else self._arguments.naming(order)
        for refusal in (await self._ask(operation, [order], arguments)).values():
            raise refusal
        if order.is_pending_create:
            raise _not_there(operation, order)

    async def _until_seen(self, operation: str, order: InFlightOrder) -> None:
        self._look_at(order)
        try:
            await order.get_exchange_order_id()
        except TimeoutError:
            if order.is_done:
                return
            raise _not_there(operation, order) from None
        self._arguments.require_named(operation, order)

    async def together(self, orders: Sequence[InFlightOrder]) -> Refusals:
        """Cancel orders that `can_cancel_together` with lists of their ids.

        Raises:
            UnknownOutcomeError: they may be cancelled; the venue is asked about each.
            DeclconnError: the venue refused them all.
        """
        return await self._ask("cancel_orders", orders, self._arguments.many(orders))

    async def everything(self, market: Mapping[str, Any], orders: Sequence[InFlightOrder]) -> None:
        """Cancel all that is open, in a market or (empty) everywhere: these orders.

        Some may have been filled a moment before, so the answer does not say how each of them ended: it is asked.

        Raises:
            UnknownOutcomeError: they may be cancelled; the venue is asked about each.
            DeclconnError: the venue refused.
        """
        try:
            await self._operations.call("cancel_all_orders", market, priority=Priority.FIRST)
        finally:
            for order in orders:
                self._look_at(order)
        for order in (order for order in orders if order.is_accepted):
            self._tracker.update_order(order, OrderUpdate(state=OrderState.PENDING_CANCEL))

    def can_cancel_together(self, order: InFlightOrder) -> bool:
        """Whether the venue takes lists of orders, and knows this one by an id that we know."""
        takes_lists = "cancel_orders" in self._operations and not self.goes_alone(order)
        is_there = not (order.is_pending_create or order.is_over_by_word)
        return takes_lists and is_there and self._arguments.can_name("cancel_orders", order)

    def goes_alone(self, order: InFlightOrder) -> bool:
        """Whether an order is cancelled by a request that is not the others': those about many are not about it."""
        return order.trigger is not None and self._arguments.tells_triggers("cancel_order")

    async def _ask(self, operation: str, orders: Sequence[InFlightOrder], arguments: Mapping[str, Any]) -> Refusals:
        try:
            answers = await self._operations.call(operation, arguments, priority=Priority.FIRST)
        except VenueError as error:
            if error.kind not in TOO_LATE:
                raise
            for order in orders:
                self._too_late(order, error)
            return {}
        except (UnknownOutcomeError, asyncio.CancelledError):
            for order in orders:
                self._look_at(order)
            raise
        found = {order.client_order_id: self._refusal(operation, order, answers) for order in orders}
        return {client_order_id: error for client_order_id, error in found.items() if error is not None}

    def _refusal(self, operation: str, order: InFlightOrder, answers: Sequence[OrderUpdate]) -> VenueError | None:
        """Take what the venue answers about one order; returns its refusal, if it is one."""
        answer = next((answer for answer in answers if order.is_meant_by(answer)), None)
        if answer is None and answers and operation == "cancel_orders":
            self._look_at(order)
            return VenueError(operation, "rejected", f"the answer says nothing of {order.client_order_id}")
        answer = answer or OrderUpdate()
        error = self._operations.row_error(operation, answer)
        if error is not None and error.kind not in TOO_LATE:
            return error
        if error is not None:
            self._too_late(order, error)
        elif answer.cancelled is False:
            self._look_at(order)
        else:
            state = answer.state or self._taken
            if answer.filled is None and state in FINAL:
                self._tracker.to_confirm(order)
            self._tracker.update_order(order, msgspec.structs.replace(answer, state=state))
        return None

    def _too_late(self, order: InFlightOrder, error: VenueError) -> None:
        if error.kind == "order_not_found" and not self._tracker.is_nearly_lost(order):  # its fills are asked for first
            self._tracker.process_order_not_found(order.client_order_id)
        self._look_at(order)


def _not_there(operation: str, order: InFlightOrder) -> UnknownOutcomeError:
    reason = f"the venue does not know {order.client_order_id}; it is cancelled as soon as the venue does"
    advice = "the wish is kept; `await order.wait_until_done()` waits until it is granted, or the order is given up"
    return UnknownOutcomeError(operation, DeclconnError(reason), advice)
