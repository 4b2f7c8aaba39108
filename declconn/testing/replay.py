"""Replay: recorded frames and answers through the code of a live connection, and what became of the books."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from declconn.book import OrderBook
from declconn.errors import MappingError, ReplayError, VenueError
from declconn.registry import load_spec
from declconn.spec import Spec
from declconn.testing.answers import Answers
from declconn.testing.clock import ManualClock
from declconn.testing.offline import OfflineConnector
from declconn.testing.recordings import Item, Recording, read_recording
from declconn.types import BookState

SHOWN = 10
"""How many levels of each side a summary holds."""


@dataclass(frozen=True, slots=True)
class BookSummary:
    """What became of one book; levels are ``[price, size]`` in the venue's own digits, best first."""

    synced: bool
    applied: int
    stale: int
    gaps: int
    resyncs: int
    checksums_ok: int
    checksums_failed: int
    crossed: int
    bids: list[list[str]] = field(default_factory=list)
    asks: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReplaySummary:
    """What became of a recording.

    Attributes:
        frames: how many frames were handed in.
        unrouted: how many of them were nothing that the spec speaks of.
        books: by trading pair.
        complaints: what was wrong with messages, by kind.
        unasked: how many answers by HTTP belong to no operation of the spec.
    """

    frames: int
    unrouted: int
    books: Mapping[str, BookSummary]
    complaints: Mapping[str, int]
    unasked: int


def replay(
    name_or_path: str | os.PathLike[str],
    files: Sequence[str | Path],
    *,
    trading_pairs: Sequence[str] | None = None,
    environment: str | None = None,
) -> ReplaySummary:
    """Play recordings against a spec.

    Args:
        name_or_path: a spec's name or file.
        files: recordings of either form; together they must hold an answer of `trading_rules`.
        trading_pairs: which books to keep; ``None`` for all that are spoken of.
        environment: which of the spec's; by default the one whose hosts were recorded, else the first.

    Raises:
        ReplayError: a file cannot be read, or holds no list of markets.
    """
    recording = read_recording(files)
    spec = load_spec(name_or_path)
    environment = environment or _recorded_environment(spec, recording)
    offline = OfflineConnector(name_or_path, trading_pairs, environment=environment, clock=ManualClock(0))
    player = _Player(offline, Answers(spec, spec.environments[environment]))
    player.play(recording)
    return player.summary()


class _Player:
    """Hands a recording to a connector, item by item."""

    def __init__(self, offline: OfflineConnector, answers: Answers) -> None:
        self._offline, self._answers = offline, answers
        self._streams: dict[str, str] = {}
        self._unasked = 0

    def play(self, recording: Recording) -> None:
        asked = {url: self._answers.operation(url) for url in recording.urls}
        if not any(found and found[0] == "trading_rules" for found in asked.values()):
            raise ReplayError(
                f"the recording holds no answer of trading_rules, so its symbols mean nothing to "
                f"{self._offline.exchange.name}; add the file that has it ({', '.join(recording.urls[:3])} are here)"
            )
        # Markets first: a recorder may have asked for them after its first frame.
        for item in recording.items:
            if item.kind == "answer" and (found := asked[item.url]) and found[0] == "trading_rules":
                self._answer(item, *found)
        for item in recording.items:
            self._offline.clock.set(item.at)  # type: ignore[attr-defined]
            if item.kind == "answer":
                self._play_answer(item, asked[item.url])
            else:
                self._play_socket(item)

    def _play_answer(self, item: Item, found: tuple[str, dict[str, Any]] | None) -> None:
        if found is None:
            self._unasked += 1
        elif found[0] != "trading_rules":
            self._answer(item, *found)

    def _answer(self, item: Item, operation: str, arguments: dict[str, Any]) -> None:
        try:
            self._offline.on_response(operation, item.content, status=item.status, **arguments)
        except (MappingError, VenueError) as error:
            self._offline.exchange.parts.complaints.add(f"endpoints.{operation}", error)

    def _play_socket(self, item: Item) -> None:
        if item.kind == "close":
            if item.socket in self._streams:
                self._offline.on_close(self._streams[item.socket], connection=item.socket)
            return
        if item.socket not in self._streams:
            stream = self._stream(item)
            if stream is None:
                self._offline.connection(self._any_stream(), item.socket).received(item.content)
                return
            self._streams[item.socket] = stream
        self._offline.on_frame(self._streams[item.socket], item.content, connection=item.socket)

    def _any_stream(self) -> str:
        return next(iter(self._offline.exchange.parts.data_source.streams))

    def _stream(self, item: Item) -> str | None:
        """The stream of a socket: the only one, the one with its url, or the first that knows its frames."""
        streams = self._offline.exchange.parts.data_source.streams
        if len(streams) == 1:
            return next(iter(streams))
        for name, stream in streams.items():
            try:
                frame = stream.decode(item.content)
            except MappingError:
                continue
            if stream.route(frame, {}):
                return name
        return None

    def summary(self) -> ReplaySummary:
        exchange = self._offline.exchange
        connections = self._offline.connections
        return ReplaySummary(
            frames=sum(connection.frames for connection in connections),
            unrouted=sum(connection.unrouted for connection in connections),
            books={pair: self._book(pair, book) for pair, book in sorted(exchange.order_books.items())},
            complaints=dict(exchange.parts.complaints.counts),
            unasked=self._unasked,
        )

    def _book(self, pair: str, book: OrderBook) -> BookSummary:
        metrics = self._offline.tracker.metrics(pair)
        bids, asks = book.unchecked.rows(SHOWN)
        return BookSummary(
            synced=book.state is BookState.LIVE,
            applied=metrics.applied,
            stale=metrics.stale,
            gaps=metrics.gaps,
            resyncs=metrics.resyncs,
            checksums_ok=metrics.checksums_ok,
            checksums_failed=metrics.checksums_failed,
            crossed=metrics.crossed,
            bids=[[_digits(row[0]), _digits(row[1])] for row in bids],
            asks=[[_digits(row[0]), _digits(row[1])] for row in asks],
        )


def _recorded_environment(spec: Spec, recording: Recording) -> str:
    """The environment that shares most hosts with the recording."""
    recorded = {urlsplit(url).hostname for url in recording.urls}
    shared = {
        name: len({urlsplit(str(url)).hostname for url in urls.values()} & recorded)
        for name, urls in spec.environments.items()
    }
    return max(shared, key=lambda name: shared[name])


def _digits(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
