"""One stream of a simulated venue: how it is reached, what it understands and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

from declconn.compile.decode import encode
from declconn.compile.stream import Stream, compile_spelling
from declconn.compile.template import Sources
from declconn.compile.words import Units
from declconn.records import TradingRule
from declconn.simulator.desk.rehearsal import senders_of
from declconn.simulator.streams.heartbeat import Heartbeat
from declconn.simulator.streams.subscriptions import Subscriptions, Topic
from declconn.simulator.wire.conditions import Conditions
from declconn.simulator.wire.dialect import speech_of
from declconn.simulator.wire.frames import Frames
from declconn.simulator.wire.question import Question
from declconn.spec import Spec, models


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message of the connector means.

    Attributes:
        answers: what is answered at once.
        subscribed: the topics that it asks for.
        unsubscribed: the topics that it ends.
    """

    answers: tuple[str, ...] = ()
    subscribed: frozenset[Topic] = frozenset()
    unsubscribed: frozenset[Topic] = frozenset()


class _Asked(NamedTuple):
    """The sources of the answer to a message, and the topics that it names."""

    sources: Sources
    topics: frozenset[Topic]


class Feed:
    """A stream from the venue's side.

    Attributes:
        frames: writes what happens.
        heartbeat: answers the connector's own.
        needs_subscription: nothing is heard before it is asked for.

    Raises:
        ValueError: the stream needs something that this simulator does not do.
    """

    def __init__(self, name: str, model: models.Stream, spec: Spec, rules: Sequence[TradingRule]) -> None:
        if model.login is not None:
            raise ValueError(f"streams.{name}.login: nobody is greeted or logged in yet")
        spelling = compile_spelling(model)
        spoken = speech_of(spec, rules, spelling)
        units = Units(model.time_unit or spec.time_unit, model.amount_unit or spec.amount_unit, spec.negative_prices)
        self._stream = Stream(name, model, spelling=spelling, words=spoken.words, units=units)
        self.frames = Frames(self._stream, spec, spoken, units)
        self._markets: dict[str, Sources] = {
            rule.trading_pair: {"symbol": spelling(rule), "base": rule.base, "quote": rule.quote, "market": {}}
            for rule in rules
        }
        self._subscriptions = Subscriptions(self._stream, self._markets)
        self._subscribe, self._unsubscribe = (
            Question(message.send, units.time) if message else None for message in (model.subscribe, model.unsubscribe)
        )
        self._accepted = Conditions(f"streams.{name}.accepted", model.accepted.when) if model.accepted else None
        self.heartbeat = Heartbeat(self._stream, units.time)
        self._sender = senders_of(spec, "")
        self.needs_subscription = model.subscribe is not None

    def urls(self, sources: Sources) -> dict[str, frozenset[str]]:
        """Where it is reached, each url with the pairs that are heard there.

        Raises:
            ConfigurationError: its url needs something that this simulator does not have.
        """
        found: dict[str, frozenset[str]] = {}
        for pair, of in self._markets.items():
            url = str(self._stream.url({**sources, **of}))
            found[url] = found.get(url, frozenset()) | {pair}
        return found

    def topics(self, trading_pair: str, known: Sources) -> frozenset[Topic]:
        """All that a connector can ask for about a pair.

        A spec does not say which channel brings which event, so a pair is heard when all of them are subscribed.
        """
        return self._subscriptions.of_pair(trading_pair, known)

    def rehearse(self, records: Mapping[str, Any], known: Sources) -> None:
        """Say everything once, as what cannot be said is better refused now.

        Args:
            records: news of each kind.
            known: what templates may name.

        Raises:
            UnwritableError, ValueError: something cannot be said.
        """
        self.frames.rehearse(records, known)
        self.heartbeat.rehearse(known)
        asked: set[Topic] = set()
        for message in self._stream.subscribe(self._stream.channels(self._markets, known), count(1)):
            heard = self.hear(message.text({**known, **self._sender}), known)
            asked |= heard.subscribed if heard else frozenset()
        unheard = frozenset[Topic]().union(*(self.topics(pair, known) for pair in self._markets)) - asked
        if self.needs_subscription and unheard:
            name, pair = min(unheard)
            where = f"streams.{self._stream.name}.subscribe"
            raise ValueError(f"{where}: what asks for {name!r} of {pair} cannot be read backwards")

    def hear(self, raw: str | bytes, known: Sources) -> Heard | None:
        """Understand a message of the connector; ``None``: the spec has no such message."""
        message = self.heartbeat.decoded(raw)
        if (answer := self.heartbeat.answer(message, known)) is not None:
            return Heard((answer,))
        if asked := self._asked(self._subscribe, message, known):
            return Heard(self._yes(asked.sources), subscribed=asked.topics)
        if ended := self._asked(self._unsubscribe, message, known):
            return Heard(self._yes(ended.sources), unsubscribed=ended.topics)
        return None

    def _asked(self, question: Question | None, message: Any, known: Sources) -> _Asked | None:
        captures = question.read(message, known) if question else None
        topics = self._subscriptions.asked(captures, known) if captures else None
        return _Asked({**known, **captures}, topics) if captures and topics else None

    def _yes(self, sources: Sources) -> tuple[str, ...]:
        return (encode(self._accepted.write(None, sources)),) if self._accepted else ()
