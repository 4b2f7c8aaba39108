"""A mapping read field by field: it says which field of a message is wrong, and defines what the fast reader does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias

from declconn.compile.column import Column
from declconn.compile.convert import text, to_base
from declconn.compile.functions import is_true
from declconn.compile.path import compile_row_path
from declconn.compile.plan import Plan, attribute_of
from declconn.compile.structures import rows_of
from declconn.errors import MappingError
from declconn.records import Kind
from declconn.spec.models.mapping import Each
from declconn.spec.path import PathText
from declconn.types import AmountUnit, Side

Failures: TypeAlias = list[MappingError] | None
"""Where errors of rows are gathered; with ``None`` the first one is raised."""

SKIP: Any = object()
"""Instead of a record: the row is not ours to read."""

_EXCERPT = 200

_MOST_UNKNOWN = 1_000
"""Symbols that are counted; a venue that names ever new ones fills no memory."""


class CarefulReader:
    """Reads the rows of a message one field at a time.

    Args:
        plan: the mapping.
        unknown: counts the symbols that ``words.pairs`` does not have, and whose rows are left out.
    """

    def __init__(self, plan: Plan, unknown: dict[str, int]) -> None:
        self._plan = plan
        self._unknown = unknown

    def read(self, frame: Any, given: Mapping[str, Any], failed: Failures) -> list[Any]:
        """All records of a message."""
        out: list[Any] = []
        payload = self._found("unwrap", frame, partial(_at, self._plan.source.unwrap, frame, None, frame))
        for key, row in self._found("each", payload, partial(_rows, self._plan.source.each, payload, frame)):
            self.add(out, row, key, frame, given, failed)
        return out

    def add(self, out: list[Any], row: Any, key: Any, frame: Any, given: Mapping[str, Any], failed: Failures) -> None:
        """Append the record of one row to ``out``, or its error to ``failed``."""
        try:
            record = self.row(row, key, frame, given)
        except MappingError as error:
            if failed is None:
                raise
            failed.append(error)
        else:
            if record is not SKIP:
                out.append(record)

    def row(self, row: Any, key: Any, frame: Any, given: Mapping[str, Any]) -> Any:
        """The record of one row, or ``SKIP``.

        Raises:
            MappingError: a field is missing, or is not what the record holds.
        """
        where = self._plan.source.where
        if where is not None and not is_true(self._found("where", row, partial(_at, where, row, key, frame))):
            return SKIP
        values: dict[str, Any] = {}
        try:
            for column in self._plan.columns:
                read = partial(self._field, column, row, key, frame, given, values)
                values[column.name] = self._found(column.name, row, read)
                if values[column.name] is SKIP:
                    return SKIP
            self._check_tells(values, row)
        except MappingError as error:
            error.trading_pair = values.get("symbol") or self._pair_of(row, key, frame, given)
            raise
        facts = {
            column.name: self._found(column.name, row, partial(column.read, row, key, frame, given))
            for column in self._plan.facts
        }
        return self._record(values, facts)

    def _check_tells(self, values: Mapping[str, Any], row: Any) -> None:
        needs = self._plan.needs
        if needs and all(values[column.name] is None for column in needs):
            looked = ", ".join(f"{column.name} at {str(column.slot.path)!r}" for column in needs if column.slot)
            reason = f"found none of these, and a row needs one: {looked}"
            raise MappingError(self._plan.where, needs[0].name, reason, _excerpt(row))

    def _field(
        self, column: Column, row: Any, key: Any, frame: Any, given: Mapping[str, Any], values: Mapping[str, Any]
    ) -> Any:
        value = column.read(row, key, frame, given)
        if value is None:
            if column.required:
                raise ValueError(_missing(column))
            return None
        if column.kind is Kind.SYMBOL and not column.table:
            return self.pair(value)
        return self._in_base(column, value, values) if column.kind is Kind.AMOUNT else value

    def _pair_of(self, row: Any, key: Any, frame: Any, given: Mapping[str, Any]) -> str | None:
        """The market of a row that cannot be read whole."""
        column = next((column for column in self._plan.columns if column.kind is Kind.SYMBOL), None)
        if column is None:
            return None
        try:
            symbol = self._found("symbol", row, partial(column.read, row, key, frame, given))
        except MappingError:
            return None
        return self._plan.words.pairs.get(text(symbol)) if symbol is not None else None

    def pair(self, symbol: Any) -> Any:
        """The trading pair of a symbol; an unknown one is counted and gives ``SKIP``."""
        name = text(symbol)
        pair = self._plan.words.pairs.get(name)
        if pair is None:
            if name in self._unknown or len(self._unknown) < _MOST_UNKNOWN:
                self._unknown[name] = self._unknown.get(name, 0) + 1
            return SKIP
        return pair

    def _in_base(self, column: Column, amount: Decimal, values: Mapping[str, Any]) -> Decimal | None:
        words, pair = self._plan.words, values.get("symbol") or ""
        unit = column.amount
        if not column.own_unit:
            unit = values.get("amount_unit") or (words.amount_units or {}).get(pair) or unit
        size = values.get("contract_size") or words.contract_sizes.get(pair)
        inverse = values.get("contract_unit") is AmountUnit.QUOTE or pair in words.inverse
        at, priced = values.get(self._plan.price), bool(self._plan.price)
        return to_base(amount, unit, size, at, inverse=inverse, priced=priced, required=column.required)

    def _record(self, values: dict[str, Any], facts: dict[str, Any]) -> Any:
        record = self._plan.record
        if record is None:
            return values
        attributes = {attribute_of(record, name): value for name, value in values.items() if value is not None}
        if self._plan.sign_is_side:
            attributes["side"] = Side.SELL if values["amount"] < 0 else Side.BUY
            attributes["amount"] = values["amount"].copy_abs()
        if "changes" in attributes:
            attributes["bids"], attributes["asks"] = attributes.pop("changes")
        if "bids" in record.fields:
            attributes = {"bids": [], "asks": [], **attributes}
        return record.type(**attributes, **({"market": facts} if facts else {}))

    def _found(self, field: str, message: Any, look: Callable[[], Any]) -> Any:
        """What ``look`` gives; its error becomes one that names the field and quotes the message."""
        try:
            return look()
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as error:
            reason = str(error) or type(error).__name__
            raise MappingError(self._plan.where, field, reason, _excerpt(message)) from error


def _at(path: PathText | None, value: Any, key: Any, frame: Any) -> Any:
    return value if path is None else compile_row_path(path)(value, key, frame)


def _rows(each: Each | None, payload: Any, frame: Any) -> list[tuple[Any, Any]]:
    if each is None:
        return [(None, payload)]
    return nested_rows(each, payload, frame) if isinstance(each, Mapping) else pairs_of(_at(each, payload, None, frame))


def nested_rows(loops: Mapping[str, PathText], payload: Any, frame: Any) -> list[tuple[Any, Any]]:
    """The rows of named nested loops, each a map of the loops' names to their values."""
    rows: list[tuple[Any, Any]] = [(None, {})]
    for number, (name, path) in enumerate(loops.items()):
        rows = [
            (inner_key, {**names, name: item})
            for key, names in rows
            for inner_key, item in pairs_of(_at(path, payload if number == 0 else names, key, frame))
        ]
    return rows


def pairs_of(value: Any) -> list[tuple[Any, Any]]:
    """Rows with their keys: of a map its items, of a list its items with no key."""
    return list(value.items()) if value.__class__ is dict else [(None, row) for row in rows_of(value)]


def _missing(column: Column) -> str:
    if column.slot is None:
        return "nothing fills it: no path, no captured hole, no argument of this name"
    return f"found nothing at {str(column.slot.path)!r}, expected {column.kind}"


def _excerpt(message: Any) -> str:
    quoted = repr(message)
    return quoted if len(quoted) <= _EXCERPT else quoted[: _EXCERPT - 3] + "..."
