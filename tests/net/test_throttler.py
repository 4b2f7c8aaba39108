from __future__ import annotations

import asyncio
import threading
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declconn.clock import SystemClock
from declconn.errors import ConfigurationError
from declconn.net.throttler import AsyncThrottler, HeldBackError, PoolUse, Priority, RateLimit


class Ask(NamedTuple):
    """One caller: how long after the one before it comes, and what it wants."""

    after: float
    cost: dict[str, int]
    priority: Priority = Priority.NORMAL


class Grant(NamedTuple):
    asked: float
    at: float
    cost: dict[str, int]
    priority: Priority


def play(clock: Any, limits: list[RateLimit], asks: list[Ask]) -> list[Grant]:
    """Let the callers come one after another, and tell when each was let through, in that order."""

    async def run() -> list[Grant]:
        throttler = AsyncThrottler(limits, clock)
        grants: list[Grant] = []

        async def call(ask: Ask) -> None:
            asked = clock.now
            await throttler.acquire(ask.cost, priority=ask.priority)
            grants.append(Grant(asked, clock.now, ask.cost, ask.priority))

        tasks = []
        for ask in asks:
            await clock.advance(ask.after)
            tasks.append(asyncio.create_task(call(ask)))
        await clock.advance(10_000.0)
        assert all(task.done() for task in tasks), "someone was never let through"
        await asyncio.gather(*tasks)
        return grants

    return asyncio.run(run())


# Eighths are exact in binary, so the tests compare times without a tolerance.
pauses = st.integers(0, 8).map(lambda eighths: eighths / 8)


@st.composite
def one_limit(draw: st.DrawFn, *, bucket: bool) -> tuple[RateLimit, list[Ask]]:
    allow = draw(st.integers(1, 9))  # too small for a kept share
    window = draw(st.sampled_from([0.5, 1.0, 2.0]))
    limit = RateLimit("pool", allow, window, draw(st.sampled_from([1, 2, 4])) if bucket else None)
    asks = st.builds(Ask, pauses, st.fixed_dictionaries({"pool": st.integers(1, allow)}), st.just(Priority.NORMAL))
    return limit, draw(st.lists(asks, min_size=1, max_size=12))


@st.composite
def several_limits(draw: st.DrawFn) -> tuple[list[RateLimit], list[Ask]]:
    names = ["a", "b", "c"]
    limits = [RateLimit(name, draw(st.integers(4, 30)), draw(st.sampled_from([0.5, 1.0, 4.0]))) for name in names]
    costs = st.dictionaries(st.sampled_from(names), st.integers(0, 4), max_size=3)
    return limits, draw(st.lists(st.builds(Ask, pauses, costs, st.sampled_from(Priority)), min_size=1, max_size=12))


def most_in_a_window(grants: list[Grant], limit: RateLimit) -> int:
    def units(begin: float) -> int:
        return sum(g.cost.get(limit.name, 0) for g in grants if begin <= g.at < begin + limit.window)

    return max(units(grant.at) for grant in grants)


@given(one_limit(bucket=False))
@settings(max_examples=60, deadline=None)
def test_a_window_is_never_over_its_limit_and_never_idle_while_a_draw_fits(fake_clock: Any, case: Any) -> None:
    limit, asks = case
    grants = play(fake_clock(), [limit], asks)
    assert most_in_a_window(grants, limit) <= limit.allow
    assert [grant.at for grant in grants] == earliest_by_window(limit, grants)


def earliest_by_window(limit: RateLimit, grants: list[Grant]) -> list[float]:
    """The first moments that keep order and limit: a caller's own, or one when a draw leaves the window."""
    drawn: list[tuple[float, int]] = []
    for grant in grants:
        amount = grant.cost[limit.name]
        begin = max([grant.asked, *(at for at, _ in drawn)])
        moments = sorted({begin} | {at + limit.window for at, _ in drawn if at + limit.window > begin})
        for moment in moments:
            if sum(units for at, units in drawn if at + limit.window > moment) + amount <= limit.allow:
                drawn.append((moment, amount))
                break
    return [at for at, _ in drawn]


