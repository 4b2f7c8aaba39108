"""The private side of a venue as the UserStreamTracker wants it: its streams that tell of an account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from declconn.clock import Clock
from declconn.compile.channels import OF_ONE_MARKET, roots
from declconn.compile.stream import Event, Stream, Taker
from declconn.connector.feed.connection import StreamConnection
from declconn.connector.feed.lines import Dial, Line, Lines
from declconn.connector.feed.user_stream_connection import UserStreamConnection
from declconn.connector.shared import News, Shared
from declconn.connector.symbols import Symbols


class UserStreamDataSource:
    """Opens the private streams of a venue, one connection for each distinct url.

    Args:
        streams: the private streams of the spec.
        symbols: the venue's markets.
        shared: what connections have around them.
        dial: puts a conversation on a socket; ``None`` offline.
        news: who hears what the streams tell.
        reconnected: called whenever a stream was opened: what happened before was not heard, so it has to be asked.
    """

    def __init__(
        self,
        streams: Sequence[Stream],
        *,
        symbols: Symbols,
        shared: Shared,
        dial: Dial | None,
        news: News,
        reconnected: Callable[[], None],
    ) -> None:
        self._heard = _Heard(news, shared.clock)
        self._shared, self._reconnected = shared, reconnected
        self._lines = Lines(streams, symbols=symbols, open_connection=self._open, dial=dial)

    @property
    def streams(self) -> list[Stream]:
        """The private streams."""
        return list(self._lines.streams.values())

    @property
    def lines(self) -> list[Line]:
        """Every connection there is, with what keeps it open."""
        return self._lines.lines

    @property
    def connections(self) -> list[StreamConnection]:
        """Every connection there is."""
        return [line.connection for line in self._lines.lines]

    @property
    def last_recv_time(self) -> int:
        """When the last news of the account came, nanoseconds since the epoch; 0 before the first.

        Answers to heartbeats and subscriptions are no news.
        """
        return self._heard.at_ns

    @property
    def connected(self) -> bool:
        """Every private stream is open, logged in and subscribed."""
        lines = self._lines.lines
        return bool(lines) and all(line.connected for line in lines)

    @property
    def troubles(self) -> list[str]:
        """Why streams are not connected, as far as that is known."""
        return [f"{line.connection.stream.name}: {line.trouble}" for line in self._lines.lines if line.trouble]

    def start(self, trading_pairs: Iterable[str]) -> None:
        """Open the streams; those that tell of an account as a whole are there without any pair, too."""
        for stream in self.streams:
            if not roots(stream.model.url) & OF_ONE_MARKET:
                self._lines.open(stream)
        for pair in trading_pairs:
            self._lines.assign(pair)
        self._lines.run()

    async def stop(self) -> None:
        """Close every connection."""
        await self._lines.stop()

    async def subscribe(self, trading_pair: str) -> None:
        """Hear of this pair, too, where a stream tells pair by pair."""
        await self._lines.follow(trading_pair)

    async def unsubscribe(self, trading_pair: str) -> None:
        """Hear of this pair no more."""
        await self._lines.leave(trading_pair)

    def reconnect(self, reason: str) -> None:
        """Drop the connections; they come back by themselves, logged in anew."""
        for line in self._lines.lines:
            line.reconnect(reason)

    def _open(self, stream: Stream) -> StreamConnection:
        return UserStreamConnection(stream, self._shared, self._heard, self._reconnected)


class _Heard:
    """Passes news on, and notes when the last came."""

    def __init__(self, news: News, clock: Clock) -> None:
        self._news, self._clock = news, clock
        self.at_ns = 0
        self.subscribed, self.unreadable, self.lost = news.subscribed, news.unreadable, news.lost

    def taker(self, event: Event) -> Taker:
        take = self._news.taker(event)

        def hear(record: Any) -> None:
            self.at_ns = self._clock.time_ns()
            take(record)

        return hear
