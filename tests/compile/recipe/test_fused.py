"""Recipes in straight lines: the same requests as the general way, or none at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import SecretStr

from declconn.compile.encoding import Encoder
from declconn.compile.recipe import Draft, Recipe
from declconn.compile.recipe.compiler import Compiler
from declconn.compile.recipe.formula import Formula
from declconn.compile.recipe.fused import Fused, fuse_body, fuse_query
from declconn.compile.recipe.steps import STEPS
from declconn.compile.source_book import FrozenClock
from declconn.errors import ConfigurationError
from declconn.spec import models
from declconn.types import TimeUnit

URL = "https://venue.example/api/v1/order"
FIXED = {"cred": {"key": SecretStr("the key"), "secret": SecretStr("s")}, "opt": {"window": 5}, "env": {}, "const": {}}
SOURCES = {**FIXED, "clock": FrozenClock(1_700_000_000_123 * 10**6), "nonce": {"ms": 7, "uuid": "u-u"}}
COMPILER = Compiler(STEPS, TimeUnit.MS, FIXED, allow_code=False)

FORM = """
encoding: {body: form, space: "%20"}
fields: {before: {recvWindow: "{opt.window}"}, after: {timestamp: "{clock.ms}"}}
let: {signature: {hmac: sha256, key: "{cred.secret}", data: "{req.payload}", out: hex}}
inject: {headers: {X-KEY: "{cred.key}"}, append: {signature: "{signature}"}}
"""
JSON = """
body: {before: {nonce: "{nonce.ms}"}}
let:
  digest: {hash: sha256, data: "{nonce.ms}{req.body}", out: raw}
  joined: {concat: ["{req.path}", "{digest}"]}
  signature: {hmac: sha512, key: "{cred.secret}", data: "{joined}", out: base64}
inject: {headers: {X-KEY: "{cred.key}", X-SIGN: "{signature}", X-NONCE: "{nonce.ms}"}, body: {id: "{nonce.uuid}"}}
"""
LINES = """
encoding: {sort: true, arrays: comma}
params: {before: {key: "{cred.key}"}}
let:
  expires: "{clock.s|plus:60}"
  text: {lines: ["{req.method}", "{req.host}", "{req.path}", "{req.query_raw}", "{req.target}{{}}", "{expires}"]}
  signature: {encode: base64url, data: {hash: sha256, data: "{text}", out: raw}}
inject: {query: {expires: "{expires}", sign: "{signature}"}, headers: {X-ABSENT: "{opt.absent?}"}}
"""

VALUES = st.one_of(st.text(max_size=5), st.integers(), st.booleans(), st.lists(st.text(max_size=3), max_size=2))
FIELDS = st.dictionaries(st.text(min_size=1, max_size=4), VALUES, min_size=1, max_size=4)


def recipe(text: str) -> models.Recipe:
    return models.Recipe.model_validate(yaml.safe_load(text))


def formula(text: str) -> Formula:
    return Formula("signed", "auth.recipes.signed", recipe(text), COMPILER)


def same(fused: Fused, formula: Formula, draft: Draft) -> bool:
    """Whether both ways give the same request."""
    one, other = fused(draft, SOURCES), formula.sign_carefully(draft, SOURCES)
    return (one.method, one.url, one.headers, one.body) == (other.method, other.url, other.headers, other.body)


@pytest.mark.parametrize("text", [FORM, JSON], ids=["form", "json"])
@for_all(fields=FIELDS)
def test_fields_in_the_body_are_signed_the_same(text: str, fields: dict[str, Any]) -> None:
    one = formula(text)
    assert one.fused_body is not None
    assert same(one.fused_body, one, Draft("POST", URL, body=fields, headers={"X-OWN": "1"}))


@pytest.mark.parametrize("text", [FORM, LINES], ids=["append", "query"])
@for_all(fields=FIELDS)
def test_fields_in_the_query_are_signed_the_same(text: str, fields: dict[str, Any]) -> None:
    one = formula(text)
    assert one.fused_query is not None
    assert same(one.fused_query, one, Draft("GET", URL, fields))
    assert same(one.fused_query, one, Draft("DELETE", URL))


@pytest.mark.parametrize(
    "text",
    [
        "envelope: {action: '{body}'}",
        "inject: {headers: {X: '{fields.symbol}'}}",
        "inject: {headers: {X: '{session.token}'}}",
        "inject: {headers: {X: '{clock.ms??nonce.ms}'}}",
        "let: {x: {if: '{req.body}', then: a}}\ninject: {headers: {X: '{x}'}}",
        "let: {x: {hmac: sha256, key: '{session.key}', data: a, out: hex}}\ninject: {headers: {X: '{x}'}}",
        "fields: {after: {list: ['{clock.ms}']}}",
    ],
)
def test_what_is_unusual_is_left_to_the_general_way(text: str) -> None:
    encoder = Encoder(recipe(text).encoding)
    assert fuse_body(recipe(text), encoder, COMPILER) is None
    assert fuse_query(recipe(text), encoder, COMPILER) is None


def test_an_error_is_the_general_ways_with_its_place() -> None:
    with pytest.raises(
        ConfigurationError, match=r"^auth\.recipes\.signed: .* only around a map, and this body is a list"
    ):
        formula(FORM).sign(Draft("POST", URL, body=[1]), SOURCES)


def test_a_url_with_a_query_and_fields_in_both_places_go_the_general_way() -> None:
    for draft in (Draft("GET", f"{URL}?a=1", {"b": 2}), Draft("PATCH", URL, {"a": 1}, {"b": 2})):
        one = formula(FORM)
        assert one.sign(draft, SOURCES) == one.sign_carefully(draft, SOURCES)


@pytest.mark.parametrize("body", [{}, {"ids": []}, {"a": None}, "", "a=1", [], None])
@pytest.mark.parametrize("text", ["encoding: {body: form}\n", "", 'encoding: {empty: "{}"}\n'])
def test_bodies_that_hold_nothing_or_no_fields_are_signed_the_same(text: str, body: Any) -> None:
    one = formula(text + FORM[FORM.index("let:") :])
    draft = Draft("POST", URL, body=body)
    try:
        expected = one.sign_carefully(draft, SOURCES)
    except ConfigurationError as error:
        with pytest.raises(ConfigurationError, match=re.escape(str(error))):
            one.sign(draft, SOURCES)
    else:
        assert one.sign(draft, SOURCES) == expected


def test_an_endpoints_own_encoding_has_functions_of_its_own(make: Callable[..., Recipe]) -> None:
    signed = make(FORM, fixed=FIXED).with_encoding(models.Encoding(body="json"))
    assert signed.sign(Draft("POST", URL, body={"a": 1}), SOURCES).body.startswith(b'{"recvWindow":5,"a":1,')
