"""A transport that ends in a simulated venue, with the faults that are planned for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final

from declconn.clock import Clock
from declconn.errors import LostAnswerError, NetworkError
from declconn.net.transport import HandshakeError, Request, Response, Socket
from declconn.simulator.desk.front_desk import FrontDesk, Understood, json_error
from declconn.simulator.engine.refusals import RefusalKind, RefusedError
from declconn.simulator.faults import Faults, RequestFault
from declconn.simulator.local_socket import LocalSocket
from declconn.simulator.streams.conversation import Conversation

logger = logging.getLogger("declconn.simulator")

_SAID: Final[Mapping[RequestFault, RefusalKind]] = {
    RequestFault.FAILED: "unknown_outcome",
    RequestFault.FAILED_AFTERWARDS: "unknown_outcome",
    RequestFault.RATE_LIMITED: "rate_limited",
    RequestFault.CLOSED: "maintenance",
}
"""What the venue answers where it answers at all."""

_EFFECTIVE: Final = frozenset({None, RequestFault.ANSWER_LOST, RequestFault.FAILED_AFTERWARDS})

Open = Callable[[str], Conversation | None]
"""Begins a conversation at a url; ``None``: there is no stream. It may raise ``RefusedError``."""

HungUp = Callable[[Conversation], None]


class InProcessTransport:
    """See `declconn.net.transport.Transport`.

    Args:
        desk: answers requests.
        open_conversation: see ``Open``.
        hung_up: told when a conversation has ended.
        faults: what goes wrong.
        clock: measures delays.

    Attributes:
        sent: the operation of every request that arrived or was lost on its way, in order.
        sockets: those that are open.
    """

    def __init__(self, desk: FrontDesk, open_conversation: Open, hung_up: HungUp, faults: Faults, clock: Clock) -> None:
        self._desk, self._open, self._told_hung_up = desk, open_conversation, hung_up
        self._faults, self._clock = faults, clock
        self.sent: list[str] = []
        self.sockets: list[LocalSocket] = []

    async def send(self, request: Request) -> Response:
        """See `Transport`."""
        await asyncio.sleep(0)
        asked = self._desk.understand(request)
        operation = asked.endpoint.operation if asked else ""
        fault = self._faults.of_request(operation)
        if fault is RequestFault.UNREACHABLE:
            raise NetworkError(f"{operation}: the simulated venue cannot be reached, as planned")
        self.sent.append(operation)
        response = self._respond(asked, request) if fault in _EFFECTIVE else None
        if (seconds := self._faults.delay_of(operation)) > 0:
            await self._clock.sleep(seconds)
        if fault is not None and fault in _SAID:
            return self._desk.errors.response(operation, _SAID[fault], f"{fault}, as planned")
        if response is None or fault is RequestFault.ANSWER_LOST:
            raise LostAnswerError(f"{operation}: the answer is lost, as planned")
        return response

    async def connect(self, url: str, headers: Mapping[str, str], *, max_frame: int, ping: float | None) -> Socket:
        """See `Transport`. Frames are as large as they are, and pings need not be sent."""
        await asyncio.sleep(0)
        if self._faults.is_closed:
            raise HandshakeError("the simulated venue is closed, as planned", 503, {})
        try:
            conversation = self._open(url)
        except RefusedError as error:
            raise HandshakeError(error.text, 401, {}) from error
        if conversation is None:
            raise HandshakeError("the simulated venue has no stream there", 404, {})
        conversation.outbox.faults = self._faults
        socket = LocalSocket(conversation, self._hung_up)
        self.sockets.append(socket)
        conversation.opened()
        return socket

    async def close(self) -> None:
        """See `Transport`."""
        self.disconnect()

    def disconnect(self) -> None:
        """Lose every socket."""
        for socket in list(self.sockets):
            socket.drop()

    def _hung_up(self, socket: LocalSocket) -> None:
        self.sockets.remove(socket)
        self._told_hung_up(socket.conversation)

    def _respond(self, asked: Understood | None, request: Request) -> Response:
        if asked is not None:
            return self._desk.respond(asked)
        address = request.url.partition("?")[0]
        logger.warning("nothing is played at %s %s", request.method, address)
        return json_error(f"nothing is played at {request.method} {address}", 404)
