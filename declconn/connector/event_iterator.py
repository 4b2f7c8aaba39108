"""Async iteration over events, with a bounded memory for readers who are slower than the feed."""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeAlias

from declconn.log import get_logger

logger = get_logger("declconn.events")

Subscribe: TypeAlias = Callable[[Callable[[Any], None]], Callable[[], None]]
"""Lets a listener hear events; gives what takes it away again."""


class Memory:
    """Keeps events until they are read; the oldest go first when there are too many, and how many is logged."""

    def __init__(self, keep: int) -> None:
        self._waiting: deque[Any] = deque(maxlen=keep)
        self._arrived = asyncio.Event()
        self._lost = 0

    def take(self, event: Any) -> None:
        """Keep one more."""
        self._lost += len(self._waiting) == self._waiting.maxlen
        self._waiting.append(event)
        self._arrived.set()

    async def next(self) -> Any:
        """The oldest, as soon as there is one."""
        if not self._waiting:
            if self._lost:
                logger.warning("a reader of events was too slow: %d events were lost", self._lost)
                self._lost = 0
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()


class EventIterator(AsyncIterator[Any]):
    """Every event from the moment it is made, until it is closed or nobody holds it any more.

    Args:
        subscribe: lets it hear.
        keep: the most events that wait for the reader.
    """

    def __init__(self, subscribe: Subscribe, keep: int) -> None:
        self._memory = Memory(keep)
        self._unsubscribe = weakref.finalize(self, subscribe(self._memory.take))

    def __aiter__(self) -> EventIterator:
        return self

    async def __anext__(self) -> Any:
        return await self._memory.next()

    async def aclose(self) -> None:
        """Hear nothing more."""
        self._unsubscribe()
