"""Tasks that nobody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from declconn.errors import DeclconnError
from declconn.log import about, get_logger

logger = get_logger("declconn.account")

T = TypeVar("T")


class Background:
    """Keeps tasks, so that none is lost, all can be ended, and what goes wrong is told.

    Args:
        venue: for the log.
    """

    def __init__(self, venue: str) -> None:
        self._venue = venue
        self._tasks: set[asyncio.Task[Any]] = set()

    def add(self, duty: Coroutine[Any, Any, T], name: str, *, is_told: bool = False) -> asyncio.Task[T]:
        """Begin one.

        Args:
            duty: what is done.
            name: for the log.
            is_told: whoever began it tells of errors of ours; only bugs are logged here.
        """
        with about(venue=self._venue):
            task = asyncio.create_task(duty, name=name)
            task.add_done_callback(self._ended_told if is_told else self._ended)
        self._tasks.add(task)
        return task

    async def stop(self) -> None:
        """End all of them."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended_told(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled() or not isinstance(task.exception(), DeclconnError):
            self._ended(task)
        else:
            self._tasks.discard(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, DeclconnError | TimeoutError):
            logger.warning("%s: %s", task.get_name(), error)
        elif error is not None:
            logger.error("%s: this is a bug", task.get_name(), exc_info=error)
