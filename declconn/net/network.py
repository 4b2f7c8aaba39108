"""The network: requests over connections of our own, WebSockets and whatever goes through a proxy over aiohttp."""

from __future__ import annotations

from collections.abc import Mapping

from declconn.net.aiohttp_socket import AiohttpSocket
from declconn.net.aiohttp_transport import AiohttpTransport
from declconn.net.http_client import HttpClient
from declconn.net.transport import Request, Response


class Network:
    """The transport that a connector uses unless it is given another."""

    def __init__(
        self,
        *,
        timeout: float = 10.0,
        max_answer: int = 64 * 1024 * 1024,
        proxy: str | None = None,
        trust_env: bool = False,
    ) -> None:
        """
        Args:
            timeout: seconds for requests that name none, and for the opening of WebSockets.
            max_answer: the largest body in bytes, decompressed.
            proxy: ``http://host:port`` that everything goes through, WebSockets too; ``http://user:password@host:port``
                for one that asks who comes.
            trust_env: take proxies (and logins from a ``.netrc``) from the environment, as aiohttp does.

        Raises:
            ConfigurationError: that is not the url of a proxy.
        """
        self._aiohttp = AiohttpTransport(timeout=timeout, max_answer=max_answer, proxy=proxy, trust_env=trust_env)
        by_aiohttp = proxy is not None or trust_env
        self._http = self._aiohttp if by_aiohttp else HttpClient(timeout=timeout, max_answer=max_answer)

    async def send(self, request: Request) -> Response:
        return await self._http.send(request)

    async def connect(
        self, url: str, headers: Mapping[str, str], *, max_frame: int, ping: float | None
    ) -> AiohttpSocket:
        return await self._aiohttp.connect(url, headers, max_frame=max_frame, ping=ping)

    async def close(self) -> None:
        await self._http.close()
        await self._aiohttp.close()
