"""The public side of a venue as the OrderBookTracker wants it: its streams, and its snapshot operation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from declconn.compile.channels import Writer
from declconn.compile.lookup import Sources
from declconn.compile.stream import Stream
from declconn.connector.connection import StreamConnection
from declconn.connector.operations import Operations
from declconn.connector.symbols import Symbols
from declconn.errors import NetworkError, NotSupportedError
from declconn.net.conversation import Send
from declconn.net.throttler import Priority
from declconn.net.transport import SocketClosed
from declconn.net.ws_assistant import WSAssistant
from declconn.records import OrderBookMessage

logger = logging.getLogger("declconn.feed")

Open = Callable[[Stream], StreamConnection]
Dial = Callable[[StreamConnection], WSAssistant]


class OrderBookDataSource:
    """Opens the public streams of a venue, spreads markets over connections, and asks for snapshots.

    Markets whose url is the same share a connection until its channels are used up; then the next one is opened.

    Args:
        streams: the public streams of the spec.
        symbols: the venue's markets.
        operations: for snapshots by REST.
        open_connection: makes the conversation of a stream.
        dial: puts a conversation on a socket; ``None`` offline, where frames are handed in.
        question: asks for a whole book on the socket of its diffs; ``None``: snapshots come otherwise.
    """

    def __init__(
        self,
        streams: Sequence[Stream],
        *,
        symbols: Symbols,
        operations: Operations,
        open_connection: Open,
        dial: Dial | None,
        question: Writer | None,
    ) -> None:
        self.streams = {stream.name: stream for stream in streams}
        self._symbols, self._operations = symbols, operations
        self._open, self._dial, self._question = open_connection, dial, question
        self._lines: list[_Line] = []

    @property
    def connections(self) -> list[StreamConnection]:
        """Every connection there is, over all streams."""
        return [line.connection for line in self._lines]

    def start(self, trading_pairs: Iterable[str]) -> None:
        """Open what these pairs need; each connection asks for all its markets at once."""
        for pair in trading_pairs:
            for line, markets in self._assign(pair):
                line.connection.markets.update(markets)
        for line in self._lines:
            self._run(line)

    async def stop(self) -> None:
        """Close every connection."""
        lines, self._lines = self._lines, []
        tasks = [line.task for line in lines if line.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def subscribe(self, trading_pair: str) -> None:
        """Follow a pair on every public stream."""
        for line, markets in self._assign(trading_pair):
            if line.task is None:
                line.connection.markets.update(markets)
                self._run(line)
            else:
                with suppress(SocketClosed):  # the next connection asks for everything that is followed
                    await line.connection.follow(markets, line.send)

    async def unsubscribe(self, trading_pair: str) -> None:
        """Stop following a pair."""
        for line in self._of(trading_pair):
            with suppress(SocketClosed):
                await line.connection.leave([trading_pair], line.send)

    async def resubscribe(self, trading_pair: str) -> None:
        """Ask the streams for the books of this pair anew, for the snapshot that comes with them."""
        for line in self._books_of(trading_pair):
            await line.connection.renew_books(trading_pair, line.send)

    async def reconnect(self, trading_pair: str) -> None:
        """Drop the sockets that the books of this pair are heard on; they come back by themselves."""
        for line in self._books_of(trading_pair):
            if line.assistant is not None:
                line.assistant.reconnect(f"the book of {trading_pair} needs it")

    async def request_snapshot(self, trading_pair: str) -> OrderBookMessage | None:
        """The whole book, once the venue has said yes to its diffs; ``None``: it was asked for on their socket.

        Raises:
            NotSupportedError: the spec has no such operation.
            VenueError, NetworkError, MappingError: it was asked in vain, or its diffs do not come.
        """
        lines = self._books_of(trading_pair)
        for line in lines:
            await line.connection.wait_for_books(trading_pair, line.send)
        if self._question is None:
            return await self._snapshot(trading_pair)
        for line in lines:
            await line.connection.request_book(self._question, trading_pair, line.require_send())
        return None

    async def _snapshot(self, trading_pair: str) -> OrderBookMessage:
        """The book as the venue's REST says. It lets orders pass: a hundred books may be wanted at once."""
        arguments = self._symbols.arguments(trading_pair)
        messages = await self._operations.call("order_book_snapshot", arguments, priority=Priority.LATER)
        of_pair = [message for message in messages if message.trading_pair == trading_pair]
        if not of_pair:
            raise NotSupportedError(f"the answer of order_book_snapshot holds no book of {trading_pair}")
        return of_pair[0]  # type: ignore[no-any-return]

    def _assign(self, trading_pair: str) -> Iterator[tuple[_Line, Mapping[str, Sources]]]:
        """A place for the pair on each stream, on a connection that has room for it."""
        for stream in self.streams.values():
            market = self._market(stream, trading_pair)
            key, room = stream.url_key(market), stream.markets_per_connection
            line = next((line for line in self._lines if line.takes(stream, key, room)), None)
            if line is None:
                line = _Line(key, self._open(stream))
                self._lines.append(line)
            yield line, {trading_pair: market}

    def _market(self, stream: Stream, trading_pair: str) -> Sources:
        arguments = self._symbols.arguments(trading_pair)
        return {**arguments, "symbol": stream.spelling(self._symbols.rule(trading_pair))}

    def _of(self, trading_pair: str) -> list[_Line]:
        return [line for line in self._lines if trading_pair in line.connection.markets]

    def _books_of(self, trading_pair: str) -> list[_Line]:
        return [line for line in self._of(trading_pair) if line.connection.stream.carries_books]

    def _run(self, line: _Line) -> None:
        if self._dial is None or line.task is not None:
            return
        line.assistant = self._dial(line.connection)
        line.task = asyncio.create_task(line.assistant.run(), name=f"stream {line.connection.stream.name}")


class _Line:
    """A connection, the url that its markets share, and the task that keeps it open."""

    def __init__(self, key: str, connection: StreamConnection) -> None:
        self.key, self.connection = key, connection
        self.assistant: WSAssistant | None = None
        self.task: asyncio.Task[None] | None = None

    def takes(self, stream: Stream, key: str, room: int | None) -> bool:
        """Whether a further market of that stream and url fits."""
        if self.connection.stream is not stream or self.key != key:
            return False
        return room is None or len(self.connection.markets) < room

    @property
    def send(self) -> Send | None:
        """Where to say something, or ``None`` while the socket is down (all is asked again when it is back)."""
        return self.assistant.send if self.assistant is not None and self.assistant.connected else None

    def require_send(self) -> Send:
        """The same; raises ``NetworkError`` while the socket is down."""
        if self.send is None:
            raise NetworkError(f"streams.{self.connection.stream.name}: not connected")
        return self.send
