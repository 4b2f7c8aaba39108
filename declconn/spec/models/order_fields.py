"""The fields of a type of orders, with what differs by side, time in force and trigger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final, TypeAlias

from pydantic import AfterValidator, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue

from declconn.spec.models.base import Inner, TemplateMap, found, refuse
from declconn.suggest import hint
from declconn.types import Side, TimeInForce, Trigger

SIDES: Final = tuple(Side)
"""The words of a type, and of a variant, under which the fields of one side stand."""

VARIANTS: Final = (TimeInForce.IOC, TimeInForce.FOK, *Trigger)
"""The words of a type under which the fields of other orders stand; its own are those of GTC without a trigger."""

_LOOKS_LIKE_ONE: Final = re.compile(r"[A-Z]+(_[A-Z]+)*")
"""A map under such a key is a word of ours with a typing error; venues' own fields are not spelt so."""

_DOCS: Final = {
    TimeInForce.IOC: "what is not filled at once is cancelled",
    TimeInForce.FOK: "filled whole and at once, or cancelled",
    Trigger.STOP: "waits until the price is `{trigger_price}` or worse",
    Trigger.TAKE_PROFIT: "waits until the price is `{trigger_price}` or better",
}


def _check_words(fields: dict[str, Any]) -> dict[str, Any]:
    problems = list(_problems(fields, (*SIDES, *VARIANTS)))
    for word in (*SIDES, *VARIANTS):
        if isinstance(inside := fields.get(word), dict):
            known = SIDES if word in VARIANTS else ()
            problems += [inner._replace(loc=(word, *inner.loc)) for inner in _problems(inside, known, word)]
    refuse(problems)
    return fields


def _problems(fields: dict[str, Any], known: tuple[str, ...], around: str = "") -> Iterator[Inner]:
    for name, value in fields.items():
        if name in known:
            if not isinstance(value, dict | None):
                yield Inner((name,), f"expected a map of the fields that differ, found {found(value)}")
        elif name in (*SIDES, *VARIANTS):
            yield Inner((name,), f"'{name}' cannot stand in '{around}'; write it beside, both apply then", at_key=True)
        elif name == TimeInForce.GTC:
            yield Inner((name,), "'GTC' is what the type's own fields say; write them there", at_key=True)
        elif isinstance(value, dict) and _LOOKS_LIKE_ONE.fullmatch(name):
            meant = hint(name, known, f"known are {', '.join(known)}" if known else "none is known here")
            yield Inner((name,), f"unknown key '{name}'; {meant}", at_key=True)


def _schema() -> JsonSchemaValue:
    sides = {
        side: {"type": "object", "description": f"The fields that differ for a {side}; `null` removes one."}
        for side in SIDES
    }
    variants = {
        variant: {
            "type": "object",
            "description": f"{variant}: {doc}. The fields that differ; `null` removes one. Empty: nothing differs.",
            "properties": sides,
        }
        for variant, doc in _DOCS.items()
    }
    return {"type": "object", "properties": {**sides, **variants}}


OrderFields: TypeAlias = Annotated[TemplateMap, AfterValidator(_check_words), WithJsonSchema(_schema())]
"""Names to templates, and the words of `SIDES` and `VARIANTS` to maps of those that differ then."""
