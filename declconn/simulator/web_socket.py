"""One socket of a venue on localhost."""

from __future__ import annotations

import asyncio

from aiohttp import WSMsgType, web

from declconn.simulator.streams.conversation import Conversation


class WebSocket:
    """Carries a conversation.

    Args:
        conversation: what is said.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._transport: asyncio.WriteTransport | None = None

    async def run(self, request: web.Request) -> web.WebSocketResponse:
        """Talk until either side has enough.

        Args:
            request: the handshake.
        """
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._transport = request.transport
        self._conversation.opened()
        sender = asyncio.create_task(self._send(socket), name="simulated socket")
        try:
            async for message in socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    self._conversation.hear(message.data)
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return socket

    def drop(self) -> None:
        """Lose the connection, without a goodbye."""
        if self._transport is not None:
            self._transport.abort()

    async def _send(self, socket: web.WebSocketResponse) -> None:
        while (text := await self._conversation.outbox.take()) is not None:
            await socket.send_str(text)
