"""What the public streams say on one open socket of a simulated venue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from declconn.compile.template import Sources
from declconn.simulator.streams.conversation import Reply
from declconn.simulator.streams.feed import Feed, Heard
from declconn.simulator.streams.outbox import Outbox
from declconn.simulator.streams.subscriptions import Topic

Begin: TypeAlias = Callable[[Feed, str], Iterable[str]]
"""The frames with which a feed begins to speak of a trading pair."""


class Session:
    """What a connector has asked for on one socket, and what is on its way to it.

    Args:
        feeds: the streams that this socket may be, each with the pairs that are heard on its url.
        known: what templates may name.
        begin: what is said when a pair begins to be heard.
        outbox: the frames on their way to the connector.
    """

    def __init__(self, feeds: Mapping[Feed, frozenset[str]], known: Sources, begin: Begin, outbox: Outbox) -> None:
        self._feeds, self._known, self._begin, self._outbox = feeds, known, begin, outbox
        self._topics: dict[Feed, set[Topic]] = {feed: set() for feed in feeds}

    def hears(self, feed: Feed, trading_pair: str) -> bool:
        """Whether news of a pair is wanted here."""
        if trading_pair not in self._feeds.get(feed, ()):
            return False
        return not feed.needs_subscription or feed.topics(trading_pair, self._known) <= self._topics[feed]

    def post(self, texts: Iterable[str], emit: str = "") -> None:
        """Send frames soon, in order; ``emit`` is the kind of their news."""
        for text in texts:
            self._outbox.put(text, emit)

    def hear(self, raw: str | bytes) -> Reply | None:
        """Take a message of the connector: answer it, and begin with what it asks for; ``None``: it is for nobody."""
        for feed in self._feeds:
            heard = feed.hear(raw, self._known)
            if heard is not None:
                return Reply([*heard.answers, *self._beginning(feed, heard)])
        return None

    def _beginning(self, feed: Feed, heard: Heard) -> Iterator[str]:
        """Take note of what is asked for; what is said first about it."""
        before = self._heard(feed)
        self._topics[feed] |= heard.subscribed
        self._topics[feed] -= heard.unsubscribed
        for pair in sorted(self._heard(feed) - before):
            yield from self._begin(feed, pair)

    def opened(self) -> None:
        """Begin with what is heard without being asked for."""
        for feed in self._feeds:
            for pair in sorted(self._heard(feed)):
                self.post(self._begin(feed, pair))

    def _heard(self, feed: Feed) -> set[str]:
        return {pair for pair in self._feeds[feed] if self.hears(feed, pair)}
