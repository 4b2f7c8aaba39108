"""Records as messages: a mapping of a spec, read backwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import product
from typing import Any, Final

from declconn.compile.column import Column
from declconn.compile.holes import word
from declconn.compile.mapping import Reader, Units
from declconn.compile.plan import Source, attribute_of, make_plan
from declconn.errors import MappingError
from declconn.records import Fee, Kind, Record
from declconn.simulator.wire.arithmetic import SOLUTIONS, number
from declconn.simulator.wire.fee_lens import fee_lens
from declconn.simulator.wire.inverse import lens
from declconn.simulator.wire.lens import Lens, Row, UnwritableError
from declconn.simulator.wire.levels import same_levels, write_levels
from declconn.simulator.wire.values import Speech
from declconn.spec.models import Each, Path, Slots
from declconn.spec.path import called_functions, parse_path
from declconn.types import OrderState

WHOLE: Final = "frame()."
"""What a path begins with that reads the whole message, not the payload."""


class Writer:
    """Writes the messages that a `Reader` of the same mapping reads; what does not read back is refused.

    Fields of a record that are ``None`` or empty are left out.

    Args:
        where: the mapping's place in the spec, for errors.
        record: what is written; with ``None`` it is a map of the slots' names.
        slots: where the fields stand.
        speech: the venue's words.
        units: what times and sizes are counted in.
        unwrap: where the payload stands in the message.
        each: the rows in the payload: a list, or a map if a slot reads ``key()``.
        row_where: what has to hold for a row.
        partial: an update, which may lack required fields.

    Raises:
        ValueError: a path that cannot be written, whatever the record.
    """

    def __init__(
        self,
        where: str,
        record: Record | None,
        slots: Slots,
        *,
        speech: Speech,
        units: Units,
        unwrap: Path | None = None,
        each: Each | None = None,
        row_where: Path | None = None,
        partial: bool = False,
    ) -> None:
        if isinstance(each, Mapping):
            raise ValueError(f"{where}.each: named loops are not written by this simulator")
        plan = make_plan(
            where, record, slots, {}, Source(unwrap, each, row_where), speech.words, units, frozenset(), partial
        )
        self._where, self._record, self._speech = where, record, speech
        self._columns = sorted((column for column in plan.columns if column.slot is not None), key=_turn)
        for column in self._columns:
            if column.kind is Kind.CHANGES:
                raise ValueError(f"{where}.{column.name}: {column.kind} is not written by this simulator")
        self._around = {column.name: lens(path) for column in self._columns if (path := _path_around(column))}
        self._places = {column.name: _place(column) for column in self._columns if column.name not in self._around}
        self._unwrap, self._row_where = (
            lens("@" if unwrap is None else unwrap),
            lens(True if row_where is None else row_where),
        )
        self._each = None if each is None else lens(each)
        self._uses_key = plan.uses_key
        self.reader = Reader(
            where,
            record,
            slots,
            words=speech.words,
            units=units,
            unwrap=unwrap,
            each=each,
            row_where=row_where,
            partial=partial,
        )

    def write(self, records: Sequence[Any], given: Mapping[str, Any]) -> Any:
        """A message with these records.

        Args:
            records: one for each row.
            given: what the reader knows besides the message, and the message therefore need not hold.

        Raises:
            UnwritableError: the message would not read as these records.
        """
        message = self.draft(records)
        self.check(message, records, given)
        return message

    def draft(self, records: Sequence[Any], onto: Any = None) -> Any:
        """The same, before it is known how it reads.

        Args:
            records: one for each row.
            onto: a message that holds other records in the same rows; it is left as it is.
        """
        starts = self._rows(onto)
        rows = [
            self._row(index, record, starts[index] if index < len(starts) else None)
            for index, record in enumerate(records)
        ]
        payload = self._unwrap.read(Row(onto))
        if self._each is not None:
            listed = {row.key: row.document for row in rows} if self._uses_key else [row.document for row in rows]
            payload = self._put("each", self._each, listed, payload)
        elif len(rows) == 1:
            payload = rows[0].document
        else:
            raise UnwritableError(self._where, "each", f"without it a message has one record, found {len(rows)}")
        return self._put_around(records, self._put("unwrap", self._unwrap, payload, onto))

    def _put_around(self, records: Sequence[Any], message: Any) -> Any:
        """Write what stands beside the payload, and is the same for all records."""
        for column in self._columns:
            values = [self._raw(column, record) for record in records] if column.name in self._around else []
            for value in (value for value in values if value is not None):
                message = self._put(column.name, self._around[column.name], value, message)
        return message

    def _rows(self, message: Any) -> list[Any]:
        """The rows that a message has already."""
        payload = self._unwrap.read(Row(message))
        rows = payload if self._each is None else self._each.read(Row(payload))
        if isinstance(rows, dict) and self._each is not None:
            return list(rows.values())
        return rows if isinstance(rows, list) else [] if rows is None else [rows]

    def check(self, message: Any, records: Sequence[Any], given: Mapping[str, Any]) -> None:
        """Read the message as the connector will.

        Raises:
            UnwritableError: it reads as something else.
        """
        try:
            found = self.reader.read(message, given)
        except MappingError as error:
            raise UnwritableError(self._where, error.field, f"does not read back: {error.reason}") from error
        if len(found) != len(records):
            raise UnwritableError(self._where, "", f"{len(records)} records read back as {len(found)}")
        for record, read in zip(records, found, strict=True):
            for column in self._columns:
                self._compare(column, record, read)

    def _row(self, index: int, record: Any, start: Any = None) -> Row:
        """A row in the first of the venue's words for these values in which it reads right."""
        columns = [column for column in self._columns if column.name in self._places]
        choices = [self._choices(column, record) for column in columns]
        refused = None
        for raw in product(*choices):
            try:
                return self._said(index, dict(zip((column.name for column in columns), raw, strict=True)), start)
            except UnwritableError as error:
                refused = refused or error
        raise refused or UnwritableError(self._where, "", "nothing says this record")

    def _said(self, index: int, raw: Mapping[str, Any], start: Any) -> Row:
        row = Row(start, str(raw.get("symbol", index)) if self._uses_key else None)
        written: dict[str, Any] = {}
        for name, value in raw.items():
            if value is not None:
                written[name] = value
                row = self._first(name, self._places[name].put(row, value), written)
        return self._first("where", self._row_where.make(row, True), written)

    def _first(self, field: str, offered: Iterator[Row], written: Mapping[str, Any]) -> Row:
        """The first row offered in which every field that was written reads right."""
        for row in offered:
            if all(_same(self._places[name].read(row), value) for name, value in written.items()):
                return row
        value = written.get(field, "this record")
        raise UnwritableError(self._where, field, f"its path cannot be read backwards for {value!r}")

    def _put(self, field: str, place: Lens, value: Any, onto: Any = None) -> Any:
        for row in place.put(Row(onto), value):
            if place.read(row) == value:
                return row.document
        raise UnwritableError(self._where, field, "its path cannot be read backwards")

    def _choices(self, column: Column, record: Any) -> Sequence[Any]:
        """What may be written of a field: where several words of the venue mean the same, each of them."""
        first = self._raw(column, record)
        if first is None or not column.table:
            return [first]
        return self._speech.choices(column, self._field(column, record), record)

    def _raw(self, column: Column, record: Any) -> Any:
        value = self._field(column, record)
        if value is None or value == ():
            return None
        try:
            if column.kind is Kind.LEVELS and column.slot is not None:
                return write_levels(column.slot, value)
            return self._speech.value(column, value, record)
        except ValueError as error:
            raise UnwritableError(self._where, column.name, str(error)) from error

    def _field(self, column: Column, record: Any) -> Any:
        if self._record is None:
            return record.get(column.name)
        return getattr(record, attribute_of(self._record, column.name))

    def _compare(self, column: Column, record: Any, read: Any) -> None:
        given, found = self._field(column, record), self._field(column, read)
        if given is None or given == ():
            return
        if column.kind is Kind.TIME:
            given = column.value(self._raw(column, record))  # the venue's unit may be too coarse for all of it
        if not _SAME.get(column.kind, _equal)(given, found):
            raise UnwritableError(self._where, column.name, f"{given!r} reads back as {found!r}")


