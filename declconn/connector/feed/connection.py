"""One connection of a stream: how it begins, what is made of its frames, and what its end means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from declconn.compile.channels import BOOKS, Writer, roots
from declconn.compile.lookup import Sources
from declconn.compile.mapping import Reader
from declconn.compile.stream import Accepted, Event, HeartbeatAnswer, LoggedIn, Question, Refused, Stream
from declconn.compile.stream_recipes import url_parts
from declconn.connector.feed.asking import Asking
from declconn.connector.feed.bookless import Bookless
from declconn.connector.feed.fruitless import Fruitless
from declconn.connector.feed.limits import dictated_heartbeat, login_cost
from declconn.connector.feed.login import Login
from declconn.connector.feed.quoting import quoted
from declconn.connector.feed.sequence import FrameCounter
from declconn.connector.news import FrameGapError, PollEvent
from declconn.connector.session import session_names
from declconn.connector.shared import News, Shared
from declconn.errors import MappingError
from declconn.log import get_logger
from declconn.net.conversation import Address, Send

logger = get_logger("declconn.feed")


class StreamConnection:
    """A conversation with the venue over one socket; it plays both live and recorded frames.

    ``received`` is the whole way of a frame and never blocks: decode, route, map, hand the records to the news.

    Attributes:
        markets: for each trading pair followed here, what templates may say of it.
        frames: how many frames came.
        unrouted: how many were nothing that the spec speaks of.
    """

    def __init__(self, stream: Stream, shared: Shared, news: News) -> None:
        self.stream = stream
        self.frames = 0
        self.unrouted = 0
        self._took_books = self._saw_books = False
        self._shared, self._news = shared, news
        self._typed = stream.typed(shared.sources.fixed, news.taker)
        self._asking = Asking(stream, shared, news)
        self.markets = self._asking.markets
        self._where = f"streams.{stream.name}"
        self._fruitless = Fruitless(self._where, stream.events, shared.complaints)
        self._bookless = Bookless(self._where, shared.clock, self._quoted)
        model = stream.model
        has_login = model.login is not None and model.login.accepted is not None
        self._login = Login(self._where, shared.clock, self._quoted) if has_login else None
        self._counter = FrameCounter(self._where, model.sequence) if model.sequence else None
        self._is_negotiated = bool(session_names(model.url))
        self._url_lists_markets = "symbols" in roots(model.url)
        self._heartbeat_every = dictated_heartbeat(stream)
        self._send_soon: Callable[[str], None] = _nobody_listens
        self._reconnect: Callable[[str], None] = _nobody_listens

    @property
    def hears_books(self) -> bool:
        """A frame was the event of a book."""
        return self._took_books or self._saw_books

    @property
    def trouble(self) -> str | None:
        """What it waits for before it is in use, as far as it can tell."""
        return None if self._login is None else self._login.trouble

    @property
    def _lacks_books(self) -> bool:
        return self.stream.carries_books and not self.hears_books

    def answer_through(self, send_soon: Callable[[str], None]) -> None:
        """Say how a question of the venue is answered from ``received``, which cannot wait."""
        self._send_soon = send_soon

    def reconnect_through(self, reconnect: Callable[[str], None]) -> None:
        """Say how the connection is ended, for a reason, so that the next one is opened."""
        self._reconnect = reconnect

    async def address(self) -> Address:
        """Where to connect, asked anew for each connection.

        Raises:
            DeclconnError: what has to be learnt for it could not be obtained.
            CredentialsError: the venue names a host that is none of the spec's.
        """
        self._asking.forget()
        if self._login is not None:
            self._login.begin()
        of_any_market = next(iter(self.markets.values()), {})
        symbols = [of["symbol"] for of in self.markets.values()]
        ours = {**of_any_market, "symbols": symbols, "request_id": next(self._asking.ids)}
        sources = {**await self._asking.sources(), **ours}
        url, headers = self.stream.address(sources)
        if self._is_negotiated:
            self._shared.hosts.check(f"{self._where}.url", url)
        self._asking.url = url_parts(url)
        every = None if self._heartbeat_every is None else self._heartbeat_every(sources)
        return Address(url, headers, every)

    async def opened(self, send: Send) -> None:
        """Log in, and ask for every market that is followed here."""
        if self._counter is not None:
            self._counter.restart()
        if self.stream.login is not None:
            await self._shared.throttler.acquire(login_cost(self.stream))
            login = self.stream.login.message((), next(self._asking.ids))
            await send(login.text(await self._asking.sources()))
        if self._login is not None:
            await self._login.wait()
        await self._asking.begin(send)
        self._bookless.begin()
        logger.info("%s: connected", self._where)

    async def attend(self, send: Send) -> None:
        """Ask again for what was refused or not answered."""
        await self._asking.attend(send)

    def closed(self, reason: str) -> None:
        """The socket is gone, so nothing here is known to be right any more."""
        logger.debug("%s: closed: %s", self._where, reason)
        self._asking.forget()
        if self.stream.carries_books:
            self._news.lost(tuple(self.markets))

    def heartbeat(self) -> str | None:
        """Our own heartbeat message; ``None`` where the protocol's ping is used."""
        return self.stream.heartbeat(self._asking.known(), next(self._asking.ids))

    async def follow(self, markets: Mapping[str, Sources], send: Send | None) -> None:
        """Follow more markets; ``send`` is ``None`` while there is no connection."""
        self.markets.update(markets)
        if send is None:
            return
        if self._url_lists_markets:
            self._reconnect("its url names the markets, and there is another one")
        else:
            await self._asking.ask_for(markets, send)

    async def leave(self, pairs: Iterable[str], send: Send | None) -> None:
        """Stop following some markets."""
        gone = {pair: self.markets.pop(pair) for pair in pairs if pair in self.markets}
        if send is not None:
            await self._asking.end(gone, send)

    async def renew_books(self, trading_pair: str, send: Send | None) -> None:
        """Ask for the books of a pair anew, for the snapshot that comes with them; its other channels stay."""
        books = self.stream.book_channels
        if not books:
            self._reconnect(f"the book of {trading_pair} is needed anew, and nothing is subscribed here")
        elif send is not None:
            market = {trading_pair: self.markets[trading_pair]}
            await self._asking.end(market, send, only=books)
            await self._asking.ask_for(market, send, only=books)

    async def wait_for_books(self, trading_pair: str, send: Send | None) -> None:
        """Return when the venue has said yes to the books of a pair; raises its no."""
        await self._asking.wait_for_books(trading_pair, send)

    async def request_book(self, question: Writer, trading_pair: str, send: Send) -> None:
        """Ask on this socket for the whole book of a pair; it comes as an event."""
        await self._asking.request_book(question, trading_pair, send)

    def received(self, raw: bytes | str) -> None:
        """Take one frame the whole way; what is wrong with it is counted and harms nothing else."""
        self.frames += 1
        for typed in self._typed:
            if typed.read(raw):
                self._took_books = True
                return
        if raw == self.stream.heartbeat_text:
            return
        try:
            frame = self.stream.decode(raw)
            if self._counter is not None:
                self._counter.check(frame)
        except MappingError as error:
            self._shared.complaints.add(f"{self._where}.decode", error)
            return
        except FrameGapError as gap:
            self._begin_anew(gap)
            return
        meanings = self.stream.route(frame, self._shared.sources.fixed)
        if self._login is not None and self._login.is_waiting:
            self._login.heard(frame)
        if not meanings:
            self.unrouted += 1
            self._wonder(frame)
        accepted = False
        for meaning, captures in meanings:
            if isinstance(meaning, Event):
                self._emit(meaning, frame, captures)
            elif isinstance(meaning, HeartbeatAnswer):
                break
            elif isinstance(meaning, Question):
                self._send_soon(meaning.text({**self._asking.known(), **captures}))
                break
            elif isinstance(meaning, LoggedIn):
                accepted = self._logged_in()
            elif isinstance(meaning, Accepted):
                accepted = True
                self._asking.subscriptions.accepted(captures)
            elif not accepted:
                self._refused(meaning, frame, captures)

    def _wonder(self, frame: Any) -> None:
        """A frame is nothing that the spec speaks of."""
        if self._lacks_books:
            self._bookless.strange(frame)

    def _quoted(self, frame: Any) -> str:
        return quoted(frame, self._asking.known())

    def _emit(self, event: Event, frame: Any, captures: Mapping[str, Any]) -> None:
        of_books = event.emit in BOOKS
        self._saw_books = self._saw_books or of_books
        if self._lacks_books:
            self._bookless.other()
        if event.reader is None:
            self._signal(event)
            return
        try:
            records = event.reader.read(frame, captures)
        except MappingError:
            records = self._salvaged(event, event.reader, frame, captures)
        else:
            if records:
                self._fruitless.found(event, records)
            elif not (of_books and self._took_books):
                self._fruitless.found_nothing(event, frame)
        take = self._news.taker(event)
        for record in records:
            take(record)

    def _salvaged(self, event: Event, reader: Reader, frame: Any, captures: Mapping[str, Any]) -> list[Any]:
        """The records that can be read of a frame with some that cannot."""
        records, errors = reader.salvage(frame, captures)
        for error in errors:
            self._shared.complaints.add(f"{error.where}.{error.field}", error)
            if event.emit in BOOKS and error.trading_pair is not None:
                self._news.unreadable(error.trading_pair)
        return records

    def _signal(self, event: Event) -> None:
        """An event without records: the venue wants us to connect anew, or to ask something again."""
        if event.emit == "reconnect":
            self._reconnect(f"the venue asks for it: {event.name}")
        else:
            self._shared.tell(PollEvent(self.stream.name, event.operations))
            self._shared.want(event.operations)

    def _logged_in(self) -> bool:
        if self._login is not None:
            self._login.answered(None)
        return True

    def _refused(self, refused: Refused, frame: Any, captures: Mapping[str, Any]) -> None:
        code = refused.code(frame) if refused.code else None
        text = str((refused.message(frame) if refused.message else None) or "")
        if self._login is not None and self._login.is_waiting:
            self._login.answered(self._shared.errors.error(f"{self._where}.login", None, frame, code=code, text=text))
            return
        error = self._shared.errors.error(f"{self._where}.subscribe", None, frame, code=code, text=text)
        answer = self._asking.subscriptions.refused(captures, error, self._shared.clock.monotonic())
        self._shared.trouble(self.stream.name, "refused", answer.pairs, error)

    def _begin_anew(self, gap: FrameGapError) -> None:
        """A frame was lost, so every book here may be wrong."""
        self._shared.trouble(self.stream.name, "sequence", tuple(self.markets), gap)
        if self.stream.carries_books:
            self._news.lost(tuple(self.markets))
        self._reconnect(str(gap))


def _nobody_listens(_text: str) -> None:
    """Offline there is no one to tell."""
