"""Operations whose requests tell orders that wait for a price from others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from declconn.spec.models import Endpoint, Spec
from declconn.spec.order_ids import named
from declconn.spec.template import placeholders
from declconn.types import Trigger

SOURCE = "trigger"
"""What a template or a `when` names to tell them apart; absent for an order that waits for no price."""

_PRICE: Final = "trigger_price"


def tells_triggers(spec: Spec, operation: str) -> bool:
    """Whether the requests of an operation differ for orders that wait for a price."""
    return any(SOURCE in (one.when or {}) or SOURCE in named(one) for one in spec.requests(operation))


def amends_triggers(spec: Spec) -> bool:
    """Whether `amend_order` tells the trigger price, itself or by what an order's type says (``{type.x}``)."""
    sources = {source for one in spec.requests("amend_order") for source in named(one)}
    types = spec.orders.types if spec.orders else {}
    by_type = {source for _, hole in placeholders(types) for source in hole.sources}
    return _PRICE in sources or (_PRICE in by_type and any(source.startswith("type.") for source in sources))


def of_trigger(spec: Spec, operation: str, trigger: Trigger | None) -> list[Endpoint]:
    """The requests of an operation that are about orders of a trigger, or of none."""
    return [one for one in spec.requests(operation) if _holds((one.when or {}).get(SOURCE), trigger)]


def _holds(condition: Any, trigger: Trigger | None) -> bool:
    if condition is None:
        return True
    if isinstance(condition, list | tuple):
        return any(_holds(one, trigger) for one in condition)
    if isinstance(condition, Mapping):
        return condition.get("absent") is (trigger is None)
    return bool(condition == trigger)
