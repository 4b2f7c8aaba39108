"""`orders.types`: what differs by time in force and trigger is told to the venue, and can be asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from declconn.spec.checks.finding import Finding, doubt_key, unknown, wrong_key
from declconn.spec.checks.sites import requests
from declconn.spec.models import Endpoint, Spec
from declconn.spec.models.order_fields import VARIANTS
from declconn.spec.node import Loc
from declconn.spec.order_ids import named
from declconn.spec.order_terms import Terms, fields_of, offered, types_read, withheld
from declconn.spec.order_triggers import SOURCE, of_trigger, tells_triggers
from declconn.spec.template import placeholders
from declconn.types import OrderType, Side, TimeInForce, Trigger

TYPES: Loc = ("orders", "types")

_WRITE_PRICE: Final = 'for which price such orders wait; write it, like `stopPrice: "{trigger_price}"`'


def check_makers(spec: Spec) -> Iterator[Finding]:
    """A LIMIT_MAKER order waits in the book from the start, and nowhere else."""
    fields = spec.orders.types.get(OrderType.LIMIT_MAKER, {}) if spec.orders else {}
    for variant in VARIANTS:
        if variant in fields:
            message = f"a LIMIT_MAKER order waits in the book from the start, so none is {variant}"
            yield wrong_key((*TYPES, OrderType.LIMIT_MAKER, variant), message)


def check_variants(spec: Spec) -> Iterator[Finding]:
    """A variant differs from its type, and the venue learns what is meant."""
    for order_type, fields in spec.orders.types.items() if spec.orders else ():
        for variant in (variant for variant in VARIANTS if variant in fields):
            if message := _doubt(spec, order_type, variant):
                yield doubt_key((*TYPES, order_type, variant), message)


def check_trigger_prices(spec: Spec) -> Iterator[Finding]:
    """Where an order may come without a trigger, its request does without the price of one."""
    usual = {terms.order_type: fields for terms, fields in offered(spec.orders).items() if terms.trigger is None}
    for order_type, fields in usual.items():
        if _needs_trigger_price(fields):
            hint = "write it under `STOP` and `TAKE_PROFIT`, or as {trigger_price?}"
            yield wrong_key((*TYPES, order_type), f"orders without a trigger have no {{trigger_price}}; {hint}")
    for request in requests(spec):
        one = request.endpoint
        is_needed = _needs_trigger_price([one.path, one.params, one.body, one.headers])
        if is_needed and one in of_trigger(spec, request.operation, None):
            hint = "write {trigger_price?}, or say with `when: {trigger: [STOP, TAKE_PROFIT]}` whom this is for"
            yield wrong_key(request.loc, f"orders without a trigger have no {{trigger_price}}; {hint}")


def _needs_trigger_price(templates: Any) -> bool:
    return any(hole.sources == ("trigger_price",) and not hole.optional for _, hole in placeholders(templates))


def _doubt(spec: Spec, order_type: OrderType, variant: TimeInForce | Trigger) -> str | None:
    usual = [Terms(order_type, side) for side in Side]
    meant = [_varied(terms, variant) for terms in usual]
    differs = any(says(spec, one) != says(spec, other) for one, other in zip(usual, meant, strict=True))
    if spec.orders and spec.orders.types[order_type][variant] and not differs:
        return "these are the fields of the type itself; write those that differ, or `{}` if none does"
    if isinstance(variant, Trigger):
        source, hint = "trigger_price", _WRITE_PRICE
    elif differs or order_type is OrderType.MARKET:
        return None
    else:
        source, hint = "time_in_force", f"that such orders are {variant}; write the fields that say so"
    return None if all(source in told_of(spec, terms) for terms in meant) else f"the venue is not told {hint}"


def _varied(terms: Terms, variant: TimeInForce | Trigger) -> Terms:
    if isinstance(variant, Trigger):
        return terms._replace(trigger=variant)
    return terms._replace(time_in_force=variant)


def told_of(spec: Spec, terms: Terms) -> set[str]:
    """The sources that tell of a new order, whichever of its requests is sent."""
    return told_by(spec, terms, of_trigger(spec, "place_order", terms.trigger))


def told_by(spec: Spec, terms: Terms, asked: Iterable[Endpoint]) -> set[str]:
    """The sources that requests tell of a new order; ``side`` too, where the fields of its type differ by it."""
    fields, without = says(spec, terms)
    sources = {source for _, hole in placeholders(fields) for source in hole.sources}
    buy, sell = (says(spec, terms._replace(side=side)) for side in Side)
    sources |= set() if buy == sell else {"side"}
    return sources.union(*(named(one, (fields.keys() | without) - types_read(one)) for one in asked))


def says(spec: Spec, terms: Terms) -> tuple[dict[str, Any], frozenset[str]]:
    """What the type of an order says: the fields that it has, and those of the request that it takes away."""
    fields = spec.orders.types[terms.order_type] if spec.orders else {}
    return fields_of(fields, terms), withheld(fields, terms)


def check_trigger_requests(spec: Spec) -> Iterator[Finding]:
    """Where requests differ by trigger, there is one for every order that there may be."""
    triggers = dict.fromkeys(terms.trigger for terms in offered(spec.orders))
    for operation in (operation for operation in spec.endpoints if tells_triggers(spec, operation)):
        for trigger in triggers:
            if not of_trigger(spec, operation, trigger):
                orders = "orders without a trigger" if trigger is None else f"orders that are {trigger}"
                condition = "{absent: true}" if trigger is None else str(trigger)
                message = f"no request is about {orders}; add one with `when: {{{SOURCE}: {condition}}}`"
                yield wrong_key(("endpoints", operation), message)


def check_trigger_words(spec: Spec) -> Iterator[Finding]:
    """A `when` compares the trigger with words that there are."""
    for request in requests(spec):
        condition = (request.endpoint.when or {}).get(SOURCE)
        for word in condition if isinstance(condition, list | tuple) else filter(None, [condition]):
            if isinstance(word, Mapping):
                continue
            if str(word) not in set(Trigger):
                yield unknown((*request.loc, "when", SOURCE), "trigger", str(word), Trigger)
