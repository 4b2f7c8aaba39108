"""The streams of a simulated venue: which socket hears what, and frames for everything that happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from declconn.book import Crc32, OrderBook
from declconn.compile.checksum import compile_checksum
from declconn.compile.stream import is_public
from declconn.compile.template import Sources
from declconn.errors import DeclconnError, NotSupportedError
from declconn.records import OrderBookMessage, Trade, TradingRule
from declconn.simulator.answers import RequestKey, request_key
from declconn.simulator.feed import Feed
from declconn.simulator.random_market import RandomMarket
from declconn.simulator.session import Session
from declconn.spec import Spec, models
from declconn.types import Side


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
        markets: Mapping[str, RandomMarket],
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

    def session(self, key: RequestKey) -> Session | None:
        """A session for a socket that was opened; ``None``: no stream is there."""
        feeds = self._feeds.get(key)
        return None if feeds is None else Session(feeds, self._known, self._begin)

    def tell(self, diff: OrderBookMessage, trade: Trade | None, *, lose_diff: bool = False) -> None:
        """Send what happened in a market to every socket that wants it.

        Args:
            diff: what changed in the book.
            trade: the trade that did it, if there was one.
            lose_diff: keep quiet about the book, as if the frame had been lost.
        """
        news: list[tuple[str, OrderBookMessage | Trade]] = [] if trade is None else [("trade", trade)]
        if self._snapshot == "every":
            news.append(("order_book_snapshot", self._whole_book(diff.trading_pair)))
        elif not lose_diff:
            diff.checksum = self._checksum_of(self._markets[diff.trading_pair].snapshot(self._now()))
            news.append(("order_book_diff", diff))
        for feed in self._all():
            listening = [session for session in self.sessions if session.hears(feed, diff.trading_pair)]
            if listening:
                texts = [
                    feed.frames.text(emit, record, self._known) for emit, record in news if emit in feed.frames.emits
                ]
                for session in listening:
                    session.post(texts)

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
            for pair in self._markets:
                feed.frames.rehearse(self._examples(pair), self._known)
            for url, pairs in feed.urls(self._known).items():
                self._feeds.setdefault(request_key("GET", url, b""), {})[feed] = pairs
        except (ValueError, DeclconnError) as error:
            self.unplayed[name] = str(error)

    def _examples(self, trading_pair: str) -> dict[str, OrderBookMessage | Trade]:
        market, book = self._markets[trading_pair], self._whole_book(trading_pair)
        trade = Trade(trading_pair, market.last_price, market.step, Side.BUY, "1", self._now())
        return {"order_book_snapshot": book, "order_book_diff": book, "trade": trade}


def _checksum_of(spec: Spec) -> Crc32 | None:
    """The venue's checksum; a hook has none here, and without one a mapping of it finds nothing."""
    model = spec.order_book.checksum
    return None if model is None or model.crc32 is None else compile_checksum(model)
