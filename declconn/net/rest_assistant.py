"""One request at a time through the throttler."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from declconn.net.throttler import AsyncThrottler, Priority
from declconn.net.transport import Request, Response, Transport
from declconn.net.turns import Turns


class RESTAssistant:
    """Sends requests no faster than the venue allows. What an answer means is decided above."""

    def __init__(self, transport: Transport, throttler: AsyncThrottler) -> None:
        self._transport, self._throttler = transport, throttler

    async def call(
        self,
        request: Request | Callable[[], Request],
        cost: Mapping[str, int],
        *,
        priority: Priority = Priority.NORMAL,
        turns: Turns | None = None,
    ) -> Response:
        """Wait for the cost, send the request once and return its answer, whatever its status.

        Args:
            request: the request, or a function that makes it. It is called after all waiting, so that a timestamp in
                a signature is fresh however long the wait was.
            cost: units per rate limit.
            priority: whom to let pass where a limit is short.
            turns: where requests go one after another, from being made until their answer.

        Raises:
            NetworkError: nothing was sent (`LostAnswerError`: sent, but not answered).
            ConfigurationError: the cost names a limit that does not exist, or can never be paid.
        """
        await self._throttler.acquire(cost, priority=priority)
        if turns is None:
            return await self._transport.send(request() if callable(request) else request)
        async with turns.turn(priority):
            return await self._transport.send(request() if callable(request) else request)
