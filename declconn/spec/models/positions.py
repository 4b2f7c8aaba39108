"""`positions`: modes, sides and funding of a derivative venue."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from declconn.spec.models.base import Duration, Model, Scalar, found, word
from declconn.types import PositionMode, PositionSide


def _long_modes(value: Any) -> Any:
    """``[ONEWAY]`` is ``{ONEWAY: ONEWAY}``: the venue has no words of its own."""
    if isinstance(value, list) and all(isinstance(mode, str) for mode in value):
        return {mode: mode for mode in value}
    if not isinstance(value, dict):
        raise ValueError(f"expected a list like [ONEWAY] or a map like {{ONEWAY: net}}, found {found(value)}")
    return value


Modes = Annotated[
    dict[PositionMode, Scalar],
    BeforeValidator(_long_modes),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"enum": [*PositionMode]}},
                {"type": "object", "propertyNames": {"enum": [*PositionMode]}},
            ]
        }
    ),
]


class Funding(Model):
    """How often funding is asked for, and how often it is paid."""

    poll: Duration | None = word("How often payments are asked for.", "2m", None)
    interval: Duration | None = word("Gives `next_funding_time` where no message does.", "8h", None)


class Positions(Model):
    """How positions are written and read."""

    modes: Modes = word("Ours: the venue's; a list where the venue has no words.", {"ONEWAY": False, "HEDGE": True})
    sides: dict[PositionSide, Scalar] = word(
        "Ours: the venue's, both ways; `BOTH` is where the sign of the amount decides.",
        {"BOTH": "net", "LONG": "long", "SHORT": "short"},
        {},
    )
    funding: Funding = word("How funding is followed.", {"poll": "2m", "interval": "8h"}, Funding())
