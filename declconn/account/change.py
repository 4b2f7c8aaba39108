"""Waiting until something is so, at no cost while nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from declconn.clock import Clock, SystemClock

_MACHINE: Final = SystemClock()


class Change:
    """Wakes those who wait whenever something has changed; there is an event only while somebody waits.

    Attributes:
        clock: measures how long somebody waits.
    """

    __slots__ = ("_next", "clock")

    def __init__(self) -> None:
        self._next: asyncio.Event | None = None
        self.clock: Clock = _MACHINE

    def happened(self) -> None:
        """Let everybody look again."""
        if self._next is not None:
            self._next.set()
            self._next = None

    async def until(self, holds: Callable[[], bool], timeout: float | None) -> None:
        """Return as soon as it holds.

        Args:
            timeout: seconds to wait; ``None``: without end.

        Raises:
            TimeoutError: it did not hold in time.
        """
        if holds():
            return
        timer = None if timeout is None else asyncio.ensure_future(self.clock.sleep(timeout))
        if timer is not None:
            timer.add_done_callback(lambda _timer: self.happened())
        try:
            while not holds():
                if timer is not None and timer.done():
                    raise TimeoutError
                if self._next is None:
                    self._next = asyncio.Event()
                await self._next.wait()
        finally:
            if timer is not None:
                timer.cancel()
