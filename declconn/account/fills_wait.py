"""Orders that are over by the venue's word and wait for their fills."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from declconn.account.in_flight_order import InFlightOrder
from declconn.clock import Clock
from declconn.log import get_logger

logger = get_logger("declconn.orders")

TRADE_FILLS_WAIT_TIMEOUT: Final = 5.0
"""Seconds to wait for the fills of an order that is over (Hummingbot's, which waits for FILLED orders only)."""

LONGEST: Final = 120.0
"""The most seconds, where the question for the fills is not answered: our own rate limit may hold it back."""


@dataclass(frozen=True, slots=True)
class _Wait:
    order: InFlightOrder
    began: float
    until: float


class FillsWait:
    """Gives orders up after a time; one task for all of them, and only while somebody waits.

    The time of an order begins anew while the venue is being asked for its fills.

    Args:
        clock: measures and sleeps.
        give_up: called with each order whose time is over, whether it still waits or not.
        is_asked: whether a question for the fills of an order is to be answered yet.
    """

    def __init__(
        self, clock: Clock, give_up: Callable[[InFlightOrder], None], is_asked: Callable[[InFlightOrder], bool]
    ) -> None:
        self._clock, self._give_up, self._is_asked = clock, give_up, is_asked
        self._waiting: deque[_Wait] = deque()
        self._task: asyncio.Task[None] | None = None

    def add(self, order: InFlightOrder) -> None:
        """Begin to wait; everybody waits equally long, so the first to come is the first to go."""
        self._add(order, self._clock.monotonic())
        self.resume()

    def _add(self, order: InFlightOrder, began: float) -> None:
        self._waiting.append(_Wait(order, began, self._clock.monotonic() + TRADE_FILLS_WAIT_TIMEOUT))

    def resume(self) -> None:
        """Go on waiting for those who wait; where no event loop runs yet, that is left to the next call."""
        if self._waiting and (self._task is None or self._task.done()):
            with suppress(RuntimeError):
                loop = asyncio.get_running_loop()
                self._task = loop.create_task(self._watch(), name="orders waiting for fills")

    async def stop(self) -> None:
        """Give nobody up until `resume`."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        while self._waiting:
            first = self._waiting[0]
            seconds = first.until - self._clock.monotonic()
            if seconds > 0:
                await self._clock.sleep(seconds)
            self._waiting.popleft()
            order = first.order
            if order.awaits_fills and self._is_asked(order) and self._clock.monotonic() - first.began < LONGEST:
                self._add(order, first.began)
                continue
            try:
                self._give_up(order)
            except Exception:
                logger.exception("%r could not be ended without its fills", order, extra=order.log_fields)
