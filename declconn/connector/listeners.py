"""News for users: callbacks, and async iteration with a bounded memory."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

logger = logging.getLogger("declconn.events")

Listener = Callable[[Any], None]


class Listeners:
    """Hands every piece of news to everyone who asked for its kind; nobody can delay or break the feed."""

    def __init__(self) -> None:
        self._listeners: dict[Listener, tuple[type, ...]] = {}

    def add(self, listener: Listener, *kinds: type) -> Callable[[], None]:
        """Call ``listener`` with every event of these classes (no class: every event).

        Returns:
            a function that takes the listener away again.
        """
        self._listeners[listener] = kinds

        def remove() -> None:
            self._listeners.pop(listener, None)

        return remove

    def publish(self, event: Any) -> None:
        """Tell everyone; a listener that raises is logged, and the others still hear."""
        for listener, kinds in tuple(self._listeners.items()):
            if kinds and not isinstance(event, kinds):
                continue
            try:
                listener(event)
            except Exception:
                logger.exception("a listener failed on %s", type(event).__name__)

    def publish_all(self, events: Iterable[Any]) -> None:
        """Tell everyone of each."""
        for event in events:
            self.publish(event)

    async def events(self, *kinds: type, keep: int = 10_000) -> AsyncIterator[Any]:
        """Every event of these classes from now on.

        A reader who is slower than the feed loses the oldest events beyond ``keep``; how many is logged.
        """
        waiting: deque[Any] = deque(maxlen=keep)
        arrived = asyncio.Event()
        lost = 0

        def take(event: Any) -> None:
            nonlocal lost
            if len(waiting) == keep:
                lost += 1
            waiting.append(event)
            arrived.set()

        remove = self.add(take, *kinds)
        try:
            while True:
                while waiting:
                    yield waiting.popleft()
                arrived.clear()
                if lost:
                    logger.warning("a reader of events was too slow: %d events were lost", lost)
                    lost = 0
                await arrived.wait()
        finally:
            remove()
