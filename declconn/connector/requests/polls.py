"""Operations that are asked again because a stream said that something changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeAlias

from declconn.connector.requests.operations import Operations
from declconn.errors import DeclconnError
from declconn.log import get_logger

logger = get_logger("declconn.operations")

Ask: TypeAlias = Callable[[], Awaitable[None]]


class Polls:
    """Asks at most one operation at a time; one that is wanted again meanwhile is asked once more.

    Args:
        operations: how they are asked.
        markets: the arguments of every market that is followed, for operations about one symbol.
        take: who hears the records.
    """

    def __init__(
        self, operations: Operations, markets: Callable[[], list[Mapping[str, Any]]], take: Callable[[Any], None]
    ) -> None:
        self._operations, self._markets, self._take = operations, markets, take
        self._handlers: dict[str, Ask] = {}
        self._wanted: dict[str, None] = {}
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to ask; before, and offline, nothing is asked."""
        if self._task is None:
            self._task = asyncio.create_task(self._serve(), name="polls")

    def hand(self, operation: str, ask: Ask) -> None:
        """Let somebody else ask an operation, who knows what to do with the answer."""
        self._handlers[operation] = ask

    async def stop(self) -> None:
        """Ask nothing more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None

    def want(self, operations: Iterable[str]) -> None:
        """Ask these soon."""
        self._wanted.update(dict.fromkeys(operations))
        self._news.set()

    async def _serve(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._wanted:
                operation = next(iter(self._wanted))
                del self._wanted[operation]
                await self._ask(operation)

    async def _ask(self, operation: str) -> None:
        try:
            await self._handlers.get(operation, partial(self._publish, operation))()
        except DeclconnError as error:
            logger.warning("a stream asked for %s, in vain: %s", operation, error)

    async def _publish(self, operation: str) -> None:
        questions = self._markets() if self._operations.is_about_one_market(operation) else [{}]
        for arguments in questions:
            for record in await self._operations.call(operation, arguments):
                self._take(record)
