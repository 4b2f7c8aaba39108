"""One stream of a spec: how a connection is addressed, what is said on it, and how its frames are read.

A ``Stream`` holds no state and does no I/O. The way of a frame: decode, then ``route`` names everything that the
frame is (an answer to a heartbeat, a question, an answer to a subscription, any number of events), then each
event's ``read`` makes records.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import msgspec

from declconn.book.rows import Precision, level_type
from declconn.compile.channels import BOOKS, OF_ONE_MARKET, Channel, Channels, Message, Writer, compile_text
from declconn.compile.decode import compile_decode
from declconn.compile.lookup import Sources
from declconn.compile.mapping import Reader, Units, Words
from declconn.compile.matcher import Matcher
from declconn.compile.path import compile_path
from declconn.compile.recipe import Recipe
from declconn.compile.router import Router
from declconn.compile.shape import UnclearError
from declconn.compile.stream_recipes import StreamRecipes, sign_handshake, with_values
from declconn.compile.template import as_text, compile_template
from declconn.compile.typed import TypedEvent
from declconn.errors import MappingError, NotSupportedError
from declconn.records import EMITS, PARTS, RECORDS, TradingRule
from declconn.spec import models
from declconn.spec.template import placeholders
from declconn.types import TimeUnit

MAX_FRAME: Final = 8 * 1024 * 1024
"""Bytes of the largest frame, decompressed, unless the spec says otherwise; the largest that we know of fits."""

NO_RECIPES: Final[Mapping[str, Recipe]] = MappingProxyType({})

PUBLIC = BOOKS | frozenset({"trade", "liquidation", "ticker", "kline", "funding_info"})
"""What an event may emit without anybody being logged in."""

Spelling: TypeAlias = Callable[[TradingRule], str]

Taker: TypeAlias = Callable[[Any], object]
"""Takes one record."""


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of news: what it emits and how it is read (``reconnect`` and ``poll`` carry no records)."""

    name: str
    emit: str
    reader: Reader | None
    operations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A frame of the venue that wants an answer."""

    text: Callable[[Sources], str]


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The venue's yes to our login, or its greeting."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The venue's yes to something that we sent."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The venue's no; ``code`` and ``message`` are paths into the frame."""

    code: Any
    message: Any


@dataclass(frozen=True, slots=True)
class HeartbeatAnswer:
    """The answer to our own heartbeat."""


Meaning = HeartbeatAnswer | Question | LoggedIn | Accepted | Refused | Event


def is_public(model: models.Stream) -> bool:
    """Whether a stream brings news that may be heard without credentials."""
    return any(event.emit in PUBLIC for event in model.events.values())


def compile_spelling(model: models.Stream) -> Spelling:
    """How a stream writes a market. A spelling of its own is made of our names: ``{base}/{quote}`` is ``BTC/USD``."""
    if model.symbol is None:
        return lambda rule: rule.symbol
    write = compile_template(model.symbol, TimeUnit.MS)
    return lambda rule: str(write({**msgspec.structs.asdict(rule), "market": rule.market}))


