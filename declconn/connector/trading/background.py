"""Tasks that nobody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from declconn.errors import ConfigurationError, DeclconnError
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
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self) -> None:
        """From now on tasks are begun in the event loop that runs here."""
        self._loop = asyncio.get_running_loop()

    def require_loop(self) -> None:
        """See that a task can be begun here, once it is started.

        Raises:
            ConfigurationError: the event loop does not run in this thread.
        """
        if self._loop is not None and _running_loop() is not self._loop:
            raise ConfigurationError(
                f"{self._venue}: this was not called in the event loop in which the connector was started, so nothing "
                "was kept or sent; call it from a coroutine or a callback there, or from elsewhere with "
                "loop.call_soon_threadsafe(...)"
            )

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


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