def _place(column: Column) -> Lens:
    if column.kind is Kind.FEE and column.slot is not None:
        return fee_lens(column.slot)
    path = column.slot.path if column.slot else None
    return lens("@" if path is None else path)


def _turn(column: Column) -> int:
    """Words go first, since where other fields stand may depend on them, like an order's price on its type.

    What is computed goes last: its operands may be fields of their own, and are known then.
    """
    return 0 if column.table else 2 if _is_computed(column) else 1


def _is_computed(column: Column) -> bool:
    paths = (column.slot.path, column.slot.amount) if column.slot else ()
    return any(called_functions(parse_path(path)) & SOLUTIONS.keys() for path in paths if path is not None)


def _path_around(column: Column) -> str | None:
    """A path that begins in the whole message, without that beginning."""
    path = column.slot.path if column.slot else None
    return path.removeprefix(WHOLE) if isinstance(path, str) and path.startswith(WHOLE) else None


def _same(read: Any, written: Any) -> bool:
    """A number that was computed equals the text that stands for it."""
    if read.__class__ is Decimal:
        return read == number(written)
    return bool(read == written) or (word(read) is not None and word(read) == word(written))


def _equal(given: Any, found: Any) -> bool:
    return bool(given == found)


def _same_state(given: OrderState, found: OrderState) -> bool:
    """That an order is filled in part is told by its filled amount, where the venue has no word for it."""
    return found is given or (given, found) == (OrderState.PARTIALLY_FILLED, OrderState.OPEN)


def _same_fees(given: Sequence[Fee], found: Sequence[Fee]) -> bool:
    """A fee without a token is in the one that everybody knows."""
    return len(given) == len(found) and all(
        fee.amount == read.amount and read.token in (fee.token, None) for fee, read in zip(given, found, strict=True)
    )


_SAME: Mapping[Kind, Callable[[Any, Any], bool]] = {
    Kind.LEVELS: same_levels,
    Kind.STATE: _same_state,
    Kind.FEE: _same_fees,
}
"""How a field is compared that is not simply equal."""
