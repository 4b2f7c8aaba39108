"""One at a time: requests of a key whose nonces must arrive in order."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from weakref import WeakValueDictionary

from declconn.net.throttler import Priority


class Turns:
    """Lets one in at a time; of those who wait, the highest priority goes first, and the one that came first."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = count()

    @asynccontextmanager
    async def turn(self, priority: Priority) -> AsyncIterator[None]:
        """Wait until nobody else is in; a cancelled wait lets the next one pass."""
        if self._taken:
            called = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (-priority, next(self._numbers), called))
            try:
                await called
            except asyncio.CancelledError:
                if called.done() and not called.cancelled():
                    self._call_next()
                raise
        self._taken = True
        try:
            yield
        finally:
            self._call_next()

    def _call_next(self) -> None:
        """The turn goes to whoever waits, without a moment in which a newcomer could take it."""
        while self._waiting:
            *_, called = heapq.heappop(self._waiting)
            if not called.done():
                called.set_result(None)
                return
        self._taken = False


_of_keys: WeakValueDictionary[tuple[asyncio.AbstractEventLoop, str], Turns] = WeakValueDictionary()


def turns_of(key: str) -> Turns:
    """The turns of a key, shared by all who run on this event loop, because a venue counts the nonces of a key.

    Args:
        key: a fingerprint of the key, never the key.
    """
    place = (asyncio.get_running_loop(), key)
    return _of_keys.setdefault(place, Turns())
