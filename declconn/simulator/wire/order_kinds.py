"""The kinds of orders that a request may place, and how a venue tells them apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import combinations
from typing import Any, NamedTuple

from declconn.compile.convert import text
from declconn.compile.matcher import compile_when
from declconn.simulator.wire.reading import Found
from declconn.spec import Spec, models
from declconn.spec.order_terms import Terms, offered, types_read, withheld
from declconn.types import OrderType, TimeInForce


class OrderKind(NamedTuple):
    """Orders of the same terms, with the fields of `orders.types` that say so.

    Attributes:
        side: the venue's word.
        fields: those that a request adds, and those that it reads as ``{type.x}``.
        without: fields of its own that a request for such an order goes without.
    """

    terms: Terms
    side: str
    fields: Mapping[str, Any]
    without: frozenset[str]

    @property
    def found(self) -> Found:
        """The sources that are known of a request when it is one for such an order."""
        terms = self.terms
        words = {"type": terms.order_type, "side": self.side, "time_in_force": terms.time_in_force}
        return {**words, "trigger": terms.trigger} if terms.trigger else words

    def fits(self, found: Found) -> bool:
        """Whether a request that was read as one for such an order can be one: whoever is triggered has a price."""
        return ("trigger_price" in found) is (self.terms.trigger is not None)


def order_kinds(spec: Spec, model: models.Endpoint, named: Collection[str], adds: bool = True) -> list[OrderKind]:
    """The kinds that a request may be about, those with the most fields first: an order is of the first that fits.

    Args:
        spec: whose words.
        model: the request.
        named: the sources that its own templates name.
        adds: it takes all fields of a type, and not only those that it reads.

    Raises:
        ValueError: two kinds that mean different things are written alike.
    """
    sides = spec.orders.sides if spec.orders else {}
    arguments = {source: value for source, value in (model.when or {}).items() if "." not in source}
    is_meant = compile_when(arguments, spec.time_unit)
    every = (
        _kind(spec.orders, terms, fields, types_read(model), adds)
        for terms, fields in offered(spec.orders).items()
        if spec.orders and terms.side in sides
    )
    kinds = [kind for kind in every if is_meant(kind.found)]
    has_price = spec.orders is not None and spec.orders.slippage is not None
    for one, other in combinations(kinds, 2):
        if _meaning(one, has_price) != _meaning(other, has_price) and _told(one, named) == _told(other, named):
            raise ValueError(
                f"orders.types: {one.terms} and {other.terms} orders are written alike, so nobody can tell"
            )
    return sorted(kinds, key=lambda kind: -len(kind.fields))


def _kind(
    orders: models.Orders, terms: Terms, fields: Mapping[str, Any], read: frozenset[str], adds: bool
) -> OrderKind:
    told = {name: value for name, value in fields.items() if adds or name in read}
    without = withheld(orders.types[terms.order_type], terms) - read if adds else frozenset()
    return OrderKind(terms, text(orders.sides[terms.side]), told, without)


def _meaning(kind: OrderKind, has_price: bool) -> Terms:
    """What is done with it: no market order waits, and one that is sent with a price is a limit order."""
    terms = kind.terms
    if terms.order_type is not OrderType.MARKET or terms.time_in_force is TimeInForce.FOK:
        return terms
    if has_price and terms.trigger is None:
        return terms._replace(order_type=OrderType.LIMIT, time_in_force=TimeInForce.IOC)
    return terms._replace(time_in_force=TimeInForce.GTC)


def _told(kind: OrderKind, named: Collection[str]) -> tuple[Any, ...]:
    """All that a request says of its order's terms."""
    terms = kind.terms
    return (
        terms.side,
        kind.fields,
        kind.without,
        "time_in_force" in named and terms.time_in_force,
        "trigger" in named and terms.trigger,
        "trigger_price" in named and terms.trigger is not None,
    )
