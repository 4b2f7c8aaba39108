"""Questions about orders that come at the same time are asked as one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from declconn.account.in_flight_order import InFlightOrder
from declconn.log import about, about_only
from declconn.net.throttler import Priority

T = TypeVar("T")

Ask: TypeAlias = Callable[[Sequence[InFlightOrder], Priority], Awaitable[list[T]]]
"""Asks about orders, at least one, and gives everything that was answered."""


@dataclass(slots=True)
class _Group:
    orders: dict[str, InFlightOrder] = field(default_factory=dict)
    priority: Priority = Priority.LATER


class Together(Generic[T]):
    """Gathers orders while nobody is asked; those that come while an answer is waited for are the next question.

    So one order is asked about at once, and where a rate limit makes questions wait they become fewer, not later.

    Args:
        ask: asks about all orders of a question.
    """

    def __init__(self, ask: Ask[T]) -> None:
        self._ask = ask
        self._turn = asyncio.Lock()
        self._next = _Group()
        self._answer: asyncio.Task[list[T]] | None = None
        self._tasks: set[asyncio.Task[list[T]]] = set()

    async def about(self, order: InFlightOrder, priority: Priority) -> list[T]:
        """The answer to a question about this order, and maybe others. Whoever stops waiting stops nothing.

        Raises:
            DeclconnError: as ``ask``.
        """
        self._next.orders[order.client_order_id] = order
        self._next.priority = max(self._next.priority, priority)
        if self._answer is None:
            with about_only():  # it may become about many orders
                self._answer = asyncio.create_task(self._answer_all(), name="orders are asked about")
            self._tasks.add(self._answer)
            self._answer.add_done_callback(self._tasks.discard)
        return await asyncio.shield(self._answer)

    async def stop(self) -> None:
        """Wait for no answer any more."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._next, self._answer = _Group(), None

    async def _answer_all(self) -> list[T]:
        async with self._turn:
            asked, self._next, self._answer = self._next, _Group(), None
            orders = list(asked.orders.values())
            with about(**orders[0].log_fields if len(orders) == 1 else {}):
                return await self._ask(orders, asked.priority)


def by_market(orders: Iterable[InFlightOrder]) -> dict[str, list[InFlightOrder]]:
    """Orders by trading pair."""
    markets: dict[str, list[InFlightOrder]] = {}
    for order in orders:
        markets.setdefault(order.trading_pair, []).append(order)
    return markets
