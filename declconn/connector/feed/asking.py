"""What is asked on a connection: the channels of its markets, and books that are needed anew."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from declconn.compile.channels import Channel, Message, Writer
from declconn.compile.lookup import Sources
from declconn.compile.stream import Stream
from declconn.connector.feed.subscriptions import ANSWER_TIME, Key, Purpose, Subscriptions
from declconn.connector.session import session_names
from declconn.connector.shared import News, Shared
from declconn.net.conversation import Send

LOOK_EVERY: Final = ANSWER_TIME / 2
"""Seconds between two looks at what was not answered."""


class Asking:
    """Asks for the channels of a connection, and asks again for what was refused or not answered.

    Attributes:
        markets: for each trading pair followed here, what templates may say of it.
        subscriptions: what was asked, and what the venue said to it.
        ids: numbers for messages.
        url: what templates may say of the address that we are connected to.
    """

    def __init__(self, stream: Stream, shared: Shared, news: News) -> None:
        self.markets: dict[str, Sources] = {}
        self.ids = itertools.count(1)
        self.url: Mapping[str, str] = {}
        self.subscriptions = Subscriptions(
            f"streams.{stream.name}",
            answered=stream.model.accepted is not None,
            books=stream.book_channels,
            pair_of=self._pair_of,
        )
        self._stream, self._shared, self._news = stream, shared, news
        self._learns = session_names(*stream.templates)

    async def sources(self) -> dict[str, Any]:
        """What templates of this connection may name, after what has to be learnt for them was obtained."""
        await self._shared.session.ensure(self._learns, connection=self, market={})
        return self.known()

    def known(self) -> dict[str, Any]:
        """The same, as far as it is known now."""
        session = self._shared.session.sources(connection=self, market={})
        return {**self._shared.sources.now(), "session": session, "url": self.url}

    def forget(self) -> None:
        """The connection is gone, or the next one begins: nothing is asked, and what was learnt for it is void."""
        self.subscriptions.restart()
        self._shared.session.forget(self)

    async def begin(self, send: Send) -> None:
        """Ask for everything that is followed, also what is added meanwhile."""
        await self.ask_for({}, send, once=True)
        asked: set[str] = set()
        while new := {pair: of for pair, of in self.markets.items() if pair not in asked}:
            asked |= new.keys()
            await self.ask_for(new, send)

    async def attend(self, send: Send) -> None:
        """Ask again for what was refused or not answered; what carries books is left to the tracker."""
        clock, subscriptions = self._shared.clock, self.subscriptions
        while subscriptions.answered:
            await clock.sleep(LOOK_EVERY)
            for answer, error in subscriptions.unheard(clock.monotonic()):
                self._shared.trouble(self._stream.name, "unanswered", answer.pairs, error)
            await self._ask_again(subscriptions.due(clock.monotonic()), send)

    async def ask_for(
        self,
        markets: Mapping[str, Sources],
        send: Send,
        *,
        only: Collection[str] | None = None,
        once: bool = False,
    ) -> None:
        """Ask for the channels of some markets.

        Args:
            markets: as in ``markets``.
            send: sends a frame.
            only: the names of the channels that are wanted; default: all.
            once: also the channels that are about no market.
        """
        messages = await self._messages(markets, only=only, once=once)
        for message in messages:
            self.subscriptions.asking(message, "subscribe")
        if self._stream.carries_books and markets:
            self._news.subscribed(tuple(markets))
        await self._post(messages, send)

    async def end(self, markets: Mapping[str, Sources], send: Send, *, only: Collection[str] | None = None) -> None:
        """End the channels of some markets; arguments as in ``ask_for``."""
        sources = await self.sources()
        channels = self._stream.channels(await self._with_session(markets), sources, only=only, once=False)
        await self._send_all(self._stream.unsubscribe(channels, self.ids), "unsubscribe", send)

    async def wait_for_books(self, trading_pair: str, send: Send | None) -> None:
        """Return when the venue has said yes to the books of a pair; ask again where it said no, or nothing.

        Raises:
            VenueError: it says no.
            LostAnswerError: it says nothing.
        """
        if self.subscriptions.book_failure(trading_pair) is not None and send is not None:
            await self.ask_for({trading_pair: self.markets[trading_pair]}, send, only=self._stream.book_channels)
        await self.subscriptions.book_answered(trading_pair)
        error = self.subscriptions.book_failure(trading_pair)
        if error is not None:
            raise error

    async def request_book(self, question: Writer, trading_pair: str, send: Send) -> None:
        """Ask on this socket for the whole book of a pair; it comes as an event."""
        of = self.markets[trading_pair]
        channel = Channel("snapshot", None, {trading_pair: of}, carries_books=False)
        await self._send_all([question.message([channel], next(self.ids))], "snapshot", send)

    async def _ask_again(self, keys: Iterable[Key], send: Send) -> None:
        for name, pair in keys:
            markets = {pair: self.markets[pair]} if pair in self.markets else {}
            await self._send_all(await self._messages(markets, only=[name], once=not pair), "subscribe", send)

    async def _messages(
        self, markets: Mapping[str, Sources], *, only: Collection[str] | None, once: bool
    ) -> list[Message]:
        sources = await self.sources()
        channels = self._stream.channels(await self._with_session(markets), sources, only=only, once=once)
        return self._stream.subscribe(channels, self.ids)

    async def _send_all(self, messages: Sequence[Message], purpose: Purpose, send: Send) -> None:
        for message in messages:
            self.subscriptions.asking(message, purpose)
        await self._post(messages, send)

    async def _post(self, messages: Sequence[Message], send: Send) -> None:
        for message in messages:
            await send(message.text(await self.sources()))
            self.subscriptions.asked(message, self._shared.clock.monotonic())

    async def _with_session(self, markets: Mapping[str, Sources]) -> Mapping[str, Sources]:
        """The markets, each with what is learnt for it alone."""
        session, learns = self._shared.session, self._shared.session.of_symbols(self._learns)
        if not learns:
            return markets
        for of in markets.values():
            await session.ensure(learns, connection=self, market=of)
        return {pair: {**of, "session": session.sources(connection=self, market=of)} for pair, of in markets.items()}

    def _pair_of(self, symbol: str) -> str | None:
        return next((pair for pair, of in self.markets.items() if str(of["symbol"]) == symbol), None)
