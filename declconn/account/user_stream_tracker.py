"""Listens to what a venue tells of our account, and notices when it has fallen silent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final, Generic, Protocol, TypeVar

from declconn.clock import Clock
from declconn.log import get_logger

logger = get_logger("declconn.feed")

GRACE: Final = 10.0
"""Seconds in which a stream may still tell what the venue was found to have done; then it is taken for dead."""


class UserStreamTrackerDataSource(Protocol):
    """The private side of a venue."""

    @property
    def last_recv_time(self) -> int:
        """When the last news of our account came, nanoseconds since the epoch; 0 before the first."""
        ...

    @property
    def connected(self) -> bool:
        """Every private stream is open, logged in and subscribed."""
        ...

    def start(self, trading_pairs: Iterable[str]) -> None:
        """Open the private streams; what is told pair by pair is told of these."""
        ...

    async def stop(self) -> None:
        """Close them."""
        ...

    async def subscribe(self, trading_pair: str) -> None:
        """Hear of this pair, too."""
        ...

    async def unsubscribe(self, trading_pair: str) -> None:
        """Hear of this pair no more."""
        ...

    def reconnect(self, reason: str) -> None:
        """Drop the connections; they come back by themselves, logged in anew."""
        ...


Source = TypeVar("Source", bound=UserStreamTrackerDataSource)


class UserStreamTracker(Generic[Source]):
    """Runs the private streams of an account (Hummingbot's ``UserStreamTracker``).

    A stream can look alive and tell nothing: its socket is open, its heartbeats are answered, and its subscription is
    gone. Only somebody who asks the venue can tell that from a quiet account, and says so with `missed`; `watch` acts.

    Args:
        data_source: the venue's private streams.
        clock: measures silence.
    """

    def __init__(self, data_source: Source, clock: Clock) -> None:
        self.data_source, self._clock = data_source, clock
        self._started_at = clock.time_ns()
        self._missed: str | None = None
        self._suspected = asyncio.Event()

    @property
    def last_recv_time(self) -> int:
        """When the last news of our account came, nanoseconds since the epoch; 0 before the first."""
        return self.data_source.last_recv_time

    @property
    def connected(self) -> bool:
        """Every private stream is open, logged in and subscribed."""
        return self.data_source.connected

    def start(self, trading_pairs: Iterable[str]) -> None:
        """Open the private streams."""
        self._started_at = self._clock.time_ns()
        self.data_source.start(trading_pairs)

    async def stop(self) -> None:
        """Close them."""
        await self.data_source.stop()

    def silent_for(self) -> float:
        """Seconds since the last news, or since the streams were opened."""
        return (self._clock.time_ns() - max(self.last_recv_time, self._started_at)) / 1e9

    def missed(self, what: str) -> None:
        """Asking the venue brought something that the streams should have told.

        Args:
            what: what it was, for the log.
        """
        self._missed = what
        self._suspected.set()

    async def watch(self) -> None:
        """Open the streams anew when they missed something and go on telling nothing; runs until it is cancelled."""
        while True:
            await self._suspected.wait()
            before = self.last_recv_time
            await self._clock.sleep(GRACE)
            self._suspected.clear()
            if self.connected and self.last_recv_time == before:
                logger.warning(
                    "the user stream missed %s and tells nothing (for %.0f s): it is opened anew",
                    self._missed,
                    self.silent_for(),
                )
                self.data_source.reconnect(f"it missed {self._missed}")
