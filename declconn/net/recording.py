"""A transport that writes down everything that passes through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Protocol

from declconn.clock import Clock
from declconn.errors import LostAnswerError, NetworkError
from declconn.net.capture import (
    Binary,
    CloseEntry,
    Content,
    Entry,
    FailureEntry,
    FrameEntry,
    OpenEntry,
    RequestEntry,
    ResponseEntry,
    SentEntry,
)
from declconn.net.transport import Request, Response, Socket, SocketClosed, Transport

_KEPT_HEADERS = ("content-type", "content-encoding")


class Writer(Protocol):
    """Takes entries, like `declconn.net.capture.CaptureWriter`."""

    def write(self, entry: Entry) -> None:
        """Keep one entry."""
        ...


class RecordingTransport:
    """Wraps a transport; what it records has gone through `scrub`, and headers are left out."""

    def __init__(self, inner: Transport, writer: Writer, scrub: Callable[[str], str], clock: Clock) -> None:
        self._inner, self._writer, self._clock = inner, writer, clock
        self._scrub = scrub
        self._requests, self._sockets = count(1), count(1)

    async def send(self, request: Request) -> Response:
        number, write, now = next(self._requests), self._writer.write, self._clock.time_ns
        url, body = self._scrub(request.url), _body(request.body, self._scrub)
        write(RequestEntry(now(), number, request.method, url, _kept(request.headers), body))
        try:
            response = await self._inner.send(request)
        except NetworkError as error:
            write(FailureEntry(now(), number, isinstance(error, LostAnswerError), self._scrub(str(error))))
            raise
        body = _body(response.body, self._scrub)
        write(ResponseEntry(now(), number, response.status, _kept(response.headers), body))
        return response

    async def connect(self, url: str, headers: Mapping[str, str], *, max_frame: int, ping: float | None) -> Socket:
        socket = await self._inner.connect(url, headers, max_frame=max_frame, ping=ping)
        number = next(self._sockets)
        self._writer.write(OpenEntry(self._clock.time_ns(), number, self._scrub(url)))
        return _RecordingSocket(socket, number, self._writer, self._scrub, self._clock)

    async def close(self) -> None:
        await self._inner.close()


class _RecordingSocket:
    def __init__(self, inner: Socket, number: int, writer: Writer, scrub: Callable[[str], str], clock: Clock) -> None:
        self._inner, self._number, self._writer, self._scrub, self._clock = inner, number, writer, scrub, clock
        self._closed = False

    async def send(self, message: str | bytes) -> None:
        await self._inner.send(message)
        self._writer.write(SentEntry(self._clock.time_ns(), self._number, _frame(message, self._scrub)))

    async def receive(self) -> str | bytes:
        try:
            frame = await self._inner.receive()
        except SocketClosed as closed:
            self._write_close(closed.code, self._scrub(closed.reason))
            raise
        self._writer.write(FrameEntry(self._clock.time_ns(), self._number, _frame(frame, self._scrub)))
        return frame

    async def close(self) -> None:
        self._write_close(None, "")
        await self._inner.close()

    def _write_close(self, code: int | None, reason: str) -> None:
        if not self._closed:
            self._closed = True
            self._writer.write(CloseEntry(self._clock.time_ns(), self._number, code, reason))


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items() if name.lower() in _KEPT_HEADERS}


def _body(data: bytes, scrub: Callable[[str], str]) -> Content:
    try:
        return scrub(data.decode())
    except UnicodeDecodeError:
        return _binary(data, scrub)


def _frame(data: str | bytes, scrub: Callable[[str], str]) -> Content:
    return scrub(data) if isinstance(data, str) else _binary(data, scrub)


def _binary(data: bytes, scrub: Callable[[str], str]) -> Binary:
    # Latin-1 maps every byte to one character and back, so a secret is found among bytes too.
    return Binary(scrub(data.decode("latin-1")).encode("latin-1"))
