"""The fields of an order's type: words that are meant as ours, amounts that are told twice, removals of nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from declconn.spec.checks.finding import Finding, doubt_key
from declconn.spec.checks.order_terms import TYPES, says
from declconn.spec.models import Endpoint, Spec
from declconn.spec.models.order_fields import SIDES, VARIANTS
from declconn.spec.node import Loc
from declconn.spec.order_terms import Terms, offered, types_read
from declconn.spec.order_triggers import of_trigger
from declconn.spec.template import is_choice, placeholders
from declconn.suggest import suggestion
from declconn.types import TimeInForce

_WORDS: Final = frozenset({*SIDES, *VARIANTS, TimeInForce.GTC})
_AMOUNTS: Final = frozenset({"amount", "quote_amount"})


def check_words(spec: Spec) -> Iterator[Finding]:
    """A map under one of our words in other letters is meant as ours; as it stands, it is sent to the venue."""
    for loc, fields in _layers(spec):
        for name, value in fields.items():
            if isinstance(value, Mapping) and name not in _WORDS and name.upper() in _WORDS:
                message = f"'{name}' is sent to the venue as it stands; our word is '{name.upper()}'"
                yield doubt_key((*loc, name), message)


def check_one_amount(spec: Spec) -> Iterator[Finding]:
    """An order counts in base or in quote, and is not told both."""
    told: set[Loc] = set()
    for terms in offered(spec.orders):
        loc: Loc = (*TYPES, terms.order_type)
        for request in of_trigger(spec, "place_order", terms.trigger):
            amounts = _amounts(_sent(spec, terms, request))
            if amounts.keys() == _AMOUNTS and loc not in told:
                told.add(loc)
                base, quote = amounts["amount"], amounts["quote_amount"]
                both = f"orders to {terms.side} are sent `{base}: {{amount}}` and `{quote}: {{quote_amount}}`"
                yield doubt_key(loc, f"{both}; `{base}: null` beside `{quote}` takes the first away")


def _sent(spec: Spec, terms: Terms, request: Endpoint) -> dict[str, Any]:
    """The fields of a new order: those of its type over the request's own."""
    fields, without = says(spec, terms)
    hidden = without - types_read(request)
    return {name: value for name, value in {**_own(request), **fields}.items() if name not in hidden}


def _own(request: Endpoint) -> Mapping[str, Any]:
    fields = request.params if request.body is None else request.body
    return fields if isinstance(fields, Mapping) and not is_choice(fields) else {}


def _amounts(fields: Mapping[str, Any]) -> dict[str, str]:
    """The amounts that are surely written, and where; a choice may write one or the other."""
    holes = ((name, hole) for name, value in fields.items() if not is_choice(value) for _, hole in placeholders(value))
    return {hole.sources[0]: name for name, hole in holes if hole.sources[0] in _AMOUNTS}


def check_removals(spec: Spec) -> Iterator[Finding]:
    """`null` takes away a field that the type or the request has. (That of a parent is gone when a child is read.)"""
    asked = {name for request in spec.requests("place_order") for name in _own(request)}
    for loc, fields in _layers(spec) if spec.extends is None else ():
        others = {
            name for other, inner in _layers(spec) if other[:3] == loc[:3] for name in inner if inner[name] is not None
        }
        for name in (name for name, value in fields.items() if value is None):
            if name not in asked | others:
                meant = suggestion(name, asked | others)
                yield doubt_key((*loc, name), f"there is no '{name}' to remove, in the request or in the type{meant}")


def _layers(spec: Spec) -> Iterator[tuple[Loc, Mapping[str, Any]]]:
    """Every map of fields with its place: a type's own, and those of its words."""
    for order_type, fields in spec.orders.types.items() if spec.orders else ():
        yield from _with_inner((*TYPES, order_type), fields)


def _with_inner(loc: Loc, fields: Mapping[str, Any]) -> Iterator[tuple[Loc, Mapping[str, Any]]]:
    yield loc, fields
    for word in (*SIDES, *VARIANTS):
        if isinstance(fields.get(word), Mapping):
            yield from _with_inner((*loc, word), fields[word])
