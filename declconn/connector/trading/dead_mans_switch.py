"""The venue's dead man's switch: it cancels every order of ours unless we keep telling it not to."""

from __future__ import annotations

from typing import Final

from declconn.clock import Clock
from declconn.compile.filters import Duration
from declconn.compile.template import Time
from declconn.connector.requests.operations import Operations
from declconn.errors import DeclconnError
from declconn.log import get_logger
from declconn.net.throttler import Priority

logger = get_logger("declconn.orders")

SHARE: Final = 3
"""It is wound up so many times within its time, so that a lost request or two do no harm."""


class DeadMansSwitch:
    """Winds the switch up while the connector runs, and takes it away when the connector stops.

    Args:
        operations: with `cancel_all_after`.
        seconds: how long after the last word the venue cancels.
        clock: paces.
    """

    def __init__(self, operations: Operations, seconds: float, *, clock: Clock) -> None:
        self._operations, self._seconds, self._clock = operations, seconds, clock
        self._is_wound = False

    async def keep(self) -> None:
        """Wind it up for ever."""
        while True:
            self._is_wound = True
            await self._say(self._seconds)
            await self._clock.sleep(self._seconds / SHARE)

    async def release(self) -> None:
        """Switch it off: a connector that stops on purpose leaves its orders alone."""
        if self._is_wound:
            self._is_wound = False
            await self._say(0)

    async def _say(self, seconds: float) -> None:
        ns = round(seconds * 1e9)
        sources = {"timeout": Duration(ns), "deadline": Time(self._clock.time_ns() + ns if ns else 0)}
        try:
            await self._operations.call("cancel_all_after", sources, priority=Priority.FIRST)
        except DeclconnError as error:
            logger.warning("the dead man's switch could not be set: %s", error)
