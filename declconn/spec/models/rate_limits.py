"""`rate_limits`: pools, and what a request draws from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import PlainValidator, Tag, WithJsonSchema

from declconn.spec.models.base import (
    ONE_OR_BY,
    TEXT,
    AllowanceText,
    Choice,
    Inner,
    Model,
    Shorthand,
    choice_problems,
    found,
    is_choice,
    refuse,
    word,
)
from declconn.spec.node import Loc

AllowanceOrBy: TypeAlias = Annotated[
    Annotated[AllowanceText, Tag("(one)")] | Annotated[Choice[AllowanceText], Tag("(by)")], ONE_OR_BY
]


_CHOICE = {"type": "object", "properties": {"by": TEXT, "of": {"type": "object"}}, "additionalProperties": False}


def _long_rate(value: Any) -> Any:
    """``6000/1m``, or a choice of such allowances, is short for ``{allow: ..}``."""
    return {"allow": value} if not isinstance(value, dict | RateLimit) or is_choice(value) else value


class RateLimit(Model):
    """A pool that requests draw from."""

    allow: AllowanceOrBy = word("How much in which time; `15+20/1m` is a bucket that refills.", "6000/1m")
    per: Literal["account", "ip", "symbol", "connection"] = word("What has an allowance of its own.", "ip", "account")
    used: str | None = word("The response header that says how much is used.", "X-MBX-USED-WEIGHT-1M", None)


RateLimitOrText: TypeAlias = Annotated[RateLimit, Shorthand(_long_rate, {"anyOf": [TEXT, _CHOICE]})]
"""``6000/1m``, ``{by, of}`` or the long form; always a ``RateLimit`` afterwards."""


def _check_cost(value: Any) -> Any:
    refuse(list(_cost_problems(value, ())))
    return value


def _cost_problems(value: Any, loc: Loc) -> Iterator[Inner]:
    if is_choice(value):
        yield from choice_problems(value, loc, _cost_problems)
    elif not isinstance(value, dict):
        yield Inner(loc, f"expected pools and how much is drawn, like {{orders: 1}}, found {found(value)}")
    else:
        for pool, amount in value.items():
            if isinstance(amount, bool) or not isinstance(amount, int) or amount < 1:
                yield Inner((*loc, pool), f"expected a whole number above 0, found {found(amount)}")


Cost: TypeAlias = Annotated[
    dict[str, Any],
    PlainValidator(_check_cost),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": ["integer", "string", "object"]}}),
]
"""What a request draws from which pool: ``{orders: 1}``, or a choice ``{by: auth, of: {signed: {private: 1}}}``."""
