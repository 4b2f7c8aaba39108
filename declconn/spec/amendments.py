"""What a request that amends an order has to be told, also of what stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from declconn.spec.models import Spec
from declconn.spec.order_ids import named
from declconn.spec.order_terms import offered
from declconn.spec.order_triggers import of_trigger
from declconn.spec.template import placeholders
from declconn.types import Trigger

AMENDABLE: Final = frozenset({"amount", "price", "trigger_price"})
"""What of an order can be amended; the names of the arguments, too."""


def demanded(spec: Spec, trigger: Trigger | None) -> frozenset[str]:
    """What `amend_order` cannot do without: it is written without ``?``, in a request or in an order's type."""
    return AMENDABLE & set(_demanded(spec, trigger))


def _demanded(spec: Spec, trigger: Trigger | None) -> Iterator[str]:
    requests = of_trigger(spec, "amend_order", trigger)
    templates: list[Any] = [[one.path, one.params, one.body, one.headers] for one in requests]
    if any(source.startswith("type.") for one in requests for source in named(one)):
        templates += [fields for terms, fields in offered(spec.orders).items() if terms.trigger is trigger]
    for _, hole in placeholders(templates):
        if not hole.optional:
            yield from hole.sources
