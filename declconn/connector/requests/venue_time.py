"""`auth.clock`: the operation that says what time it is at the venue, asked when somebody signs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from declconn.clock import Clock
from declconn.compile.endpoint import Endpoint
from declconn.compile.source_book import SourceBook
from declconn.connector.requests.allowances import Allowances
from declconn.connector.strange_times import strange_time
from declconn.errors import DeclconnError, MappingError
from declconn.log import get_logger
from declconn.net.rest_assistant import RESTAssistant
from declconn.net.throttler import Priority
from declconn.net.time_synchronizer import TimeSynchronizer
from declconn.net.transport import Request

logger = get_logger("declconn.rest")

REFRESH: Final = 600.0
"""Seconds after which a sample is old: an ordinary clock drifts a few milliseconds meanwhile."""

RETRY: Final = 60.0
"""Seconds after which a venue that did not tell its time is asked again."""

Sample: TypeAlias = Callable[[], Awaitable[tuple[int, float, float]]]
"""Asks once: the venue's nanoseconds, and our ``monotonic`` seconds before and after."""


class VenueTime:
    """Keeps a `TimeSynchronizer` fed, by those who sign and no faster than they need it; nothing runs meanwhile.

    Args:
        synchronizer: takes the samples.
        sample: asks the venue; ``None`` trusts the machine.
        clock: measures how old the last sample is.
    """

    def __init__(self, synchronizer: TimeSynchronizer, sample: Sample | None, clock: Clock) -> None:
        self._synchronizer, self._sample, self._clock = synchronizer, sample, clock
        self._due = float("-inf")
        self._lock = asyncio.Lock()

    async def follow(self, *, in_a_hurry: bool) -> None:
        """See that the time is known before something is signed. A venue that does not tell it stops nobody.

        Args:
            in_a_hurry: an old sample is good enough.
        """
        if self._sample is None or not self._is_due(in_a_hurry):
            return
        async with self._lock:
            if self._is_due(in_a_hurry):
                await self._ask(self._sample)

    async def begin_anew(self) -> bool:
        """The venue says that our time is wrong: forget what was measured. Returns whether it could be asked."""
        if self._sample is None:
            return False
        due = self._due
        async with self._lock:
            if self._due == due:  # else somebody who waited before us has just asked
                self._synchronizer.forget()
                await self._ask(self._sample)
        return True

    def _is_due(self, in_a_hurry: bool) -> bool:
        never = self._due == float("-inf")
        return never or (not in_a_hurry and self._clock.monotonic() >= self._due)

    async def _ask(self, sample: Sample) -> None:
        try:
            self._synchronizer.update(*await sample())
            self._due = self._clock.monotonic() + REFRESH
        except DeclconnError as error:
            logger.warning("the venue's time is not known, requests are signed with ours: %s", error)
            self._due = self._clock.monotonic() + RETRY


def time_sample(
    endpoint: Endpoint, *, rest: RESTAssistant, sources: SourceBook, allowances: Allowances, clock: Clock
) -> Sample:
    """What asks an endpoint for the time: once, and measured without the wait for an allowance.

    Args:
        endpoint: of an operation that gives a `server_time`.
        rest: waits and sends.
        sources: what its templates may name.
        allowances: what it draws.
        clock: measures the way there and back.
    """

    async def sample() -> tuple[int, float, float]:
        sent_at = clock.monotonic()

        def write() -> Request:
            nonlocal sent_at
            sent_at = clock.monotonic()
            return endpoint.request(sources.now())

        response = await rest.call(write, allowances.cost(endpoint, {}), priority=Priority.FIRST)
        came_at = clock.monotonic()
        records, problems = endpoint.records(endpoint.answer(response), {})
        place = f"endpoints.{endpoint.operation}"
        if not records:
            raise problems[0] if problems else MappingError(place, "time", "no time came")
        if doubt := strange_time(records[0].time):
            raise MappingError(place, "time", f"found {doubt}")
        return records[0].time, sent_at, came_at

    return sample