@given(one_limit(bucket=True))
@settings(max_examples=60, deadline=None)
def test_a_bucket_is_never_overdrawn_and_never_idle_while_a_draw_fits(fake_clock: Any, case: Any) -> None:
    limit, asks = case
    grants = play(fake_clock(), [limit], asks)
    level, before, last = Fraction(limit.allow), Fraction(0), Fraction(0)
    rate = Fraction(limit.refill) / Fraction(limit.window)
    for grant in grants:
        amount = grant.cost["pool"]
        may_begin = max(Fraction(grant.asked), last)
        level_then = min(Fraction(limit.allow), level + (may_begin - before) * rate)
        expected = may_begin + max(Fraction(0), (amount - level_then) / rate)
        assert Fraction(grant.at) == expected
        level = min(Fraction(limit.allow), level + (expected - before) * rate) - amount
        before = last = expected
        assert level >= 0


@given(several_limits())
@settings(max_examples=60, deadline=None)
def test_draws_on_several_limits_keep_all_of_them_and_the_kept_share(fake_clock: Any, case: Any) -> None:
    limits, asks = case
    grants = play(fake_clock(), limits, asks)
    for limit in limits:
        assert most_in_a_window(grants, limit) <= limit.allow
        for priority, share in ((Priority.LATER, 0.25), (Priority.NORMAL, 0.1)):
            alike = [grant for grant in grants if grant.priority is priority]
            largest = max((grant.cost.get(limit.name, 0) for grant in alike), default=0)
            if alike:
                assert most_in_a_window(alike, limit) <= max(limit.allow - int(limit.allow * share), largest)


@given(several_limits())
@settings(max_examples=60, deadline=None)
def test_draws_that_share_a_limit_are_let_through_in_order(fake_clock: Any, case: Any) -> None:
    limits, asks = case
    numbered = [ask._replace(cost={name: units for name, units in ask.cost.items() if units}) for ask in asks]
    order = [id(grant.cost) for grant in play(fake_clock(), limits, numbered)]
    place = {id(ask.cost): order.index(id(ask.cost)) for ask in numbered}
    for number, later in enumerate(numbered):
        for earlier in numbered[:number]:
            if earlier.priority == later.priority and earlier.cost.keys() & later.cost.keys():
                assert place[id(earlier.cost)] < place[id(later.cost)]


async def test_it_sleeps_to_the_exact_moment_and_only_the_first_in_line_sleeps(clock: Any, settle: Any) -> None:
    throttler = AsyncThrottler([RateLimit("orders", 1, 10.0)], clock)
    await throttler.acquire({"orders": 1})
    waiting = [asyncio.create_task(throttler.acquire({"orders": 1})) for _ in range(3)]
    await settle()
    assert clock.sleepers == 1
    await clock.advance(9.999)
    assert [task.done() for task in waiting] == [False, False, False]
    await clock.advance(0.001)
    assert [task.done() for task in waiting] == [True, False, False]
    await clock.advance(20)
    assert all(task.done() for task in waiting)


async def test_a_cancelled_wait_draws_nothing_and_lets_the_next_one_pass(clock: Any, settle: Any) -> None:
    throttler = AsyncThrottler([RateLimit("orders", 5, 1.0)], clock)
    await throttler.acquire({"orders": 3})
    large, small = (asyncio.create_task(throttler.acquire({"orders": cost})) for cost in (5, 2))
    await settle()
    assert not small.done(), "it would overtake"
    large.cancel()
    await settle()
    assert small.done()
    with pytest.raises(asyncio.CancelledError):
        await large


async def test_a_draw_takes_from_all_its_limits_at_once_or_from_none(clock: Any, settle: Any) -> None:
    throttler = AsyncThrottler([RateLimit("weight", 2, 1.0), RateLimit("orders", 1, 8.0)], clock)
    await throttler.acquire({"orders": 1})
    both = asyncio.create_task(throttler.acquire({"weight": 2, "orders": 1}))
    await settle()
    both.cancel()
    await settle()
    async with asyncio.timeout(1):
        await throttler.acquire({"weight": 2})


async def test_a_cancel_passes_while_orders_wait(clock: Any, settle: Any) -> None:
    throttler = AsyncThrottler([RateLimit("orders", 10, 1.0)], clock)
    orders = [asyncio.create_task(throttler.acquire({"orders": 1})) for _ in range(20)]
    await settle()
    assert sum(order.done() for order in orders) == 9
    await throttler.acquire({"orders": 1}, priority=Priority.FIRST)
    await clock.advance(3)
    assert all(order.done() for order in orders)


