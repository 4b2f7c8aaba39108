"""Several things at once or in a row: coroutines that live and die together, an answer that may never come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from declconn.clock import Clock


async def run_together(*duties: Coroutine[Any, Any, None]) -> None:
    """Run all until one raises, then cancel the others, wait for them, and raise what it raised.

    A TaskGroup would do, but before Python 3.13 it swallows a cancellation that comes while it is shutting down.
    """
    tasks = [asyncio.create_task(duty) for duty in duties]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        failed = next((task for task in tasks if task.done() and not task.cancelled() and task.exception()), None)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if failed:
        failed.result()


async def one_after_another(*steps: Callable[[], Awaitable[None]]) -> None:
    """Take every step, also after one that raised or was cancelled; then raise what the last of these raised."""
    async with AsyncExitStack() as stack:
        for step in reversed(steps):
            stack.push_async_callback(step)


async def comes_within(seconds: float, future: asyncio.Future[Any], clock: Clock) -> bool:
    """Wait for a future no longer than that; tell whether it is done. The future is left alone either way."""
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({future, timer}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        timer.cancel()
    return future.done()


async def woken_within(seconds: float, event: asyncio.Event, clock: Clock) -> bool:
    """Sleep that long, or until the event is set; tell whether it was."""
    waiting = asyncio.ensure_future(event.wait())
    try:
        return await comes_within(seconds, waiting, clock)
    finally:
        waiting.cancel()
