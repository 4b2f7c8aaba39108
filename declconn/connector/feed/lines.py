"""The connections that some streams need for the markets that are followed, and the tasks that keep them open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TypeAlias

from declconn.compile.lookup import Sources
from declconn.compile.stream import Stream
from declconn.connector.feed.connection import StreamConnection
from declconn.connector.symbols import Symbols
from declconn.errors import NetworkError
from declconn.net.conversation import Send
from declconn.net.transport import SocketClosed
from declconn.net.ws_assistant import WSAssistant

Open: TypeAlias = Callable[[Stream], StreamConnection]
Dial: TypeAlias = Callable[[StreamConnection], WSAssistant]


class Line:
    """A connection, what of its url its markets share, and the task that keeps it open."""

    def __init__(self, key: str, connection: StreamConnection) -> None:
        self.key, self.connection = key, connection
        self.assistant: WSAssistant | None = None
        self.task: asyncio.Task[None] | None = None

    def takes(self, stream: Stream, key: str) -> bool:
        """Whether a further market of that stream and url fits."""
        if self.connection.stream is not stream or self.key != key:
            return False
        room = stream.markets_per_connection
        return room is None or len(self.connection.markets) < room

    @property
    def connected(self) -> bool:
        """The socket is open, logged in, and everything was asked for."""
        return self.assistant is not None and self.assistant.connected

    @property
    def trouble(self) -> str | None:
        """Why it is not connected, as far as that is known."""
        if self.connected:
            return None
        last = self.assistant.statistics.last_reason if self.assistant else ""
        return self.connection.trouble or last or "not connected yet"

    @property
    def send(self) -> Send | None:
        """Where to say something, or ``None`` while the socket is down (all is asked again when it is back)."""
        return self.assistant.send if self.connected and self.assistant else None

    def require_send(self) -> Send:
        """Where to say what cannot wait.

        Raises:
            NetworkError: the socket is down.
        """
        if self.send is None:
            raise NetworkError(f"streams.{self.connection.stream.name}: not connected")
        return self.send

    def reconnect(self, reason: str) -> None:
        """Drop the socket; it comes back by itself."""
        if self.assistant is not None:
            self.assistant.reconnect(reason)


class Lines:
    """Spreads markets over connections: those whose url is the same share one until its channels are used up.

    Args:
        streams: what is heard.
        symbols: the venue's markets.
        open_connection: makes the conversation of a stream.
        dial: puts a conversation on a socket; ``None`` offline, where frames are handed in.

    Attributes:
        lines: every connection there is, over all streams.
    """

    def __init__(
        self, streams: Sequence[Stream], *, symbols: Symbols, open_connection: Open, dial: Dial | None
    ) -> None:
        self.streams = {stream.name: stream for stream in streams}
        self.lines: list[Line] = []
        self._symbols, self._open, self._dial = symbols, open_connection, dial

    def of(self, trading_pair: str) -> list[Line]:
        """The connections on which a pair is followed."""
        return [line for line in self.lines if trading_pair in line.connection.markets]

    def open(self, stream: Stream) -> None:
        """Make sure that there is a connection of a stream whose url is the same for all markets."""
        self._line(stream, stream.url_key({}))

    def assign(self, trading_pair: str) -> None:
        """Give a pair its place on each stream, before anything runs."""
        for line, markets in self._places(trading_pair):
            line.connection.markets.update(markets)

    def run(self) -> None:
        """Open what is not open yet; each connection asks for all its markets at once."""
        for line in self.lines:
            self._run(line)

    async def follow(self, trading_pair: str) -> None:
        """Follow a pair on every stream."""
        for line, markets in self._places(trading_pair):
            if line.task is None:
                line.connection.markets.update(markets)
                self._run(line)
            else:
                with suppress(SocketClosed):  # the next connection asks for everything that is followed
                    await line.connection.follow(markets, line.send)

    async def leave(self, trading_pair: str) -> None:
        """Stop following a pair."""
        for line in self.of(trading_pair):
            with suppress(SocketClosed):
                await line.connection.leave([trading_pair], line.send)

    async def stop(self) -> None:
        """Close every connection."""
        lines, self.lines = self.lines, []
        tasks = [line.task for line in lines if line.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _places(self, trading_pair: str) -> Iterator[tuple[Line, Mapping[str, Sources]]]:
        arguments, rule = self._symbols.arguments(trading_pair), self._symbols.rule(trading_pair)
        for stream in self.streams.values():
            market = {**arguments, "symbol": stream.spelling(rule)}
            yield self._line(stream, stream.url_key(market)), {trading_pair: market}

    def _line(self, stream: Stream, key: str) -> Line:
        """A connection with room for one more market, new if there is none."""
        line = next((line for line in self.lines if line.takes(stream, key)), None)
        if line is None:
            line = Line(key, self._open(stream))
            self.lines.append(line)
        return line

    def _run(self, line: Line) -> None:
        if self._dial is None or line.task is not None:
            return
        line.assistant = self._dial(line.connection)
        line.task = asyncio.create_task(line.assistant.run(), name=f"stream {line.connection.stream.name}")
