"""What a venue tells by itself, as far as its spec says."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from declconn.spec import Spec, models


def emits(spec: Spec) -> Mapping[str, list[models.Event]]:
    """The events of all streams by what they emit."""
    found: dict[str, list[models.Event]] = {}
    for stream in spec.streams.values():
        for event in stream.events.values():
            found.setdefault(event.emit, []).append(event)
    return found


def tells_available(spec: Spec) -> bool:
    """Whether a stream tells what is available as it changes: as such, or by two numbers that give it."""
    return any("available" in fields or {"total", "locked"} <= fields for fields in _balances(spec))


def _balances(spec: Spec) -> list[AbstractSet[str]]:
    """What events say of how balances stand, each (a hook does not show it); how much one has changed is left out."""
    maps = [event.map for event in emits(spec).get("balance_update", [])]
    told = [fields.keys() if isinstance(fields, Mapping) else frozenset[str]() for fields in maps]
    return [fields for fields in told if "delta" not in fields]


def tells_holdings(spec: Spec) -> bool:
    """Whether streams tell all that a fill changes.

    What is available for derivatives is the venue's to calculate, so that has to be told too, or that it changed.
    """
    told = emits(spec)
    wanted = {name for event in told.get("poll", []) for name in event.operations or ()}
    if spec.kind == "exchange":
        return bool(_balances(spec)) or "balances" in wanted
    return (tells_available(spec) or "balances" in wanted) and ("position_update" in told or "positions" in wanted)


def tells_filled(spec: Spec) -> bool:
    """Whether the venue says of an order how much of it is executed."""
    asked = [operation for operation in ("order_status", "find_order", "open_orders") if operation in spec.endpoints]
    results = [model.result for operation in asked for model in spec.requests(operation)]
    return bool(results) and all(isinstance(result, Mapping) and "filled" in result for result in results)
