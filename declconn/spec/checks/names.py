"""Everything that is named is declared: pools, recipes, session values, operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from declconn.records import OPERATIONS
from declconn.spec.checks.finding import Finding, is_misspelt, unknown, wrong, wrong_key
from declconn.spec.checks.sites import news, requests
from declconn.spec.models import Choice, RateLimit, Spec
from declconn.spec.models.base import is_choice
from declconn.spec.models.endpoints import METHODS
from declconn.spec.node import Loc

_MOVES_FUNDS = ("deposit", "withdraw", "transfer")


def check_pools(spec: Spec) -> Iterator[Finding]:
    """`cost` draws from pools of `rate_limits`, and no more than they ever hold."""
    for request in requests(spec):
        for loc, pool, amount in _drawn(request.endpoint.cost, (*request.loc, "cost")):
            limit = spec.rate_limits.get(pool)
            if limit is None:
                yield unknown(loc, "pool", pool, spec.rate_limits)._replace(at_key=True)
            elif amount > (most := _capacity(limit)):
                yield wrong(loc, f"found {amount}, and the pool '{pool}' never holds more than {most}")


def _drawn(cost: Any, loc: Loc) -> Iterator[tuple[Loc, str, int]]:
    if is_choice(cost):
        for case, value in cost["of"].items():
            yield from _drawn(value, (*loc, "of", case))
    else:
        for pool, amount in (cost or {}).items():
            yield (*loc, pool), pool, amount


def _capacity(limit: RateLimit) -> int:
    """What can be drawn at once, for every user of a pool whose allowance differs among them."""
    allowances = limit.allow.of.values() if isinstance(limit.allow, Choice) else [limit.allow]
    sizes = (allowance.refill if allowance.burst is None else allowance.burst for allowance in allowances)
    return min(sizes, default=0)


def check_recipes(spec: Spec) -> Iterator[Finding]:
    """`auth` names recipes of `auth.recipes`."""
    for loc, name in named_recipes(spec):
        if name not in spec.auth.recipes:
            yield unknown(loc, "recipe", name, spec.auth.recipes)


def named_recipes(spec: Spec) -> Iterator[tuple[Loc, str]]:
    """Every place where requests and messages say how they are signed, and the recipe that it names."""
    for request in requests(spec):
        if request.endpoint.auth not in (None, "none"):
            yield (*request.loc, "auth"), str(request.endpoint.auth)
    for name, stream in spec.streams.items():
        loc: Loc = ("streams", name)
        if stream.auth:
            yield (*loc, "auth"), stream.auth
        messages = (("login", stream.login), ("subscribe", stream.subscribe), ("unsubscribe", stream.unsubscribe))
        for word, message in messages:
            if message and message.auth:
                yield (*loc, word, "auth"), message.auth.removesuffix("?")
    if auth := spec.order_book.snapshot.auth:
        yield ("order_book", "snapshot", "auth"), auth.removesuffix("?")


def check_operations_named(spec: Spec) -> Iterator[Finding]:
    """`session`, `for`, `auth.clock` and `emit: poll` name operations that the spec declares."""
    for loc, name in _named_operations(spec):
        if name not in spec.endpoints:
            yield unknown(loc, "operation", name, spec.endpoints)
    for kind, rules in spec.errors.kinds.items():
        for index, rule in enumerate(rules):
            for position, name in enumerate(rule.on or ()):
                if name not in spec.endpoints and name not in OPERATIONS:
                    loc = ("errors", "kinds", kind, index, "on", position)
                    yield unknown(loc, "operation", name, {*spec.endpoints, *OPERATIONS})


def _named_operations(spec: Spec) -> Iterator[tuple[Loc, str]]:
    if spec.auth.clock != "local":
        yield ("auth", "clock"), spec.auth.clock
    for name, value in spec.session.items():
        yield ("session", name, "obtain"), value.obtain
        if value.renew:
            yield ("session", name, "renew"), value.renew
    for request in requests(spec):
        for name, values in (request.endpoint.for_ or {}).items():
            if isinstance(values, str):
                yield (*request.loc, "for", name), values
    for item in news(spec):
        for index, operation in enumerate(item.event.operations or ()):
            yield (*item.loc, "operations", index), operation


def check_operation_names(spec: Spec) -> Iterator[Finding]:
    """Every operation is one that the runtime knows, or is asked by `session`, `for` or `poll`."""
    used = {name for _, name in _named_operations(spec)}
    for name in spec.endpoints:
        loc = ("endpoints", name)
        if name.startswith(_MOVES_FUNDS):
            yield wrong_key(loc, f"'{name}' would move funds; no spec may do that")
        elif name not in OPERATIONS and name not in used:
            message = unknown(loc, "operation", name, OPERATIONS).message
            yield wrong_key(loc, f"{message} Any other name must be used by `session`, `for` or `poll`")


def check_required_operations(spec: Spec) -> Iterator[Finding]:
    """`trading_rules` always, `order_book_snapshot` where books begin with it, a method on every request."""
    if _lacks("trading_rules", spec):
        yield wrong_key(("endpoints",), "'trading_rules' is missing; without it no market is known")
    if spec.order_book.snapshot.from_ == "rest" and _lacks("order_book_snapshot", spec):
        yield wrong_key(("endpoints",), "'order_book_snapshot' is missing; `order_book.snapshot: rest` asks it")
    if "place_order" in spec.endpoints and spec.orders is None:
        yield wrong_key(("endpoints", "place_order"), "orders cannot be placed without the section `orders`")
    elif "place_order" in spec.endpoints and spec.orders is not None and not spec.orders.types:
        yield wrong_key(("orders",), "'types' is missing; orders cannot be placed without a type")
    if spec.positions is not None and spec.kind == "exchange":
        yield wrong_key(("positions",), "only `kind: derivative` has positions")


def _lacks(operation: str, spec: Spec) -> bool:
    own = {name for _, name in _named_operations(spec)}
    return operation not in spec.endpoints and not is_misspelt(operation, spec.endpoints.keys() - own, OPERATIONS)


def check_methods(spec: Spec) -> Iterator[Finding]:
    """Every request has one method."""
    for request in requests(spec):
        methods = [word for word in METHODS if getattr(request.endpoint, word) is not None]
        if not methods:
            yield wrong_key(request.loc, "a method is missing; write one of get, post, put, delete, patch: /path")
        for word in methods[1:]:
            yield wrong_key((*request.loc, word), f"a request has one method; this one has '{methods[0]}' already")


def check_options(spec: Spec) -> Iterator[Finding]:
    """A default is one of the choices."""
    for name, option in spec.options.items():
        if option.choices and option.default is not None and option.default not in option.choices:
            choices = ", ".join(map(str, option.choices))
            yield wrong(("options", name, "default"), f"found '{option.default}', which is not among {choices}")


def check_paging(spec: Spec) -> Iterator[Finding]:
    """Paging says how it ends."""
    for request in requests(spec):
        paging = request.endpoint.paging
        if paging and [paging.next, paging.last, paging.step].count(None) != 2:
            yield wrong_key((*request.loc, "paging"), "paging goes on by one of `next`, `last` and `step`")
