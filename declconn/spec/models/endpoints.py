"""`endpoint_defaults` `endpoints`: an operation, the request it sends and how its answer is read."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, PlainValidator, Tag, WithJsonSchema

from declconn.spec.models.base import Count, Model, TemplateMap, TemplateText, Whole, found, word
from declconn.spec.models.encoding import Encoding
from declconn.spec.models.mapping import Condition, Path, Reading, Slots, SlotsOrHook
from declconn.spec.models.rate_limits import Cost, RateLimitOrText

METHODS = ("get", "post", "put", "delete", "patch")


def _check_loop(value: Any) -> Any:
    if isinstance(value, str) or (isinstance(value, list) and value and all(isinstance(x, _SCALARS) for x in value)):
        return value
    raise ValueError(f"expected a list of values, or the name of an operation, found {found(value)}")


_SCALARS = (str, bool, int, Decimal)

Loop: TypeAlias = Annotated[
    list[str | bool | int | Decimal] | str, PlainValidator(_check_loop), WithJsonSchema({"type": ["array", "string"]})
]
"""The values of a `for`, or the operation whose rows give them."""


class Paging(Model):
    """Asking for the next page until there is none."""

    param: str = word("The field of the request that names the page.", "cursor")
    next: Path | None = word(
        "Where the whole answer says what comes next; empty ends it.", "result.nextPageCursor", None
    )
    more: Path | None = word("Where the whole answer says whether there is more.", "has_next", None)
    last: Path | None = word("Where the whole answer says the last page's number.", "data.totalPage", None)
    start: Whole = word("The first page's number, or the first offset.", 1, 1)
    step: Count | None = word("By how much an offset grows.", 500, None)


class Endpoint(Reading):
    """A request and the way of its answer."""

    get: TemplateText | None = word("A GET request to this path.", "/ping", None)
    post: TemplateText | None = word("A POST request to this path.", "/order", None)
    put: TemplateText | None = word("A PUT request to this path.", "/order", None)
    delete: TemplateText | None = word("A DELETE request to this path.", "/order", None)
    patch: TemplateText | None = word("A PATCH request to this path.", "/orders/{exchange_order_id}", None)
    params: TemplateMap | None = word("The query.", {"symbol": "{symbol}"}, None)
    body: TemplateMap | None = word("The body.", {"symbol": "{symbol}", "side": "{side}"}, None)
    headers: TemplateMap | None = word("Headers.", {"referer": "{opt.broker?}"}, None)
    auth: str | None = word("The recipe that signs it; none: it is public.", "signed", None)
    cost: Cost | None = word("What it draws from which pool.", {"orders": 1}, None)
    rate: RateLimitOrText | None = word("A pool of its own.", "20/2s", None)
    encoding: Encoding | None = word("How its fields become bytes.", {"body": "form"}, None)
    result: SlotsOrHook | None = word(
        "The record's fields: where each stands in a row.", {"exchange_order_id": "orderId"}, None
    )
    market: Slots | None = word(
        "On `trading_rules`: facts of a symbol, `{market.x}`.", {"category": "contractType"}, None
    )
    when: Condition | None = word(
        "Only sent when these sources have these values.", {"session.account_mode": ["default", "disabled"]}, None
    )
    for_: dict[str, Loop] | None = word(
        "Sent once for each value, or each row of an operation: `{for.x}`.",
        {"category": ["linear", "inverse"]},
        None,
        alias="for",
    )
    then: Endpoint | None = word(
        "A further request for each record; its result's fields are added.",
        {"get": "/rate/{symbol}", "result": {"rate": "rate"}},
        None,
    )
    combine: Literal["merge", "sum"] = word("What becomes of records with the same key.", "sum", "merge")
    batch: Count | None = word("The most symbols or ids of one request.", 50, None)
    paging: Paging | None = word("How further pages are asked for.", {"param": "cursor", "next": "cursor"}, None)
    like: str | None = word("A copy of that operation; the words beside it win.", "order_trades", None)

    @property
    def method(self) -> str | None:
        """``GET``, ``POST``, ...; ``None`` only in `endpoint_defaults`."""
        return next((method.upper() for method in METHODS if getattr(self, method) is not None), None)

    @property
    def path(self) -> Any:
        """The template of the path or url, or a choice of templates."""
        return next((path for method in METHODS if (path := getattr(self, method)) is not None), None)


EndpointOrList: TypeAlias = Annotated[
    Annotated[Endpoint, Tag("(one)")] | Annotated[list[Endpoint], Tag("(list)")],
    Discriminator(lambda value: "(list)" if isinstance(value, list) else "(one)"),
]
"""An operation: one request, or every request of a list whose `when` holds."""
