"""One open socket of a simulated venue."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from aiohttp import WSMsgType, web

from declconn.compile.template import Sources
from declconn.simulator.feed import Feed, Heard
from declconn.simulator.subscriptions import Topic

logger = logging.getLogger("declconn.simulator")

Begin: TypeAlias = Callable[[Feed, str], Iterable[str]]
"""The frames with which a feed begins to speak of a trading pair."""


class Session:
    """What a connector has asked for on one socket, and what is on its way to it.

    Args:
        feeds: the streams that this socket may be, each with the pairs that are heard on its url.
        known: what templates may name.
        begin: what is said when a pair begins to be heard.
    """

    def __init__(self, feeds: Mapping[Feed, frozenset[str]], known: Sources, begin: Begin) -> None:
        self._feeds, self._known, self._begin = feeds, known, begin
        self._topics: dict[Feed, set[Topic]] = {feed: set() for feed in feeds}
        self._outbox: asyncio.Queue[str] = asyncio.Queue()
        self._transport: asyncio.WriteTransport | None = None

    def hears(self, feed: Feed, trading_pair: str) -> bool:
        """Whether news of a pair is wanted here."""
        if trading_pair not in self._feeds.get(feed, ()):
            return False
        return not feed.needs_subscription or feed.topics(trading_pair, self._known) <= self._topics[feed]

    def post(self, texts: Iterable[str]) -> None:
        """Send frames soon, in order."""
        for text in texts:
            self._outbox.put_nowait(text)

    def hear(self, raw: str | bytes) -> None:
        """Take a message of the connector: answer it, and begin with what it asks for."""
        for feed in self._feeds:
            heard = feed.hear(raw, self._known)
            if heard is not None:
                self._take(feed, heard)
                return
        logger.warning("the simulated venue does not understand %s", str(raw)[:200])

    def _take(self, feed: Feed, heard: Heard) -> None:
        before = self._heard(feed)
        self._topics[feed] |= heard.subscribed
        self._topics[feed] -= heard.unsubscribed
        self.post(heard.answers)
        for pair in sorted(self._heard(feed) - before):
            self.post(self._begin(feed, pair))

    async def run(self, request: web.Request) -> web.WebSocketResponse:
        """Talk until either side has enough.

        Args:
            request: the handshake.
        """
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._transport = request.transport
        for feed in self._feeds:
            for pair in sorted(self._heard(feed)):
                self.post(self._begin(feed, pair))
        sender = asyncio.create_task(self._send(socket), name="simulated socket")
        try:
            async for message in socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    self.hear(message.data)
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return socket

    def drop(self) -> None:
        """Lose the connection, without a goodbye."""
        if self._transport is not None:
            self._transport.abort()

    def _heard(self, feed: Feed) -> set[str]:
        return {pair for pair in self._feeds[feed] if self.hears(feed, pair)}

    async def _send(self, socket: web.WebSocketResponse) -> None:
        while True:
            await socket.send_str(await self._outbox.get())
