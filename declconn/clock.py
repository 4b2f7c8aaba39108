"""Time comes in through the door: every runtime part takes a ``Clock``."""

from __future__ import annotations

import asyncio
import time
from typing import Final, Protocol

_DOUBLINGS: Final = 64
"""So often a pause is doubled: longer than anybody waits, and never too large for a float."""


class WallClock(Protocol):
    """What says what time it is."""

    def time_ns(self) -> int:
        """Nanoseconds since the epoch, UTC; it may step back."""
        ...


class Clock(WallClock, Protocol):
    """Wall time, steady time and waiting, so that a test can hold all three still."""

    def monotonic(self) -> float:
        """Seconds of a clock that never steps back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds of ``monotonic`` time."""
        ...


class SystemClock:
    """The machine's own time."""

    time_ns = staticmethod(time.time_ns)
    monotonic = staticmethod(time.monotonic)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def pause(attempt: int, first: float, longest: float) -> float:
    """Seconds to wait after an attempt, however many there were: twice as long after each as after the one before.

    Args:
        attempt: how many were made before this one; 0 for the first.
        first: seconds after the first one.
        longest: the most seconds.
    """
    return min(first * 2.0 ** min(attempt, _DOUBLINGS), longest)
