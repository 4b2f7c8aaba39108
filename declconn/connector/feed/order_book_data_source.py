"""The public side of a venue as the OrderBookTracker wants it: its streams, and its snapshot operation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from declconn.compile.channels import Writer
from declconn.compile.stream import Stream
from declconn.connector.feed.connection import StreamConnection
from declconn.connector.feed.lines import Dial, Line, Lines, Open
from declconn.connector.requests.operations import Operations
from declconn.connector.symbols import Symbols
from declconn.errors import NotSupportedError
from declconn.net.throttler import Priority
from declconn.records import OrderBookMessage


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
        self._symbols, self._operations, self._question = symbols, operations, question
        self._lines = Lines(streams, symbols=symbols, open_connection=open_connection, dial=dial)

    @property
    def streams(self) -> Mapping[str, Stream]:
        """The public streams by name."""
        return self._lines.streams

    @property
    def lines(self) -> list[Line]:
        """Every connection there is, with what keeps it open."""
        return self._lines.lines

    @property
    def connections(self) -> list[StreamConnection]:
        """Every connection there is, over all streams."""
        return [line.connection for line in self._lines.lines]

    def start(self, trading_pairs: Iterable[str]) -> None:
        """Open what these pairs need; each connection asks for all its markets at once."""
        for pair in trading_pairs:
            self._lines.assign(pair)
        self._lines.run()

    async def stop(self) -> None:
        """Close every connection."""
        await self._lines.stop()

    async def subscribe(self, trading_pair: str) -> None:
        """Follow a pair on every public stream."""
        await self._lines.follow(trading_pair)

    async def unsubscribe(self, trading_pair: str) -> None:
        """Stop following a pair."""
        await self._lines.leave(trading_pair)

    async def resubscribe(self, trading_pair: str) -> None:
        """Ask the streams for the books of this pair anew, for the snapshot that comes with them."""
        for line in self._books_of(trading_pair):
            await line.connection.renew_books(trading_pair, line.send)

    async def reconnect(self, trading_pair: str) -> None:
        """Drop the sockets that the books of this pair are heard on; they come back by themselves."""
        for line in self._books_of(trading_pair):
            line.reconnect(f"the book of {trading_pair} needs it")

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

    def _books_of(self, trading_pair: str) -> list[Line]:
        return [line for line in self._lines.of(trading_pair) if line.connection.stream.carries_books]
