"""The venue's time, from what its answers say and how long they took."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.net.time_synchronizer import SAMPLES, TimeSynchronizer

SECOND = 1_000_000_000


def test_without_a_sample_it_is_our_own_time(clock: Any) -> None:
    assert TimeSynchronizer(clock).time_ns() == clock.time_ns()


def test_hummingbots_vector(clock: Any) -> None:
    synchronizer = TimeSynchronizer(clock)
    synchronizer.update(1_640_000_020 * SECOND, sent_at=10, came_at=30)
    clock.now = 31.0
    assert synchronizer.time_ns() == 1_640_000_031 * SECOND


def test_it_is_the_mean_of_the_median_and_of_an_average_in_which_later_samples_weigh_more(clock: Any) -> None:
    synchronizer = TimeSynchronizer(clock)
    clock.now = 0.0
    for offset in (1_000, 0, 0, 0, 50, 200):  # the first of six is forgotten
        synchronizer.update(offset, sent_at=0, came_at=0)
    median, average = 0, (50 * 7 + 200 * 9) / 25
    assert synchronizer.time_ns() == round((median + average) / 2)


def test_what_was_distrusted_counts_no_more(clock: Any) -> None:
    synchronizer = TimeSynchronizer(clock)
    clock.now = 0.0
    for offset in (5 * SECOND, 6 * SECOND):
        synchronizer.update(offset, sent_at=0, came_at=0)
    synchronizer.forget()
    assert synchronizer.time_ns() > 5 * SECOND, "until there is something better"
    synchronizer.update(7 * SECOND, sent_at=0, came_at=0)
    assert synchronizer.time_ns() == 7 * SECOND


@given(
    offset=st.integers(-(10**18), 10**18),
    delays=st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)), min_size=1, max_size=2 * SAMPLES),
)
def test_it_is_never_further_off_than_half_of_the_longest_way(
    fake_clock: Any, offset: int, delays: list[tuple[float, float]]
) -> None:
    clock = fake_clock()
    synchronizer = TimeSynchronizer(clock)
    for there, back in delays:
        asked = clock.now
        venue_ns = offset + round((asked + there) * SECOND)
        clock.now = asked + there + back
        synchronizer.update(venue_ns, sent_at=asked, came_at=clock.now)
    error = abs(synchronizer.time_ns() - (offset + round(clock.now * SECOND)))
    assert error <= max(there + back for there, back in delays[-SAMPLES:]) * SECOND / 2 + 1_000


def test_a_machine_whose_clock_steps_does_not_move_it(clock: Any) -> None:
    synchronizer = TimeSynchronizer(clock)
    synchronizer.update(1_700_000_000 * SECOND, sent_at=1_000, came_at=1_000)
    clock.now = 1_001.5
    assert synchronizer.time_ns() == pytest.approx(1_700_000_001.5 * SECOND, abs=1_000)
