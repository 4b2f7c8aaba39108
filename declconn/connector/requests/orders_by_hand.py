"""Orders as people write them into an operation's arguments: which kinds there are, and what their market would say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from declconn.account.order_rules import check_order
from declconn.connector.offered_orders import require_offered
from declconn.errors import InvalidOrderError
from declconn.id_formats import FORMS
from declconn.records import TradingRule
from declconn.spec import Spec, models
from declconn.spec.order_terms import Terms, offered
from declconn.types import AmountUnit, OrderType, Side, TimeInForce, Trigger


def check_terms(spec: Spec, operation: str, given: Mapping[str, Any]) -> None:
    """See that the venue has such orders, as far as the words are ours; others are read when the request is written.

    Args:
        spec: the venue's.
        operation: what is asked; only what places an order has terms.
        given: arguments in the words of `by_hand.in_venue_words`.

    Raises:
        NotSupportedError: it has none of this type, time in force and trigger; says which there are.
    """
    terms = _terms(spec, given) if operation == "place_order" else None
    if terms is not None:
        require_offered(terms, offered(spec.orders).keys())


def order_doubts(spec: Spec, rule: TradingRule, given: Mapping[str, Any]) -> Iterator[str]:
    """What would be wrong with an order: it breaks its market's rules, or its client id is not as the spec says.

    Rules count base units, so where the venue counts otherwise only ids are looked at.
    """
    terms, amount = _terms(spec, given), given.get("amount")
    if terms is not None and amount is not None and (rule.amount_unit or spec.amount_unit) is AmountUnit.BASE:
        price, trigger_price = given.get("price"), given.get("trigger_price")
        try:
            check_order(
                rule, terms.order_type, terms.side, Decimal(amount), price, price or trigger_price, trigger_price
            )
        except InvalidOrderError as error:
            yield str(error)
    if spec.orders is not None and "client_order_id" in given:
        yield from _id_doubts(spec.orders.client_order_id, str(given["client_order_id"]))


def _id_doubts(made: models.ClientOrderId, given: str) -> Iterator[str]:
    fits = re.fullmatch(FORMS[made.format], given.removeprefix(made.prefix))
    if fits is None or len(given) > made.length or (made.format == "hex" and len(given) != made.length):
        exactly = "" if made.format == "hex" else "at most "
        yield (
            f"client_order_id: {given!r} is not as `orders.client_order_id` says: {made.format}, "
            f"{exactly}{made.length} characters"
        )


def _terms(spec: Spec, given: Mapping[str, Any]) -> Terms | None:
    """The terms of an order; ``None`` if a word is missing, or none of ours."""
    sides = {str(word): side for side, word in spec.orders.sides.items()} if spec.orders else {}
    side, words = sides.get(str(given.get("side"))), {"time_in_force": TimeInForce.GTC, **given}
    if side is None or words.get("type") not in set(OrderType) or words["time_in_force"] not in set(TimeInForce):
        return None
    trigger = words.get("trigger")
    if trigger is not None and trigger not in set(Trigger):
        return None
    return Terms(
        OrderType(words["type"]), Side(side), TimeInForce(words["time_in_force"]), trigger and Trigger(trigger)
    )
