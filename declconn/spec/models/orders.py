"""`orders`: ids, sides, types and states of our orders, in the venue's words."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from declconn.id_formats import UUID_LENGTH, Format
from declconn.spec.models.base import Count, Model, Number, Scalar, word
from declconn.spec.models.order_fields import OrderFields
from declconn.types import OrderState, OrderType, Side


class ClientOrderId(Model):
    """What the ids that we give our orders look like."""

    prefix: str = word("What every id begins with.", "dc-", "")
    length: Count = word(
        "The most characters of an id, prefix included; for `hex` exactly so many. Default 32, for `uuid` 36.", 32, 32
    )
    format: Format = word("What an id is made of, behind the prefix.", "alnum", "text")
    bits: Count | None = word("For `int`: ids are below 2 to this power.", 31, None)

    @model_validator(mode="before")
    @classmethod
    def _of_its_format(cls, value: Any) -> Any:
        is_uuid = isinstance(value, dict) and value.get("format") == "uuid"
        return {"length": UUID_LENGTH, **value} if is_uuid else value


class Orders(Model):
    """How orders are written and read."""

    client_order_id: ClientOrderId = word("The ids that we give.", {"prefix": "dc-", "length": 32}, ClientOrderId())
    sides: dict[Side, Scalar] = word("Ours: the venue's; also read backwards.", {"BUY": "buy", "SELL": "sell"})
    types: dict[OrderType, OrderFields] = word(
        "The fields that only this type has, and what differs by side (`BUY`, `SELL`), time in force (`IOC`, `FOK`) "
        "and trigger (`STOP`, `TAKE_PROFIT`); what is not listed is not offered.",
        {"LIMIT": {"type": "limit", "tif": "gtc", "price": "{price}", "IOC": {"tif": "ioc"}}},
        {},
    )
    states: dict[str, OrderState] = word(
        "The venue's: ours; exact words first, then words with stars in order, `*` is the default.",
        {"live": "OPEN", "*Canceled": "CANCELED"},
        {},
    )
    cancel: Literal["sync", "async"] = word(
        "`sync`: a good answer to a cancel ends the order; `async`: news will.", "sync", "async"
    )
    slippage: Number | None = word(
        "No market orders here: a limit order this far through the book stands for one.", 0.05, None
    )
