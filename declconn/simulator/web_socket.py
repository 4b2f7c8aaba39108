"""One socket of a venue on localhost."""

from __future__ import annotations

import asyncio

from aiohttp import WSMsgType, web

from declconn.simulator.streams.session import Session


class WebSocket:
    """Carries what is said in a session.

    Args:
        session: what is said.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._transport: asyncio.WriteTransport | None = None

    async def run(self, request: web.Request) -> web.WebSocketResponse:
        """Talk until either side has enough.

        Args:
            request: the handshake.
        """
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._transport = request.transport
        self._session.opened()
        sender = asyncio.create_task(self._send(socket), name="simulated socket")
        try:
            async for message in socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    self._session.hear(message.data)
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return socket

    def drop(self) -> None:
        """Lose the connection, without a goodbye."""
        if self._transport is not None:
            self._transport.abort()

    async def _send(self, socket: web.WebSocketResponse) -> None:
        while (text := await self._session.outbox.take()) is not None:
            await socket.send_str(text)
