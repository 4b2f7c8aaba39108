"""What a request says of an order's type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from declconn.compile.endpoint import Endpoint
from declconn.compile.errors import ErrorReader
from declconn.errors import ConfigurationError
from declconn.spec import models
from declconn.types import OrderType, TimeUnit, Trigger

ORDERS = models.Orders.model_validate(
    {
        "sides": {"BUY": True, "SELL": False},
        "types": {
            "LIMIT": {"kind": "{side}-limit", "price": "{price}", "tif": "Gtc"},
            "MARKET": {"tif": "Ioc", "BUY": {"kind": "buy", "amount": "{quote_amount}"}, "SELL": {"kind": "sell"}},
        },
    }
)
SOURCES: Mapping[str, Any] = {
    "env": {"rest": "https://venue.example"},
    "symbol": "BTC",
    "amount": Decimal("1.50"),
    "quote_amount": Decimal(60),
    "price": Decimal(40),
    "side": True,
    "type": OrderType.LIMIT,
}


def sent(
    model: Mapping[str, Any], operation: str = "place_order", orders: models.Orders = ORDERS, **sources: Any
) -> Any:
    endpoint = Endpoint(
        operation,
        models.Endpoint.model_validate(model),
        reader=None,
        errors=ErrorReader(models.Errors()),
        time_unit=TimeUnit.MS,
        orders=orders,
    )
    request = endpoint.request({**SOURCES, **sources})
    return json.loads(request.body) if request.body else request.url


PLACE = {"post": "/order", "body": {"s": "{symbol}", "amount": "{amount}"}}


def test_the_fields_of_the_type_are_added_to_the_body() -> None:
    body = {"s": "BTC", "amount": "1.5", "kind": "true-limit", "price": "40", "tif": "Gtc"}
    assert sent(PLACE) == body


def test_they_are_added_to_the_query_of_a_request_without_a_body() -> None:
    assert sent({"post": "/order", "params": {"s": "{symbol}"}}).endswith("?s=BTC&kind=true-limit&price=40&tif=Gtc")


def test_a_side_may_have_fields_of_its_own_and_they_win_over_the_bodys() -> None:
    assert sent(PLACE, type="MARKET") == {"s": "BTC", "amount": "60", "tif": "Ioc", "kind": "buy"}
    assert sent(PLACE, type="MARKET", side=False) == {"s": "BTC", "amount": "1.5", "tif": "Ioc", "kind": "sell"}


def test_a_field_that_a_template_reads_is_not_added() -> None:
    model = {"post": "/order", "body": {"t": {"limit": {"tif": "{type.tif}"}}}}
    assert sent(model) == {"t": {"limit": {"tif": "Gtc"}}, "kind": "true-limit", "price": "40"}


def test_what_amends_an_order_may_read_the_fields_and_gets_none_of_them() -> None:
    assert sent({"post": "/amend", "body": {"tif": "{type.tif}"}}, "amend_order") == {"tif": "Gtc"}
    assert sent({"post": "/amend", "body": {"s": "{symbol}"}}, "amend_order", type=None) == {"s": "BTC"}


VARIANTS = models.Orders.model_validate(
    {
        "sides": {"BUY": "b", "SELL": "s"},
        "types": {
            "LIMIT": {
                "kind": "limit",
                "price": "{price}",
                "terms": {"tif": "gtc", "deep": {"a": 1, "b": 2}},
                "SELL": {"kind": "sale"},
                "IOC": {"terms": {"tif": "ioc"}, "SELL": {"short": True}},
                "FOK": {},
                "STOP": {
                    "kind": "stop",
                    "terms": {"deep": {"a": None, "c": "{trigger}"}},
                    "stop": "{trigger_price}",
                    "BUY": {"kind": "stop-buy", "price": None},
                },
                "TAKE_PROFIT": {"terms": {"tif": "gtc"}},
            }
        },
    }
)


def variant(side: str = "b", model: Mapping[str, Any] | None = None, **sources: Any) -> Any:
    sent_with = {"side": side, "trigger_price": Decimal(9), **sources}
    return sent(model or {"post": "/order", "body": {}}, orders=VARIANTS, **sent_with)


def test_a_variant_is_put_over_its_type_and_its_sides_over_both() -> None:
    terms = {"tif": "gtc", "deep": {"a": 1, "b": 2}}
    assert variant() == {"kind": "limit", "price": "40", "terms": terms}
    assert variant(time_in_force="FOK") == variant(time_in_force="GTC") == variant()
    assert variant(time_in_force="IOC") == {"kind": "limit", "price": "40", "terms": {**terms, "tif": "ioc"}}
    assert variant("s", time_in_force="IOC") == variant(time_in_force="IOC") | {"kind": "sale", "short": True}


def test_null_takes_a_field_away_and_maps_merge() -> None:
    deep = {"tif": "gtc", "deep": {"b": 2, "c": "STOP"}}
    assert variant("s", trigger=Trigger.STOP) == {"kind": "stop", "price": "40", "terms": deep, "stop": "9"}
    assert variant(trigger=Trigger.STOP) == {"kind": "stop-buy", "terms": deep, "stop": "9"}


def taking_away(**market: Any) -> models.Orders:
    return models.Orders.model_validate({"sides": {"BUY": True, "SELL": False}, "types": {"MARKET": market}})


def test_null_takes_away_what_the_request_itself_says() -> None:
    orders = taking_away(BUY={"worth": "{quote_amount}", "amount": None}, IOC={"BUY": {"amount": "{amount|number}"}})
    assert sent(PLACE, orders=orders, type="MARKET") == {"s": "BTC", "worth": "60"}
    assert sent(PLACE, orders=orders, type="MARKET", side=False) == {"s": "BTC", "amount": "1.5"}
    again = sent(PLACE, orders=orders, type="MARKET", time_in_force="IOC")
    assert again == {"s": "BTC", "amount": 1.5, "worth": "60"}


def test_null_takes_away_what_the_query_says_of_a_request_without_a_body() -> None:
    model = {"post": "/order", "params": {"s": "{symbol}", "amount": "{amount}"}}
    url = sent(model, orders=taking_away(amount=None, worth="{quote_amount}"), type="MARKET")
    assert url.endswith("/order?s=BTC&worth=60")


def test_null_takes_away_nothing_that_is_read() -> None:
    model = {"post": "/order", "body": {"tif": "{type.tif??symbol}", "amount": "{amount}"}}
    assert sent(model, orders=taking_away(tif=None), type="MARKET") == {"tif": "BTC", "amount": "1.5"}


def test_a_trigger_is_put_over_the_time_in_force() -> None:
    both = variant("s", trigger="STOP", time_in_force="IOC")
    assert both == {"kind": "stop", "price": "40", "short": True, "stop": "9"} | {
        "terms": {"tif": "ioc", "deep": {"b": 2, "c": "STOP"}}
    }


def test_what_is_read_are_the_fields_of_the_variant() -> None:
    model = {"post": "/order", "body": {"t": "{type.terms.tif}", "stop": "{type.stop?}"}}
    assert variant(model=model) == {"t": "gtc", "kind": "limit", "price": "40"}
    assert variant(model=model, time_in_force="IOC")["t"] == "ioc"
    assert variant("s", model=model, trigger="STOP") == {"t": "gtc", "stop": "9", "kind": "stop", "price": "40"}


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ({"time_in_force": "GTD"}, "'time_in_force' is 'GTD'; expected GTC or IOC or FOK"),
        ({"trigger": "LIMIT"}, "'trigger' is 'LIMIT'; expected STOP or TAKE_PROFIT"),
        ({"side": None}, "'side' has no value here; expected b or s"),
        ({"time_in_force": "IOC", "trigger": "TAKE_PROFIT"}, "'trigger' is 'TAKE_PROFIT'; expected STOP"),
    ],
)
def test_a_variant_that_is_not_listed_is_told_with_those_that_are(sources: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        variant(**sources)


def test_a_type_without_triggers_says_so() -> None:
    with pytest.raises(ConfigurationError, match="'trigger' is 'STOP'; expected no trigger"):
        sent(PLACE, trigger="STOP")


def test_other_operations_know_nothing_of_types() -> None:
    assert sent({"post": "/cancel", "body": {"s": "{symbol}"}}, "cancel_order", type=None) == {"s": "BTC"}


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ({"type": None}, "'type' has no value here; expected LIMIT or MARKET"),
        ({"type": "LIMIT_MAKER"}, "'type' is 'LIMIT_MAKER'; expected LIMIT or MARKET"),
        ({"side": "BUY"}, "'side' is 'BUY'; expected true or false"),
        ({"price": None}, r"orders\.types\.LIMIT\.price: 'price' has no value here"),
    ],
)
def test_a_type_that_cannot_be_written_is_told_with_what_was_expected(sources: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        sent(PLACE, **sources)
