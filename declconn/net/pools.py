"""How much of a rate limit is used, and when the next draw fits. Plain arithmetic: it neither waits nor reads a clock.

Times are seconds of a monotonic clock. A pool answers with a point in time, not with a delay: a delay that is computed
anew after each wait drifts, and can shrink forever without reaching zero.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

from declconn.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class RateLimit:
    """An allowance of a venue.

    Attributes:
        name: an opaque key that costs refer to.
        allow: the units that may be drawn in any window, or that a full bucket holds.
        window: seconds.
        refill: units per window that flow back into a bucket (``15+20/1m``: allow 15, window 60, refill 20);
            ``None``: no bucket, but a window that slides over the draws.

    Raises:
        ConfigurationError: a number is not above zero.
    """

    name: str
    allow: int
    window: float
    refill: int | None = None

    def __post_init__(self) -> None:
        if self.allow < 1 or self.window <= 0 or (self.refill is not None and self.refill < 1):
            raise ConfigurationError(
                f"rate limit '{self.name}': allow {self.allow}, window {self.window}, refill {self.refill}: "
                "expected numbers above zero"
            )


class Pool(Protocol):
    """The state of one rate limit."""

    def ready_at(self, amount: int, limit: int) -> float:
        """Return when `amount` may be drawn so that at most `limit` units are in use; past times mean now."""
        ...

    def take(self, amount: float, now: float) -> None:
        """Draw `amount` now, whether it fits or not."""
        ...

    def in_use(self, now: float) -> float:
        """Return the units that are drawn and have not come back."""
        ...


class WindowPool:
    """Units come back one window after they were drawn, so no half-open window ever holds more than the limit."""

    def __init__(self, limit: RateLimit) -> None:
        self._window = limit.window
        self._draws: deque[tuple[float, float]] = deque()  # when units come back, and how many
        self._drawn = 0.0

    def ready_at(self, amount: int, limit: int) -> float:
        missing = self._drawn + amount - limit
        when = float("-inf")
        for back, units in self._draws:
            if missing <= 0:
                break
            when, missing = back, missing - units
        return when

    def take(self, amount: float, now: float) -> None:
        self._return_units(now)
        self._draws.append((now + self._window, amount))
        self._drawn += amount

    def in_use(self, now: float) -> float:
        self._return_units(now)
        return self._drawn

    def _return_units(self, now: float) -> None:
        while self._draws and self._draws[0][0] <= now:
            self._drawn -= self._draws.popleft()[1]


class BucketPool:
    """Units flow back steadily. One number says it all: when the bucket will be full again."""

    def __init__(self, limit: RateLimit, refill: int) -> None:
        self._seconds_per_unit = limit.window / refill
        self._full_at = float("-inf")

    def ready_at(self, amount: int, limit: int) -> float:
        return self._full_at + (amount - limit) * self._seconds_per_unit

    def take(self, amount: float, now: float) -> None:
        self._full_at = max(self._full_at, now) + amount * self._seconds_per_unit

    def in_use(self, now: float) -> float:
        return max(self._full_at - now, 0.0) / self._seconds_per_unit


def make_pool(limit: RateLimit) -> Pool:
    """Return an unused pool for this limit."""
    return WindowPool(limit) if limit.refill is None else BucketPool(limit, limit.refill)
