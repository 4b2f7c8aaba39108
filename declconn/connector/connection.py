"""One connection of a stream: what was asked on it, and what is made of its frames."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Protocol

from declconn.compile.errors import ErrorReader
from declconn.compile.lookup import Sources
from declconn.compile.source_book import SourceBook
from declconn.compile.stream import Accepted, Channel, Event, HeartbeatAnswer, Message, Question, Refused, Stream
from declconn.connector.complaints import Complaints
from declconn.errors import MappingError, VenueError

logger = logging.getLogger("declconn.feed")

Send = Callable[[str], Awaitable[None]]


class News(Protocol):
    """Who hears what happens on a connection."""

    def subscribed(self, pairs: Iterable[str]) -> None:
        """The books of these pairs are about to be asked for anew."""
        ...

    def take(self, event: Event, records: list[Any]) -> None:
        """An event with its records (none for ``reconnect`` and ``poll``)."""
        ...

    def lost(self, pairs: Iterable[str]) -> None:
        """Nothing is known about the books of these pairs any more."""
        ...


class StreamConnection:
    """A conversation with the venue over one socket; it plays both live and recorded frames.

    ``received`` is the whole way of a frame and never blocks: decode, route, map, hand the records to the sink.

    Attributes:
        markets: for each trading pair followed here, what templates may say of it.
        frames: how many frames came.
        unrouted: how many were nothing that the spec speaks of.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        sources: SourceBook,
        news: News,
        errors: ErrorReader,
        complaints: Complaints,
    ) -> None:
        self.stream = stream
        self.markets: dict[str, Sources] = {}
        self.frames = 0
        self.unrouted = 0
        self._sources, self._news = sources, news
        self._errors, self._complaints = errors, complaints
        self._ids = itertools.count(1)
        self._pending: dict[str, Message] = {}
        self._send: Callable[[str], None] | None = None
        self._send_soon: Callable[[str], None] = _nobody_listens

    async def address(self) -> tuple[str, Mapping[str, str]]:
        """Where to connect, asked anew for each connection."""
        of_any_market = next(iter(self.markets.values()), {})
        sources = {**self._sources.now(), **of_any_market, "request_id": next(self._ids)}
        return self.stream.url(sources), self.stream.headers(sources)

    async def opened(self, send: Send) -> None:
        """Ask for every market that is followed here."""
        self._pending.clear()
        await self._ask_for(self.markets, send)

    def answer_through(self, send_soon: Callable[[str], None]) -> None:
        """Say how a question of the venue is answered from ``received``, which cannot wait."""
        self._send_soon = send_soon

    async def follow(self, markets: Mapping[str, Sources], send: Send | None) -> None:
        """Follow more markets; ``send`` is ``None`` while there is no connection."""
        self.markets.update(markets)
        if send is not None:
            await self._ask_for(markets, send)

    async def leave(self, pairs: Iterable[str], send: Send | None) -> None:
        """Stop following some markets."""
        gone = {pair: self.markets.pop(pair) for pair in pairs if pair in self.markets}
        if send is not None:
            await self._ask(self.stream.unsubscribe, gone, send)

    async def _ask_for(self, markets: Mapping[str, Sources], send: Send) -> None:
        if self.stream.carries_books:
            self._news.subscribed(tuple(markets))
        await self._ask(self.stream.subscribe, markets, send)

    async def _ask(self, write: Any, markets: Mapping[str, Sources], send: Send) -> None:
        sources = self._sources.now()
        channels: list[Channel] = self.stream.channels(markets, sources) if markets else []
        for message in write(channels, sources, self._ids):
            self._pending[str(message.request_id)] = message
            await send(message.text)

    def heartbeat(self) -> str | None:
        """Our own heartbeat message; ``None`` where the protocol's ping is used."""
        return self.stream.heartbeat(self._sources.now(), next(self._ids))

    def closed(self, reason: str) -> None:
        """The socket is gone, so nothing here is known to be right any more."""
        logger.info("streams.%s: closed: %s", self.stream.name, reason)
        if self.stream.carries_books:
            self._news.lost(tuple(self.markets))

    def received(self, raw: bytes | str) -> None:
        """Take one frame the whole way; what is wrong with it is counted and harms nothing else."""
        self.frames += 1
        if raw == self.stream.heartbeat_text:
            return
        try:
            frame = self.stream.decode(raw)
        except MappingError as error:
            self._complaints.add(f"streams.{self.stream.name}.decode", error)
            return
        meanings = self.stream.route(frame, self._sources.fixed)
        if not meanings:
            self.unrouted += 1
        accepted = False
        for meaning, captures in meanings:
            if isinstance(meaning, Event):
                self._emit(meaning, frame, captures)
            elif isinstance(meaning, HeartbeatAnswer):
                break
            elif isinstance(meaning, Question):
                self._send_soon(meaning.text({**self._sources.now(), **captures}))
                break
            elif isinstance(meaning, Accepted):
                accepted = self._answered(captures) is not None or "request_id" not in captures
            elif not accepted:
                self._refuse(meaning, frame, captures)

    def _emit(self, event: Event, frame: Any, captures: Mapping[str, Any]) -> None:
        if event.reader is None:
            self._news.take(event, [])
            return
        try:
            records = event.reader.read(frame, captures)
        except MappingError:
            records, errors = event.reader.salvage(frame, captures)
            for error in errors:
                self._complaints.add(f"{error.where}.{error.field}", error)
        if records:
            self._news.take(event, records)

    def _answered(self, captures: Mapping[str, Any]) -> Message | None:
        return self._pending.pop(str(captures.get("request_id")), None)

    def _refuse(self, refused: Refused, frame: Any, captures: Mapping[str, Any]) -> None:
        message = self._answered(captures)
        code = refused.code(frame) if refused.code else None
        text = refused.message(frame) if refused.message else ""
        error: VenueError = self._errors.error("subscribe", None, frame, code=code, text=str(text or ""))
        asked = f" to {message.text}" if message else ""
        logger.error("streams.%s: the venue says no%s: %s", self.stream.name, asked, error)
        self._complaints.add(f"streams.{self.stream.name}.refused", error)


def _nobody_listens(_text: str) -> None:
    """Offline there is no one to answer."""
