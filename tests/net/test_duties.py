from __future__ import annotations

import asyncio

import pytest

from declconn.net.duties import run_together


async def forever(ended: list[str], name: str) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)
        ended.append(name)


async def fail() -> None:
    await asyncio.sleep(0)
    raise ValueError("first")


async def return_at_once() -> None:
    return


async def test_the_first_error_ends_all_and_is_raised() -> None:
    ended: list[str] = []
    with pytest.raises(ValueError, match="first"):
        await run_together(forever(ended, "a"), return_at_once(), fail(), forever(ended, "b"))
    assert ended == ["a", "b"]


async def test_all_may_return() -> None:
    await run_together(return_at_once(), return_at_once())


async def test_a_cancellation_ends_all_and_is_raised() -> None:
    ended: list[str] = []
    task = asyncio.create_task(run_together(forever(ended, "a"), forever(ended, "b")))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["a", "b"]


async def test_a_cancellation_during_the_clean_up_is_not_swallowed() -> None:
    cleaning = asyncio.Event()

    async def slow_to_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaning.set()
            await asyncio.sleep(10)

    task = asyncio.create_task(run_together(slow_to_end(), fail()))
    await cleaning.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