class Stream:
    """A stream's templates and events, compiled; ``precision`` is that of its books, ``recipes`` sign what it says."""

    def __init__(
        self,
        name: str,
        model: models.Stream,
        *,
        spelling: Spelling,
        words: Words,
        units: Units,
        precision: Precision = "exact",
        recipes: Mapping[str, Recipe] = NO_RECIPES,
    ) -> None:
        self.name = name
        self.model = model
        self._recipes = StreamRecipes(recipes)
        self.spelling = spelling
        self.max_frame = model.max_frame or MAX_FRAME
        self.decode = compile_decode(_codecs(model, name), self.max_frame)
        self.url = compile_template(model.url, units.time)
        self._headers = compile_template(model.headers or {}, units.time)
        self._handshake, self._named = self._recipes.of(model.auth), self._recipes.named_in(model.headers)
        self._url_key = compile_template(_market_parts(model.url), units.time)
        self._units = units
        self._level = level_type(precision)
        self._channels = Channels(model, units.time, self._recipes)
        self.login = self._message(model.login.send, model.login.auth) if model.login else None
        """What is sent before the first subscription."""
        heartbeat = model.heartbeat
        self._heartbeat = None if heartbeat is None or heartbeat.send is None else self._message(heartbeat.send)
        answer = heartbeat.answer if heartbeat else None
        self.heartbeat_text = answer if isinstance(answer, str) else None
        self.events = [self._event(event, of, words) for event, of in model.events.items()]
        self.carries_books = any(event.emit in BOOKS for event in self.events)
        meanings = list(self._meanings(answer))
        self._kinds = [meaning for meaning, _ in meanings]
        self._matchers = [matcher for _, matcher in meanings]
        self._router = Router([Matcher(matcher) for matcher in self._matchers])

    def _message(self, template: Any, auth: str | None = None) -> Writer | None:
        return None if template is None else Writer(template, self._units.time, self._recipes, auth)

    def _event(self, name: str, model: models.Event, words: Words) -> Event:
        if model.emit not in EMITS:
            return Event(name, model.emit, None, tuple(model.operations or ()))
        reader = Reader(
            f"streams.{self.name}.events.{name}",
            RECORDS[EMITS[model.emit]],
            _slots(model, name),
            words=words,
            units=self._units,
            unwrap=model.unwrap if model.unwrap is not None else self.model.unwrap,
            each=model.each,
            row_where=model.where,
            partial=model.emit in PARTS,
        )
        return Event(name, model.emit, reader)

    def _meanings(self, answer: Any) -> Iterator[tuple[Meaning, Mapping[str, Any]]]:
        """Everything that a frame can be, in the order in which it is asked."""
        if isinstance(answer, Mapping):
            yield HeartbeatAnswer(), answer
        for reply in self.model.reply or ():
            yield Question(compile_text(reply.send, self._units.time, self._recipes)), reply.when
        if self.model.login and self.model.login.accepted:
            yield LoggedIn(), self.model.login.accepted.when
        if self.model.accepted:
            yield Accepted(), self.model.accepted.when
        if self.model.refused:
            refused = self.model.refused
            yield Refused(_reading(refused.code), _reading(refused.message)), refused.when
        for event in self.events:
            yield event, self.model.events[event.name].when

    @property
    def templates(self) -> list[Any]:
        """Everything that is written on a connection of this stream."""
        model = self.model
        messages = [part.send for part in (model.login, model.subscribe, model.unsubscribe) if part]
        beat = [model.heartbeat.every, model.heartbeat.send] if model.heartbeat else []
        return [model.url, model.headers, model.channels, *messages, *beat, [reply.send for reply in model.reply or ()]]

    @property
    def markets_per_connection(self) -> int | None:
        """How many markets fit on one connection, by the venue's limit of channels; ``None``: any number."""
        return self._channels.markets_per_connection

    @property
    def book_channels(self) -> frozenset[str]:
        """The names of the channels that order books come through."""
        return self._channels.books

    def url_key(self, arguments: Sources) -> str:
        """What of the url depends on the market: markets with the same key may share a connection."""
        return str(self._url_key(arguments))

    def channels(
        self,
        markets: Mapping[str, Sources],
        sources: Sources,
        *,
        only: Collection[str] | None = None,
        once: bool = True,
    ) -> list[Channel]:
        """The subscriptions for some trading pairs.

        Args:
            markets: for each pair its ``symbol``, ``base``, ``quote`` and ``market``, in this stream's spelling.
            sources: everything else that a template may name.
            only: the names of the channels that are wanted; default: all.
            once: also the channels that are about no market.
        """
        return self._channels.of(markets, sources, only=only, once=once)

    def address(self, sources: Sources) -> tuple[str, Mapping[str, str]]:
        """The url of a connection and the headers of its handshake, signed where the stream has a recipe for it."""
        url = str(self.url(sources))
        headers = {name: as_text(value) for name, value in self._headers(with_values(sources, self._named)).items()}
        return (url, headers) if self._handshake is None else sign_handshake(self._handshake, url, headers, sources)

    def subscribe(self, channels: Sequence[Channel], ids: Iterator[int]) -> list[Message]:
        """The messages that ask for these channels."""
        return self._channels.subscribe(channels, ids)

    def unsubscribe(self, channels: Sequence[Channel], ids: Iterator[int]) -> list[Message]:
        """The messages that end these channels."""
        return self._channels.unsubscribe(channels, ids)

    def heartbeat(self, sources: Sources, request_id: int) -> str | None:
        """Our own heartbeat message, or ``None`` where the protocol's ping is used."""
        return None if self._heartbeat is None else self._heartbeat.message((), request_id).text(sources)

    def typed(self, known: Sources, taker: Callable[[Event], Taker]) -> tuple[TypedEvent, ...]:
        """The book events that can be read straight from their bytes, each for those who take its messages."""
        if self.model.sequence is not None or list(self.model.decode or ["json"]) != ["json"]:
            return ()
        found = (
            self._typed(event, event.reader, known, taker)
            for event in self.events
            if event.reader and event.emit in BOOKS
        )
        return tuple(typed for typed in found if typed is not None)

    def _typed(
        self, event: Event, reader: Reader, known: Sources, taker: Callable[[Event], Taker]
    ) -> TypedEvent | None:
        def meaning(raw: bytes | str) -> Mapping[str, Any] | None:
            try:
                found = self.route(self.decode(raw), known)
            except MappingError:
                return None
            return found[0][1] if len(found) == 1 and found[0][0] is event else None

        when = self.model.events[event.name].when
        plan = reader.plan(frozenset())
        try:
            return TypedEvent(plan, when, self._matchers, meaning, self._level, self.max_frame, taker(event))
        except UnclearError:
            return None

    def route(self, frame: Any, known: Sources) -> list[tuple[Meaning, dict[str, Any]]]:
        """Everything that a decoded frame is, with what its matchers captured."""
        kinds = self._kinds
        return [(kinds[index], captures) for index, captures in self._router.route(frame, known)]


def _codecs(model: models.Stream, name: str) -> Sequence[str]:
    codecs = model.decode or ("json",)
    if not all(isinstance(codec, str) for codec in codecs):
        raise NotSupportedError(f"streams.{name}.decode: Python hooks are not called yet")
    return codecs


def _slots(model: models.Event, name: str) -> models.Slots:
    if isinstance(model.map, models.Hook):
        raise NotSupportedError(f"events.{name}.map: Python hooks are not called yet")
    return model.map or {}


def _reading(path: Any) -> Any:
    return None if path is None else compile_path(path)


def _market_parts(url: Any) -> list[str]:
    """The placeholders of a url that depend on the market, as templates of their own."""
    parts: Iterable[str] = (source for _, hole in placeholders(url) for source in hole.sources)
    return [f"{{{source}?}}" for source in parts if source.split(".")[0] in OF_ONE_MARKET]
