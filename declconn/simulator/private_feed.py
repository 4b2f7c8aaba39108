"""One stream about accounts, from the venue's side: who may hear it, and what he hears."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from declconn.compile.decode import encode
from declconn.compile.lookup import Sources
from declconn.compile.recipe import PLAIN, Recipe
from declconn.compile.stream import Stream, compile_spelling
from declconn.compile.template import compile_template
from declconn.compile.words import Units
from declconn.errors import MappingError
from declconn.records import (
    BalanceUpdate,
    FundingPayment,
    OrderUpdate,
    PositionUpdate,
    TradeUpdate,
    TradingRule,
)
from declconn.simulator.conditions import Conditions
from declconn.simulator.dialect import speech
from declconn.simulator.error_writer import ErrorWriter
from declconn.simulator.frames import EventWriter
from declconn.simulator.inverse import lens
from declconn.simulator.lens import Row
from declconn.simulator.members import Member, Members
from declconn.simulator.question import Question
from declconn.simulator.reading import TemplateReader, as_sources
from declconn.simulator.refusals import RefusedError
from declconn.simulator.signatures import Signatures
from declconn.simulator.subscriptions import Subscriptions, Topic
from declconn.spec import Spec, models

EMITTED: Final[Mapping[type, str]] = {
    OrderUpdate: "order_update",
    TradeUpdate: "trade_update",
    BalanceUpdate: "balance_update",
    PositionUpdate: "position_update",
    FundingPayment: "funding_payment",
}
"""What an event is called that brings such a record."""


class PrivateFeed:
    """A stream that a spec declares for accounts.

    Args:
        name: its key in `streams`.
        model: the stream.
        spec: whose it is.
        rules: the markets, in the venue's spelling.
        recipe: what its login is signed with.
        members: whose keys and tokens are known.
        signatures: checks a login.
        known: what templates may name.

    Attributes:
        needs_login: nothing is heard before a login.
        needs_subscription: nothing is heard before it is asked for.

    Raises:
        ValueError: the stream needs something that this simulator does not do.
    """

    def __init__(
        self,
        name: str,
        model: models.Stream,
        spec: Spec,
        rules: Sequence[TradingRule],
        *,
        recipe: Recipe = PLAIN,
        members: Members,
        signatures: Signatures,
        known: Sources,
    ) -> None:
        _refuse_unplayed(name, model, spec)
        self.name, self._where, self._model = name, f"streams.{name}", model
        self._recipe, self._members, self._signatures, self._known = recipe, members, signatures, known
        spelling = compile_spelling(model)
        sizes = {rule.trading_pair: rule.contract_size for rule in rules if rule.contract_size is not None}
        spoken = speech(spec, {spelling(rule): rule.trading_pair for rule in rules}, sizes)
        units = Units(model.time_unit or spec.time_unit, model.amount_unit or spec.amount_unit, spec.negative_prices)
        self._stream = Stream(name, model, spelling=spelling, words=spoken.words, units=units)
        self._writers = {
            event.emit: EventWriter(f"{self._where}.events.{key}", event, model.unwrap, speech=spoken, units=units)
            for key, event in model.events.items()
            if event.emit in EMITTED.values()
        }
        self._ends = [
            Conditions(f"{self._where}.events.{key}.when", event.when)
            for key, event in model.events.items()
            if event.emit == "reconnect"
        ]
        self._markets = {
            rule.trading_pair: {"symbol": spelling(rule), "base": rule.base, "quote": rule.quote, "market": {}}
            for rule in rules
        }
        self._reader = TemplateReader(units.time, known)
        self._subscriptions = Subscriptions(self._stream, self._markets)
        self._subscribe = Question(model.subscribe.send, units.time) if model.subscribe else None
        self._session_names = tuple(spec.session)
        self._errors = ErrorWriter(spec.errors)
        login = model.login
        self._login = None if login is None or login.send is None else login.send
        self._write_login = compile_template(self._login, units.time)
        inject: Any = getattr(spec.auth.recipes.get(login.auth or "") if login else None, "inject", None)
        self._signed_login = _merged(self._login, inject.message or {}) if inject else self._login
        heartbeat = model.heartbeat
        self._beat = Question(heartbeat.send, units.time) if heartbeat and heartbeat.send else None
        self.needs_login, self.needs_subscription = self._login is not None, self._subscribe is not None

    def at(self, url: str) -> tuple[bool, str | None]:
        """Whether the stream is at this url, and whose token it has, if it has one.

        Raises:
            RefusedError: authentication: its token is nobody's.
        """
        for found in self._reader.read(self._model.url, url, {}):
            sources = as_sources(found)
            return True, self._signatures.member(sources).account if "session" in sources else None
        return False, None

    # -- what is heard

    def decode(self, raw: str | bytes) -> Any:
        """A message of the connector; one that is no JSON stays text."""
        try:
            return self._stream.decode(raw)
        except MappingError:
            return raw

    def is_heartbeat(self, message: Any) -> bool:
        """Whether a message only says that the connector lives."""
        return self._beat is not None and self._beat.read(message, self._known) is not None

    def logs_in(self, message: Any) -> tuple[Member, str] | None:
        """Who logs in with a message, and the good answer; ``None`` if it is no login.

        Raises:
            RefusedError: authentication, clock_skew or nonce.
        """
        if self._login is None or not isinstance(message, dict):
            return None
        for found in self._reader.read(self._signed_login, message, {}):
            sources = {**self._known, **as_sources(found)}
            member = self._signatures.check_message(message, sources, self._sign)
            return member, self._yes(self._model.login.accepted if self._model.login else None, sources)
        return None

    def subscribes(self, message: Any) -> tuple[Member | None, frozenset[str], str] | None:
        """Whose token a message has (if it has one), the channels that it asks for, and the good answer.

        Raises:
            RefusedError: authentication: its token is nobody's.
        """
        captures = self._subscribe.read(message, self._known) if self._subscribe else None
        if captures is None:
            return None
        for token in (*self._members.tokens(), ""):
            known = {**self._known, "session": dict.fromkeys(self._session_names, token)}
            topics: frozenset[Topic] = self._subscriptions.asked(captures, known)
            if topics:
                answer = self._yes(self._model.accepted, {**known, **captures})
                return self._members.holder(token), frozenset(name for name, _ in topics), answer
        raise RefusedError("authentication", "Invalid session: nobody has this token")

    @property
    def channels(self) -> frozenset[str]:
        """All that can be asked for; a spec does not say which channel brings which news."""
        return frozenset(self._model.channels)

    def _sign(self, sources: Sources) -> Mapping[str, Any]:
        return self._recipe.sign_message(self._write_login(sources), sources)

    # -- what is said

    def frames(self, record: Any, counts: dict[str, int]) -> Iterator[tuple[str, str]]:
        """The frame of a piece of news and its kind; nothing if the stream has no such event.

        Args:
            record: what happened.
            counts: the last number on a socket, by channel; it is counted on.
        """
        emit = EMITTED.get(type(record))
        if emit is not None and emit in self._writers:
            frame = self._writers[emit].frame(record, self._known)
            yield encode(self._numbered(frame, counts)), emit

    def beat_back(self, message: Any) -> str:
        """The answer to a heartbeat; where the spec knows none its own words come back, because silence is death."""
        answer: Any = self._model.heartbeat.answer if self._model.heartbeat else None
        if isinstance(answer, Mapping):
            return encode(Conditions(f"{self._where}.heartbeat.answer", answer).write(None, self._known))
        return str(answer) if answer is not None else encode(message)

    def end(self) -> Iterator[str]:
        """The frames that ask a connector to come again."""
        for conditions in self._ends:
            yield encode(conditions.write(None, self._known))

    def refusal(self, message: Any, error: RefusedError) -> str | None:
        """What is answered to a message that is refused; ``None`` where the spec knows no such answer."""
        refused = self._model.refused
        asked = self._subscribe.read(message, self._known) if self._subscribe else None
        if refused is None:
            return None
        document = Conditions(f"{self._where}.refused", refused.when).write(None, {**self._known, **(asked or {})})
        code, text = self._errors.words(error.kind, error.text)
        for path, value in ((refused.code, code), (refused.message, text)):
            if path is not None and value is not None:
                document = next((row.document for row in lens(path).put(Row(document), value)), document)
        return encode(document)

    def _yes(self, accepted: models.Answer | None, sources: Sources) -> str:
        return encode(Conditions(self._where, accepted.when).write(None, sources)) if accepted else ""

    def _numbered(self, frame: Any, counts: dict[str, int]) -> Any:
        sequence = self._model.sequence
        if sequence is None:
            return frame
        channel = "" if sequence.per == "connection" else str(lens(sequence.per).read(Row(frame)))
        counts[channel] = counts.get(channel, 0) + 1
        return next(row.document for row in lens(sequence.path).put(Row(frame), counts[channel]))


def _merged(template: Any, more: Mapping[str, Any]) -> Any:
    """A message template with what its recipe adds, maps merged."""
    merged = dict(template or {})
    for name, value in more.items():
        inner = merged.get(name)
        merged[name] = _merged(inner, value) if isinstance(inner, Mapping) and isinstance(value, Mapping) else value
    return merged


def _refuse_unplayed(name: str, model: models.Stream, spec: Spec) -> None:
    where = f"streams.{name}"
    if model.decode is not None and tuple(model.decode) != ("json",):
        raise ValueError(f"{where}.decode: only JSON frames are written, found {list(model.decode)}")
    if model.auth is not None or (model.subscribe is not None and model.subscribe.auth is not None):
        raise ValueError(f"{where}: signed handshakes and signed subscriptions are not checked yet")
    if model.login is not None and model.login.send is None:
        raise ValueError(f"{where}.login: nobody is greeted yet")
    recipe = spec.auth.recipes.get(model.login.auth or "") if model.login else None
    if recipe is not None and not isinstance(recipe, models.Recipe):
        raise ValueError(f"{where}.login: its recipe is a choice, which is not taken apart")
