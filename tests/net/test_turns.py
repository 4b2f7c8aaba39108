"""One at a time, and in the right order."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declconn.net.throttler import Priority
from declconn.net.turns import Turns, turns_of


@given(st.lists(st.tuples(st.sampled_from(Priority), st.booleans()), max_size=12))
@settings(deadline=None)
def test_one_is_in_at_a_time_by_priority_then_in_order_whoever_gives_up(asks: list[tuple[Priority, bool]]) -> None:
    async def play() -> list[tuple[int, Priority]]:
        turns, inside, entered = Turns(), 0, []

        async def enter(number: int, priority: Priority) -> None:
            nonlocal inside
            async with turns.turn(priority):
                inside += 1
                assert inside == 1
                entered.append((number, priority))
                await asyncio.sleep(0)
                inside -= 1

        async with turns.turn(Priority.NORMAL):
            tasks = [asyncio.create_task(enter(number, priority)) for number, (priority, _) in enumerate(asks)]
            await asyncio.sleep(0)
            for task, (_, gives_up) in zip(tasks, asks, strict=True):
                if gives_up:
                    task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with turns.turn(Priority.NORMAL):
            return entered

    stayed = [(number, priority) for number, (priority, gives_up) in enumerate(asks) if not gives_up]
    assert asyncio.run(play()) == sorted(stayed, key=lambda ask: (-ask[1], ask[0]))


async def test_a_turn_that_comes_together_with_a_cancellation_goes_to_the_next(settle: Any) -> None:
    turns, entered = Turns(), []

    async def enter(name: str) -> None:
        async with turns.turn(Priority.NORMAL):
            entered.append(name)

    async with turns.turn(Priority.NORMAL):
        first, second = (asyncio.create_task(enter(name)) for name in ("first", "second"))
        await settle()
    first.cancel()
    await settle()
    assert entered == ["second"]
    with pytest.raises(asyncio.CancelledError):
        await first
    await second


async def test_a_key_has_the_same_turns_for_all_who_use_it_and_another_key_has_others() -> None:
    turns = turns_of("key")
    assert turns_of("key") is turns
    assert turns_of("other") is not turns
