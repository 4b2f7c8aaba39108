"""One stream of a spec: how a connection is addressed, what is said on it, and how its frames are read.

A ``Stream`` holds no state and does no I/O. The way of a frame: decode, then ``route`` names everything that the
frame is (an answer to a heartbeat, a question, an answer to a subscription, any number of events), then each
event's ``read`` makes records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from declconn.compile.decode import compile_decode, encode
from declconn.compile.lookup import Sources
from declconn.compile.mapping import Reader, Units, Words
from declconn.compile.matcher import Matcher
from declconn.compile.path import compile_path
from declconn.compile.router import Router
from declconn.compile.template import compile_template
from declconn.errors import NotSupportedError
from declconn.records import EMITS, RECORDS, TradingRule
from declconn.spec import models
from declconn.spec.template import placeholders
from declconn.types import TimeUnit

BOOKS = frozenset({"order_book_snapshot", "order_book_diff"})

PUBLIC = BOOKS | frozenset({"trade", "ticker", "kline", "funding_info"})
"""What an event may emit without anybody being logged in."""

Spelling: TypeAlias = Callable[[TradingRule], str]

_OF_ONE_MARKET = ("symbol", "base", "quote", "market")


@dataclass(frozen=True, slots=True)
class Channel:
    """A subscription: what its template made, and the markets that it speaks of."""

    name: str
    value: Any
    pairs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """Something to send, and the channels that its answer will be about."""

    text: str
    request_id: int
    channels: tuple[Channel, ...] = ()


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


Meaning = HeartbeatAnswer | Question | Accepted | Refused | Event


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
    """A stream's templates and events, compiled."""

    def __init__(self, name: str, model: models.Stream, *, spelling: Spelling, words: Words, units: Units) -> None:
        self.name = name
        self.model = model
        self.spelling = spelling
        self.decode = compile_decode(model.decode or ["json"])
        self.url = compile_template(model.url, units.time)
        self.headers = compile_template(model.headers or {}, units.time)
        self._url_key = compile_template(_market_parts(model.url), units.time)
        self._units = units
        self._channels = {
            channel: (_scope(template), compile_template(template, units.time))
            for channel, template in model.channels.items()
        }
        self._subscribe = self._message(model.subscribe.send if model.subscribe else None)
        self._unsubscribe = self._message(model.unsubscribe.send if model.unsubscribe else None)
        heartbeat = model.heartbeat
        self._heartbeat = None if heartbeat is None or heartbeat.send is None else self._message(heartbeat.send)
        answer = heartbeat.answer if heartbeat else None
        self.heartbeat_text = answer if isinstance(answer, str) else None
        self.events = [self._event(event, of, words) for event, of in model.events.items()]
        self.carries_books = any(event.emit in BOOKS for event in self.events)
        meanings = list(self._meanings(answer))
        self._kinds = [meaning for meaning, _ in meanings]
        self._router = Router([Matcher(matcher) for _, matcher in meanings])

    def _message(self, template: Any) -> _Writer | None:
        return None if template is None else _Writer(template, self._units)

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
        )
        return Event(name, model.emit, reader)

    def _meanings(self, answer: Any) -> Iterator[tuple[Meaning, Mapping[str, Any]]]:
        """Everything that a frame can be, in the order in which it is asked."""
        if isinstance(answer, Mapping):
            yield HeartbeatAnswer(), answer
        for reply in self.model.reply or ():
            yield Question(_compile_text(reply.send, self._units)), reply.when
        if self.model.accepted:
            yield Accepted(), self.model.accepted.when
        if self.model.refused:
            refused = self.model.refused
            yield Refused(_reading(refused.code), _reading(refused.message)), refused.when
        for event in self.events:
            yield event, self.model.events[event.name].when

    @property
    def markets_per_connection(self) -> int | None:
        """How many markets fit on one connection, by the venue's limit of channels; ``None``: any number."""
        limits = self.model.limits
        each = sum(scope == "symbol" for scope, _ in self._channels.values())
        if limits is None or limits.channels_per_connection is None or not each:
            return None
        return max(limits.channels_per_connection // each, 1)

    def url_key(self, arguments: Sources) -> str:
        """What of the url depends on the market: markets with the same key may share a connection."""
        return str(self._url_key(arguments))

    def channels(self, markets: Mapping[str, Sources], sources: Sources) -> list[Channel]:
        """The subscriptions for some trading pairs.

        Args:
            markets: for each pair its ``symbol``, ``base``, ``quote`` and ``market``, in this stream's spelling.
            sources: everything else that a template may name.
        """
        found = []
        for name, (scope, write) in self._channels.items():
            if scope == "symbol":
                found += [Channel(name, write({**sources, **of}), (pair,)) for pair, of in markets.items()]
            else:
                symbols = [of["symbol"] for of in markets.values()]
                found.append(Channel(name, write({**sources, "symbols": symbols}), tuple(markets)))
        return found

    def subscribe(self, channels: Sequence[Channel], sources: Sources, ids: Iterator[int]) -> list[Message]:
        """The messages that ask for these channels."""
        return self._requests(self._subscribe, channels, sources, ids)

    def unsubscribe(self, channels: Sequence[Channel], sources: Sources, ids: Iterator[int]) -> list[Message]:
        """The messages that end these channels."""
        return self._requests(self._unsubscribe, channels, sources, ids)

    def _requests(
        self, writer: _Writer | None, channels: Sequence[Channel], sources: Sources, ids: Iterator[int]
    ) -> list[Message]:
        if writer is None:
            return []
        limits = self.model.limits
        most = (limits.args_per_message if limits else None) or len(channels) or 1
        size = most if writer.takes_many else 1
        batches = [tuple(channels[start : start + size]) for start in range(0, len(channels), size)]
        return [writer.message(batch, sources, next(ids)) for batch in batches]

    def heartbeat(self, sources: Sources, request_id: int) -> str | None:
        """Our own heartbeat message, or ``None`` where the protocol's ping is used."""
        return None if self._heartbeat is None else self._heartbeat.message((), sources, request_id).text

    def route(self, frame: Any, known: Sources) -> list[tuple[Meaning, dict[str, Any]]]:
        """Everything that a decoded frame is, with what its matchers captured."""
        kinds = self._kinds
        return [(kinds[index], captures) for index, captures in self._router.route(frame, known)]


class _Writer:
    """A message of ours, compiled."""

    def __init__(self, template: Any, units: Units) -> None:
        self._write = _compile_text(template, units)
        self.takes_many = "channels" in _roots(template)

    def message(self, channels: tuple[Channel, ...], sources: Sources, request_id: int) -> Message:
        values = [channel.value for channel in channels]
        of = {"request_id": request_id, "channels": values, "channel": values[0] if values else None}
        return Message(self._write({**sources, **of}), request_id, channels)


def _compile_text(template: Any, units: Units) -> Callable[[Sources], str]:
    """A frame of ours: maps become JSON, a text is sent as it is."""
    write = compile_template(template, units.time)

    def text(sources: Sources) -> str:
        content = write(sources)
        return content if isinstance(content, str) else encode(content)

    return text


def _slots(model: models.Event, name: str) -> models.Slots:
    if isinstance(model.map, models.Hook):
        raise NotSupportedError(f"events.{name}.map: Python hooks are not called yet")
    return model.map or {}


def _reading(path: Any) -> Any:
    return None if path is None else compile_path(path)


def _roots(template: Any) -> set[str]:
    """The names that a template's sources begin with."""
    return {source.split(".")[0] for _, hole in placeholders(template) for source in hole.sources}


def _scope(template: Any) -> str:
    """A channel is asked for once each market, or once for all."""
    return "symbol" if _roots(template) & set(_OF_ONE_MARKET) else "symbols"


def _market_parts(url: Any) -> list[str]:
    """The placeholders of a url that depend on the market, as templates of their own."""
    parts: Iterable[str] = (source for _, hole in placeholders(url) for source in hole.sources)
    return [f"{{{source}?}}" for source in parts if source.split(".")[0] in _OF_ONE_MARKET]
