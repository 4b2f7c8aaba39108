"""A mapping of a spec as a reader: decoded messages in, records out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from declconn.compile.careful import CarefulReader
from declconn.compile.fused import FastReader, fuse
from declconn.compile.misplaced import misplaced
from declconn.compile.plan import Plan, Source, make_plan
from declconn.compile.words import Units, Words
from declconn.errors import MappingError
from declconn.records import Record
from declconn.spec.models.mapping import Each, Path, Slot, Slots

__all__ = ["Reader", "Units", "Words"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Reader:
    """Turns messages into the records of one mapping: ``unwrap``, ``each``, ``where``, then a record for each row.

    A row whose symbol ``words.pairs`` does not have is left out and counted in ``unknown_symbols``. Sizes come out
    in base units, times in nanoseconds; a mapping of a record without a price keeps sizes in quote as they are.

    Args:
        where: the mapping's place in the spec (``streams.market.events.trade``), for errors.
        record: what it fills; with ``None`` a row becomes a dict of the slots' names and the venue's values.
        slots: where the fields stand.
        words: the venue's words; ``pairs`` and ``contract_sizes`` may be filled later.
        units: what times and sizes are counted in.
        unwrap: where the payload stands in the message; without it the message is the payload.
        each: the rows in the payload; without it the payload is the one row.
        row_where: only rows for which this holds.
        facts: what goes into ``TradingRule.market``.
        partial: an update, which may lack required fields that its record's class can do without.

    Raises:
        ValueError: a slot that the record does not have, or that does not fit its field.
    """

    def __init__(
        self,
        where: str,
        record: Record | None,
        slots: Slots,
        *,
        words: Words,
        units: Units,
        unwrap: Path | None = None,
        each: Each | None = None,
        row_where: Path | None = None,
        facts: Mapping[str, Slot] | None = None,
        partial: bool = False,
    ) -> None:
        self.unknown_symbols: dict[str, int] = {}
        """Symbols that ``words.pairs`` does not have, and how many of their rows were left out."""
        self._source = Source(unwrap, each, row_where)

        def plan(given: frozenset[str]) -> Plan:
            return make_plan(where, record, slots, facts or {}, self._source, words, units, given, partial)

        self.plan: Callable[[frozenset[str]], Plan] = plan
        """What is decided about the mapping, by the names of what is given beside a message."""
        self._readers: dict[tuple[str, ...], FastReader] = {}
        self._plain = self._compile(())

    def read(self, frame: Any, given: Mapping[str, Any] = _NOTHING) -> list[Any]:
        """The records of a decoded message.

        Args:
            frame: the message, whose non-integer numbers are ``Decimal``.
            given: captured holes or arguments, which fill fields of their names that the slots leave out.

        Raises:
            MappingError: the message does not have the shape that the spec says; names the field.
        """
        reader = self._reader(given) if given else self._plain
        return reader(frame, given, None)

    def salvage(self, frame: Any, given: Mapping[str, Any] = _NOTHING) -> tuple[list[Any], list[MappingError]]:
        """The records of the rows that can be read, and what was wrong with the others."""
        failed: list[MappingError] = []
        try:
            reader = self._reader(given) if given else self._plain
            return reader(frame, given, failed), failed
        except MappingError as error:
            return [], [error]

    def misplaced(self, frame: Any) -> str | None:
        """What is doubtful about a message without records: it lacks the key that leads to its rows, and has others."""
        return misplaced(self._source, frame)

    def _reader(self, given: Mapping[str, Any]) -> FastReader:
        # Which fields are given decides what the generated code reads, and there are few such sets per mapping.
        names = tuple(given)
        return self._readers.get(names) or self._readers.setdefault(names, self._compile(names))

    def _compile(self, names: tuple[str, ...]) -> FastReader:
        plan = self.plan(frozenset(names))
        return fuse(plan, CarefulReader(plan, self.unknown_symbols))
