"""The frames of one stream of a simulated venue, written so that the spec reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from declconn.compile.decode import encode
from declconn.compile.stream import Stream
from declconn.compile.template import Sources
from declconn.compile.words import Units
from declconn.records import EMITS, RECORDS, UPDATES
from declconn.simulator.wire.conditions import Conditions
from declconn.simulator.wire.values import Speech
from declconn.simulator.wire.writer import Writer
from declconn.spec import Spec, models

PLAYED = frozenset({"order_book_snapshot", "order_book_diff", "trade", "liquidation", "funding_info"})
"""What this simulator has news of, for everybody."""


class EventWriter:
    """Writes the frames of one event.

    Raises:
        ValueError: its frames cannot be written; says why.
    """

    def __init__(self, where: str, model: models.Event, unwrap: Any, *, speech: Speech, units: Units) -> None:
        if isinstance(model.map, models.Hook):
            raise ValueError(f"{where}.map is a Python hook, which has no inverse")
        self._conditions = Conditions(f"{where}.when", model.when)
        self._writer = Writer(
            where,
            RECORDS[EMITS[model.emit]],
            model.map or {},
            speech=speech,
            units=units,
            unwrap=model.unwrap if model.unwrap is not None else unwrap,
            each=model.each,
            row_where=model.where,
            partial=model.emit in UPDATES,
        )
        self._speech = speech

    def frame(self, record: Any, known: Sources, onto: Any = None) -> Any:
        """A frame with one record.

        Args:
            record: what happened.
            known: what the connector knows besides the frame: ``opt``, ``env``, ...
            onto: a frame with another record, which this one joins in its row.

        Raises:
            UnwritableError: the spec would not read it so.
        """
        pair = getattr(record, "trading_pair", None)
        of_market = {} if pair is None else {"symbol": self._speech.symbol(pair)}
        frame = self._conditions.write(self._writer.draft([record], onto), {**known, **of_market})
        self.check(frame, record, known)
        return frame

    def check(self, frame: Any, record: Any, known: Sources) -> None:
        """Raise ``UnwritableError`` if a frame does not read as this record."""
        self._writer.check(frame, [record], self._conditions.match(frame, known) or {})


class Frames:
    """All that a stream has to say.

    Attributes:
        emits: what it can say.

    Raises:
        ValueError: the stream needs something that this simulator does not do.
    """

    def __init__(self, stream: Stream, spec: Spec, speech: Speech, units: Units) -> None:
        model = stream.model
        if model.decode is not None and tuple(model.decode) != ("json",):
            raise ValueError(f"streams.{stream.name}.decode: only JSON frames are written, found {list(model.decode)}")
        if model.sequence is not None:
            raise ValueError(f"streams.{stream.name}.sequence: counters over all frames are not written yet")
        self._writers: dict[str, EventWriter] = {
            event.emit: EventWriter(
                f"streams.{stream.name}.events.{name}", event, model.unwrap, speech=speech, units=units
            )
            for name, event in model.events.items()
            if event.emit in PLAYED
        }
        self.emits = frozenset(self._writers)

    def rehearse(self, records: Mapping[str, Any], known: Sources) -> None:
        """Write a frame of each kind.

        Args:
            records: an example for each emit.
            known: what the connector knows besides the frames.

        Raises:
            UnwritableError: better now than when it happens.
        """
        for emit in self.emits:
            self.text(emit, records[emit], known)

    def text(self, emit: str, record: Any, known: Sources) -> str:
        """A frame as it is sent."""
        return encode(self._writers[emit].frame(record, known))
