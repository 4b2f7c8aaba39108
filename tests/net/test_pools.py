from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.net.pools import Pool, RateLimit, make_pool

WINDOW = RateLimit("weight", 3, 1.0)
BUCKET = RateLimit("weight", 3, 1.0, refill=2)


@pytest.mark.parametrize("limit", [WINDOW, BUCKET])
def test_an_unused_pool_is_ready_at_once(limit: RateLimit) -> None:
    pool = make_pool(limit)
    assert pool.ready_at(3, 3) == float("-inf")
    assert pool.in_use(0.0) == 0


def test_units_of_a_window_come_back_as_they_were_drawn() -> None:
    pool = make_pool(WINDOW)
    for time in (0.0, 0.5, 0.75):
        pool.take(1, time)
    assert [pool.ready_at(amount, 3) for amount in (1, 2, 3)] == [1.0, 1.5, 1.75]
    assert [pool.in_use(time) for time in (0.999, 1.0, 1.5, 1.75)] == [3, 2, 1, 0]


def test_a_window_forgets_a_draw_at_the_end_of_its_window_and_not_before() -> None:
    pool = make_pool(WINDOW)
    pool.take(2, 0.0)
    pool.take(1, 0.999)
    assert pool.ready_at(1, 3) == 1.0


def test_units_of_a_bucket_flow_back_steadily() -> None:
    pool = make_pool(BUCKET)
    pool.take(3, 10.0)
    assert [pool.ready_at(amount, 3) for amount in (1, 2, 3)] == [10.5, 11.0, 11.5]
    assert [pool.in_use(time) for time in (10.0, 10.5, 11.5, 20.0)] == [3, 2, 0, 0]


@pytest.mark.parametrize("limit", [WINDOW, BUCKET])
def test_a_smaller_share_is_ready_later(limit: RateLimit) -> None:
    pool = make_pool(limit)
    pool.take(2, 0.0)
    assert pool.ready_at(1, 3) <= 0.0 < pool.ready_at(1, 2)


@given(st.sampled_from([WINDOW, BUCKET]), st.lists(st.tuples(st.floats(0, 3), st.integers(1, 3)), max_size=20))
def test_waiting_until_ready_is_always_enough(limit: RateLimit, draws: list[tuple[float, int]]) -> None:
    pool: Pool = make_pool(limit)
    now = 0.0
    for pause, amount in draws:
        now = max(now + pause, pool.ready_at(amount, limit.allow))
        pool.take(amount, now)
        assert pool.in_use(now) <= limit.allow + 1e-9
