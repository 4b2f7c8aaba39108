"""Orders can be placed as they are meant, be cancelled, and be found again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from declconn.id_formats import id_problem
from declconn.spec.checks.finding import Finding, doubt_key, wrong, wrong_key
from declconn.spec.checks.order_terms import TYPES, told_by, told_of
from declconn.spec.checks.sites import Request, requests, slots
from declconn.spec.models import Hook, Spec
from declconn.spec.models.base import found
from declconn.spec.node import Loc
from declconn.spec.order_ids import IDS, can_name, ids_named
from declconn.spec.order_terms import Terms, offered
from declconn.spec.order_triggers import of_trigger
from declconn.types import OrderType, Side

_PRICED: Final = (OrderType.LIMIT, OrderType.LIMIT_MAKER)

_TOLD: Final[Mapping[str, frozenset[str]]] = {
    "symbol": frozenset({"symbol", "base", "quote", "market"}),
    "side": frozenset({"side", "signed_amount"}),
    "amount": frozenset({"amount", "signed_amount", "quote_amount"}),
    "client_order_id": frozenset({"client_order_id"}),
}
"""What a new order has to say, and the sources that say it."""

_LOST: Final = "an order whose answer was lost cannot be found again"


def check_both_sides(spec: Spec) -> Iterator[Finding]:
    """Both sides have a word, and not the same one."""
    if spec.orders is None:
        return
    loc, sides = ("orders", "sides"), spec.orders.sides
    for side in Side:
        if side not in sides:
            yield wrong_key(loc, f"'{side}' is missing; no such order could be placed or read")
    if len(sides) == len(Side) and str(sides[Side.BUY]) == str(sides[Side.SELL]):
        yield wrong((*loc, "SELL"), f"found {found(sides[Side.SELL])}, which is the word for BUY too")


def check_client_order_ids(spec: Spec) -> Iterator[Finding]:
    """Ids of the venue's form can be made, and no two are the same."""
    rules = spec.orders.client_order_id if spec.orders else None
    if rules and (message := id_problem(rules.prefix, rules.length, rules.format, rules.bits)):
        yield wrong_key(("orders", "client_order_id"), message)


def check_new_orders(spec: Spec) -> Iterator[Finding]:
    """A new order says its market, its side, its amount and the id that it is found by."""
    for request in _requests(spec, "place_order"):
        about = [
            one for one in offered(spec.orders) if request.endpoint in of_trigger(spec, "place_order", one.trigger)
        ]
        told = [_roots(told_by(spec, terms, [request.endpoint])) for terms in about]
        for word, sources in _TOLD.items():
            if not all(sources & one for one in told):
                yield doubt_key(request.loc, _untold(word))


def check_prices(spec: Spec) -> Iterator[Finding]:
    """The price of a limit order reaches the venue."""
    told: set[Loc] = set()
    for terms in (terms for terms in offered(spec.orders) if terms.order_type in _PRICED):
        own: Loc = (*TYPES, terms.order_type)
        loc = (*own, terms.trigger or terms.time_in_force) if terms != Terms(terms.order_type, terms.side) else own
        if "price" not in told_of(spec, terms) and told.isdisjoint({loc, own}):
            told.add(loc)
            message = 'the venue is not told the price of such orders; write it, like `price: "{price}"`'
            yield doubt_key(loc, message)


def check_cancels(spec: Spec) -> Iterator[Finding]:
    """What can be placed can be cancelled, and a request about one order says which."""
    if "place_order" in spec.endpoints and not {"cancel_order", "cancel_orders"} & spec.operations:
        yield doubt_key(("endpoints", "place_order"), "orders can be placed, but not cancelled; add `cancel_order`")
    for operation, ending in (("cancel_order", ""), ("cancel_orders", "s"), ("amend_order", "")):
        for request in _requests(spec, operation):
            if not ids_named(request.endpoint):
                ids = " or ".join(f"{{{name}{ending}}}" for name in IDS)
                yield doubt_key(request.loc, f"the venue is not told which order is meant; name {ids}")


def check_lost_answers(spec: Spec) -> Iterator[Finding]:
    """An order can be asked for by our id: where the answer that tells the venue's is lost, there is no other."""
    if "place_order" not in spec.endpoints or any(_finds(spec, name) for name in ("order_status", "find_order")):
        return
    if "order_status" not in spec.endpoints:
        yield doubt_key(("endpoints", "place_order"), f"{_LOST}; add `order_status`")
    elif "find_order" not in spec.endpoints:
        hint = "add `find_order`, which asks by {client_order_id}, or lists the latest orders with their client ids"
        yield doubt_key(("endpoints", "order_status"), f"{_LOST}: this wants the venue's id; {hint}")
    else:
        hint = "name {client_order_id}, or read `client_order_id` in its `result`"
        yield doubt_key(("endpoints", "find_order"), f"{_LOST}: nothing here tells which one is ours; {hint}")


def _finds(spec: Spec, operation: str) -> bool:
    """Whether an operation answers about an order of which only our own id is known."""
    asked = _requests(spec, operation)
    tells = any("client_order_id" in _fields(request) | ids_named(request.endpoint) for request in asked)
    return tells and can_name(spec.requests(operation), {"client_order_id"})


def check_states(spec: Spec) -> Iterator[Finding]:
    """Whoever asks about orders is told how they stand."""
    for operation in ("order_status", "find_order", "open_orders"):
        asked = [request for request in requests(spec) if request.operation == operation]
        if asked and not any("state" in _fields(request) for request in asked):
            hint = "map it through `orders.states`, or write the word that is meant, like `state: \"'open'\"`"
            loc: Loc = (*asked[0].loc, "result") if len(asked) == 1 else ("endpoints", operation)
            yield doubt_key(loc, f"'state' is missing; nobody learns whether an order is open; {hint}")


def _requests(spec: Spec, operation: str) -> list[Request]:
    return [request for request in requests(spec) if request.operation == operation and request.follows is None]


def _fields(request: Request) -> set[str]:
    """The fields of an answer; all that matter, where a hook reads it."""
    result = request.endpoint.result
    return {"state", *IDS} if isinstance(result, Hook) else {*slots(result)}


def _roots(sources: Iterable[str]) -> set[str]:
    return {"market" if source.startswith("market.") else source for source in sources}


def _untold(word: str) -> str:
    if word == "client_order_id":
        return f"{_LOST}: the venue is not told our id of a new order; name {{client_order_id}}"
    return f"the venue is not told the {word} of a new order; name {{{word}}}"
