"""Operations whose requests tell orders that wait for a price from others."""

from __future__ import annotations

from typing import Any

from declconn.spec.models import Endpoint, Spec
from declconn.spec.order_ids import named
from declconn.types import Trigger

SOURCE = "trigger"
"""What a template or a `when` names to tell them apart; absent for an order that waits for no price."""


def tells_triggers(spec: Spec, operation: str) -> bool:
    """Whether the requests of an operation differ for orders that wait for a price."""
    return any(SOURCE in (one.when or {}) or SOURCE in named(one) for one in spec.requests(operation))


def of_trigger(spec: Spec, operation: str, trigger: Trigger | None) -> list[Endpoint]:
    """The requests of an operation that are about orders of a trigger, or of none."""
    return [one for one in spec.requests(operation) if _holds((one.when or {}).get(SOURCE), trigger)]


def _holds(condition: Any, trigger: Trigger | None) -> bool:
    if condition is None:
        return True
    if isinstance(condition, list | tuple):
        return any(_holds(one, trigger) for one in condition)
    return trigger is None if condition == {"absent": True} else condition == trigger
