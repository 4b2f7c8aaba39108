"""The seam to the network: what goes out, what comes back, and the protocols of a transport and a socket.

Everything above talks to these protocols, so a test or a replay hands in its own transport and nothing is patched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from declconn.errors import LostAnswerError, NetworkError
from declconn.net.scrub import safe_url


class Headers(Mapping[str, str]):
    """HTTP headers, read without regard to case; a repeated header is one text, joined with ``", "``."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values: dict[str, str] = {}
        for name, value in values.items():
            name = name.lower()
            self._values[name] = f"{self._values[name]}, {value}" if name in self._values else value

    @classmethod
    def of_lower_case(cls, values: dict[str, str]) -> Headers:
        """Headers whose names are in lower case already; the dict becomes theirs."""
        headers = cls.__new__(cls)
        headers._values = values
        return headers

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def get(self, name: str, default: Any = None) -> Any:
        return self._values.get(name.lower(), default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({', '.join(self)})"


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """One HTTP request, exactly as it is sent: what was signed is not encoded again.

    Attributes:
        method: ``GET``, ``POST``, ``PUT``, ``DELETE`` or ``PATCH``.
        url: the whole url, query included and already percent-encoded.
        headers: all headers that the venue needs, ``Content-Type`` included.
        body: the bytes after the headers.
        timeout: seconds until the whole answer must be here; ``None`` is the transport's own limit.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout: float | None = None

    def __repr__(self) -> str:
        # Query, headers and body may hold keys and signatures.
        return f"<Request {self.method} {safe_url(self.url)}>"


@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """One HTTP answer of any status, redirects included.

    Attributes:
        status: the HTTP status code.
        headers: read without regard to case, whatever mapping was handed in.
        body: the bytes of the answer, decompressed.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __post_init__(self) -> None:
        if not isinstance(self.headers, Headers):
            object.__setattr__(self, "headers", Headers(self.headers))

    def __repr__(self) -> str:
        # A body may hold a token that was just learnt.
        return f"<Response {self.status}, {len(self.body)} bytes>"


class AnswerTooLargeError(LostAnswerError):
    """The answer is larger than the transport accepts; the request was sent, so it may have taken effect."""


class HandshakeError(NetworkError):
    """A WebSocket was refused with an HTTP answer.

    Attributes:
        status: the HTTP status code (101 when the answer was not a WebSocket's).
        headers: the answer's headers; ``Retry-After`` may be among them.
    """

    def __init__(self, message: str, status: int, headers: Mapping[str, str]) -> None:
        self.status, self.headers = status, Headers(headers)
        super().__init__(message)


class SocketClosed(NetworkError):
    """A WebSocket is closed, by either side or by the network.

    Attributes:
        code: the close code of RFC 6455 (1006: without a closing handshake, 1009: a frame was too large).
        reason: the words that came with it, often empty.
    """

    def __init__(self, code: int, reason: str = "") -> None:
        self.code, self.reason = code, reason
        super().__init__(f"socket closed with code {code}" + (f": {reason}" if reason else ""))


class Socket(Protocol):
    """One open WebSocket. Protocol pings are answered below this seam."""

    async def send(self, message: str | bytes) -> None:
        """Send one frame: text for a ``str``, binary for ``bytes``.

        Raises:
            SocketClosed: the connection is gone; whether the frame arrived is unknown.
        """
        ...

    async def receive(self) -> str | bytes:
        """Return the next text or binary frame; one caller at a time.

        Raises:
            SocketClosed: there is no next frame.
        """
        ...

    async def close(self) -> None:
        """Close with a handshake, or without one when the other side is slow. A second call does nothing."""
        ...


class Transport(Protocol):
    """What can send requests and open WebSockets."""

    async def send(self, request: Request) -> Response:
        """Send the request once, never again, and return its answer whatever its status; redirects are not followed.

        Raises:
            LostAnswerError: the request was sent and its answer did not arrive whole (AnswerTooLargeError: too large).
            NetworkError: nothing was sent.
        """
        ...

    async def connect(self, url: str, headers: Mapping[str, str], *, max_frame: int, ping: float | None) -> Socket:
        """Open a WebSocket.

        Args:
            url: ``ws://`` or ``wss://``, percent-encoded.
            headers: headers of the handshake.
            max_frame: the largest message in bytes, decompressed; a larger one closes the socket with code 1009.
            ping: seconds of silence after which a protocol ping is sent; a pong that stays away closes the socket.
                ``None``: no pings.

        Raises:
            HandshakeError: the venue answered, but not with a WebSocket.
            NetworkError: the venue could not be reached.
        """
        ...

    async def close(self) -> None:
        """Close all connections. A second call does nothing."""
        ...
