"""Hummingbot's throttler, made exact: limits are drawn from all at once, in fair order, and nothing polls."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from enum import IntEnum

from declconn.clock import Clock
from declconn.errors import ConfigurationError, NetworkError
from declconn.net.pools import Pool, RateLimit, make_pool

__all__ = ["PATIENCE", "AsyncThrottler", "HeldBackError", "Priority", "RateLimit"]

PATIENCE = 60.0
"""Seconds. A back-off that lasts longer is not waited for: whoever asks hears of it at once."""


class HeldBackError(NetworkError):
    """Nothing was sent, because the venue wants us to wait for longer than anybody waits.

    Attributes:
        seconds: how long the back-off still lasts.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"not sent: the venue wants us to wait, {seconds:.0f} s are left; try again then")


class Priority(IntEnum):
    """Who goes first where a limit is short: higher ones, and they have a share that lower ones leave alone."""

    LATER = 0
    """What can wait: snapshots of order books, of which a hundred may be wanted at once."""
    NORMAL = 1
    FIRST = 2
    """What must not wait: cancels."""


_LEFT_ALONE = {Priority.LATER: 0.25, Priority.NORMAL: 0.1, Priority.FIRST: 0.0}
"""The share of every limit, rounded down to whole units, that draws of a priority leave to higher ones."""


@dataclass(slots=True)
class _Allowance:
    limit: RateLimit
    pool: Pool
    blocked_until: float = float("-inf")

    def ready_at(self, amount: int, priority: Priority) -> float:
        kept = int(self.limit.allow * _LEFT_ALONE[priority])
        share = max(self.limit.allow - kept, amount)  # a draw as large as the limit waits until nothing is in use
        return max(self.pool.ready_at(amount, share), self.blocked_until)


class _Draw:
    """Somebody who asks.

    Attributes:
        left: set when they stand in line no more.
    """

    __slots__ = ("cost", "left", "priority")

    def __init__(self, cost: Mapping[str, int], priority: Priority) -> None:
        self.cost, self.priority = cost, priority
        self.left = asyncio.Event()


class AsyncThrottler:
    """Lets callers through no faster than every limit allows.

    Draws on the same limit are let through by priority, and those of one priority in the order in which they asked.
    A draw takes from all its limits at the same moment, or from none.
    """

    def __init__(self, limits: Iterable[RateLimit], clock: Clock) -> None:
        self._clock, self._scope = clock, ""
        self._allowances: dict[str, _Allowance] = {}
        # Lines are dicts, because these keep order and forget in constant time.
        self._lines: dict[Priority, dict[_Draw, None]] = {priority: {} for priority in Priority}
        self._blocked_until = float("-inf")
        for limit in limits:
            self.add(limit)

    def add(self, limit: RateLimit) -> None:
        """Know one more limit from now on; a limit of the same name keeps its state and stays as it is."""
        self._allowances.setdefault(self._scope + limit.name, _Allowance(limit, make_pool(limit)))

    def within(self, scope: str) -> AsyncThrottler:
        """The same throttler for whoever means a limit of this scope (a venue's host) when they say its name.

        Those who share a scope share its limits and its lines; a back-off for everything is each one's own.
        """
        view = copy(self)
        view._scope = f"{self._scope}{scope}/"
        return view

    async def acquire(self, cost: Mapping[str, int], *, priority: Priority = Priority.NORMAL) -> None:
        """Wait until the whole cost can be drawn, and draw it. A cancelled wait draws nothing.

        Args:
            cost: units per limit; an empty one waits only while a back-off holds for everything.
            priority: whom to let pass, and which share to leave alone.

        Raises:
            ConfigurationError: a limit does not exist, or is smaller than the cost.
            HeldBackError: a back-off lasts for longer than `PATIENCE`.
        """
        draw = _Draw(self._checked(cost), priority)
        if not any(self._lines.values()) and self._take(draw, self._clock.monotonic()):
            return
        line = self._lines[priority]
        line[draw] = None
        try:
            await self._wait_for(draw)
        finally:
            del line[draw]
            draw.left.set()

    def used(self, name: str, amount: float) -> None:
        """Learn from the venue how many units it counts in the current window.

        More than we counted (another program shares the limit) is added to ours. Less changes nothing, because the
        venue has not seen yet what is still on its way.
        """
        pool, now = self._find(name).pool, self._clock.monotonic()
        if (excess := amount - pool.in_use(now)) > 0:
            pool.take(excess, now)

    def back_off(self, name: str | None, seconds: float) -> None:
        """Let nothing through for some seconds, on one limit or (``None``) on all; a longer back-off stays."""
        until = self._clock.monotonic() + seconds
        if name is None:
            self._blocked_until = max(self._blocked_until, until)
        else:
            allowance = self._find(name)
            allowance.blocked_until = max(allowance.blocked_until, until)

    async def _wait_for(self, draw: _Draw) -> None:
        while True:
            now = self._clock.monotonic()
            if (held := self._blocked_until_for(draw) - now) > PATIENCE:
                raise HeldBackError(held)
            if (ahead := self._ahead_of(draw)) is not None:
                await ahead.left.wait()
            elif self._take(draw, now):
                return
            else:
                await self._clock.sleep(self._ready_at(draw) - now)

    def _take(self, draw: _Draw, now: float) -> bool:
        """Draw, if everything is ready."""
        if self._ready_at(draw) > now:
            return False
        for name, amount in draw.cost.items():
            self._allowances[name].pool.take(amount, now)
        return True

    def _ahead_of(self, draw: _Draw) -> _Draw | None:
        """Return a waiting draw that goes first because it shares a limit: the nearest in line, or a higher one."""
        nearest = None
        for other in self._lines[draw.priority]:
            if other is draw:
                break
            if _compete(other, draw):
                nearest = other
        if nearest is not None:
            return nearest
        higher = (other for priority, line in self._lines.items() if priority > draw.priority for other in line)
        return next((other for other in higher if _compete(other, draw)), None)

    def _blocked_until_for(self, draw: _Draw) -> float:
        return max([self._blocked_until, *(self._allowances[name].blocked_until for name in draw.cost)])

    def _ready_at(self, draw: _Draw) -> float:
        times = [self._allowances[name].ready_at(amount, draw.priority) for name, amount in draw.cost.items()]
        return max([self._blocked_until, *times])

    def _checked(self, cost: Mapping[str, int]) -> dict[str, int]:
        for name, amount in cost.items():
            allow = self._find(name).limit.allow
            if not 0 <= amount <= allow:
                raise ConfigurationError(
                    f"rate limit '{name}': a cost of {amount} can never be drawn from {allow} units"
                )
        return {self._scope + name: amount for name, amount in cost.items() if amount}

    def _find(self, name: str) -> _Allowance:
        try:
            return self._allowances[self._scope + name]
        except KeyError:
            ours = (full.removeprefix(self._scope) for full in self._allowances if full.startswith(self._scope))
            known = ", ".join(sorted(ours)) or "none"
            raise ConfigurationError(f"unknown rate limit '{name}'; known: {known}") from None


def _compete(one: _Draw, other: _Draw) -> bool:
    """Whether two draws share a limit."""
    return not one.cost.keys().isdisjoint(other.cost)
