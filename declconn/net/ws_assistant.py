"""Keeps one WebSocket connection alive: opens it, opens it again when it is lost, and paces both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from declconn.clock import Clock
from declconn.errors import DeclconnError, NetworkError
from declconn.log import about, get_logger
from declconn.net.backoff import Backoff, retry_after
from declconn.net.conversation import Address, Conversation, Send, WSSettings
from declconn.net.throttler import AsyncThrottler
from declconn.net.transport import HandshakeError, Socket, Transport
from declconn.net.ws_connection import Connection, ConnectionEnded, Statistics

__all__ = ["Address", "Conversation", "Send", "Statistics", "WSAssistant", "WSSettings"]

logger = get_logger(__name__)

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})

TOO_MANY = (418, 429)
"""Refusals of a handshake that mean: too many connections."""

TOO_MANY_PAUSE = 120.0
"""Seconds to stay away after such a refusal when it does not say how long (as the tardis-node client does)."""


class WSAssistant:
    """Runs a conversation over one connection at a time until it is cancelled.

    Attributes:
        statistics: counts over all connections.
    """

    def __init__(
        self,
        *,
        name: str,
        transport: Transport,
        throttler: AsyncThrottler,
        clock: Clock,
        random: Callable[[], float],
        conversation: Conversation,
        settings: WSSettings,
        fields: Mapping[str, str] = NOTHING,
    ) -> None:
        """
        Args:
            name: what log lines and errors call this connection.
            transport: opens the sockets.
            throttler: knows the limits that `WSSettings.connect_cost` names.
            clock: all timing.
            random: numbers from 0 up to but not including 1, for the jitter of the backoff.
            conversation: what is said.
            settings: how the connection is kept.
            fields: what log records about it say, see `declconn.log`.
        """
        self._name, self._transport, self._throttler, self._clock = name, transport, throttler, clock
        self._conversation, self._settings, self._fields = conversation, settings, fields
        self._backoff = Backoff(random)
        self._connection: Connection | None = None
        self.statistics = Statistics()

    @property
    def connected(self) -> bool:
        """Whether a connection is open and `Conversation.opened` is done with it."""
        return self._connection is not None and self._connection.ready

    async def run(self) -> None:
        """Keep the connection until this is cancelled; a cancelled run has closed its socket."""
        with about(**self._fields):
            while True:
                await self._clock.sleep(await self._live_once())

    async def send(self, message: str | bytes) -> None:
        """Send one frame on the open connection, no faster than its limit; also while `Conversation.opened` runs.

        Raises:
            NetworkError: there is no connection, so nothing was sent (SocketClosed: it was lost just now).
        """
        await self._require_connection().send(message)

    def post(self, message: str | bytes) -> None:
        """Send one frame soon, from code that cannot wait, such as `Conversation.received`; in order, and paced.

        A frame that is still waiting when the connection ends is dropped with it.

        Raises:
            NetworkError: there is no connection.
        """
        self._require_connection().post(message)

    def reconnect(self, reason: str) -> None:
        """End the connection, if there is one, and open the next after the usual pause. Returns at once."""
        if self._connection is not None:
            self._connection.end(reason)

    def _require_connection(self) -> Connection:
        if self._connection is None:
            raise NetworkError(
                f"{self._name}: not connected, nothing was sent; last: {self.statistics.last_reason or '-'}"
            )
        return self._connection

    async def _live_once(self) -> float:
        """Go through the life of one connection, and return how many seconds to wait before the next."""
        opened_at: float | None = None
        pause = 0.0
        try:
            socket, beat_every = await self._connect()
            opened_at = self._clock.monotonic()
            await self._live(socket, beat_every)
        except DeclconnError as error:
            self.statistics.last_reason = str(error)
            if isinstance(error, ConnectionEnded) and error.planned:
                logger.info("%s: renewing the connection: %s", self._name, error)
                return 0.0
            logger.warning("%s: connection lost: %s", self._name, error)
            pause = self._pause_asked_by(error)
        except Exception as error:
            self.statistics.last_reason = repr(error)
            logger.exception("%s: connection lost because of a bug", self._name)
        lived = 0.0 if opened_at is None else self._clock.monotonic() - opened_at
        return max(pause, self._backoff.after(lived))

    async def _connect(self) -> tuple[Socket, float | None]:
        """Open a socket; also return how often the conversation's own heartbeat goes out, if it has one."""
        await self._throttler.acquire(self._settings.connect_cost)
        address = await self._conversation.address()  # after the wait: its token or signature is fresh
        every = address.heartbeat or self._settings.heartbeat
        is_own = every is not None and self._conversation.heartbeat() is not None
        socket = await self._transport.connect(
            address.url, address.headers, max_frame=self._settings.max_frame, ping=None if is_own else every
        )
        return socket, every if is_own else None

    async def _live(self, socket: Socket, beat_every: float | None) -> None:
        self.statistics.connections += 1
        self._connection = Connection(
            socket, self._conversation, self._settings, self._clock, self.statistics, beat_every=beat_every
        )
        reason = "stopped"
        try:
            await self._connection.live()
        except Exception as error:
            reason = str(error) or repr(error)
            raise
        finally:
            self._connection = None
            self._tell_closed(reason)
            await socket.close()

    def _tell_closed(self, reason: str) -> None:
        # What this raised would replace the reason, or even a cancellation.
        try:
            self._conversation.closed(reason)
        except Exception:
            logger.exception("%s: Conversation.closed failed", self._name)

    def _pause_asked_by(self, error: DeclconnError) -> float:
        if not isinstance(error, HandshakeError):
            return 0.0
        asked = retry_after(error.headers, self._clock.time_ns() / 1e9)
        return asked if asked is not None else TOO_MANY_PAUSE * (error.status in TOO_MANY)
