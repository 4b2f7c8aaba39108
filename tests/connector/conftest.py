"""A venue on loopback that says and does exactly what a test tells it, and clocks that run fast or by hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

import pytest
from aiohttp import WSMsgType, web

from declconn.clock import SystemClock
from declconn.connector.exchange import Exchange
from declconn.registry import connect

SNAPSHOT = {"seq": 10, "bids": [["99", "1"]], "asks": [["101", "1"]]}


class FastClock(SystemClock):
    """Real time, of which a second takes a hundredth: what is waited for for ten seconds comes in a tenth."""

    SPEED = 100.0

    def monotonic(self) -> float:
        return super().monotonic() * self.SPEED

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.SPEED)


class Talk:
    """One socket, from the venue's side.

    Attributes:
        path: path and query of the handshake.
        heard: what the connector said, decoded where it is JSON.
    """

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self.path = request.path_qs
        self.headers = dict(request.headers)
        self.heard: list[Any] = []
        self.socket = socket

    async def say(self, message: Any) -> None:
        """Send JSON, a text or bytes."""
        if isinstance(message, bytes):
            await self.socket.send_bytes(message)
        else:
            await self.socket.send_str(message if isinstance(message, str) else json.dumps(message))

    def subscribed(self) -> list[Any]:
        """The channels that were asked for and not ended, in order."""
        channels: list[Any] = []
        for message in self.heard:
            if isinstance(message, dict) and message.get("op") == "sub":
                channels.append(message["channel"])
            elif isinstance(message, dict) and message.get("op") == "unsub":
                channels.remove(message["channel"])
        return channels


async def say_yes(talk: Talk, message: Any) -> None:
    """What the toy venue does: it accepts whatever has an id."""
    if isinstance(message, dict) and "id" in message:
        await talk.say({"ok": message["id"]})


class LoopbackVenue:
    """Answers requests from `answers`, and lets `on_open` and `on_message` speak on sockets.

    Attributes:
        answers: what a path answers: JSON, or a function of the query that gives it.
        requests: the paths with queries that were asked, in order.
        talks: the sockets that were opened, in order.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "/api/markets": [
                {"id": "btcusd", "base": "BTC", "quote": "USD"},
                {"id": "ethusd", "base": "ETH", "quote": "USD"},
                {"id": "ltcusd", "base": "LTC", "quote": "USD"},
            ],
            "/api/book": SNAPSHOT,
        }
        self.requests: list[str] = []
        self.talks: list[Talk] = []
        self.on_open: Callable[[Talk], Awaitable[None]] | None = None
        self.on_message: Callable[[Talk, Any], Awaitable[None]] = say_yes
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for talk in self.talks:
            await talk.socket.close()
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def host(self) -> str:
        """``127.0.0.1:port``."""
        assert self._runner is not None
        return "{}:{}".format(*self._runner.addresses[0][:2])

    @property
    def environment(self) -> dict[str, str]:
        """The urls of the toy spec's environment."""
        return {"rest": f"http://{self.host}/api", "ws": f"ws://{self.host}/ws"}

    def asked(self, path: str) -> list[str]:
        """The requests that began with a path."""
        return [request for request in self.requests if request.startswith(path)]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._talk(request)
        self.requests.append(request.path_qs)
        answer = self.answers.get(request.path)
        if answer is None:
            return web.json_response({"error": {"code": "GONE", "text": f"no {request.path}"}}, status=404)
        return web.json_response(answer(dict(request.query)) if callable(answer) else answer)

    async def _talk(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        talk = Talk(request, socket)
        self.talks.append(talk)
        if self.on_open is not None:
            await self.on_open(talk)
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                message = json.loads(frame.data) if frame.data[:1] in "{[" else frame.data
                talk.heard.append(message)
                await self.on_message(talk, message)
        return socket


@pytest.fixture
async def venue() -> AsyncIterator[LoopbackVenue]:
    """A venue that speaks the toy spec."""
    async with LoopbackVenue() as venue:
        yield venue


@pytest.fixture
def variant(toy: Path) -> Callable[[str], Path]:
    """Write a spec that extends the toy: only what differs is given."""

    def write(text: str) -> Path:
        path = toy.with_name("variant.yaml")
        path.write_text(f"spec: 1\nextends: toy\nname: variant\n{text}")
        return path

    return write


Play = Callable[..., Awaitable[Exchange]]


@pytest.fixture
async def play(venue: LoopbackVenue) -> AsyncIterator[Play]:
    """Connect a spec to the loopback venue, on a clock that runs fast."""
    async with AsyncExitStack() as running:

        async def start(spec: Path, *pairs: str, **more: Any) -> Exchange:
            arguments = {"environment": venue.environment, "clock": FastClock(), "random": Random(1), **more}
            return await running.enter_async_context(connect(spec, pairs or ("BTC-USD",), **arguments))

        yield start


@pytest.fixture
def until() -> Callable[..., Awaitable[None]]:
    """Wait for something that sockets will bring about."""

    async def wait(holds: Callable[[], Any], seconds: float = 5) -> None:
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110 - what is waited for is on the other side of a socket
                await asyncio.sleep(0.002)

    return wait


@pytest.fixture
def heard() -> Callable[[Exchange, type], list[Any]]:
    """Keep what a connector tells its listeners."""

    def listen(exchange: Exchange, kind: type) -> list[Any]:
        events: list[Any] = []
        exchange.add_listener(events.append, kind)
        return events

    return listen


def diff(first: int, last: int, symbol: str = "btcusd", **sides: Any) -> dict[str, Any]:
    """A change of a book in the toy's words."""
    return {"t": "depth", "s": symbol, "f": first, "u": last, "b": sides.get("bids", []), "a": sides.get("asks", [])}


@pytest.fixture(name="diff")
def diff_of() -> Callable[..., dict[str, Any]]:
    """Make a change of a book in the toy's words."""
    return diff
