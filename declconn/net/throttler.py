"""Hummingbot's throttler, made exact: limits are drawn from all at once, in fair order, and nothing polls."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from declconn.clock import Clock
from declconn.errors import ConfigurationError, NetworkError
from declconn.log import get_logger
from declconn.net.pools import Pool, RateLimit, make_pool
from declconn.net.waiting import Draw, Priority, WaitingLine

__all__ = ["PATIENCE", "AsyncThrottler", "HeldBackError", "PoolUse", "Priority", "RateLimit"]

logger = get_logger("declconn.net.throttler")

PATIENCE = 60.0
"""Seconds. A back-off that lasts longer is not waited for: whoever asks hears of it at once."""

LONG_WAIT = 5.0
"""Seconds. That somebody waits for longer is logged, of each limit once until nobody waits for it."""


class HeldBackError(NetworkError):
    """Nothing was sent, because the venue wants us to wait for longer than anybody waits.

    Attributes:
        seconds: how long the back-off still lasts.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"not sent: the venue wants us to wait, {seconds:.0f} s are left; try again then")


_LEFT_ALONE = {Priority.LATER: 0.25, Priority.NORMAL: 0.1, Priority.FIRST: 0.0}
"""The share of every limit, rounded down to whole units, that draws of a priority leave to higher ones."""


@dataclass(frozen=True, slots=True)
class PoolUse:
    """How a rate limit is used.

    Attributes:
        allow: the units that there are.
        in_use: those that are drawn and have not come back.
        waits: how many draws had to wait, for this limit or for another that they needed too.
        waited: how long they waited in all, in seconds.
        waiting: how many wait now.
    """

    allow: int
    in_use: float
    waits: int
    waited: float
    waiting: int


@dataclass(slots=True)
class _Allowance:
    limit: RateLimit
    pool: Pool
    title: str
    blocked_until: float = float("-inf")
    waits: int = 0
    waited: float = 0.0
    waiting: int = 0
    is_told: bool = False

    def ready_at(self, amount: int, priority: Priority) -> float:
        kept = int(self.limit.allow * _LEFT_ALONE[priority])
        share = max(self.limit.allow - kept, amount)  # a draw as large as the limit waits until nothing is in use
        return max(self.pool.ready_at(amount, share), self.blocked_until)


