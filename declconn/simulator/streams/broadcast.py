"""The streams of a simulated venue: which socket hears what, and frames for everything that happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Protocol

from declconn.book import Crc32, OrderBook
from declconn.compile.checksum import compile_checksum
from declconn.compile.stream import is_public
from declconn.compile.template import Sources
from declconn.errors import DeclconnError, NotSupportedError
from declconn.records import FundingInfo, Liquidation, OrderBookMessage, Trade, TradingRule
from declconn.simulator.streams.feed import Feed
from declconn.simulator.streams.outbox import Outbox
from declconn.simulator.streams.session import Session
from declconn.simulator.wire.answers import RequestKey, request_key
from declconn.spec import Spec, models
from declconn.types import Side

ONE: Final = Decimal(1)

EMITTED: Final[Mapping[type, str]] = {
    OrderBookMessage: "order_book_diff",
    Trade: "trade",
    Liquidation: "liquidation",
    FundingInfo: "funding_info",
}
"""What an event is called that brings such a record."""


class HasBook(Protocol):
    """A market whose book can be looked at."""

    def snapshot(self, timestamp: int) -> OrderBookMessage:
        """The whole book, best levels first."""
        ...


class Broadcast:
    """Plays the public streams of a spec.

    Args:
        spec: what is played.
        rules: the markets, in the venue's spelling.
        markets: what happens, by trading pair.
        known: what templates may name.
        now: the time, nanoseconds since the epoch.

    Attributes:
        sessions: the sockets that are open.
        unplayed: public streams that cannot be played, each with the reason.

    Raises:
        NotSupportedError: no stream can bring the order books.
    """

    def __init__(
        self,
        spec: Spec,
        rules: Sequence[TradingRule],
        markets: Mapping[str, HasBook],
        known: Sources,
        now: Callable[[], int],
    ) -> None:
        self._markets, self._known, self._now = markets, known, now
        self._snapshot = spec.order_book.snapshot.from_
        self._checksum = _checksum_of(spec)
        self._feeds: dict[RequestKey, dict[Feed, frozenset[str]]] = {}
        self.sessions: set[Session] = set()
        self.unplayed: dict[str, str] = {}
        for name, model in spec.streams.items():
            if is_public(model):
                self._play(name, model, spec, rules)
        needed = "order_book_snapshot" if self._snapshot == "every" else "order_book_diff"
        if self._snapshot == "request" or not any(needed in feed.frames.emits for feed in self._all()):
            reason = "; ".join(self.unplayed.values()) or f"no stream that can be played has an event for {needed}"
            raise NotSupportedError(f"{spec.name}: its order books cannot be simulated: {reason}")

    def session(self, key: RequestKey, outbox: Outbox) -> Session | None:
        """A session for a socket that was opened; ``None``: no stream is there."""
        feeds = self._feeds.get(key)
        return None if feeds is None else Session(feeds, self._known, self._begin, outbox)

    def tell(self, record: OrderBookMessage | Trade | FundingInfo | Liquidation, *, lose: bool = False) -> None:
        """Send what happened in a market to every socket that wants it.

        Args:
            record: a book's diff, a trade, ...; a venue that sends whole books sends one instead of the diff.
            lose: keep quiet about a diff, as if the frame had been lost.
        """
        pair, emit = record.trading_pair, EMITTED[type(record)]
        if isinstance(record, OrderBookMessage):
            if self._snapshot == "every":
                emit, record = "order_book_snapshot", self._whole_book(pair)
            elif lose:
                return
            else:
                record.checksum = self._checksum_of(self._markets[pair].snapshot(self._now()))
        for feed in self._all():
            listening = [session for session in self.sessions if session.hears(feed, pair)]
            if listening and emit in feed.frames.emits:
                text = feed.frames.text(emit, record, self._known)
                for session in listening:
                    session.post([text], emit)

    def _begin(self, feed: Feed, trading_pair: str) -> list[str]:
        """What is said first about a pair."""
        if self._snapshot != "stream" or "order_book_snapshot" not in feed.frames.emits:
            return []
        return [feed.frames.text("order_book_snapshot", self._whole_book(trading_pair), self._known)]

    def _whole_book(self, trading_pair: str) -> OrderBookMessage:
        message = self._markets[trading_pair].snapshot(self._now())
        message.checksum = self._checksum_of(message)
        return message

    def _checksum_of(self, snapshot: OrderBookMessage) -> int | None:
        if self._checksum is None:
            return None
        book = OrderBook(snapshot.trading_pair)
        book.apply_snapshot(snapshot)
        return self._checksum.compute(book.unchecked)

    def _all(self) -> set[Feed]:
        return {feed for feeds in self._feeds.values() for feed in feeds}

    def _play(self, name: str, model: models.Stream, spec: Spec, rules: Sequence[TradingRule]) -> None:
        try:
            feed = Feed(name, model, spec, rules)
            for rule in rules:
                feed.rehearse(self._examples(rule), self._known)
            for url, pairs in feed.urls(self._known).items():
                self._feeds.setdefault(request_key("GET", url, b""), {})[feed] = pairs
        except (ValueError, DeclconnError) as error:
            self.unplayed[name] = str(error)

    def _examples(self, rule: TradingRule) -> dict[str, Any]:
        """News of each kind, to find out what can be said."""
        pair, now = rule.trading_pair, self._now()
        book, price, amount = self._whole_book(pair), rule.min_price_increment or ONE, rule.min_order_size or ONE
        return {
            "order_book_snapshot": book,
            "order_book_diff": book,
            "trade": Trade(pair, price, amount, Side.BUY, "1", now),
            "liquidation": Liquidation(pair, price, amount, Side.SELL, "1", now),
            "funding_info": FundingInfo(pair, price, price, Decimal("0.0001"), now),
        }


def _checksum_of(spec: Spec) -> Crc32 | None:
    """The venue's checksum; a hook has none here, and without one a mapping of it finds nothing."""
    model = spec.order_book.checksum
    return None if model is None or model.crc32 is None else compile_checksum(model)
