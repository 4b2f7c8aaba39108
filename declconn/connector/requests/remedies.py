"""What makes a further attempt worth while: waiting, a new value, the venue's time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from random import Random

from declconn.clock import Clock
from declconn.compile.lookup import Obtained
from declconn.connector.requests.policies import Remedy
from declconn.connector.requests.venue_time import VenueTime
from declconn.connector.session import Session
from declconn.errors import DeclconnError, VenueError
from declconn.log import get_logger
from declconn.net.backoff import Backoff
from declconn.net.throttler import PATIENCE, AsyncThrottler

logger = get_logger("declconn.rest")


class Remedies:
    """Does what a policy says.

    Args:
        clock: measures the waiting.
        random: shortens it by chance, so that many clients do not come back at once.
        throttler: holds back all who draw on the same limits.
        session: whose values may have to be obtained anew.
        time: the venue's.
    """

    def __init__(
        self, clock: Clock, random: Random, throttler: AsyncThrottler, session: Session, time: VenueTime
    ) -> None:
        self._clock, self._random = clock, random
        self._throttler, self._session, self._time = throttler, session, time

    def backoff(self) -> Backoff:
        """The waiting times of one request."""
        return Backoff(self._random.random)

    async def apply(
        self,
        remedy: Remedy,
        error: DeclconnError,
        *,
        backoff: Backoff,
        pools: Collection[str],
        session: Mapping[str, Obtained],
    ) -> bool:
        """Do it.

        Args:
            remedy: what to do.
            error: why.
            backoff: how long this request waited before.
            pools: what it drew from.
            session: the learnt values that it held.

        Returns:
            whether a further attempt makes sense.
        """
        match remedy:
            case Remedy.WAIT:
                await self._clock.sleep(backoff.after(0))
                return True
            case Remedy.BACK_OFF:
                return self._hold_back(error, backoff, pools)
            case Remedy.LOG_IN:
                return self._session.drop(session)
            case Remedy.SYNCHRONIZE:
                return await self._time.begin_anew()
            case Remedy.NOTHING:
                return True

    def _hold_back(self, error: DeclconnError, backoff: Backoff, pools: Collection[str]) -> bool:
        asked = error.retry_after if isinstance(error, VenueError) else None
        seconds = backoff.after(0) if asked is None else asked
        for pool in pools or (None,):
            self._throttler.back_off(pool, seconds)
        if seconds > PATIENCE:
            logger.warning("%s: nothing more is sent for %.0f s", error, seconds)
        return seconds <= PATIENCE
