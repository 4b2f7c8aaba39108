"""The life of one WebSocket connection: open, read, keep alive, retire."""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import dataclass

from declconn.clock import Clock
from declconn.errors import NetworkError
from declconn.log import get_logger
from declconn.net.conversation import Conversation, WSSettings
from declconn.net.duties import run_together
from declconn.net.throttler import AsyncThrottler
from declconn.net.transport import Socket

logger = get_logger(__name__)

MOST_POSTED = 1_000
"""Frames that may wait to be sent; a venue that asks faster than we may answer is left."""


class ConnectionEnded(NetworkError):
    """We ended a connection ourselves.

    Attributes:
        planned: nothing was wrong, so the next connection need not wait.
    """

    def __init__(self, reason: str, *, planned: bool = False) -> None:
        self.planned = planned
        super().__init__(reason)


@dataclass(slots=True)
class Statistics:
    """Counts over all connections of an assistant.

    Attributes:
        connections: how many were opened.
        frames: how many were received.
        failures: how many frames the conversation could not take (bugs).
        last_received: when the last frame came, in seconds of the monotonic clock.
        last_reason: why the last connection ended, or could not be opened.
    """

    connections: int = 0
    frames: int = 0
    failures: int = 0
    last_received: float | None = None
    last_reason: str = ""


class Connection:
    """One open socket and all that is done with it until it ends."""

    def __init__(
        self,
        socket: Socket,
        conversation: Conversation,
        settings: WSSettings,
        clock: Clock,
        statistics: Statistics,
        *,
        beat_every: float | None,
    ) -> None:
        self._socket, self._conversation, self._settings = socket, conversation, settings
        self._clock, self._statistics = clock, statistics
        self._outbox: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._ending: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._pace = AsyncThrottler([settings.send_limit] if settings.send_limit else [], clock)
        self._send_cost = {settings.send_limit.name: 1} if settings.send_limit else {}
        self._beat_every = beat_every
        self._silence = settings.silence
        if self._silence is None and beat_every is not None:
            self._silence = 2 * beat_every
        self._heard = clock.monotonic()
        self._reported: set[str] = set()
        self.ready = False
        """Logged in and subscribed."""

    async def live(self) -> None:
        """Do everything until the connection ends, which always raises.

        Raises:
            ConnectionEnded: we ended it.
            Exception: it was lost (SocketClosed), or whatever the conversation raised.
        """
        duties = [self._read(), self._open(), self._post(), self._await_end()]
        if self._beat_every is not None:
            duties.append(self._beat(self._beat_every))
        if self._silence is not None:
            duties.append(self._listen_for_silence(self._silence))
        if self._settings.max_age is not None:
            duties.append(self._retire(self._settings.max_age))
        await run_together(*duties)

    async def send(self, message: str | bytes) -> None:
        """Send one frame as soon as the venue allows it; raises SocketClosed when the connection is gone."""
        await self._pace.acquire(self._send_cost)
        await self._socket.send(message)

    def post(self, message: str | bytes) -> None:
        """Send one frame soon; frames that are posted leave in order."""
        if self._outbox.qsize() == MOST_POSTED:
            self.end(f"{MOST_POSTED} frames are waiting to be sent")
            return
        self._outbox.put_nowait(message)

    def end(self, reason: str) -> None:
        """End this connection; only the first reason counts."""
        if not self._ending.done():
            self._ending.set_result(reason)

    async def _read(self) -> None:
        receive, received, statistics = self._socket.receive, self._conversation.received, self._statistics
        monotonic = self._clock.monotonic
        while True:
            raw = await receive()
            self._heard = statistics.last_received = monotonic()
            statistics.frames += 1
            try:
                received(raw)
            except Exception as error:  # noqa: BLE001 - it is logged, and the next frame may be fine
                self._report(error)

    async def _open(self) -> None:
        await self._conversation.opened(self.send)
        self.ready = True
        await self._conversation.attend(self.send)

    async def _post(self) -> None:
        while True:
            await self.send(await self._outbox.get())

    async def _await_end(self) -> None:
        raise ConnectionEnded(await self._ending)

    async def _beat(self, every: float) -> None:
        while True:
            await self._clock.sleep(every)
            if (message := self._conversation.heartbeat()) is not None:
                await self.send(message)

    async def _listen_for_silence(self, longest: float) -> None:
        while (left := self._heard + longest - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)
        raise ConnectionEnded(f"no frame for {longest:g} s")

    async def _retire(self, age: float) -> None:
        await self._clock.sleep(age)
        raise ConnectionEnded(f"it is {age:g} s old", planned=True)

    def _report(self, error: Exception) -> None:
        """Log a bug in the conversation, but only once per kind and line: there may be thousands a second."""
        self._statistics.failures += 1
        line = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__} at {line.filename}:{line.lineno}"
        if kind not in self._reported:
            self._reported.add(kind)
            logger.error("a frame could not be handled (%s); more of this kind are only counted", kind, exc_info=error)