async def test_a_cancel_goes_first_where_the_limit_is_too_small_to_keep_a_share(clock: Any, settle: Any) -> None:
    throttler = AsyncThrottler([RateLimit("orders", 1, 1.0)], clock)
    await throttler.acquire({"orders": 1})
    order = asyncio.create_task(throttler.acquire({"orders": 1}))
    await settle()
    cancel = asyncio.create_task(throttler.acquire({"orders": 1}, priority=Priority.FIRST))
    await clock.advance(1)
    assert (cancel.done(), order.done()) == (True, False)
    await clock.advance(1)
    assert order.done()


async def test_a_storm_of_snapshots_leaves_room_for_orders_at_once(clock: Any, settle: Any) -> None:
    throttler = AsyncThrottler([RateLimit("weight", 1200, 60.0)], clock)
    snapshots = [asyncio.create_task(throttler.acquire({"weight": 50}, priority=Priority.LATER)) for _ in range(50)]
    for _ in range(5):
        await settle()
    assert sum(snapshot.done() for snapshot in snapshots) == 18
    async with asyncio.timeout(1):
        for _ in range(100):
            await throttler.acquire({"weight": 1})
    for _ in range(5):
        await clock.advance(60)
    assert all(snapshot.done() for snapshot in snapshots)


async def test_a_draw_as_large_as_the_limit_waits_until_nothing_is_in_use(clock: Any) -> None:
    throttler = AsyncThrottler([RateLimit("weight", 50, 1.0)], clock)
    await throttler.acquire({"weight": 50})
    again = asyncio.create_task(throttler.acquire({"weight": 50}))
    await clock.advance(1)
    assert again.done()


async def test_a_bucket_gives_its_burst_at_once_and_then_its_refill(clock: Any, settle: Any) -> None:
    throttler = AsyncThrottler([RateLimit("private", 4, 60.0, refill=20)], clock)
    calls = [asyncio.create_task(throttler.acquire({"private": 1})) for _ in range(6)]
    await settle()
    done_after = []
    for _ in range(7):
        done_after.append(sum(call.done() for call in calls))
        await clock.advance(1)
    assert done_after == [4, 4, 4, 5, 5, 5, 6]


@pytest.mark.parametrize("refill", [None, 10])
async def test_what_the_venue_counts_beyond_our_own_is_respected(clock: Any, settle: Any, refill: int | None) -> None:
    throttler = AsyncThrottler([RateLimit("weight", 9, 10.0, refill)], clock)
    await throttler.acquire({"weight": 1})
    throttler.used("weight", 8)
    calls = [asyncio.create_task(throttler.acquire({"weight": 1})) for _ in range(2)]
    await settle()
    assert [call.done() for call in calls] == [True, False]
    await clock.advance(10)
    assert calls[1].done()


async def test_a_lower_count_of_the_venue_changes_nothing(clock: Any, settle: Any) -> None:
    throttler = AsyncThrottler([RateLimit("weight", 2, 1.0)], clock)
    await throttler.acquire({"weight": 2})
    throttler.used("weight", 0)
    call = asyncio.create_task(throttler.acquire({"weight": 1}))
    await settle()
    assert not call.done()
    await clock.advance(1)
    await call


async def test_a_back_off_holds_one_limit_or_all(clock: Any, settle: Any) -> None:
    throttler = AsyncThrottler([RateLimit("a", 5, 1.0), RateLimit("b", 5, 1.0)], clock)
    throttler.back_off("a", 5)
    await throttler.acquire({"b": 1})
    throttler.back_off(None, 3)
    throttler.back_off(None, 1)
    costs: list[dict[str, int]] = [{"a": 1}, {"b": 1}, {}]
    calls = [asyncio.create_task(throttler.acquire(cost, priority=Priority.FIRST)) for cost in costs]
    await settle()
    await clock.advance(2.75)
    assert not any(call.done() for call in calls)
    await clock.advance(0.25)
    assert [call.done() for call in calls] == [False, True, True]
    await clock.advance(2)
    assert calls[0].done()


async def test_a_cost_of_zero_waits_for_nothing(clock: Any) -> None:
    throttler = AsyncThrottler([RateLimit("weight", 10, 1.0)], clock)
    await throttler.acquire({"weight": 10}, priority=Priority.FIRST)
    async with asyncio.timeout(1):
        await throttler.acquire({"weight": 0})


