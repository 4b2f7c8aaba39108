"""What the book's tests share: a short way to write messages, and a clock whose hands the test moves."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable

import pytest

from declconn.records import OrderBookMessage

PAIR = "BTC-USDT"


def written(
    update_id: int | None = None,
    *,
    first: int | None = None,
    previous: int | None = None,
    bids: dict[str, str] | None = None,
    asks: dict[str, str] | None = None,
    checksum: int | None = None,
    timestamp: int | None = None,
) -> OrderBookMessage:
    """A message whose levels are written ``{price: size}``."""
    return OrderBookMessage(
        PAIR,
        [[price, size] for price, size in (bids or {}).items()],
        [[price, size] for price, size in (asks or {}).items()],
        update_id,
        first,
        previous,
        checksum,
        timestamp,
    )


@pytest.fixture
def message() -> Callable[..., OrderBookMessage]:
    """Writes a snapshot or diff: ``message(7, bids={"100": "1"})``."""
    return written


class HandClock:
    """Time stands still until ``advance``; who sleeps wakes up exactly when it is due."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def time_ns(self) -> int:
        return int(self.now * 1e9)

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), woken))
        await woken

    async def advance(self, seconds: float = 0.0) -> None:
        """Let that much time pass, and everything happen that happens in it."""
        end = self.now + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self.now, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
            await self._settle()
        self.now = end

    async def _settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


@pytest.fixture
def clock() -> HandClock:
    """A clock that stands still."""
    return HandClock()
