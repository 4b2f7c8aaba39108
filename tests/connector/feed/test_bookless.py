"""A connection that should bring books and brings none is doubted once, as soon as there is reason to."""

from __future__ import annotations

import pytest

from declconn.connector.feed.bookless import PATIENCE, STRANGE, Bookless
from declconn.testing import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def after(clock: ManualClock, seconds: float) -> None:
    clock.set(clock.time_ns() + round(seconds * 1e9))


def test_frames_that_are_no_event_are_told_after_some_seconds_with_the_last_one(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    watched = Bookless("streams.market", clock, str)
    watched.begin()
    watched.strange({"event": "subscribed"})
    assert not caplog.messages, "an answer to the subscription is ordinary"
    after(clock, PATIENCE)
    for _ in range(3):
        watched.strange({"event": "book"})
    (doubt,) = caplog.messages
    assert doubt.startswith("streams.market: 2 frames are no event of the spec, and no book event ever came")
    assert doubt.endswith("The last frame: {'event': 'book'}")


def test_many_are_told_at_once(clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    watched = Bookless("streams.market", clock, str)
    for _ in range(STRANGE - 1):
        watched.strange({})
    assert not caplog.messages
    watched.strange({})
    assert len(caplog.messages) == 1


def test_trades_without_books_are_a_reason_too(clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    watched = Bookless("streams.market", clock, str)
    watched.begin()
    watched.other()
    after(clock, PATIENCE)
    watched.other()
    (doubt,) = caplog.messages
    assert "no book event came in 5 s, though other frames do; is the channel of the books the right one?" in doubt
