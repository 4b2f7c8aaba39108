"""A venue on localhost: a small REST and WebSocket server that plays a spec."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from aiohttp import web

from declconn.clock import Clock
from declconn.compile.decode import encode
from declconn.compile.source_book import SourceBook
from declconn.compile.template import Sources, compile_template
from declconn.errors import ConfigurationError
from declconn.simulator.desk.rest import Rest
from declconn.simulator.random_market import RandomMarket
from declconn.simulator.streams.broadcast import Broadcast
from declconn.simulator.streams.conversation import Conversation
from declconn.simulator.streams.outbox import Outbox
from declconn.simulator.web_socket import WebSocket
from declconn.simulator.wire.answers import request_key
from declconn.simulator.wire.lens import UnwritableError
from declconn.spec import Spec
from declconn.types import TimeUnit

logger = logging.getLogger("declconn.simulator")

INTERVAL = 0.1
"""Seconds; the usual pace at which venues publish changes of their books."""

_SHUTDOWN = 1.0
"""Seconds that open requests have when the venue closes."""


class Venue:
    """A local venue. ``async with`` opens and closes it; meanwhile its markets move.

    It plays what the spec declares for everybody: trading rules, snapshots, time, prices, and the public streams.
    Everything that it says was read back through the spec before it is sent, so it can refuse, but not contradict it.

    Args:
        spec: what is played.
        markets: what there is to tell, by trading pair.
        clock: the source of all times.
        environment: whose urls are played; the spec's first by default.
        options: as the connector has them.
        interval: seconds between two moves of the markets.

    Attributes:
        unplayed: operations and streams of the spec that are left out, each with the reason.

    Raises:
        ConfigurationError: the spec has no such environment; there are no markets, or one of them does not fit.
        NotSupportedError: what an order book needs cannot be played.
    """

    def __init__(
        self,
        spec: Spec,
        markets: Mapping[str, RandomMarket],
        *,
        clock: Clock,
        environment: str | None = None,
        options: Mapping[str, Any] | None = None,
        interval: float = INTERVAL,
    ) -> None:
        name = environment or next(iter(spec.environments))
        if name not in spec.environments:
            raise ConfigurationError(f"{spec.name} has no environment {name!r}; it has {', '.join(spec.environments)}")
        defaults = {name: option.default for name, option in spec.options.items() if option.default is not None}
        sources = SourceBook(
            clock,
            environment=spec.environments[name],
            options={**defaults, **(options or {})},
            constants=spec.constants,
            credentials={},
        )
        self._spec, self._markets, self._clock, self._interval = spec, markets, clock, interval
        self._urls = spec.environments[name]
        _check_markets(spec, markets, sources.fixed)
        self._rest = Rest(spec, markets, sources.fixed, clock.time_ns)
        self._broadcast = Broadcast(spec, self._rest.rules, markets, sources.fixed, clock.time_ns)
        self.unplayed = {**self._rest.unplayed, **self._broadcast.unplayed}
        self._losing: set[str] = set()
        self._sockets: set[WebSocket] = set()
        self._runner: web.AppRunner | None = None
        self._moving: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._moving = asyncio.create_task(self._move(), name=f"simulated {self._spec.name}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._moving is not None:
            self._moving.cancel()
            await asyncio.wait([self._moving])
        self.disconnect()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        """The urls of the spec's environment as they are here, ready for ``connect(..., environment=...)``."""
        if self._runner is None:
            raise ConfigurationError("the venue is not open: its urls are known inside `async with venue`")
        host = "{}:{}".format(*self._runner.addresses[0][:2])
        return {name: _local(str(url), host) for name, url in self._urls.items()}

    def drop_diff(self, trading_pair: str) -> None:
        """Lose the next diff of a pair on its way, so that whoever follows its book has a gap."""
        self._losing.add(trading_pair)

    def disconnect(self) -> None:
        """Lose every socket that is open now."""
        for socket in self._sockets:
            socket.drop()

    async def _move(self) -> None:
        while True:
            await self._clock.sleep(self._interval)
            for pair, market in self._markets.items():
                diff, trade = market.move(self._clock.time_ns())
                try:
                    if trade is not None:
                        self._broadcast.tell(trade)
                    self._broadcast.tell(diff, lose=pair in self._losing)
                except UnwritableError as error:
                    logger.error("what happened cannot be said in this spec's words: %s", error)
                self._losing.discard(pair)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        key = request_key(request.method, request.raw_path, await request.read())
        if request.headers.get("Upgrade", "").lower() != "websocket":
            body = self._rest.answer(key)
            return self._nothing(request) if body is None else _json(body, 200)
        outbox = Outbox()
        session = self._broadcast.session(key, outbox)
        if session is None:
            return self._nothing(request)
        socket = WebSocket(Conversation([session], outbox))
        self._broadcast.sessions.add(session)
        self._sockets.add(socket)
        try:
            return await socket.run(request)
        finally:
            self._broadcast.sessions.discard(session)
            self._sockets.discard(socket)

    def _nothing(self, request: web.Request) -> web.Response:
        known = ", ".join(self._rest.operations)
        reason = f"the simulated {self._spec.name} has nothing at {request.method} {request.raw_path}; it plays {known}"
        logger.warning("%s", reason)
        return _json(encode({"error": reason}).encode(), 404)


def _check_markets(spec: Spec, markets: Mapping[str, RandomMarket], known: Sources) -> None:
    if not markets:
        raise ConfigurationError(f"a simulated {spec.name} needs at least one market")
    cut = spec.order_book.truncate
    kept = None if cut is None else int(compile_template(cut, TimeUnit.MS)(known))
    for pair, market in markets.items():
        if not all(pair.partition("-")):
            raise ConfigurationError(f"{pair!r} is no trading pair; expected BASE-QUOTE, like BTC-USDT")
        if pair != pair.upper():
            raise ConfigurationError(f"{pair!r} is no trading pair; ours are in upper case: {pair.upper()!r}")
        if kept is not None and market.depth > kept:
            # A connector that cuts its books off cannot see a level come back that is not sent again.
            raise ConfigurationError(
                f"{pair} has {market.depth} levels on each side, and a connector keeps {kept} (order_book.truncate): "
                f"make the market with depth={kept}"
            )


def _json(body: bytes, status: int) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json")


def _local(url: str, host: str) -> str:
    """The same url on this machine, without TLS; a word that is no url stays."""
    parts = urlsplit(url)
    scheme = {"https": "http", "wss": "ws"}.get(parts.scheme, parts.scheme)
    return parts._replace(scheme=scheme, netloc=host).geturl() if parts.netloc else url
