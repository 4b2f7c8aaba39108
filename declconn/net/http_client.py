"""HTTP/1.1 over connections of our own: what is sent is exactly what was written, and it is sent once.

A REST call is small, and a general client spends several times the cost of the call on what a venue never needs
(redirects, cookies, hidden repetitions, middleware). Behind a proxy, use `AiohttpTransport` instead.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from aiohappyeyeballs import start_connection

from declconn.errors import LostAnswerError, NetworkError
from declconn.net.http_answer import Answer, TooLarge
from declconn.net.http_connection import HttpConnection
from declconn.net.scrub import safe_url
from declconn.net.transport import AnswerTooLargeError, Request, Response

KEPT: Final = 15.0
"""Seconds that an unused connection is kept; venues close theirs after a minute or later."""

HEAD_START: Final = 0.25
"""Seconds before the next address of a host is tried too (RFC 8305)."""

_AUTHORITY: Final = r"(?:[A-Za-z0-9._~-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?"
_URL: Final = re.compile(rf"(https?)://({_AUTHORITY})([/?][^\x00-\x20#\x7f-\U0010ffff]*)?", re.ASCII)
"""Without a user and a fragment; what is not ASCII has to be escaped already."""

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNFIT: Final = re.compile(r"[\r\n\0]")
_OWN_HEADERS: Final = {"user-agent": "declconn", "accept": "*/*", "accept-encoding": "gzip, deflate"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where connections go to.

    Attributes:
        host: a name or an address.
        port: the port.
        tls: whether the other side proves its name.
        authority: host and port as the url writes them.
    """

    host: str
    port: int
    tls: bool
    authority: str


class HttpClient:
    """Sends requests, and keeps connections for the next ones.

    Args:
        timeout: seconds for requests that name none, from looking the host up to the last byte.
        max_answer: the largest body in bytes, decompressed.
        tls: whom to trust; by default whom the system trusts.
    """

    def __init__(self, *, timeout: float, max_answer: int, tls: ssl.SSLContext | None = None) -> None:
        self._timeout, self._max_answer, self._tls = timeout, max_answer, tls
        self._open: set[HttpConnection] = set()
        self._idle: dict[Origin, list[HttpConnection]] = {}
        self._sweeping: asyncio.TimerHandle | None = None

    async def send(self, request: Request) -> Response:
        """See `Transport.send`."""
        timeout = self._timeout if request.timeout is None else request.timeout
        sent = kept = False
        connection: HttpConnection | None = None
        try:
            origin, target = _parts(request.url)
            raw, answer = _written(request, origin, target), Answer(self._max_answer)
            until = asyncio.get_running_loop().time() + timeout
            connection = self._kept(origin)
            if connection is None:
                async with asyncio.timeout_at(until):
                    connection = await self._connect(origin)
            sent = True
            await connection.ask(raw, answer, until)
            content = answer.content()
            kept = self._keep(origin, connection)
            return Response(answer.status, answer.headers, content)
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
        finally:
            if connection is not None and not kept:
                self._drop(connection)

    def close(self) -> None:
        """Close all connections; whoever waits for an answer gets a `LostAnswerError`."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None
        for connection in list(self._open):
            self._drop(connection)
        self._idle.clear()

    def _drop(self, connection: HttpConnection) -> None:
        self._open.discard(connection)
        connection.close()

    async def _connect(self, origin: Origin) -> HttpConnection:
        loop = asyncio.get_running_loop()
        addresses = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
        # asyncio's own race between IPv6 and IPv4 leaves a socket open when it is cancelled.
        connected = await start_connection(addresses, happy_eyeballs_delay=HEAD_START, loop=loop)
        tls, name = (self._tls or _system_tls(), origin.host) if origin.tls else (None, None)
        _, connection = await loop.create_connection(
            lambda: HttpConnection(loop), sock=connected, ssl=tls, server_hostname=name
        )
        self._open.add(connection)
        return connection

    def _kept(self, origin: Origin) -> HttpConnection | None:
        """The connection that was used last: it is the least likely to be closed by the other side just now."""
        connections = self._idle.get(origin)
        while connections:
            connection = connections.pop()
            if connection.usable:
                return connection
            self._drop(connection)
        return None

    def _keep(self, origin: Origin, connection: HttpConnection) -> bool:
        """Keep a connection for the next request, if it can take one."""
        if not connection.usable:
            return False
        self._idle.setdefault(origin, []).append(connection)
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(KEPT, self._sweep)
        return True

    def _sweep(self) -> None:
        """Close what was not used for long."""
        loop = asyncio.get_running_loop()
        oldest = loop.time() - KEPT
        for origin, connections in list(self._idle.items()):
            fresh = [connection for connection in connections if connection.idle_since > oldest and connection.usable]
            for connection in connections:
                if connection not in fresh:
                    self._drop(connection)
            self._idle[origin] = fresh
            if not fresh:
                del self._idle[origin]
        self._sweeping = loop.call_later(KEPT, self._sweep) if self._idle else None


@cache
def _system_tls() -> ssl.SSLContext:
    """The system's certificates, read once."""
    return ssl.create_default_context()


def _parts(url: str) -> tuple[Origin, str]:
    """Where a request goes, and what it asks for there."""
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError
    scheme, authority, target = match.groups()
    return _origin(scheme, authority), _target(target)


def _target(path: str | None) -> str:
    if path is None:
        return "/"
    return path if path[0] == "/" else f"/{path}"


@lru_cache(maxsize=256)
def _origin(scheme: str, authority: str) -> Origin:
    host, _, port = authority.rpartition(":") if re.search(r":\d+$", authority) else (authority, "", "")
    number = int(port) if port else {"http": 80, "https": 443}[scheme]
    return Origin(host.strip("[]"), number, scheme == "https", authority)


def _written(request: Request, origin: Origin, target: str) -> bytes:
    """The bytes of a request."""
    lines = [f"{request.method} {target} HTTP/1.1", f"Host: {origin.authority}"]
    given = {name.lower() for name in request.headers}
    lines += [f"{name}: {value}" for name, value in _OWN_HEADERS.items() if name not in given]
    for name, value in request.headers.items():
        if not _NAME.fullmatch(name):
            raise ValueError
        lines.append(f"{name}: {value}")
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(request.body)}")
    if any(map(_UNFIT.search, lines)):
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
