"""The words of a slot fit what its field holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from declconn.records import RECORDS, Kind
from declconn.spec.checks.finding import Finding, unknown, wrong, wrong_key
from declconn.spec.checks.sites import news, requests, slots, words
from declconn.spec.models import Slot, Spec
from declconn.spec.models.base import found
from declconn.spec.node import Loc
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

_LEVELS = frozenset({"path", "price", "size", "where", "render"})
_WORDS: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.LEVELS: _LEVELS,
    Kind.CHANGES: _LEVELS | {"side"},
    Kind.FEE: frozenset({"each", "amount", "token", "render"}),
    Kind.TIME: frozenset({"path", "unit", "map", "render"}),
    Kind.AMOUNT: frozenset({"path", "unit", "map", "render"}),
}
_SCALAR_WORDS = frozenset({"path", "map", "render"})

_UNITS: Final[Mapping[Kind, Iterable[str]]] = {Kind.TIME: TimeUnit, Kind.AMOUNT: AmountUnit}

_OURS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.SIDE: tuple(Side),
    Kind.STATE: tuple(OrderState),
    Kind.MODE: tuple(PositionMode),
    Kind.MODES: tuple(PositionMode),
    Kind.POSITION_SIDE: tuple(PositionSide),
    Kind.POSITION_ACTION: tuple(PositionAction),
    Kind.CAUSE: tuple(FillCause),
    Kind.TRIGGER: tuple(Trigger),
    Kind.AMOUNT_UNIT: tuple(AmountUnit),
}
"""Kinds whose values are our own words."""


def check_slots(spec: Spec) -> Iterator[Finding]:
    """Words of another kind, units that do not exist, maps to words that we do not have."""
    for loc, name, slot, record in _record_slots(spec):
        kind = RECORDS[record].fields[name].kind
        yield from _check_words(loc, slot, kind)
        yield from _check_unit(loc, slot, kind)
        yield from _check_map(loc, slot, kind)
        yield from _check_venue_words(loc, slot, kind, spec)


def _record_slots(spec: Spec) -> Iterator[tuple[Loc, str, Slot, str]]:
    for request in requests(spec):
        if request.record:
            yield from _known((*request.loc, "result"), slots(request.endpoint.result), request.record)
    for item in news(spec):
        if item.record:
            yield from _known((*item.loc, "map"), slots(item.event.map), item.record)


def _known(loc: Loc, mapping: Mapping[str, Slot], record: str) -> Iterator[tuple[Loc, str, Slot, str]]:
    for name, slot in mapping.items():
        if name in RECORDS[record].fields:
            yield (*loc, name), name, slot, record


def _check_words(loc: Loc, slot: Slot, kind: Kind) -> Iterator[Finding]:
    allowed = _WORDS.get(kind, _SCALAR_WORDS)
    for word, _ in words(slot):
        if word not in allowed:
            yield wrong_key((*loc, word), f"'{word}' does not fit {_a(kind)}; it takes {', '.join(sorted(allowed))}")
    needed = {Kind.FEE: ("amount",), Kind.CHANGES: ("path", "side")}.get(kind, ("path",))
    for word in needed:
        if getattr(slot, word) is None:
            yield wrong_key(loc, f"'{word}' is missing; {_a(kind)} needs it")


def _check_unit(loc: Loc, slot: Slot, kind: Kind) -> Iterator[Finding]:
    if slot.unit is not None and slot.unit not in (units := tuple(_UNITS.get(kind, ()))) and units:
        yield unknown((*loc, "unit"), f"unit of {_a(kind)}:", slot.unit, units)


def _check_map(loc: Loc, slot: Slot, kind: Kind) -> Iterator[Finding]:
    for theirs, ours in (slot.map or {}).items():
        for value in ours if kind is Kind.MODES and isinstance(ours, list) else [ours]:
            if message := _bad_word(value, kind):
                is_turned = kind in _OURS and _bad_word(theirs, kind) is None
                turned = f"the venue's word comes first, then ours; write `{value}: {theirs}`"
                yield wrong((*loc, "map", theirs), turned if is_turned else message)


def _bad_word(value: Any, kind: Kind) -> str | None:
    if kind is Kind.BOOL:
        return None if isinstance(value, bool) else f"expected true or false, found {found(value)}"
    known = _OURS.get(kind)
    if known is None or value in known:
        return None
    return unknown((), f"{kind}", str(value), known).message


def _check_venue_words(loc: Loc, slot: Slot, kind: Kind, spec: Spec) -> Iterator[Finding]:
    """A side, state or mode without a `map` of its own is read through a section."""
    section = {
        Kind.SIDE: ("orders.sides", spec.orders and spec.orders.sides),
        Kind.STATE: ("orders.states", spec.orders and spec.orders.states),
        Kind.MODE: ("positions.modes", spec.positions and spec.positions.modes),
        Kind.POSITION_SIDE: ("positions.sides", spec.positions and spec.positions.sides),
    }.get(kind)
    if slot.map is None and section and not section[1]:
        yield wrong(loc, f"{_a(kind)} is read through `{section[0]}`, which is not there; write {{path, map}}")


def _a(kind: Kind) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}" if not kind.endswith("s") else str(kind)
