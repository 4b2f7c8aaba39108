"""HTTP/1.1 over connections of our own: what is sent is exactly what was written, and it is sent once.

A REST call is small, and a general client spends several times the cost of the call on what a venue never needs
(redirects, cookies, hidden repetitions, middleware). Answers are read by llhttp; proxies are `AiohttpTransport`'s.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from functools import cache
from typing import Final

from aiohappyeyeballs import start_connection
from yarl import URL

from declconn.errors import LostAnswerError, NetworkError
from declconn.net.http_answer import Answer, TooLarge
from declconn.net.http_connection import HttpConnection
from declconn.net.scrub import safe_url
from declconn.net.transport import AnswerTooLargeError, Request, Response

KEPT: Final = 15.0
"""Seconds after which an unused connection is not used again; venues close theirs after a minute or later."""

HEAD_START: Final = 0.25
"""Seconds before the next address of a host is tried too (RFC 8305)."""

_URL: Final = re.compile(
    r"(https?://(?:[A-Za-z0-9._~-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?)([/?][^\x00-\x20#\x7f-\U0010ffff]*)?"
)
"""Origin and target, without a user and a fragment; what is not ASCII has to be escaped already."""

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNFIT: Final = re.compile(r"[\r\n\0\ud800-\udfff]")
_OWN_HEADERS: Final = {"user-agent": "declconn", "accept": "*/*", "accept-encoding": "gzip, deflate"}


class HttpClient:
    """Sends requests, and keeps connections for the next ones.

    Args:
        timeout: seconds for requests that name none, from looking the host up to the last byte.
        max_answer: the largest body in bytes, decompressed.
        tls: whom to trust; by default whom the system trusts.
    """

    def __init__(self, *, timeout: float, max_answer: int, tls: ssl.SSLContext | None = None) -> None:
        self._timeout, self._max_answer, self._tls = timeout, max_answer, tls
        self._open: dict[str, list[HttpConnection]] = {}

    async def send(self, request: Request) -> Response:
        """See `Transport.send`."""
        timeout = self._timeout if request.timeout is None else request.timeout
        sent = False
        try:
            origin, target = _parts(request.url)
            written, answer = _written(request, origin, target), Answer(self._max_answer)
            until = asyncio.get_running_loop().time() + timeout
            connection = self._kept(origin)
            if connection is None:
                async with asyncio.timeout_at(until):
                    connection = await self._connect(origin)
            sent = True
            await connection.ask(written, answer, until)
            return Response(answer.status, answer.headers, answer.content())
        except TooLarge:
            raise AnswerTooLargeError(
                f"{_what(request)}: the answer is larger than {self._max_answer} bytes; "
                "ask for less, or raise max_answer"
            ) from None
        except (OSError, ValueError) as error:
            reason = f"no answer within {timeout:g} s" if isinstance(error, TimeoutError) else _reason(error)
            if sent:
                raise LostAnswerError(f"{_what(request)}: sent, but the answer was lost: {reason}") from None
            raise NetworkError(f"{_what(request)}: not sent: {reason}") from None

    async def close(self) -> None:
        """Close all connections; whoever waits for an answer gets a `LostAnswerError`."""
        for connections in self._open.values():
            for connection in connections:
                connection.close()

    def _kept(self, origin: str) -> HttpConnection | None:
        """The youngest connection that waits: it is the least likely to be closed by the other side just now."""
        oldest = asyncio.get_running_loop().time() - KEPT
        for connection in reversed(self._open.get(origin, ())):
            if connection.idle_since is None:
                continue
            if connection.idle_since > oldest:
                return connection
            connection.close()
        return None

    async def _connect(self, origin: str) -> HttpConnection:
        loop, url = asyncio.get_running_loop(), URL(origin)
        addresses = await loop.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
        # asyncio's own race between IPv6 and IPv4 leaves a socket open when it is cancelled.
        connected = await start_connection(addresses, happy_eyeballs_delay=HEAD_START, loop=loop)
        tls, name = (self._tls or _system_tls(), url.host) if url.scheme == "https" else (None, None)
        pool = self._open.setdefault(origin, [])
        _, connection = await loop.create_connection(
            lambda: HttpConnection(pool), sock=connected, ssl=tls, server_hostname=name
        )
        return connection


@cache
def _system_tls() -> ssl.SSLContext:
    """The system's certificates, read once."""
    return ssl.create_default_context()


def _parts(url: str) -> tuple[str, str]:
    """Where a request goes (``https://host:port``), and what it asks for there."""
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError
    origin, target = match[1], match[2] or "/"
    return origin, target if target[0] == "/" else f"/{target}"


def _written(request: Request, origin: str, target: str) -> bytes:
    """The bytes of a request; a header of its own takes the place of ours."""
    own = {"host": origin.partition("://")[2], **_OWN_HEADERS}
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        own["content-length"] = str(len(request.body))
    given = {name.lower() for name in request.headers}
    lines = [f"{request.method} {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in own.items() if name not in given]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    if _UNFIT.search("".join(lines)) or not all(map(_TOKEN.fullmatch, (request.method, *request.headers))):
        raise ValueError
    return "\r\n".join((*lines, "", "")).encode() + request.body


def _what(request: Request) -> str:
    return f"{request.method} {safe_url(request.url)}"


def _reason(error: Exception) -> str:
    """Words for an error; never the url, a header or an answer."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not good: {error.verify_message}"
    if isinstance(error, OSError):
        return f"{type(error).__name__}: {error}"
    return str(error) or "the url or a header is not valid"
