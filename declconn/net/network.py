"""The network: requests over connections of our own, WebSockets over aiohttp."""

from __future__ import annotations

from collections.abc import Mapping

from declconn.net.aiohttp_socket import AiohttpSocket
from declconn.net.aiohttp_transport import AiohttpTransport
from declconn.net.http_client import HttpClient
from declconn.net.transport import Request, Response


class Network:
    """The transport that a connector uses unless it is given another.

    Args:
        timeout: seconds for requests that name none, and for the opening of WebSockets.
        max_answer: the largest body in bytes, decompressed.
    """

    def __init__(self, *, timeout: float = 10.0, max_answer: int = 64 * 1024 * 1024) -> None:
        self._http = HttpClient(timeout=timeout, max_answer=max_answer)
        self._sockets = AiohttpTransport(timeout=timeout)

    async def send(self, request: Request) -> Response:
        return await self._http.send(request)

    async def connect(
        self, url: str, headers: Mapping[str, str], *, max_frame: int, ping: float | None
    ) -> AiohttpSocket:
        return await self._sockets.connect(url, headers, max_frame=max_frame, ping=ping)

    async def close(self) -> None:
        self._http.close()
        await self._sockets.close()
