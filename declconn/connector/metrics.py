"""What a connector counts, as samples. Nothing is computed until somebody asks.

Each function reads what its part counts anyway, through copies, so that any thread may ask while the connector runs.
`docs/metrics.md` lists the names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from declconn.book import OrderBookTracker
from declconn.clock import Clock
from declconn.connector.complaints import Complaints
from declconn.connector.feed.lines import Line
from declconn.connector.requests.allowances import Allowances
from declconn.connector.requests.request_counts import RequestCounts
from declconn.errors import UnknownPairError
from declconn.metrics import Metric, Sample
from declconn.types import BookState

INFO: Final = Metric("declconn_info", "gauge", "Always 1; its labels say what runs.")
READY: Final = Metric("declconn_ready", "gauge", "Whether a part of the connector is ready.")
NETWORK_UP: Final = Metric("declconn_network_up", "gauge", "Whether the venue answered when it was last looked.")

BOOK: Final = {
    name: Metric(f"declconn_book_{name}_total", "counter", what)
    for name, what in {
        "frames": "Messages about a book that came, snapshots and diffs.",
        "applied": "Messages that changed the book.",
        "stale": "Messages that were dropped because the book, or the snapshot it waits for, is newer.",
        "gaps": "Diffs that did not follow the last one.",
        "resyncs": "How often a live book was found to be possibly wrong.",
        "checksums_ok": "Checksums of the venue that agreed.",
        "checksums_failed": "Checksums of the venue that did not agree.",
        "crossed": "Messages after which the best bid was not below the best ask.",
        "drift": "Levels that differed from a periodic snapshot of the same id.",
    }.items()
}
BOOK_LAG: Final = Metric(
    "declconn_book_lag_seconds",
    "gauge",
    "Between the last message's own time and its arrival; clocks' errors included.",
)
BOOK_STATE: Final = Metric("declconn_book_state", "gauge", "1 for the state that a book is in, 0 for the others.")

COMPLAINTS: Final = Metric(
    "declconn_complaints_total", "counter", "What was wrong with what the venue sent, by its place in the spec."
)

REQUESTS: Final = Metric("declconn_requests_total", "counter", "Requests, attempts each, by how they ended.")
REQUEST_SECONDS: Final = Metric(
    "declconn_request_seconds_total",
    "counter",
    "Time that requests were on their way; waiting for a limit is not in it.",
)

LIMIT: Final = Metric("declconn_limit_units", "gauge", "Units that a rate limit has.")
LIMIT_IN_USE: Final = Metric(
    "declconn_limit_units_in_use", "gauge", "Units of a rate limit that are used; of many symbols, the most used one's."
)
LIMIT_WAITS: Final = Metric("declconn_limit_waits_total", "counter", "Requests and connections that had to wait.")
LIMIT_WAIT_SECONDS: Final = Metric("declconn_limit_wait_seconds_total", "counter", "Time that they waited.")
LIMIT_WAITING: Final = Metric("declconn_limit_waiting", "gauge", "Requests and connections that wait now.")

STREAM_CONNECTIONS: Final = Metric(
    "declconn_stream_connections", "gauge", "Connections of a stream that are open and subscribed."
)
STREAM_FRAMES: Final = Metric("declconn_stream_frames_total", "counter", "Frames that came on a stream.")
STREAM_UNROUTED: Final = Metric(
    "declconn_stream_unrouted_total", "counter", "Frames that are nothing the spec speaks of."
)
STREAM_RECONNECTS: Final = Metric("declconn_stream_reconnects_total", "counter", "Connections opened after the first.")
STREAM_SILENCE: Final = Metric(
    "declconn_stream_silence_seconds", "gauge", "Since the last frame, on the most silent connection of a stream."
)


def of_status(venue: str, status: Mapping[str, bool]) -> Iterator[Sample]:
    """What is ready."""
    for part, is_ready in status.items():
        yield READY.sample(is_ready, venue=venue, part=part)


def of_books(venue: str, tracker: OrderBookTracker) -> Iterator[Sample]:
    """Every book that is followed."""
    for pair, book in list(tracker.order_books.items()):
        with suppress(UnknownPairError):  # it was taken away a moment ago
            metrics = tracker.metrics(pair)
            for name, metric in BOOK.items():
                yield metric.sample(getattr(metrics, name), venue=venue, pair=pair)
            if (lag := metrics.lag) is not None:
                yield BOOK_LAG.sample(lag, venue=venue, pair=pair)
            for state in BookState:
                yield BOOK_STATE.sample(book.state is state, venue=venue, pair=pair, state=state)


def of_complaints(venue: str, complaints: Complaints) -> Iterator[Sample]:
    """What is wrong with what the venue sends."""
    for kind, count in list(complaints.counts.items()):
        yield COMPLAINTS.sample(count, venue=venue, kind=kind)


def of_requests(venue: str, requests: RequestCounts) -> Iterator[Sample]:
    """Requests by operation."""
    for (operation, result), count in list(requests.results.items()):
        yield REQUESTS.sample(count, venue=venue, operation=operation, result=result)
    for operation, seconds in list(requests.seconds.items()):
        yield REQUEST_SECONDS.sample(seconds, venue=venue, operation=operation)


def of_limits(venue: str, allowances: Allowances) -> Iterator[Sample]:
    """The rate limits that were drawn from."""
    for pool, uses in allowances.use().items():
        yield LIMIT.sample(uses[0].allow, venue=venue, pool=pool)
        yield LIMIT_IN_USE.sample(max(use.in_use for use in uses), venue=venue, pool=pool)
        yield LIMIT_WAITS.sample(sum(use.waits for use in uses), venue=venue, pool=pool)
        yield LIMIT_WAIT_SECONDS.sample(sum(use.waited for use in uses), venue=venue, pool=pool)
        yield LIMIT_WAITING.sample(sum(use.waiting for use in uses), venue=venue, pool=pool)


def of_streams(venue: str, lines: Iterable[Line], clock: Clock) -> Iterator[Sample]:
    """Streams, each over all its connections."""
    streams: dict[str, list[Line]] = {}
    for line in lines:
        streams.setdefault(line.connection.stream.name, []).append(line)
    for name, of_one in streams.items():
        yield from _stream(venue, name, of_one, clock)


def _stream(venue: str, stream: str, lines: Sequence[Line], clock: Clock) -> Iterator[Sample]:
    statistics = [line.assistant.statistics for line in lines if line.assistant is not None]
    frames = sum(line.connection.frames for line in lines)
    unrouted = sum(line.connection.unrouted for line in lines)
    reconnects = sum(max(each.connections - 1, 0) for each in statistics)
    heard = [each.last_received for each in statistics if each.last_received is not None]
    yield STREAM_CONNECTIONS.sample(sum(line.connected for line in lines), venue=venue, stream=stream)
    yield STREAM_FRAMES.sample(frames, venue=venue, stream=stream)
    yield STREAM_UNROUTED.sample(unrouted, venue=venue, stream=stream)
    yield STREAM_RECONNECTS.sample(reconnects, venue=venue, stream=stream)
    if heard:
        yield STREAM_SILENCE.sample(max(clock.monotonic() - min(heard), 0.0), venue=venue, stream=stream)
