"""What a mapping does, decided once: its columns in the order of evaluation, and how they fill the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from msgspec import NODEFAULT, Struct
from msgspec.structs import fields

from declconn.compile.column import Column, column
from declconn.compile.structures import STRUCTURES
from declconn.compile.words import Units, Words
from declconn.records import Kind, PositionUpdate, Record, Trade
from declconn.spec.models.mapping import Each, Slot
from declconn.spec.path import PathText, called_functions, parse_path
from declconn.suggest import hint

_PRICES = ("price", "close", "entry_price")
"""The fields that may turn a size in quote into base."""

_FIRST = ("symbol", "contract_size", "contract_unit", "amount_unit", *_PRICES)
"""Fields that the conversion of sizes needs, so they are read before the others."""

_PATHS = ("path", "price", "size", "where", "each", "amount", "token")
"""The words of a slot that are paths."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows of a mapping are found."""

    unwrap: PathText | None = None
    each: Each | None = None
    where: PathText | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A mapping that is ready to be compiled.

    Attributes:
        where: its place in the spec, for errors.
        record: what it fills; ``None`` for a plain dict.
        columns: its fields, in the order of evaluation.
        facts: what goes into ``TradingRule.market``.
        price: the field that turns sizes in quote into base, or an empty text.
        sign_is_side: a trade without a side, whose amount has a sign.
        needs: the columns of which a row without any tells nothing.
    """

    where: str
    source: Source
    record: Record | None
    columns: tuple[Column, ...]
    facts: tuple[Column, ...]
    words: Words
    price: str
    sign_is_side: bool
    needs: tuple[Column, ...] = ()

    @property
    def uses_key(self) -> bool:
        """Whether any path asks for the key of its row."""
        return any("key" in called_functions(parse_path(path)) for path in self._paths())

    @property
    def row_paths(self) -> list[PathText]:
        """The paths that begin at the row."""
        paths = [column.slot.path for column in (*self.columns, *self.facts) if column.slot is not None]
        return [path for path in (*paths, self.source.where) if path is not None]

    def _paths(self) -> Iterator[PathText]:
        slots = [column.slot for column in (*self.columns, *self.facts) if column.slot is not None]
        for slot in (*slots, *(slot.side for slot in slots if slot.side is not None)):
            yield from (path for word in _PATHS if (path := getattr(slot, word)) is not None)
        if self.source.where is not None:
            yield self.source.where


def defaults_of(record: Record) -> Mapping[str, Any]:
    """The attributes of a record's class in order, each with its default or ``NODEFAULT``."""
    return _defaults(record.type)


@cache  # looking at a class's annotations takes as long as all else in a plan
def _defaults(record: type[Struct]) -> Mapping[str, Any]:
    return {field.name: field.default for field in fields(record)}


def attribute_of(record: Record, field: str) -> str:
    """The attribute that holds a field: the venue's ``symbol`` becomes ``trading_pair``."""
    return "trading_pair" if record.fields[field].kind is Kind.SYMBOL else field


def make_plan(
    where: str,
    record: Record | None,
    slots: Mapping[str, Slot],
    facts: Mapping[str, Slot],
    source: Source,
    words: Words,
    units: Units,
    given: frozenset[str],
    partial: bool,
) -> Plan:
    """Decide what each field of a mapping is.

    Raises:
        ValueError: a slot that the record does not have, or that does not fit its field.
    """
    raw = tuple(column(name, Kind.ANY, slot, words, units) for name, slot in facts.items())
    if record is None:
        columns = tuple(column(name, Kind.ANY, slot, words, units) for name, slot in slots.items())
        return Plan(where, source, None, columns, raw, words, "", False)
    names = _names(record, slots, given)
    sign_is_side = record.type is Trade and "side" not in names
    columns = tuple(
        column(
            name,
            record.fields[name].kind,
            slots.get(name),
            words,
            units,
            required=_is_required(record, name, partial),
            signed=sign_is_side or record.type is PositionUpdate,
        )
        for name in names
    )
    price = next((name for name in _PRICES if name in record.fields), "")
    needs = () if partial else tuple(column for column in columns if _is_needed(record, column.name))
    return Plan(where, source, record, columns, raw, words, price, sign_is_side, needs)


def _is_needed(record: Record, name: str) -> bool:
    return record.needs != "" and record.fields[name].one_of == record.needs


def _names(record: Record, slots: Mapping[str, Slot], given: frozenset[str]) -> list[str]:
    """The fields to read, in order: those of the slots, those that are given, and those that cannot be left out."""
    for name in slots:
        if name not in record.fields:
            meant = hint(name, record.fields, f"it has {', '.join(record.fields)}")
            raise ValueError(f"the record has no field {name!r}; {meant}")
    if "changes" in slots and ("bids" in slots or "asks" in slots):
        raise ValueError("`changes` fill both sides of the book; map either them, or `bids` and `asks`")
    defaults = defaults_of(record)
    names = [
        name
        for name, field in record.fields.items()
        if name in slots
        or (field.kind not in STRUCTURES and (name in given or defaults[attribute_of(record, name)] is NODEFAULT))
    ]
    if record.type is Trade and "side" not in slots and "side" not in given:
        names.remove("side")
    return sorted(names, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))


def _is_required(record: Record, name: str, partial: bool) -> bool:
    field = record.fields[name]
    if field.kind in (Kind.LEVELS, Kind.CHANGES):
        return not partial  # both sides of a whole book are there, if empty; a wrong path must not look like that
    if field.kind in STRUCTURES:
        return False
    return defaults_of(record)[attribute_of(record, name)] is NODEFAULT or (field.required and not partial)
