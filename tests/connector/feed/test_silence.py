"""A live book whose channel brings nothing any more."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest

from declconn.book import BookRules, OrderBookTracker
from declconn.connector.feed.silence import watch_for_silence
from declconn.records import OrderBookMessage
from declconn.testing.clock import ManualClock
from declconn.types import BookState

PAIRS = ["BTC-USD", "ETH-USD"]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def tracker(clock: ManualClock) -> OrderBookTracker:
    """Two live books; nothing is served, because it is not started."""
    tracker = OrderBookTracker(None, BookRules("rest", "range"), clock, Random(1))  # type: ignore[arg-type]
    for pair in PAIRS:
        tracker.follow(pair)
        tracker.on_snapshot(OrderBookMessage(pair, [["99", "1"]], [["101", "1"]], 10))
    return tracker


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_book_that_heard_nothing_for_a_whole_period_is_subscribed_anew(
    tracker: OrderBookTracker, clock: ManualClock
) -> None:
    watching = asyncio.create_task(watch_for_silence(tracker, 3600, clock, Random(1)))
    await settle()
    clock.advance(1800)
    tracker.on_diff(OrderBookMessage("ETH-USD", [["98", "1"]], [], 11, 11))
    clock.advance(3600 * 1.1 - 1800)
    await settle()
    watching.cancel()

    assert {pair: str(need) for pair, need in tracker.pending_needs().items()} == {"BTC-USD": "resubscribe"}
    assert tracker.order_books["BTC-USD"].reason == "the stream is silent"
    assert tracker.order_books["ETH-USD"].state is BookState.LIVE


async def test_before_the_period_is_over_nothing_happens_and_a_tenth_of_it_is_chance(
    tracker: OrderBookTracker, clock: ManualClock
) -> None:
    class Late(Random):
        def random(self) -> float:
            return 0.999

    watching = asyncio.create_task(watch_for_silence(tracker, 3600, clock, Late()))
    await settle()
    clock.advance(3900)
    await settle()
    assert tracker.pending_needs() == {}
    clock.advance(60)
    await settle()
    watching.cancel()
    assert set(tracker.pending_needs()) == set(PAIRS)


async def test_a_book_that_is_already_being_mended_is_left_alone(tracker: OrderBookTracker, clock: ManualClock) -> None:
    tracker.on_diff(OrderBookMessage("BTC-USD", [], [], 20, 20))
    watching = asyncio.create_task(watch_for_silence(tracker, 10, clock, Random(1)))
    await settle()
    clock.advance(11)
    await settle()
    watching.cancel()

    assert str(tracker.pending_needs()["BTC-USD"]) == "snapshot"


async def test_one_dead_channel_is_mended_live_and_the_others_are_unharmed(
    variant: Any, play: Any, venue: Any, until: Any, diff: Any
) -> None:
    exchange = await play(variant("order_book: {resnapshot: 20s}"), "BTC-USD", "ETH-USD")
    await until(lambda: exchange.ready)
    [talk] = venue.talks

    async def keep_eth_moving() -> None:
        for number in range(11, 1_000):
            await talk.say(diff(number, number, "ethusd"))
            await asyncio.sleep(0.01)

    moving = asyncio.create_task(keep_eth_moving())
    await until(lambda: talk.subscribed().count("book.btcusd") == 1 and len(talk.heard) > 4)
    await until(lambda: exchange.ready)
    moving.cancel()

    assert {message["channel"] for message in talk.heard[4:]} <= {"book.btcusd", "trades.btcusd"}
    assert exchange.order_book_tracker.metrics("ETH-USD").resyncs == 0
    assert len(venue.talks) == 1
