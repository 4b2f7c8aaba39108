"""What one stream says on one open socket to one user."""

from __future__ import annotations

from declconn.records import TradeUpdate
from declconn.simulator.engine.news import News
from declconn.simulator.engine.refusals import RefusedError
from declconn.simulator.streams.conversation import Reply
from declconn.simulator.streams.doorkeeper import Entry
from declconn.simulator.streams.outbox import Outbox
from declconn.simulator.streams.private_feed import PrivateFeed


class PrivateSession:
    """What a stream says about an account on one socket.

    Args:
        feed: the stream that it is.
        outbox: the frames on their way to the connector.
        account: whose it is, if that is known from its url.

    Attributes:
        account: whose news are told, as soon as he has said who he is.
    """

    def __init__(self, feed: PrivateFeed, outbox: Outbox, account: str | None) -> None:
        self.account = account
        self._feed, self._outbox = feed, outbox
        self._channels: set[str] = set()
        self._counts: dict[str, int] = {}
        self._fill: TradeUpdate | None = None

    def opened(self) -> None:
        """Nothing is said first."""

    def hear(self, raw: str | bytes) -> Reply | None:
        """Take a message of the connector; ``None``: it is not for this stream."""
        message = self._feed.heartbeat.decoded(raw)
        try:
            answer, is_refusal = self._answer(message), False
        except RefusedError as error:
            answer, is_refusal = self._feed.refuse(message, error) or "", True
        return None if answer is None else Reply([answer] if answer else [], is_refusal)

    def tell(self, news: News) -> None:
        """Tell what happened, if it is about this account and was asked for.

        A fill waits for the state that it brought its order into, which the engine tells next.
        """
        if news.account is None or news.account != self.account or not self._is_listening:
            return
        if isinstance(news.record, TradeUpdate):
            self._fill = news.record
            return
        fill, self._fill = self._fill, None
        for text, emit in self._feed.frames(news.record, fill, self._counts):
            self._outbox.put(text, emit)

    def expire(self) -> None:
        """What let the connector in is void: say so, where the venue does, and end."""
        for text in self._feed.end():
            self._outbox.put(text)
        self._outbox.end()

    @property
    def _is_listening(self) -> bool:
        return self._feed.channels <= self._channels

    def _answer(self, message: object) -> str | None:
        if login := self._feed.doorkeeper.log_in(message):
            self._let_in(login)
            return self._feed.welcome(login.sources)
        if asked := self._feed.doorkeeper.subscribe(message):
            self._let_in(asked)
            return self._feed.agree(asked.sources)
        return self._feed.heartbeat.answer(message, self._feed.known)

    def _let_in(self, entry: Entry) -> None:
        self._channels |= entry.channels
        if entry.member is not None:
            self.account = entry.member.account