class AsyncThrottler:
    """Lets callers through no faster than every limit allows.

    Draws on the same limit are let through by priority, and those of one priority in the order in which they asked.
    A draw takes from all its limits at the same moment, or from none.

    It belongs to no event loop: limits hold for all callers of the process, whichever loops and threads they run in,
    and outlive these. Who goes first is settled among those of one loop.
    """

    def __init__(self, limits: Iterable[RateLimit], clock: Clock) -> None:
        self._clock = clock
        self._allowances: dict[str, _Allowance] = {}
        self._lines: WeakKeyDictionary[asyncio.AbstractEventLoop, WaitingLine] = WeakKeyDictionary()
        self._blocked_until = float("-inf")
        self._lock = threading.Lock()
        for limit in limits:
            self.add(limit)

    def add(self, limit: RateLimit, title: str | None = None) -> None:
        """Know one more limit from now on; a limit of the same name keeps its state and stays as it is.

        Args:
            limit: how much; its name is whose limit it is, too.
            title: what it is called for users; by default its name.
        """
        self._allowances.setdefault(limit.name, _Allowance(limit, make_pool(limit), title or limit.name))

    async def acquire(self, cost: Mapping[str, int], *, priority: Priority = Priority.NORMAL) -> None:
        """Wait until the whole cost can be drawn, and draw it. A cancelled wait draws nothing.

        Args:
            cost: units per limit; an empty one waits only while a back-off holds for everything.
            priority: whom to let pass, and which share to leave alone.

        Raises:
            ConfigurationError: a limit does not exist, or is smaller than the cost.
            HeldBackError: a back-off lasts for longer than `PATIENCE`.
        """
        draw, line, asked_at = Draw(self._checked(cost), priority), self._line(), self._clock.monotonic()
        if not line and self._take(draw, asked_at) <= 0:
            return
        line.join(draw)
        self._count_in(draw)
        try:
            await self._wait_for(draw, line, asked_at)
        finally:
            line.leave(draw)
            self._count_out(draw, self._clock.monotonic() - asked_at)

    def used(self, name: str, amount: float) -> None:
        """Learn from the venue how many units it counts in the current window.

        More than we counted (another program shares the limit) is added to ours. Less changes nothing, because the
        venue has not seen yet what is still on its way.
        """
        pool, now = self._find(name).pool, self._clock.monotonic()
        with self._lock:
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

    def use(self, name: str) -> PoolUse:
        """How a limit is used now."""
        found = self._find(name)
        with self._lock:
            in_use = found.pool.in_use(self._clock.monotonic())
        return PoolUse(found.limit.allow, in_use, found.waits, found.waited, found.waiting)

    async def _wait_for(self, draw: Draw, line: WaitingLine, asked_at: float) -> None:
        while True:
            now = self._clock.monotonic()
            if (held := self._blocked_until_for(draw) - now) > PATIENCE:
                raise HeldBackError(held)
            if (ahead := line.ahead_of(draw)) is not None:
                await ahead.left.wait()
            elif (left := self._take(draw, now)) > 0:
                if now + left - asked_at >= LONG_WAIT:
                    self._tell(draw, left)
                await self._clock.sleep(left)
            else:
                return

    def _take(self, draw: Draw, now: float) -> float:
        """Draw, if everything is ready; returns how many seconds are left until it is."""
        with self._lock:
            left = self._ready_at(draw) - now
            if left <= 0:
                for name, amount in draw.cost.items():
                    self._allowances[name].pool.take(amount, now)
            return left

    def _count_in(self, draw: Draw) -> None:
        with self._lock:
            for name in draw.cost:
                self._allowances[name].waiting += 1

    def _count_out(self, draw: Draw, seconds: float) -> None:
        with self._lock:
            for name in draw.cost:
                allowance = self._allowances[name]
                allowance.waiting -= 1
                allowance.is_told = allowance.is_told and allowance.waiting > 0
                if seconds > 0:
                    allowance.waits += 1
                    allowance.waited += seconds

    def _tell(self, draw: Draw, left: float) -> None:
        """Say which limit a draw waits for, unless that was said already."""
        names = [name for name in draw.cost if not self._allowances[name].is_told]
        name = max(names, key=lambda name: self._allowances[name].ready_at(draw.cost[name], draw.priority), default="")
        if name:
            self._allowances[name].is_told = True
            use, said = self.use(name), (left, self._allowances[name].title)
            logger.warning("waiting %.0f s for the limit %r (%.0f of %d in use)", *said, use.in_use, use.allow)

    def _line(self) -> WaitingLine:
        """Who waits in this event loop."""
        loop = asyncio.get_running_loop()
        line = self._lines.get(loop)
        return self._lines.setdefault(loop, WaitingLine()) if line is None else line

    def _blocked_until_for(self, draw: Draw) -> float:
        return max([self._blocked_until, *(self._allowances[name].blocked_until for name in draw.cost)])

    def _ready_at(self, draw: Draw) -> float:
        times = [self._allowances[name].ready_at(amount, draw.priority) for name, amount in draw.cost.items()]
        return max([self._blocked_until, *times])

    def _checked(self, cost: Mapping[str, int]) -> dict[str, int]:
        for name, amount in cost.items():
            allow = self._find(name).limit.allow
            if not 0 <= amount <= allow:
                raise ConfigurationError(
                    f"rate limit '{name}': a cost of {amount} can never be drawn from {allow} units"
                )
        return {name: amount for name, amount in cost.items() if amount}

    def _find(self, name: str) -> _Allowance:
        try:
            return self._allowances[name]
        except KeyError:
            known = ", ".join(sorted(self._allowances)) or "none"
            raise ConfigurationError(f"unknown rate limit '{name}'; known: {known}") from None
