"""One stream about accounts, from the venue's side: what it says, and how it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from declconn.compile.decode import encode
from declconn.compile.lookup import Sources
from declconn.compile.stream import Stream, compile_spelling
from declconn.compile.words import Units
from declconn.records import EMITS, BalanceUpdate, FundingPayment, OrderUpdate, PositionUpdate, TradeUpdate, TradingRule
from declconn.simulator.desk.counters import without_id
from declconn.simulator.desk.members import Members
from declconn.simulator.desk.signatures import Signatures
from declconn.simulator.engine.refusals import RefusedError
from declconn.simulator.streams.doorkeeper import Doorkeeper
from declconn.simulator.streams.heartbeat import Heartbeat
from declconn.simulator.wire.conditions import Conditions
from declconn.simulator.wire.dialect import speech_of
from declconn.simulator.wire.error_writer import ErrorWriter
from declconn.simulator.wire.examples import examples
from declconn.simulator.wire.frames import EventWriter
from declconn.simulator.wire.inverse import lens
from declconn.simulator.wire.lens import Row, UnwritableError
from declconn.spec import Spec, models

EMITTED: Final[Mapping[type, str]] = {
    OrderUpdate: "order_update",
    TradeUpdate: "trade_update",
    BalanceUpdate: "balance_update",
    PositionUpdate: "position_update",
    FundingPayment: "funding_payment",
}
"""What an event is called that brings such a record."""

WAITING: Final = "order_update of those that wait"
"""News of orders that have no fills yet, where a spec tells them apart."""


class PrivateFeed:
    """A stream that a spec declares for accounts.

    Args:
        name: its key in `streams`.
        model: the stream.
        spec: whose it is.
        rules: the markets, in the venue's spelling.
        members: whose keys and tokens are known.
        signatures: checks logins.
        known: what templates may name.

    Attributes:
        doorkeeper: lets connectors in.
        channels: all that can be asked for. A spec need not say which channel brings which news, so whoever has not
            asked for all of them hears nothing.
        known: what templates may name.
        heartbeat: answers the connector's own.

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
        members: Members,
        signatures: Signatures,
        known: Sources,
    ) -> None:
        if model.decode is not None and tuple(model.decode) != ("json",):
            raise ValueError(f"streams.{name}.decode: only JSON frames are written, found {list(model.decode)}")
        self._spec, self._where, self._model, self.known = spec, f"streams.{name}", model, known
        spelling = compile_spelling(model)
        spoken = speech_of(spec, rules, spelling)
        units = Units(model.time_unit or spec.time_unit, model.amount_unit or spec.amount_unit, spec.negative_prices)
        self._stream = Stream(name, model, spelling=spelling, words=spoken.words, units=units)
        self._writers: dict[str, EventWriter] = {
            _kind(event): EventWriter(f"{self._where}.events.{key}", event, model.unwrap, speech=spoken, units=units)
            for key, event in reversed(model.events.items())  # of two events about the same the first is told
            if event.emit in EMITTED.values()
        }
        self._ends = [
            Conditions(f"{self._where}.events.{key}.when", event.when)
            for key, event in model.events.items()
            if event.emit == "reconnect"
        ]
        markets = {
            rule.trading_pair: {"symbol": spelling(rule), "base": rule.base, "quote": rule.quote, "market": {}}
            for rule in rules
        }
        self.doorkeeper = Doorkeeper(
            self._stream, markets, spec, units.time, members=members, signatures=signatures, known=known
        )
        self.channels = frozenset(model.channels)
        self._errors = ErrorWriter(spec.errors)
        self.heartbeat = Heartbeat(self._stream, units.time)
        self.heartbeat.rehearse(known)

    def rehearse(self, rule: TradingRule, now: int) -> None:
        """Say and hear everything once, as what cannot be said or understood is better refused now.

        Args:
            rule: of the market.
            now: the time, nanoseconds since the epoch.

        Raises:
            UnwritableError, ValueError: something cannot be said, or is not understood.
        """
        self.doorkeeper.rehearse()
        said = examples(self._spec, rule, now)
        for kind, writer in self._writers.items():
            for record in map(without_id, said["order"]) if kind == WAITING else said[EMITS[kind]]:
                writer.frame(record, self.known)

    # -- news

    def frames(self, record: Any, fill: TradeUpdate | None, counts: dict[str, int]) -> Iterator[tuple[str, str]]:
        """The frames of a piece of news, each with the kind of its news; none where the stream has no such event.

        Args:
            record: what happened.
            fill: what brought an order into this state; where the spec reads both from one frame they share it.
            counts: the last number on a socket, by channel; it is counted on.
        """
        for frame, emit in self._together(record, fill):
            yield encode(self._numbered(frame, counts)), emit

    def end(self) -> Iterator[str]:
        """The frames that ask a connector to come again."""
        for conditions in self._ends:
            yield encode(conditions.write(None, self.known))

    def _together(self, record: Any, fill: TradeUpdate | None) -> Iterator[tuple[Any, str]]:
        writer, of_fills = self._writer(record), self._writers.get("trade_update")
        if fill is not None and of_fills is not None:
            frame = of_fills.frame(fill, self.known)
            joined = None if writer is None else self._joined(frame, fill, writer, of_fills, record)
            yield (frame if joined is None else joined), "trade_update"
            if joined is not None:
                return
        if writer is not None:
            yield writer.frame(record, self.known), EMITTED[type(record)]

    def _writer(self, record: Any) -> EventWriter | None:
        """Who says it; of an order without the venue's id whoever speaks of those that wait for a price."""
        is_numbered = not isinstance(record, OrderUpdate) or record.exchange_order_id is not None
        return self._writers.get(EMITTED.get(type(record), "") if is_numbered else WAITING)

    def _joined(
        self, frame: Any, fill: TradeUpdate, of_orders: EventWriter, of_fills: EventWriter, order: OrderUpdate
    ) -> Any:
        """The frame of a fill with the order's state in it; ``None`` where the spec does not read it so."""
        try:
            joined = of_orders.frame(order, self.known, frame)
            of_fills.check(joined, fill, self.known)
        except UnwritableError:
            return None
        return joined

    def _numbered(self, frame: Any, counts: dict[str, int]) -> Any:
        sequence = self._model.sequence
        if sequence is None:
            return frame
        channel = "" if sequence.per == "connection" else str(lens(sequence.per).read(Row(frame)))
        counts[channel] = counts.get(channel, 0) + 1
        return next(row.document for row in lens(sequence.path).put(Row(frame), counts[channel]))

    # -- answers

    def welcome(self, sources: Sources) -> str:
        """The good answer to a login; empty where there is none."""
        return self._yes(self._model.login.accepted if self._model.login else None, sources)

    def agree(self, sources: Sources) -> str:
        """The good answer to a subscription; empty where there is none."""
        return self._yes(self._model.accepted, sources)

    def refuse(self, message: Any, error: RefusedError) -> str | None:
        """The bad answer to a message; ``None`` where the spec knows none."""
        refused = self._model.refused
        if refused is None:
            return None
        sources = {**self.known, **(self.doorkeeper.asked(message) or {})}
        document = Conditions(f"{self._where}.refused", refused.when).write(None, sources)
        code, text = self._errors.words(error.kind, error.text)
        for path, value in ((refused.code, code), (refused.message, text)):
            if path is not None and value is not None:
                document = next((row.document for row in lens(path).put(Row(document), value)), document)
        return encode(document)

    def _yes(self, accepted: models.Answer | None, sources: Sources) -> str:
        return encode(Conditions(self._where, accepted.when).write(None, sources)) if accepted else ""


def _kind(event: models.Event) -> str:
    """What an event's news are about: those of an order that never has any fills are about one that waits."""
    slots: Any = event.map
    is_of_orders = event.emit == "order_update" and isinstance(slots, Mapping)
    return WAITING if is_of_orders and "filled" not in slots else event.emit
