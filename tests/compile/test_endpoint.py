"""An endpoint writes requests and reads answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from declconn.compile.endpoint import Endpoint
from declconn.compile.errors import ErrorReader
from declconn.compile.recipe import compile_recipe
from declconn.errors import ConfigurationError, MappingError, VenueError
from declconn.net.transport import Request, Response
from declconn.spec import models
from declconn.types import TimeUnit

SOURCES: Mapping[str, Any] = {"env": {"rest": "https://venue.example/api"}, "symbol": "BTC/USD", "limit": None}


def endpoint(model: Mapping[str, Any], **options: Any) -> Endpoint:
    return Endpoint(
        "ping",
        models.Endpoint.model_validate(model),
        reader=None,
        errors=ErrorReader(models.Errors()),
        time_unit=TimeUnit.MS,
        **options,
    )


def written(model: Mapping[str, Any], **options: Any) -> Request:
    return endpoint(model, **options).request(SOURCES)


def test_a_path_is_appended_to_the_environments_url() -> None:
    assert written({"get": "/ping"}).url == "https://venue.example/api/ping"
    assert written({"get": "https://other.example/{symbol|lower}"}).url == "https://other.example/btc/usd"


def test_a_path_may_be_a_choice() -> None:
    model = {"get": {"by": "symbol", "of": {"BTC/USD": "/one", "*": "https://other.example/two"}}}
    assert written(model).url == "https://venue.example/api/one"
    assert endpoint(model).request({**SOURCES, "symbol": "x"}).url == "https://other.example/two"


def test_fields_and_headers_are_templates() -> None:
    request = written(
        {
            "post": "/order",
            "params": {"s": "{symbol}", "limit": "{limit?}"},
            "body": {"symbol": "{symbol}", "n": 1},
            "headers": {"X-N": 5, "X-L": "{limit?}"},
        }
    )
    assert (request.method, request.url) == ("POST", "https://venue.example/api/order?s=BTC%2FUSD")
    assert request.body == b'{"symbol":"BTC/USD","n":1}'
    assert request.headers == {"X-N": "5", "Content-Type": "application/json"}


def test_an_encoding_of_its_own() -> None:
    request = written({"post": "/order", "body": {"s": "a b"}, "encoding": {"body": "form", "space": "%20"}})
    assert request.body == b"s=a%20b"


def test_a_header_of_its_own_wins_over_the_usual_content_type() -> None:
    request = written({"post": "/order", "body": {"a": 1}, "headers": {"Content-Type": "text/plain"}})
    assert request.headers["Content-Type"] == "text/plain"


def test_a_recipe_signs_and_the_endpoints_encoding_wins() -> None:
    model = models.Recipe.model_validate(
        {"encoding": {"body": "json", "sort": True}, "inject": {"headers": {"X-BODY": "{req.body}", "X-R": "{auth}"}}}
    )
    request = written(
        {"post": "/order", "auth": "signed", "body": {"b": 1, "a": 2}, "encoding": {"body": "form"}},
        recipe=compile_recipe("signed", model, TimeUnit.MS),
    )
    assert request.body == b"a=2&b=1"
    assert request.headers["X-BODY"] == "a=2&b=1"
    assert request.headers["X-R"] == "signed"


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ConfigurationError, match="'side' has no value here"):
        written({"post": "/order", "body": {"side": "{side}"}})


def test_an_answer_that_is_an_error_is_raised() -> None:
    with pytest.raises(VenueError, match="rate_limited"):
        endpoint({"get": "/ping"}).read(Response(429, {"Retry-After": "2"}, b"slow down"), {})


def test_a_good_answer_that_is_no_json_is_a_mapping_error() -> None:
    with pytest.raises(MappingError, match=r"endpoints\.ping"):
        endpoint({"get": "/ping"}).read(Response(200, {}, b"<html>"), {})


def test_what_it_costs_may_depend_on_how_it_is_signed() -> None:
    priced = endpoint({"get": "/ping", "cost": {"by": "auth", "of": {"none": {"weight": 1}, "*": {"weight": 2}}}})
    assert priced.cost(SOURCES) == {"weight": 1}