async def test_limits_can_be_added_and_keep_their_state(clock: Any, settle: Any) -> None:
    throttler = AsyncThrottler([], clock)
    throttler.add(RateLimit("orders:BTC-USDT", 1, 1.0))
    await throttler.acquire({"orders:BTC-USDT": 1})
    throttler.add(RateLimit("orders:BTC-USDT", 1, 1.0))
    call = asyncio.create_task(throttler.acquire({"orders:BTC-USDT": 1}))
    await settle()
    assert not call.done()
    await clock.advance(1)
    await call


async def test_a_cost_that_can_never_be_paid_is_refused_at_once(clock: Any) -> None:
    throttler = AsyncThrottler([RateLimit("weight", 5, 1.0)], clock)
    with pytest.raises(ConfigurationError, match=r"'weight': a cost of 6 can never be drawn from 5 units"):
        await throttler.acquire({"weight": 6})
    with pytest.raises(ConfigurationError, match=r"cost of -1"):
        await throttler.acquire({"weight": -1})


async def test_an_unknown_limit_is_named_with_those_that_are_known(clock: Any) -> None:
    throttler = AsyncThrottler([RateLimit("weight", 5, 1.0)], clock)
    with pytest.raises(ConfigurationError, match=r"unknown rate limit 'wieght'; known: weight"):
        await throttler.acquire({"wieght": 1})


@pytest.mark.parametrize(("allow", "window", "refill"), [(0, 1.0, None), (1, 0.0, None), (1, 1.0, 0)])
def test_a_limit_of_nothing_is_refused(allow: int, window: float, refill: int | None) -> None:
    with pytest.raises(ConfigurationError, match="expected numbers above zero"):
        RateLimit("weight", allow, window, refill)


class Report(NamedTuple):
    """Somebody else uses the limit, and the venue tells us how much is used now."""

    after: float
    units: int


@given(
    allow=st.integers(2, 9),
    happenings=st.lists(
        st.builds(Report, pauses, st.integers(1, 4))
        | st.builds(lambda after, units: Ask(after, {"pool": units}, Priority.FIRST), pauses, st.integers(1, 2)),
        min_size=1,
        max_size=15,
    ),
)
@settings(max_examples=60, deadline=None)
def test_with_what_others_use_it_is_never_over_the_limit_and_nobody_polls(
    fake_clock: Any, allow: int, happenings: list[Report | Ask]
) -> None:
    clock, window = CountingClock(fake_clock()), 2.0
    drawn: list[tuple[float, int]] = []

    def in_window() -> int:
        return sum(units for at, units in drawn if at + window > clock.now)

    async def run() -> None:
        throttler = AsyncThrottler([RateLimit("pool", allow, window)], clock)

        async def call(units: int) -> None:
            await throttler.acquire({"pool": units}, priority=Priority.FIRST)
            drawn.append((clock.now, units))
            assert in_window() <= allow

        tasks = []
        for happening in happenings:
            await clock.advance(happening.after)
            if isinstance(happening, Ask):
                tasks.append(asyncio.create_task(call(happening.cost["pool"])))
            else:
                drawn.append((clock.now, happening.units))
                throttler.used("pool", in_window())
        await clock.advance(1_000.0)
        await asyncio.gather(*tasks)

    asyncio.run(run())
    assert clock.sleeps <= len(happenings) + sum(isinstance(happening, Report) for happening in happenings)


class CountingClock:
    """A clock that knows how often somebody slept."""

    def __init__(self, clock: Any) -> None:
        self._clock, self.sleeps = clock, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._clock, name)

    async def sleep(self, seconds: float) -> None:
        self.sleeps += 1
        await self._clock.sleep(seconds)


async def test_a_back_off_longer_than_anybodys_patience_is_told_at_once(clock: Any, settle: Any) -> None:
    throttler = AsyncThrottler([RateLimit("a", 1, 10.0), RateLimit("b", 1, 10.0)], clock)
    await throttler.acquire({"a": 1})
    waiting = asyncio.create_task(throttler.acquire({"a": 1}))
    await settle()
    throttler.back_off("a", 86_400)
    with pytest.raises(HeldBackError, match="86400 s are left") as failure:
        await throttler.acquire({"a": 1})
    assert failure.value.seconds == 86_400
    await throttler.acquire({"b": 1})
    await clock.advance(10)
    with pytest.raises(HeldBackError):
        await waiting


