"""A private stream that looks alive and tells nothing is opened anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest

from declconn.account.user_stream_tracker import GRACE, UserStreamTracker
from declconn.testing import ManualClock


class Streams:
    """A data source that does what a test says."""

    def __init__(self) -> None:
        self.last_recv_time = 0
        self.connected = True
        self.pairs: set[str] = set()
        self.reasons: list[str] = []

    def start(self, trading_pairs: Iterable[str]) -> None:
        self.pairs.update(trading_pairs)

    async def stop(self) -> None:
        self.connected = False

    async def subscribe(self, trading_pair: str) -> None:
        self.pairs.add(trading_pair)

    async def unsubscribe(self, trading_pair: str) -> None:
        self.pairs.remove(trading_pair)

    def reconnect(self, reason: str) -> None:
        self.reasons.append(reason)


class Watched:
    """A tracker that watches, on a clock that is set by hand."""

    def __init__(self) -> None:
        self.clock, self.streams = ManualClock(), Streams()
        self.tracker = UserStreamTracker(self.streams, self.clock)

    async def pass_by(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.clock.advance(seconds)
        await asyncio.sleep(0)

    def news(self) -> None:
        self.streams.last_recv_time = self.clock.time_ns()


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    watched = Watched()
    watched.tracker.start(["BTC-USDT"])
    task = asyncio.create_task(watched.tracker.watch())
    yield watched
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_silence_is_counted_from_the_last_news_or_from_the_start(watched: Watched) -> None:
    await watched.pass_by(30)
    assert watched.tracker.silent_for() == 30
    watched.news()
    await watched.pass_by(5)
    assert watched.tracker.silent_for() == 5


async def test_a_stream_that_missed_something_and_stays_silent_is_opened_anew(watched: Watched) -> None:
    watched.tracker.missed("a fill of order 7")
    await watched.pass_by(GRACE)
    assert watched.streams.reasons == ["it missed a fill of order 7"]
    await watched.pass_by(GRACE)
    assert len(watched.streams.reasons) == 1
    watched.tracker.missed("another")
    await watched.pass_by(GRACE)
    assert len(watched.streams.reasons) == 2


async def test_a_stream_that_is_only_late_is_left_alone(watched: Watched) -> None:
    watched.tracker.missed("a fill")
    await watched.pass_by(GRACE / 2)
    watched.news()
    await watched.pass_by(GRACE / 2)
    assert watched.streams.reasons == []


async def test_a_quiet_account_is_left_alone(watched: Watched) -> None:
    await watched.pass_by(24 * 3600)
    assert watched.streams.reasons == []


async def test_a_stream_that_is_down_comes_back_by_itself(watched: Watched) -> None:
    watched.streams.connected = False
    watched.tracker.missed("a fill")
    await watched.pass_by(GRACE)
    assert watched.streams.reasons == []


async def test_it_hands_on_what_its_streams_say(watched: Watched) -> None:
    assert watched.streams.pairs == {"BTC-USDT"}
    assert watched.tracker.last_recv_time == 0
    await watched.tracker.stop()
    assert not watched.tracker.connected
