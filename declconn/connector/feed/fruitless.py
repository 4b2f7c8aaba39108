"""Events that come and never bring a record: their spec looks for rows, or for markets, where there are none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from declconn.compile.stream import PUBLIC, Event
from declconn.connector.complaints import Complaints
from declconn.connector.strange_times import strange_time_of

MANY: Final = 10
"""So many frames of an event without a record are no chance: an empty list now and then is ordinary."""

_SHOWN: Final = 3


class Fruitless:
    """Tells once of each event that, in its first frames, looked where nothing is, or took times for others.

    Args:
        where: the stream's place in the spec.
        events: the stream's.
        complaints: hears of it.

    Attributes:
        waiting: how many frames each event brought that never gave a record; one that did is asked no more.
    """

    def __init__(self, where: str, events: Iterable[Event], complaints: Complaints) -> None:
        self._where, self._complaints = where, complaints
        self.waiting = {event.name: 0 for event in events if event.reader is not None}

    def found(self, event: Event, records: list[Any]) -> None:
        """A frame gave records; of the first ones the time is looked at."""
        if self.waiting.pop(event.name, None) is not None and (doubt := strange_time_of(records[0])):
            place = f"{self._where}.events.{event.name}"
            self._complaints.add(f"{place}.timestamp", f"{place}: its first record has {doubt}")

    def found_nothing(self, event: Event, frame: Any) -> None:
        """A frame that could be read gave no record."""
        if event.name not in self.waiting:
            return
        self.waiting[event.name] += 1
        if self.waiting[event.name] < MANY or (doubt := _doubt(event, frame)) is None:
            return
        place, (field, found) = f"{self._where}.events.{event.name}", doubt
        self._complaints.add(f"{place}.{field}", f"{place}: {MANY} frames and not one record; the last one has {found}")
        del self.waiting[event.name]


def _doubt(event: Event, frame: Any) -> tuple[str, str] | None:
    """What may be wrong in the spec, and what the frame has instead."""
    if event.reader is None:
        return None
    unknown = list(event.reader.unknown_symbols)[:_SHOWN]
    if unknown and event.emit in PUBLIC:  # an account may well have orders in markets that are not ours
        return "symbol", f"no market of `trading_rules`: {', '.join(map(repr, unknown))}; look at the `symbol` of both"
    misplaced = event.reader.misplaced(frame)
    return None if misplaced is None else ("each", misplaced)
