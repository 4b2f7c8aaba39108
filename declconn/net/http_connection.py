"""One connection to a venue: requests go out whole, and one answer comes for each."""

from __future__ import annotations

import asyncio
from typing import cast

from declconn.net.http_answer import Answer, TooLarge


class HttpConnection(asyncio.Protocol):
    """Sends one request at a time, once.

    Args:
        pool: where it is as long as it is open.

    Attributes:
        idle_since: when it began to wait for a request, seconds of the loop's clock; ``None`` while it does not.
    """

    def __init__(self, pool: list[HttpConnection]) -> None:
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._answer: Answer | None = None
        self._arrived: asyncio.Future[None] | None = None
        self.idle_since: float | None = None

    async def ask(self, request: bytes, answer: Answer, until: float) -> None:
        """Send a request, and return when its answer is complete.

        Args:
            request: all of it.
            answer: takes what comes.
            until: when it is given up, seconds of the loop's clock.

        Raises:
            TimeoutError: it was given up.
            ConnectionError: the connection was lost before that.
            ValueError, TooLarge: as ``Answer.feed``.
        """
        assert self._transport is not None, "it was connected"
        self.idle_since = None
        self._answer, self._arrived = answer, self._loop.create_future()
        self._transport.write(request)
        # `asyncio.timeout` would be a tenth of the whole request.
        giving_up = self._loop.call_at(until, self._finish, TimeoutError())
        try:
            await self._arrived
        finally:
            giving_up.cancel()
            self._answer = self._arrived = None
            if answer.done and answer.keeps_open and not self._transport.is_closing():
                self.idle_since = self._loop.time()
            else:
                self.close()

    def close(self) -> None:
        """Drop the connection."""
        self.idle_since = None
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._pool.append(self)

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done:
            self.close()  # nobody asked
            return
        try:
            if self._answer.feed(data):
                self._finish(None)
        except (ValueError, TooLarge) as error:
            self.close()
            self._finish(error)

    def eof_received(self) -> None:
        self.idle_since = None

    def connection_lost(self, exc: Exception | None) -> None:
        self.idle_since = None
        self._pool.remove(self)
        if exc is None and self._answer is not None and self._answer.feed_eof():
            self._finish(None)
        else:
            self._finish(exc if isinstance(exc, OSError) else ConnectionResetError("the connection was closed"))

    def _finish(self, error: Exception | None) -> None:
        if self._arrived is None or self._arrived.done():
            return
        if error is None:
            self._arrived.set_result(None)
        else:
            self._arrived.set_exception(error)
