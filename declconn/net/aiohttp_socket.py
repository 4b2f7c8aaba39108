"""One WebSocket of aiohttp."""

from __future__ import annotations

import asyncio
from typing import cast

import aiohttp

from declconn.net.transport import SocketClosed


class AiohttpSocket:
    """aiohttp answers pings and hides control frames; this turns the rest into frames and one kind of error."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, *, closing_time: float = 2.0) -> None:
        """`closing_time`: seconds that the other side may take for the closing handshake."""
        self._socket, self._closing_time = socket, closing_time

    async def send(self, message: str | bytes) -> None:
        try:
            if isinstance(message, str):
                await self._socket.send_str(message)
            else:
                await self._socket.send_bytes(message)
        except (aiohttp.ClientError, OSError) as error:
            raise SocketClosed(self._socket.close_code or aiohttp.WSCloseCode.ABNORMAL_CLOSURE, str(error)) from error

    async def receive(self) -> str | bytes:
        frame = await self._socket.receive()
        if frame.type is aiohttp.WSMsgType.TEXT:
            return cast("str", frame.data)
        if frame.type is aiohttp.WSMsgType.BINARY:
            return bytes(frame.data)  # a bytearray in aiohttp before 3.11
        code = self._socket.close_code or aiohttp.WSCloseCode.ABNORMAL_CLOSURE
        raise SocketClosed(code, _words(frame))

    async def close(self) -> None:
        try:
            async with asyncio.timeout(self._closing_time):
                await self._socket.close()
        except TimeoutError:
            pass  # aiohttp has dropped the connection when its closing handshake was cancelled


def _words(frame: aiohttp.WSMessage) -> str:
    if frame.type is aiohttp.WSMsgType.CLOSE:
        return frame.extra or ""
    return str(frame.data) if isinstance(frame.data, Exception) else ""
