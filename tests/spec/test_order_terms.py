"""Which orders a spec offers, and what a child of `extends` says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from declconn.errors import SpecError
from declconn.spec import models
from declconn.spec.load import load_spec_file, resolve_spec_file
from declconn.spec.order_terms import Terms, fields_of, offered, times_in_force, triggers, withheld
from declconn.spec.order_triggers import of_trigger, tells_triggers
from declconn.types import OrderType, Side, TimeInForce, Trigger

LIMIT, BUY = OrderType.LIMIT, Side.BUY
GOOD = Path(__file__).parent / "good"


def orders(**limit: Any) -> models.Orders:
    return models.Orders.model_validate({"sides": {"BUY": "b", "SELL": "s"}, "types": {"LIMIT": limit}})


def kinds(**limit: Any) -> list[str]:
    """The orders to buy that are offered."""
    return [str(terms) for terms in offered(orders(**limit)) if terms.side is BUY]


def test_what_is_not_listed_is_not_offered() -> None:
    assert kinds(price="{price}") == ["LIMIT"]
    assert kinds(IOC={}, STOP={"x": 1}) == ["LIMIT", "LIMIT STOP", "LIMIT IOC", "LIMIT IOC STOP"]
    assert offered(None) == {}
    assert times_in_force({}) == {TimeInForce.GTC}
    assert times_in_force(None) == triggers(None) == frozenset()


@pytest.mark.parametrize(
    ("stop", "is_offered"),
    [
        ({"kind": "stop"}, True),
        ({"tif": "gtc"}, False),
        ({"tif": None}, False),
        ({"tif": "{time_in_force}"}, True),
    ],
)
def test_a_time_in_force_that_a_trigger_says_nothing_of_is_not_offered_with_it(stop: Any, is_offered: bool) -> None:
    assert ("LIMIT IOC STOP" in kinds(tif="gtc", IOC={"tif": "ioc"}, STOP=stop)) is is_offered


def test_a_field_that_was_there_keeps_its_place() -> None:
    fields = {"a": 1, "b": 2, "IOC": {"c": 3, "a": 4}}
    assert list(fields_of(fields, Terms(LIMIT, BUY, TimeInForce.IOC)).items()) == [("a", 4), ("b", 2), ("c", 3)]


def test_a_choice_is_one_value() -> None:
    choice = {"by": "opt.tier", "of": {"*": "x"}}
    fields = {"a": {"deep": 1}, "b": choice, "IOC": {"a": choice, "b": {"deep": 1}}}
    assert fields_of(fields, Terms(LIMIT, BUY, TimeInForce.IOC)) == {"a": choice, "b": {"deep": 1}}


def test_what_is_removed_is_not_there_and_withheld_from_the_request_unless_it_comes_back() -> None:
    fields = {"a": None, "b": 1, "SELL": {"a": 2}, "IOC": {"b": None, "c": {"x": None}}}
    assert [fields_of(fields, terms) for terms in (Terms(LIMIT, BUY), Terms(LIMIT, Side.SELL))] == [
        {"b": 1},
        {"a": 2, "b": 1},
    ]
    assert withheld(fields, Terms(LIMIT, BUY)) == {"a"}
    assert withheld(fields, Terms(LIMIT, Side.SELL)) == frozenset()
    assert withheld(fields, Terms(LIMIT, Side.SELL, TimeInForce.IOC)) == {"b"}
    assert fields_of(fields, Terms(LIMIT, BUY, TimeInForce.IOC)) == {"c": {}}


def test_a_variant_that_takes_something_of_the_request_away_is_told() -> None:
    assert kinds(IOC={"post_only": None}, STOP={"x": 1}) == ["LIMIT", "LIMIT STOP", "LIMIT IOC", "LIMIT IOC STOP"]


CHILD = """\
spec: 1
extends: trading
name: child
orders:
  types:
    LIMIT:
      tif: gtc
      IOC: {tif: ioc, more: {x: null}}
      STOP: {tif: null, BUY: {type: null}, stop: "{trigger_price}"}
      TAKE_PROFIT: null
    MARKET: {BUY: null, SELL: null, type: market, qty: null}
