"""One connection to a venue: requests go out whole, and one answer comes for each."""

from __future__ import annotations

import asyncio
from typing import cast

from declconn.net.http_answer import Answer, TooLarge


class HttpConnection(asyncio.Protocol):
    """Sends one request at a time, once.

    Attributes:
        usable: a further request may be sent.
        idle_since: when its last answer came, seconds of the loop's clock.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._answer: Answer | None = None
        self._arrived: asyncio.Future[None] | None = None
        self.usable = False
        self.idle_since = 0.0

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
        self.usable = False
        self._answer, self._arrived = answer, self._loop.create_future()
        self._transport.write(request)
        giving_up = self._loop.call_at(until, self._finish, TimeoutError())
        try:
            await self._arrived
        finally:
            giving_up.cancel()
            self._answer = self._arrived = None
        self.usable = answer.keeps_open and not self._transport.is_closing()
        self.idle_since = self._loop.time()

    def close(self) -> None:
        """Drop the connection."""
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.usable = True

    def data_received(self, data: bytes) -> None:
        answer, arrived = self._answer, self._arrived
        if answer is None or arrived is None or arrived.done():
            self.close()  # nobody asked
            return
        try:
            answer.feed(data)
        except (ValueError, TooLarge) as error:
            self.close()
            arrived.set_exception(error)
            return
        if answer.done:
            arrived.set_result(None)

    def eof_received(self) -> bool:
        self.usable = False
        if self._answer is not None and self._answer.feed_eof():
            self._finish(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.usable = False
        if self._answer is not None and exc is None and self._answer.feed_eof():
            self._finish(None)
        self._finish(exc if isinstance(exc, OSError) else ConnectionResetError("the venue closed the connection"))

    def _finish(self, error: Exception | None) -> None:
        if self._arrived is None or self._arrived.done():
            return
        if error is None:
            self._arrived.set_result(None)
        else:
            self._arrived.set_exception(error)
