"""Time comes in through the door: every runtime part takes a ``Clock``."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


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