"""


def load(tmp_path: Path, *texts: str) -> tuple[models.Spec, dict[str, Any]]:
    """The last of several specs, each of which may extend those before it."""
    for number, text in enumerate(texts):
        (tmp_path / f"child{number or ''}.yaml").write_text(text)
    last = tmp_path / f"child{len(texts) - 1 or ''}.yaml"

    def find(name: str) -> Path:
        return GOOD / f"{name}.yaml" if (GOOD / f"{name}.yaml").is_file() else tmp_path / f"{name}.yaml"

    return load_spec_file(last, find), resolve_spec_file(last, find)


def test_null_in_a_variant_stays_until_it_is_put_over_the_type(tmp_path: Path) -> None:
    spec, resolved = load(tmp_path, CHILD)
    assert spec.orders is not None
    stop = {"tif": None, "BUY": {"type": None}, "stop": "{trigger_price}"}
    assert spec.orders.types[LIMIT]["STOP"] == resolved["orders"]["types"]["LIMIT"]["STOP"] == stop
    assert offered(spec.orders)[Terms(LIMIT, BUY, trigger=Trigger.STOP)] == {
        "price": "{price}",
        "stop": "{trigger_price}",
    }
    assert spec.orders.types[OrderType.MARKET] == {"type": "market", "qty": None}
    assert "TAKE_PROFIT" not in spec.orders.types[LIMIT]


def test_a_child_changes_variants_word_by_word_and_takes_them_away(tmp_path: Path) -> None:
    words = "{tif: now, STOP: null, IOC: {tif: ioc2}, FOK: {tif: fok}}"
    grandchild = f"spec: 1\nextends: child\nname: grandchild\norders: {{types: {{LIMIT: {words}}}}}\n"
    spec, _ = load(tmp_path, CHILD, grandchild)
    assert spec.orders is not None
    kept = {name: value for name, value in spec.orders.types[LIMIT].items() if name.isupper()}
    assert kept == {"IOC": {"tif": "ioc2", "more": {"x": None}}, "FOK": {"tif": "fok"}}


REQUESTS = """\
spec: 1
extends: trading
name: child
endpoints:
  cancel_order:
    - {delete: /order, when: {trigger: {absent: true}}, auth: signed, params: {id: "{client_order_id}"}}
    - {delete: /stop, when: {trigger: CONDITION}, auth: signed, params: {id: "{exchange_order_id}"}}
  order_status:
    {get: /order, auth: signed, params: {id: "{client_order_id}", kind: "{trigger?}"}, result: {state: status}}
orders: {types: {LIMIT: {STOP: {stop: "{trigger_price}"}}}}
"""


@pytest.mark.parametrize("condition", ["[STOP, TAKE_PROFIT]", "{absent: false}"])
def test_requests_may_be_about_orders_that_wait_for_a_price_or_about_others(tmp_path: Path, condition: str) -> None:
    spec, _ = load(tmp_path, REQUESTS.replace("CONDITION", condition))
    told = {operation for operation in spec.endpoints if tells_triggers(spec, operation)}
    assert told == {"cancel_order", "order_status"}
    paths = {trigger: [one.path for one in of_trigger(spec, "cancel_order", trigger)] for trigger in (None, *Trigger)}
    assert paths == {None: ["/order"], Trigger.STOP: ["/stop"], Trigger.TAKE_PROFIT: ["/stop"]}
    assert len(of_trigger(spec, "order_status", Trigger.STOP)) == 1


def test_a_condition_that_no_trigger_meets_is_told_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="cancel_order: no request is about orders that are STOP"):
        load(tmp_path, REQUESTS.replace("CONDITION", "{is: null}"))
