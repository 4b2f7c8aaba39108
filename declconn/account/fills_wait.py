"""Orders that are filled by the venue's word and wait for their fills."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from declconn.account.in_flight_order import InFlightOrder
from declconn.clock import Clock
from declconn.log import get_logger

logger = get_logger("declconn.orders")

TRADE_FILLS_WAIT_TIMEOUT: Final = 5.0
"""Seconds to wait for the fills of an order that the venue calls FILLED (Hummingbot's)."""


class FillsWait:
    """Gives orders up after a time; one task for all of them, and only while somebody waits.

    Args:
        clock: measures and sleeps.
        give_up: called with each order whose time is over, whether it still waits or not.
    """

    def __init__(self, clock: Clock, give_up: Callable[[InFlightOrder], None]) -> None:
        self._clock, self._give_up = clock, give_up
        self._waiting: deque[tuple[float, InFlightOrder]] = deque()
        self._task: asyncio.Task[None] | None = None

    def add(self, order: InFlightOrder) -> None:
        """Begin to wait; everybody waits equally long, so the first to come is the first to go."""
        self._waiting.append((self._clock.monotonic() + TRADE_FILLS_WAIT_TIMEOUT, order))
        self.resume()

    def resume(self) -> None:
        """Go on waiting for those who wait."""
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._watch(), name="orders waiting for fills")

    async def stop(self) -> None:
        """Give nobody up until `resume`."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        while self._waiting:
            deadline, order = self._waiting[0]
            pause = deadline - self._clock.monotonic()
            if pause > 0:
                await self._clock.sleep(pause)
            self._waiting.popleft()
            try:
                self._give_up(order)
            except Exception:
                logger.exception("%r could not be completed without its fills", order, extra=order.log_fields)
