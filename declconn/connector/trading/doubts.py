"""Orders of which it is not known what became of them: they are looked at until it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Final, TypeAlias

from declconn.account.in_flight_order import InFlightOrder
from declconn.clock import Clock, pause
from declconn.log import get_logger
from declconn.net.throttler import Priority

logger = get_logger("declconn.orders")

RETRY: Final = 1.0
"""Seconds until a doubt is looked at again; twice as long each time, up to one of the next two."""

LONGEST: Final = 5.0
"""The most seconds where the venue answered that it does not know the order: it may be on its way."""

LONGEST_UNANSWERED: Final = 30.0
"""The most seconds where it did not answer."""

FILLS_TIME: Final = 1.0
"""Seconds that the user stream has for a fill that the venue counts already, before it is asked for."""

END_TIME: Final = 2.0
"""Seconds that the user stream has to tell the end of an order that does not wait, before it is asked about."""

SHARE: Final = 3
"""A question that had to wait for its answer, as where limits are short, is put off so many times as long."""

TRIES_FOR_FILLS: Final = 5
"""So often fills that the venue counts but does not show are asked for at once; regular rounds go on."""


Look: TypeAlias = Callable[[InFlightOrder, Priority], Awaitable[bool]]


class Doubts:
    """Looks at each order, again and again, until its fate and its fills are known.

    Args:
        look: asks the venue about an order; says whether there was an answer.
        clock: paces.
    """

    def __init__(self, look: Look, clock: Clock) -> None:
        self._look, self._clock = look, clock
        self._wanted: dict[str, InFlightOrder] = {}
        self._settling: dict[str, asyncio.Task[None]] = {}
        self._patient: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._running = False

    def __len__(self) -> int:
        return len(self._settling)

    def __contains__(self, order: InFlightOrder) -> bool:
        return order.client_order_id in self._settling

    def start(self) -> None:
        """Begin to look; what was wanted before is looked at now."""
        self._running = True
        for order in self._wanted.values():
            self._begin(order)

    async def stop(self) -> None:
        """Look at nothing more; doubts are kept."""
        self._running = False
        tasks = [*self._settling.values(), *self._patient.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._settling.clear()
        self._patient.clear()

    def add(self, order: InFlightOrder) -> None:
        """Look at an order now, and once more if it is being looked at."""
        self._wanted[order.client_order_id] = order
        if self._running and order.client_order_id not in self._settling:
            self._begin(order)

    def add_unless_filled(self, order: InFlightOrder) -> None:
        """Look at an order if fills that it lacks do not come in a moment."""
        self._give_time(order, "fills", FILLS_TIME, lambda: order.is_missing_fills)

    def add_unless_over(self, order: InFlightOrder) -> None:
        """Look at an order if its end is not told in a moment."""
        self._give_time(order, "end", END_TIME, lambda: not order.is_over_by_word)

    def _begin(self, order: InFlightOrder) -> None:
        task = asyncio.create_task(self._settle(order), name=f"order {order.client_order_id}")
        self._settling[order.client_order_id] = task

    def _give_time(self, order: InFlightOrder, what: str, seconds: float, is_lacking: Callable[[], bool]) -> None:
        key = (order.client_order_id, what)
        if not self._running or key in self._patient:
            return

        async def wait() -> None:
            await self._clock.sleep(seconds)
            del self._patient[key]
            if is_lacking():
                said = (order, what, seconds)
                logger.info(
                    "%r: no stream told its %s within %.0f s; the venue is asked", *said, extra=order.log_fields
                )
                self.add(order)

        self._patient[key] = asyncio.create_task(wait(), name=f"{what} of {order.client_order_id}")

    async def _settle(self, order: InFlightOrder) -> None:
        key = order.client_order_id
        try:
            for attempt in count():
                self._wanted.pop(key, None)
                asked_at = self._clock.monotonic()
                is_answered = await self._look(order, Priority.NORMAL)  # LATER may be never: rounds use up short limits
                waited = self._clock.monotonic() - asked_at
                if is_answered and key not in self._wanted and not _is_open(order, attempt):
                    break
                longest = LONGEST if is_answered else LONGEST_UNANSWERED
                seconds = max(pause(attempt, RETRY, longest), SHARE * waited)
                await self._clock.sleep(min(seconds, LONGEST_UNANSWERED))
        except asyncio.CancelledError:
            self._wanted[key] = order
            raise
        except Exception:
            logger.exception("%r cannot be looked at: this is a bug", order, extra=order.log_fields)
        del self._settling[key]


def _is_open(order: InFlightOrder, attempt: int) -> bool:
    """Whether there is still something to find out."""
    return order.fate_unknown or (order.is_missing_fills and attempt < TRIES_FOR_FILLS)