async def test_an_unknown_limit_is_told_with_those_that_there_are(clock: Any) -> None:
    throttler = AsyncThrottler([RateLimit("orders", 1, 10.0)], clock)
    with pytest.raises(ConfigurationError, match=r"unknown rate limit 'weight'; known: orders$"):
        await throttler.acquire({"weight": 1})


async def test_how_a_limit_is_used_can_be_seen(clock: Any, settle: Any) -> None:
    throttler = AsyncThrottler([RateLimit("orders", 4, 10.0), RateLimit("weight", 9, 10.0)], clock)
    await throttler.acquire({"orders": 3, "weight": 1})
    waiting = asyncio.create_task(throttler.acquire({"orders": 2}))
    await settle()
    assert throttler.use("orders") == PoolUse(allow=4, in_use=3, waits=0, waited=0, waiting=1)

    await clock.advance(10)
    await waiting
    assert throttler.use("orders") == PoolUse(allow=4, in_use=2, waits=1, waited=10, waiting=0)
    assert throttler.use("weight") == PoolUse(allow=9, in_use=0, waits=0, waited=0, waiting=0)


async def test_whoever_waits_long_is_told_of_once_with_the_limit(
    clock: Any, settle: Any, caplog: pytest.LogCaptureFixture
) -> None:
    throttler = AsyncThrottler([], clock)
    throttler.add(RateLimit("orders of f00", 4, 60.0), title="orders")
    await throttler.acquire({"orders of f00": 4})
    waiting = [asyncio.create_task(throttler.acquire({"orders of f00": 1})) for _ in range(3)]
    await settle()
    assert [record.getMessage() for record in caplog.records] == ["waiting 60 s for the limit 'orders' (4 of 4 in use)"]
    await clock.advance(60)
    await asyncio.gather(*waiting)
    assert len(caplog.records) == 1


async def test_a_short_wait_is_nobodys_news(clock: Any, settle: Any, caplog: pytest.LogCaptureFixture) -> None:
    throttler = AsyncThrottler([RateLimit("orders", 1, 2.0)], clock)
    await throttler.acquire({"orders": 1})
    waiting = asyncio.create_task(throttler.acquire({"orders": 1}))
    await settle()
    await clock.advance(2)
    await waiting
    assert not caplog.records


def test_a_limit_holds_from_one_event_loop_to_the_next(clock: Any) -> None:
    throttler = AsyncThrottler([RateLimit("orders", 1, 10.0)], clock)
    asyncio.run(throttler.acquire({"orders": 1}))

    async def second() -> None:
        waiting = asyncio.create_task(throttler.acquire({"orders": 1}))
        await clock.advance(9)
        assert not waiting.done()
        await clock.advance(1)
        await waiting

    asyncio.run(second())


def test_who_waits_in_an_event_loop_that_was_left_stops_nobody(clock: Any) -> None:
    throttler = AsyncThrottler([RateLimit("orders", 1, 10.0)], clock)
    left = asyncio.new_event_loop()

    async def leave_one_waiting() -> asyncio.Task[None]:
        await throttler.acquire({"orders": 1})
        waiting = asyncio.create_task(throttler.acquire({"orders": 1}))
        await asyncio.sleep(0)
        return waiting

    waiting = left.run_until_complete(leave_one_waiting())

    async def another() -> None:
        asked = asyncio.create_task(throttler.acquire({"orders": 1}))
        await clock.advance(10)
        await asked

    asyncio.run(another())
    waiting.cancel()
    left.run_until_complete(asyncio.wait([waiting]))
    left.close()


class Leaping(SystemClock):
    """Whoever sleeps moves the time on, for all threads."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += seconds
        await asyncio.sleep(0)


def test_a_limit_holds_over_threads_with_event_loops_of_their_own() -> None:
    throttler = AsyncThrottler([RateLimit("orders", 5, 1.0)], Leaping())
    most: list[float] = []

    async def draw_often() -> None:
        for _ in range(300):
            await throttler.acquire({"orders": 1}, priority=Priority.FIRST)
            most.append(throttler.use("orders").in_use)

    threads = [threading.Thread(target=asyncio.run, args=[draw_often()]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(most) == 1200
    assert max(most) == 5
