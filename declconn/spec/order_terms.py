"""`orders.types` by an order's terms: which fields an order has, and which terms a venue takes.

A type's fields are put together in layers: its own, those of the side, then the same of the time in force and of the
trigger. A layer says what differs: maps merge, ``null`` removes. The whole lies over the request's own fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import product
from typing import Any, Final, NamedTuple, TypeGuard, TypeVar

from declconn.spec.models import Endpoint, Orders
from declconn.spec.models.order_fields import SIDES, VARIANTS
from declconn.spec.order_ids import named
from declconn.spec.template import is_choice, placeholders
from declconn.types import OrderType, Side, TimeInForce, Trigger

W = TypeVar("W", bound=StrEnum)

_WORDS: Final = frozenset({*SIDES, *VARIANTS})


class Terms(NamedTuple):
    """What chooses the fields of an order."""

    order_type: OrderType
    side: Side
    time_in_force: TimeInForce = TimeInForce.GTC
    trigger: Trigger | None = None

    def __str__(self) -> str:
        words = (self.order_type, self.time_in_force, self.trigger)
        return " ".join(word for word in words if word not in (None, TimeInForce.GTC))


def offered(orders: Orders | None) -> dict[Terms, dict[str, Any]]:
    """The fields of every kind of order that a venue takes.

    A time in force of which a trigger leaves no word is not offered together with it.
    """
    types = orders.types if orders else {}
    every = (
        Terms(order_type, side, time, trigger)
        for order_type, fields in types.items()
        for side, time, trigger in product(
            Side, (TimeInForce.GTC, *_within(TimeInForce, fields)), (None, *_within(Trigger, fields))
        )
    )
    return {terms: fields_of(types[terms.order_type], terms) for terms in every if _is_told(types, terms)}


def times_in_force(fields: Mapping[str, Any] | None) -> frozenset[TimeInForce]:
    """The times in force of a type, by what its fields say; none of a type that is not offered."""
    return frozenset() if fields is None else frozenset({TimeInForce.GTC, *_within(TimeInForce, fields)})


def triggers(fields: Mapping[str, Any] | None) -> frozenset[Trigger]:
    """The triggers of a type, by what its fields say."""
    return frozenset(_within(Trigger, fields or {}))


def fields_of(fields: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    """The fields of an order.

    Args:
        fields: those of its type, as they stand in the spec.
        terms: the order's.
    """
    return {name: value for name, value in _merged(fields, terms).items() if value is not None}


def withheld(fields: Mapping[str, Any], terms: Terms) -> frozenset[str]:
    """The fields that such an order does not have, even if the request itself says them; arguments as ``fields_of``."""
    return frozenset(name for name, value in _merged(fields, terms).items() if value is None)


def types_read(request: Endpoint) -> frozenset[str]:
    """The fields of an order's type that the templates of a request read as ``{type.x}``."""
    return frozenset(source.split(".")[1] for source in named(request) if source.startswith("type."))


def own_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What stands there for every order of a type, or of a variant; without what differs."""
    return {name: value for name, value in fields.items() if name not in _WORDS}


def _merged(fields: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    """The layers over each other; what is removed has ``None``, as long as nothing is put over it."""
    merged: dict[str, Any] = {}
    for layer in _layers(fields, terms):
        merged = _over(merged, layer)
    return merged


def _within(words: type[W], fields: Mapping[str, Any]) -> list[W]:
    return [word for word in words if word in fields]


def _layers(fields: Mapping[str, Any], terms: Terms) -> Iterator[Mapping[str, Any]]:
    variants = (fields.get(word or "") for word in (terms.time_in_force, terms.trigger))
    for part in (fields, *(variant or {} for variant in variants)):
        yield own_fields(part)
        yield part.get(terms.side) or {}


def _over(fields: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Fields with a change put over them; what stays keeps its place, since some venues sign it."""
    changed = dict(fields)
    for name, value in change.items():
        below = changed.get(name)
        changed[name] = _within_map(below if _is_map(below) else {}, value) if _is_map(value) else value
    return changed


def _within_map(fields: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """The same inside of one field, which goes over the request's as a whole: what is removed is not there."""
    return {name: value for name, value in _over(fields, change).items() if value is not None}


def _is_map(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping) and not is_choice(value)


def _is_told(types: Mapping[OrderType, Mapping[str, Any]], terms: Terms) -> bool:
    """Whether the venue is told the time in force; an empty variant says that it need not be, or is told elsewhere."""
    listed = types[terms.order_type]
    if terms.trigger is None or not listed.get(terms.time_in_force):
        return True
    fields = _merged(listed, terms)
    if any("time_in_force" in hole.sources for _, hole in placeholders(fields)):
        return True
    return fields != _merged(listed, terms._replace(time_in_force=TimeInForce.GTC))
