"""Hummingbot's `TimeSynchronizer`: the venue's time, from what its answers say and how long they took."""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import Final

from declconn.clock import Clock

SAMPLES: Final = 5
_WEIGHTS: Final = (1, 3, 5, 7, 9)
"""Of the samples, oldest first."""


class TimeSynchronizer:
    """The venue's time: how far it is ahead of a clock that never steps back.

    The offset is the mean of the samples' median, which forgives an outlier, and of an average in which later samples
    weigh more. Without any sample it is the machine's own time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._samples: deque[int] = deque(maxlen=SAMPLES)
        self._offset: int | None = None

    def time_ns(self) -> int:
        """Nanoseconds since the epoch, UTC, as the venue counts them."""
        if self._offset is None:
            return self._clock.time_ns()
        return _ns(self._clock.monotonic()) + self._offset

    def update(self, venue_ns: int, sent_at: float, came_at: float) -> None:
        """Take one more sample; the venue is supposed to have looked at its clock half-way.

        Args:
            venue_ns: what it said, nanoseconds since the epoch.
            sent_at: when it was asked, ``monotonic`` seconds.
            came_at: when its answer came.
        """
        self._samples.append(venue_ns - (_ns(sent_at) + _ns(came_at)) // 2)
        weights = _WEIGHTS[: len(self._samples)]
        average = sum(map(int.__mul__, self._samples, weights)) / sum(weights)
        self._offset = round((median(self._samples) + average) / 2)

    def forget(self) -> None:
        """Distrust all samples so far; the next one counts alone."""
        self._samples.clear()


def _ns(seconds: float) -> int:
    return round(seconds * 1_000_000_000)
