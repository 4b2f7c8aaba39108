"""Templates as functions: what is written for given sources, and what an error says."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from declconn.compile.decode import encode
from declconn.compile.filters import FUNCTIONS, plain_decimal, register_filter
from declconn.compile.template import ABSENT, Duration, Number, Time, compile_choice, compile_source, compile_template
from declconn.errors import ConfigurationError
from declconn.spec.template import FILTERS
from declconn.types import TimeUnit

MOMENT = Time(1_700_000_000_123_456_789)


def write(tree, time_unit=TimeUnit.MS, /, **sources):
    return compile_template(tree, time_unit)(sources)


def test_a_value_keeps_its_type():
    assert write("{x}", x="BTC") == "BTC"
    assert write("{x}", x=5) == 5
    assert write("{x}", x=True) is True
    assert write("{x}", x=["a", "b"]) == ["a", "b"]
    assert write("{x}", x=b"\xff") == b"\xff"


def test_anything_else_is_text():
    assert write("{n}@{b}", n=5, b=True) == "5@true"
    assert write("{env.rest}/order", env={"rest": "https://example.org"}) == "https://example.org/order"
    assert write("{req.method}{req.body}", req={"method": b"POST", "body": b"{}"}) == "POST{}"


def test_what_the_spec_writes_itself_stays_as_it_is():
    tree = {"text": "a{{b}}", "int": 5, "flag": False, "list": [1, "x"], "map": {"k": 1}}
    assert write(tree) == {"text": "a{b}", "int": 5, "flag": False, "list": [1, "x"], "map": {"k": 1}}
    assert encode(write({"slippage": Decimal("0.50")})) == '{"slippage":0.50}'


@pytest.mark.parametrize(
    ("value", "text"),
    [("1E-8", "0.00000001"), ("1.50", "1.5"), ("100", "100"), ("1E+2", "100"), ("-0.0", "0"), ("0.10", "0.1")],
)
def test_a_decimal_is_text_in_plain_notation_and_shortest_form(value, text):
    assert write("{price}", price=Decimal(value)) == text
    assert write("p={price}", price=Decimal(value)) == f"p={text}"


def test_a_number_is_a_json_number_with_its_own_digits():
    assert encode(write({"p": "{p|number}"}, p=Decimal("1.50"))) == '{"p":1.50}'
    assert encode(write({"p": "{p|number}"}, p=Decimal("1E-8"))) == '{"p":0.00000001}'
    assert encode(write({"p": "{p}"}, p=Number("1.50"))) == '{"p":1.50}'


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_the_text_of_a_decimal_is_the_same_decimal(value):
    assert Decimal(plain_decimal(value)) == value
    assert "E" not in plain_decimal(value)
    assert json.loads(encode([Number(value)]), parse_float=Decimal) == [value]


def test_an_absent_optional_drops_its_key_its_item_or_its_text():
    assert write({"a": "{x?}", "b": 1}) == {"b": 1}
    assert write(["{x?}", 1]) == [1]
    assert write({"a": "before-{x?}-after"}) == {}
    assert write({"a": {"b": "{x?}"}}) == {"a": {}}
    assert write("{x?}") is ABSENT
    assert write("{session.x?}", session={"x": None}) is ABSENT


def test_what_is_empty_false_or_zero_is_present():
    assert write(["{a?}", "{b?}", "{c?}"], a="", b=False, c=0) == ["", False, 0]


def test_the_first_alternative_that_is_present_is_taken():
    assert write("{a??b}", a=None, b=2) == 2
    assert write("{a??b}", a=1, b=2) == 1
    assert write("/orders/{id.venue??id.ours}", id={"ours": "dc-1"}) == "/orders/dc-1"
    assert write("{a??b?}") is ABSENT


def test_an_absent_required_source_is_named_with_its_place():
    template = compile_template({"legs": [{"px": "{price|text}"}]}, TimeUnit.MS, "endpoints.place_order.body")
    with pytest.raises(ConfigurationError) as error:
        template({"symbol": "BTC"})
    assert str(error.value) == (
        "endpoints.place_order.body.legs[0].px: 'price|text' has no value here; "
        "write '{price?|text}' to leave it out when it is absent"
    )


def test_a_secret_is_written_and_never_shown():
    sources = {"cred": {"api_key": SecretStr("hunter2")}}
    assert compile_template("Bearer {cred.api_key}", TimeUnit.MS)(sources) == "Bearer hunter2"
    assert compile_template("{cred.api_key|upper}", TimeUnit.MS)(sources) == "HUNTER2"
    for template in ["{cred.api_key|int}", "{cred.api_key|number}", "{cred.api_key|plus:1}", "{cred.api_key|s}"]:
        with pytest.raises(ConfigurationError) as error:
            compile_template(template, TimeUnit.MS)(sources)
        assert "hunter2" not in str(error.value)
        assert error.value.__suppress_context__


@pytest.mark.parametrize(
    ("unit", "written"),
    [
        (TimeUnit.S, 1_700_000_000),
        (TimeUnit.MS, 1_700_000_000_123),
        (TimeUnit.US, 1_700_000_000_123_456),
        (TimeUnit.NS, 1_700_000_000_123_456_789),
        (TimeUnit.ISO, "2023-11-14T22:13:20.123Z"),
    ],
)
def test_a_time_is_written_in_the_time_unit_unless_a_filter_names_another(unit, written):
    assert write("{since}", unit, since=MOMENT) == written
    assert write(f"{{since|{unit}}}", TimeUnit.MS, since=MOMENT) == written
    assert write("t={since}", unit, since=MOMENT) == f"t={written}"
    assert type(write("{since}", unit, since=MOMENT)) in (int, str)


def test_other_filters_see_the_time_in_the_time_unit():
    assert write("{until|plus:1}", TimeUnit.S, until=MOMENT) == 1_700_000_001
    assert write("{until|text}", TimeUnit.S, until=MOMENT) == "1700000000"


def test_a_duration_is_rounded_up_because_zero_would_turn_a_timeout_off():
    assert write("{timeout|s}", timeout=Duration(500_000_000)) == 1
    assert write("{timeout|s}", timeout=Duration(0)) == 0
    assert write("{timeout}", timeout=Duration(1_500_000_000)) == 1500
    assert write("{timeout|s|text}", timeout=Duration(10**9)) == "1"
    with pytest.raises(ConfigurationError, match="a duration has no ISO form"):
        write("{timeout|iso}", timeout=Duration(1))


@pytest.mark.parametrize(
    ("template", "value", "written"),
    [
        ("{x|lower}", "BTC", "btc"),
        ("{x|upper}", "btc", "BTC"),
        ("{x|trim:0x}", "0xab0x", "ab"),
        ("{x|trim:Z}", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00"),
        ("{x|replace:-:_}", "BTC-USD-SWAP", "BTC_USD_SWAP"),
        ("{x|replace:-:}", "BTC-USD", "BTCUSD"),
        ("{x|slice:1:3}", "abcd", "bc"),
        ("{x|slice::-1}", "abcd", "abc"),
        ("{x|join:,}", ["a", 1, True], "a,1,true"),
        ("{x|text}", 5, "5"),
        ("{x|text}", Decimal("2.0"), "2"),
        ("{x|number}", "5.10", Decimal("5.10")),
        ("{x|number}", 5, 5),
        ("{x|int}", Decimal("-3.0"), -3),
        ("{x|int}", "12", 12),
        ("{x|plus:120}", 1000, 1120),
        ("{x|plus:-1}", Decimal("1.5"), "0.5"),
    ],
)
def test_a_filter_changes_the_value(template, value, written):
    result = write(template, x=value)
    assert result == written
    assert type(result) is type(written) or isinstance(result, Number)


@pytest.mark.parametrize(
    ("template", "value", "reason"),
    [
        ("{x|int}", Decimal("1.5"), "this number has a fraction"),
        ("{x|number}", "abc", "this text is not a number"),
        ("{x|number}", True, "this text is not a number"),
        ("{x|number}", "NaN", "not JSON numbers"),
        ("{x|join:,}", "abc", "only a list can be joined, and this is a str"),
        ("{x|plus:1}", "abc", "only a number can be added to, and this is a str"),
        ("{x|s}", 5, "only a time or a duration has a unit, and this is a int"),
        ("{x}", Decimal("NaN"), "NaN and infinity have no text"),
        ("{x|iso}", Time(10**40), "'x|iso': "),
        ("x={x}", ["a"], "a list has no text; write it alone or join it with 'join:,'"),
        ("x={x}", {"a": 1}, "a dict has no text"),
        ("x={x}", b"\xff", "these bytes are not text"),
    ],
)
def test_a_value_that_a_filter_cannot_take_is_an_error_that_names_the_template(template, value, reason):
    with pytest.raises(ConfigurationError) as error:
        write({"field": template}, x=value)
    assert reason in str(error.value)
    assert str(error.value).startswith("field: '")


PEM = "-----BEGIN {0} KEY-----\n{1}\n-----END {0} KEY-----"
PKCS8_ED25519 = "MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
PKCS8_EC = "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCAAAAAA"
PKCS8_RSA = "MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7"


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        (PEM.format("EC PRIVATE", "AAAA"), "ec"),
        (PEM.format("EC PRIVATE", "AAAA").replace("\n", "\\n"), "ec"),
        (PEM.format("RSA PRIVATE", "AAAA"), "rsa"),
        (PEM.format("PRIVATE", PKCS8_EC), "ec"),
        (PEM.format("PRIVATE", PKCS8_RSA), "rsa"),
        (PEM.format("PRIVATE", PKCS8_ED25519), "ed25519"),
        (PKCS8_EC, "ec"),
        ("A" * 86 + "==", "ed25519"),
        ("A" * 43 + "=", "ed25519"),
        ("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j", "text"),
        ("a plain passphrase", "text"),
    ],
)
def test_the_kind_of_a_key_is_seen_from_its_shape(secret, kind):
    assert write("{cred.key|kind}", cred={"key": SecretStr(secret)}) == kind


def test_a_choice_takes_the_case_that_equals_the_source_as_text():
    tree = {"bar": {"by": "interval", "of": {"1m": 1, "1h": "{symbol}-60", "true": "yes"}}}
    assert write(tree, interval="1m") == {"bar": 1}
    assert write(tree, interval="1h", symbol="X") == {"bar": "X-60"}
    assert write(tree, interval=True) == {"bar": "yes"}


def test_a_choice_may_filter_its_source_and_stand_for_a_map():
    tree = {"by": "cred.secret|kind", "of": {"text": {"a": "{x}"}, "ec": "jwt"}}
    assert write(tree, cred={"secret": SecretStr("abc")}, x=1) == {"a": 1}


def test_a_star_is_for_any_other_value_and_for_none():
    tree = {"by": "x", "of": {"a": 1, "*": "{y?}"}}
    assert write([tree], x="b", y=2) == [2]
    assert write([tree], y=2) == [2]
    assert write([tree]) == []


def test_a_choice_without_a_fitting_case_lists_the_cases():
    tree = {"bar": {"by": "interval", "of": {"1m": 1, "5m": 5}}}
    with pytest.raises(ConfigurationError) as error:
        write(tree, interval="3m")
    assert str(error.value) == "bar: 'by: interval' is none of the cases; the cases are 1m, 5m; add '*' for any other"
    with pytest.raises(ConfigurationError, match="'by: interval' has no value here"):
        write(tree)


def test_a_choice_is_made_among_values_of_any_kind():
    choose = compile_choice("opt.tier", {"pro": ["fast"], "*": ["slow"]}, TimeUnit.MS)
    assert choose({"opt": {"tier": "pro"}}) == ["fast"]
    assert choose({"opt": {}}) == ["slow"]


def test_a_source_alone_keeps_its_decimal():
    assert compile_source("price", TimeUnit.MS)({"price": Decimal("1.50")}) == Decimal("1.50")


def test_every_filter_of_the_notation_has_its_function():
    assert FUNCTIONS.keys() == FILTERS.keys()


def test_a_filter_that_the_notation_does_not_know_cannot_be_registered():
    with pytest.raises(ValueError, match="the notation has no filter 'reverse'"):
        register_filter("reverse")(str)


def test_a_template_is_compiled_once_and_writes_anew_each_time():
    template = compile_template({"list": ["{x}"]}, TimeUnit.MS)
    first, second = template({"x": 1}), template({"x": 1})
    first["list"].append(2)
    assert second == {"list": [1]}
