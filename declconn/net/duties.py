"""Several coroutines that live and die together."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


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
