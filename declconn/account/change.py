"""Waiting until something is so, at no cost while nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Change:
    """Wakes those who wait whenever something has changed; there is an event only while somebody waits."""

    __slots__ = ("_next",)

    def __init__(self) -> None:
        self._next: asyncio.Event | None = None

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
        async with asyncio.timeout(timeout):
            while not holds():
                if self._next is None:
                    self._next = asyncio.Event()
                await self._next.wait()
