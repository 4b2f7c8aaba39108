"""One connection to a venue: requests go out whole, and one answer comes for each."""

from __future__ import annotations

import asyncio
from typing import Final, cast

from declconn.net.http_answer import Answer, TooLarge

KEPT: Final = 15.0
"""Seconds that an unused connection is kept; venues close theirs after a minute or later."""


class HttpConnection(asyncio.Protocol):
    """Sends one request at a time, once.

    Args:
        pool: where it is as long as it is open.

    Attributes:
        idle: it waits for a request.
    """

    def __init__(self, pool: list[HttpConnection]) -> None:
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._asked: tuple[Answer, asyncio.Future[None]] | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self.idle = False

    async def ask(self, request: bytes, answer: Answer) -> None:
        """Send a request, and return when its answer is complete.

        Args:
            request: all of it.
            answer: takes what comes.

        Raises:
            ConnectionError: the connection was lost before that.
            ValueError, TooLarge: as ``Answer.feed``.
        """
        assert self._transport is not None, "it was connected"
        self._keep(False)
        arrived = self._loop.create_future()
        self._asked = answer, arrived
        self._transport.write(request)
        try:
            await arrived
        finally:
            self._asked = None
            if answer.done and answer.keeps_open and not self._transport.is_closing():
                self._keep(True)
            else:
                self.close()

    def close(self) -> None:
        """Drop the connection."""
        self._keep(False)
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._pool.append(self)

    def data_received(self, data: bytes) -> None:
        if self._asked is None or self._asked[1].done():
            self.close()  # nobody asked
            return
        answer, arrived = self._asked
        try:
            answer.feed(data)
        except (ValueError, TooLarge) as error:
            arrived.set_exception(error)
        else:
            if answer.done:
                arrived.set_result(None)

    def eof_received(self) -> None:
        self._keep(False)

    def connection_lost(self, exc: Exception | None) -> None:
        self._keep(False)
        self._pool.remove(self)
        if self._asked is None or self._asked[1].done():
            return
        answer, arrived = self._asked
        if exc is None and answer.feed_eof():
            arrived.set_result(None)
        else:
            arrived.set_exception(
                exc if isinstance(exc, OSError) else ConnectionResetError("the connection was closed")
            )

    def _keep(self, idle: bool) -> None:
        """Wait for a request, but not for long; or do not."""
        self.idle = idle
        if self._expiry is not None:
            self._expiry.cancel()
        self._expiry = self._loop.call_later(KEPT, self.close) if idle else None
