"""A transport that remembers what was asked and answered, for people who want to see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from declconn.clock import Clock
from declconn.errors import NetworkError
from declconn.net.transport import Request, Response, Socket, Transport


@dataclass(slots=True)
class Exchanged:
    """A request and what became of it.

    Attributes:
        request: as it left; its headers and body hold secrets.
        seconds: from sending to the answer's last byte.
        response: the answer, if there was one.
        failure: why there was none.
    """

    request: Request
    seconds: float = 0.0
    response: Response | None = None
    failure: str | None = None


class WatchingTransport:
    """Wraps a transport.

    Attributes:
        exchanged: every request so far, in order.
    """

    def __init__(self, inner: Transport, clock: Clock) -> None:
        self._inner, self._clock = inner, clock
        self.exchanged: list[Exchanged] = []

    async def send(self, request: Request) -> Response:
        exchanged = Exchanged(request)
        self.exchanged.append(exchanged)
        begin = self._clock.monotonic()
        try:
            exchanged.response = await self._inner.send(request)
        except NetworkError as error:
            exchanged.failure = str(error)  # now: it is told later after how many attempts it was given up
            raise
        finally:
            exchanged.seconds = self._clock.monotonic() - begin
        return exchanged.response

    async def connect(self, url: str, headers: Mapping[str, str], *, max_frame: int, ping: float | None) -> Socket:
        return await self._inner.connect(url, headers, max_frame=max_frame, ping=ping)

    async def close(self) -> None:
        await self._inner.close()
