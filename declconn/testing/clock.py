"""A clock that moves only when it is told to."""

from __future__ import annotations

import asyncio


class ManualClock:
    """Wall and steady time set by hand; whoever sleeps wakes when the time has come."""

    def __init__(self, ns: int = 1_600_000_000_000_000_000) -> None:
        self._ns = ns
        self._start = ns
        self._sleepers: list[tuple[int, asyncio.Future[None]]] = []

    def time_ns(self) -> int:
        return self._ns

    def monotonic(self) -> float:
        return (self._ns - self._start) / 1e9

    async def sleep(self, seconds: float) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._ns + round(seconds * 1e9), waiting))
        await waiting

    def set(self, ns: int) -> None:
        """Let it be this time, unless it is later already."""
        self._ns = max(self._ns, ns)
        due = [entry for entry in self._sleepers if entry[0] <= self._ns]
        self._sleepers = [entry for entry in self._sleepers if entry[0] > self._ns]
        for _, waiting in due:
            if not waiting.done():
                waiting.set_result(None)

    def advance(self, seconds: float) -> None:
        """Let some seconds pass."""
        self.set(self._ns + round(seconds * 1e9))
