"""A field of a mapping with everything about it decided: where it stands, how it is read, whether it must be there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from declconn.compile import convert
from declconn.compile.convert import found, text, unmapped
from declconn.compile.path import RowReader, compile_row_path
from declconn.compile.structures import STRUCTURES
from declconn.compile.words import Units, Words
from declconn.records import Kind
from declconn.spec.models.mapping import Slot
from declconn.types import (
    AmountUnit,
    FillCause,
    OrderState,
    PositionAction,
    PositionMode,
    PositionSide,
    Side,
    TimeUnit,
    Trigger,
)

Converter: TypeAlias = Callable[[Any], Any]
"""Takes a value that is there (neither null nor empty text) and returns ours, or ``None`` for absent after all."""

ENUMS: Mapping[Kind, type] = {
    Kind.SIDE: Side,
    Kind.STATE: OrderState,
    Kind.MODE: PositionMode,
    Kind.POSITION_SIDE: PositionSide,
    Kind.POSITION_ACTION: PositionAction,
    Kind.CAUSE: FillCause,
    Kind.TRIGGER: Trigger,
    Kind.AMOUNT_UNIT: AmountUnit,
}
"""The kinds that are words of ours."""

_ELSE_NONE: Mapping[Kind, Mapping[str, Any]] = {
    Kind.CAUSE: {cause.value: cause for cause in FillCause},
    Kind.TRIGGER: {trigger.value: trigger for trigger in Trigger},
}
"""Kinds that most rows have none of, and venues many words for that."""


@dataclass(frozen=True, slots=True)
class Column:
    """One field.

    Attributes:
        name: the record's name of it.
        kind: what it holds.
        slot: where the spec says it stands; ``None`` if the caller gives it.
        required: a row without it is refused.
        table: the slot's own words (its ``map``), each with our value; empty if it has none.
        time: the unit of a time.
        amount: the unit of a size; ``own_unit`` says that the slot itself names it.
        signed: a number may be negative.
    """

    name: str
    kind: Kind
    slot: Slot | None
    required: bool
    table: Mapping[str, Any]
    time: TimeUnit
    amount: AmountUnit
    own_unit: bool
    signed: bool
    _convert: Converter
    _structure: RowReader | None

    def read(self, row: Any, key: Any, frame: Any, given: Mapping[str, Any]) -> Any:
        """The field of one row; ``None`` if it is absent."""
        if self._structure is not None:
            return self._structure(row, key, frame)
        if self.slot is None or self.slot.path is None:
            return self.value(given.get(self.name))
        return self.value(compile_row_path(self.slot.path)(row, key, frame))

    def value(self, raw: Any) -> Any:
        """What the venue's value means; ``None`` if it is absent."""
        if raw is None:
            return None
        if self.table:
            return self._mapped(raw)
        return None if raw == "" and self.kind is not Kind.ANY else self._convert(raw)

    def _mapped(self, raw: Any) -> Any:
        word = text(raw)
        if word in self.table:
            return self.table[word]
        if word == "":
            return None
        if "*" in self.table:
            return self.table["*"]
        if self.kind in _ELSE_NONE:
            return None
        raise unmapped(raw, self.table, "`map`")


def column(
    name: str,
    kind: Kind,
    slot: Slot | None,
    words: Words,
    units: Units,
    *,
    required: bool = False,
    signed: bool = False,
) -> Column:
    """Decide about one field.

    Raises:
        ValueError: the slot has a unit or a word that this kind of field does not have.
    """
    unit = slot.unit if slot else None
    time = TimeUnit(unit) if unit and kind is Kind.TIME else units.time
    size = AmountUnit(unit) if unit and kind is Kind.AMOUNT else units.amount
    signed = signed or kind is Kind.DECIMAL or (kind is Kind.PRICE and units.negative_prices)
    convert_value = _converter(kind, words, time, signed)
    own = own_converter(kind, convert_value)
    table = {word: own(ours) for word, ours in ((slot and slot.map) or {}).items()}
    structure = STRUCTURES[kind](slot, words) if kind in STRUCTURES and slot is not None else None
    return Column(name, kind, slot, required, table, time, size, bool(unit), signed, convert_value, structure)


def own_converter(kind: Kind, otherwise: Converter) -> Converter:
    """How our words are read where a `map` writes them; ``otherwise`` for kinds that have no words of ours."""
    if kind in ENUMS:
        return ENUMS[kind]
    if kind is Kind.MODES:
        return lambda modes: tuple(
            PositionMode(mode) for mode in (modes if isinstance(modes, list | tuple) else [modes])
        )
    return str if kind in (Kind.SYMBOL, Kind.ASSET) else otherwise


def _converter(kind: Kind, words: Words, time: TimeUnit, signed: bool) -> Converter:
    tables: Mapping[Kind, tuple[Mapping[str, Any], str]] = {
        Kind.SIDE: (words.sides, "`orders.sides`"),
        Kind.MODE: (words.position_modes, "`positions.modes`"),
        Kind.MODES: (words.position_modes, "`positions.modes`"),
        Kind.POSITION_SIDE: (words.position_sides, "`positions.sides`"),
        Kind.POSITION_ACTION: ({action.value: action for action in PositionAction}, "the language"),
        Kind.AMOUNT_UNIT: ({unit.value: unit for unit in AmountUnit}, "the language"),
    }
    if kind in tables:
        lookup = _lookup(*tables[kind], ENUMS.get(kind, PositionMode))
        return lookup if kind is not Kind.MODES else lambda value: tuple(map(lookup, _listed(value)))
    plain: Mapping[Kind, Converter] = {
        Kind.TEXT: text,
        Kind.TEXTS: convert.texts,
        Kind.DECIMAL: convert.decimal,
        Kind.AMOUNT: convert.decimal if signed else convert.amount,
        Kind.PRICE: convert.decimal if signed else convert.price,
        Kind.TIME: lambda value: convert.nanoseconds(value, time),
        Kind.BOOL: convert.boolean,
        Kind.INT: convert.integer,
        Kind.SYMBOL: text,
        Kind.ASSET: lambda value: words.assets(text(value)),
        Kind.STATE: lambda value: _state(value, words),
        Kind.CAUSE: lambda value: _ELSE_NONE[Kind.CAUSE].get(text(value)),
        Kind.TRIGGER: lambda value: _ELSE_NONE[Kind.TRIGGER].get(text(value)),
    }
    return plain.get(kind, lambda value: value)


def _lookup(table: Mapping[str, Any], where: str, ours: type) -> Converter:
    def convert_word(value: Any) -> Any:
        if isinstance(value, ours):  # an argument of the caller may be ours already
            return value
        try:
            return table[text(value)]
        except KeyError:
            raise unmapped(value, table, where) from None

    return convert_word


def _state(value: Any, words: Words) -> OrderState:
    if isinstance(value, OrderState):
        return value
    try:
        return words.states(text(value))
    except LookupError:
        raise ValueError(f"found {found(value)}, which `orders.states` does not list") from None


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
