"""Matchers: which messages they mean, and what their holes capture."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from declconn.compile.matcher import Matcher, compile_when
from declconn.compile.template import compile_template
from declconn.types import TimeUnit


def match(matcher, frame, **known):
    return Matcher(matcher).match(frame, known)


def test_all_words_of_a_matcher_must_hold():
    matcher = {"channel": "book", "type": "update"}
    assert match(matcher, {"channel": "book", "type": "update", "more": 1}) == {}
    assert match(matcher, {"channel": "book", "type": "snapshot"}) is None
    assert match(matcher, {"channel": "book"}) is None


def test_an_empty_matcher_matches_every_message():
    assert match({}, {"any": "thing"}) == {}
    assert match({}, "text") == {}


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (True, True),
        (True, "true"),
        ("true", True),
        (-2010, "-2010"),
        ("-2010", -2010),
        (Decimal("0.5"), Decimal("0.50")),
    ],
)
def test_scalars_are_compared_as_text(written, found):
    assert match({"code": written}, {"code": found}) == {}


@pytest.mark.parametrize("found", [None, [], {}, ["x"], "", 1, "True"])
def test_a_scalar_does_not_match_anything_else(found):
    assert match({"code": True}, {"code": found}) is None


def test_paths_go_into_the_message():
    assert match({"data[0].e": "trade"}, {"data": [{"e": "trade"}]}) == {}
    assert match({"data[-1].e": "trade"}, {"data": []}) is None
    assert match({"data.e": "trade"}, {"data": "text"}) is None
    assert match({"length(data)": 2}, {"data": [1, 2]}) == {}


def test_a_path_that_suits_another_kind_of_message_does_not_match():
    assert match({"length(data)": 2}, {"data": 5}) is None
    assert match({"length(data)": 2}, "pong") is None


def test_a_text_frame_can_be_compared_as_a_whole():
    assert match({"@": "pong"}, "pong") == {}


def test_a_list_means_one_of():
    matcher = {"type": ["open", "match", 3]}
    assert match(matcher, {"type": "match"}) == {}
    assert match(matcher, {"type": "3"}) == {}
    assert match(matcher, {"type": "done"}) is None
    assert match({"topic": ["a.{symbol}", "b"]}, {"topic": "a.X"}) == {"symbol": "X"}


def test_null_is_not_absent():
    assert match({"result": {"is": None}}, {"result": None}) == {}
    assert match({"result": {"is": None}}, {"error": 1}) is None
    assert match({"result": {"absent": True}}, {"error": 1}) == {}
    assert match({"result": {"absent": True}}, {"result": None}) is None
    assert match({"a.result": {"absent": True}}, "text") == {}


def test_what_is_not_absent_may_be_anything():
    assert match({"code": {"absent": False}}, {"code": 7}) == {}
    assert match({"code": {"absent": False}}, {"code": None}) == {}
    assert match({"code": {"absent": False}}, {"error": 1}) is None
    assert match({"errors[0].code": {"absent": False}}, {"errors": []}) is None
    assert match({"length(errors)": {"absent": False}}, {"errors": []}) == {}


def test_a_computed_path_that_gives_nothing_is_absent():
    assert match({"errors[?code] | [0]": {"absent": True}}, {"errors": []}) == {}
    with pytest.raises(ValueError, match=r"errors\[\*\]: what is computed is never null; write {absent: true}"):
        Matcher({"errors[*]": {"is": None}})


def test_a_hole_in_a_text_captures_text():
    assert match({"ch": "market.{symbol}.trade.detail"}, {"ch": "market.btcusdt.trade.detail"}) == {"symbol": "btcusdt"}
    assert match({"ch": "market.{symbol}.trade.detail"}, {"ch": "market.btcusdt.bbo"}) is None
    assert match({"ch": "market.{symbol}.trade.detail"}, {"ch": "market..trade.detail"}) is None
    assert match({"inst": "{base}-{quote}"}, {"inst": "BTC-USD"}) == {"base": "BTC", "quote": "USD"}
    assert match({"ch": "market.{symbol}"}, {"ch": None}) is None


def test_characters_of_expressions_are_literals():
    assert match({"ch": "a.*{{x}}({symbol})"}, {"ch": "a.*{x}(S)"}) == {"symbol": "S"}
    assert match({"ch": "a.{symbol}"}, {"ch": "abX"}) is None


@pytest.mark.parametrize("value", [1492420473027, "text", {"ts": 1}, [1], True, Decimal("1.50")])
def test_a_hole_that_is_the_whole_value_keeps_its_type(value):
    captures = match({"ping": "{ping}"}, {"ping": value})
    assert captures == {"ping": value}
    assert isinstance(captures["ping"], type(value))


def test_a_captured_number_is_written_back_as_a_number():
    captures = match({"ping": "{ping}"}, {"ping": Decimal("1.50")})
    assert str(compile_template({"pong": "{ping}"}, TimeUnit.MS)(captures)["pong"]) == "1.50"


def test_a_hole_needs_something_to_capture():
    assert match({"ping": "{ping}"}, {"ping": None}) is None
    assert match({"ping": "{ping}"}, {"pong": 1}) is None


def test_a_known_hole_must_be_equal_as_text():
    assert match({"id": "{request_id}"}, {"id": 7}, request_id=7) == {}
    assert match({"id": "{request_id|text}"}, {"id": "7"}, request_id=7) == {}
    assert match({"id": "{request_id}"}, {"id": 8}, request_id=7) is None
    assert match({"id": "dc-{request_id|text}"}, {"id": "dc-7"}) == {"request_id": "7"}
    assert match({"arg": "{channel}"}, {"arg": {"c": "x"}}, channel={"c": "x"}) == {}
    assert match({"arg": "{channel}"}, {"arg": {"c": "y"}}, channel={"c": "x"}) is None


def test_a_known_hole_in_a_text_is_a_literal():
    topic = {"ch": "market.{symbol}.mbp.{opt.depth}"}
    assert match(topic, {"ch": "market.btcusdt.mbp.150"}, opt={"depth": 150}) == {"symbol": "btcusdt"}
    assert match(topic, {"ch": "market.btcusdt.mbp.20"}, opt={"depth": 150}) is None
    assert match({"inst": "{base}-{quote}"}, {"inst": "A-B-C"}, base="A-B") == {"quote": "C"}


def test_a_dotted_hole_that_is_not_known_does_not_match():
    assert match({"ch": "{opt.depth}"}, {"ch": "20"}, opt={}) is None
    assert match({"ch": "x{opt.depth}"}, {"ch": "x20"}, opt={}) is None


def test_a_hole_that_stands_twice_is_the_same_value():
    assert match({"ch": "{symbol}/{symbol}"}, {"ch": "A/A"}) == {"symbol": "A"}
    assert match({"ch": "{symbol}/{symbol}"}, {"ch": "A/B"}) is None
    assert match({"a": "x.{symbol}", "b": "{symbol}"}, {"a": "x.A", "b": "A"}) == {"symbol": "A"}
    assert match({"a": "x.{symbol}", "b": "{symbol}"}, {"a": "x.A", "b": "B"}) is None


@pytest.mark.parametrize(
    ("matcher", "message"),
    [
        ({"ch": "{symbol|lower}@trade"}, "ch: hole '{symbol|lower}' cannot be read backwards through 'lower'"),
        ({"ch": "{symbol?}"}, "ch: hole '{symbol?}' has a '?'"),
        ({"ch": "{a??b}"}, "ch: hole '{a??b}' has a '?'"),
        ({"ch": "{base}{quote}"}, "ch: '{base}{quote}' has two holes side by side"),
        ({"ch": "{symbol"}, "ch: '{' at character 1"),
        ({"ch": {"equals": 1}}, "ch: found the map {'equals': 1}, expected {is: null}, {absent: true}"),
        ({"ch": {"is": 1}}, "ch: found the map {'is': 1}"),
        ({"ch[": 1}, "ch[: path"),
    ],
)
def test_a_matcher_that_cannot_be_tested_is_refused_with_its_path(matcher, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        Matcher(matcher)
    assert str(error.value).startswith(message)


names = st.text(alphabet="abc.-", min_size=1, max_size=6)


@given(prefix=names, symbol=st.text(alphabet="ABC-./", min_size=1), suffix=names)
def test_what_a_template_writes_its_matcher_reads_back(prefix, symbol, suffix):
    template = f"{prefix}{{symbol}}{suffix}"
    written = compile_template(template, TimeUnit.MS)({"symbol": symbol})
    assert match({"ch": template}, {"ch": written}) == {"symbol": symbol}


@given(base=names, quote=names)
def test_a_known_part_leaves_exactly_the_rest(base, quote):
    assume(base != quote)
    assert match({"ch": "{base}-{quote}"}, {"ch": f"{base}-{quote}"}, base=base) == {"quote": quote}


def test_the_when_of_a_request_compares_sources():
    when = compile_when({"session.account_mode": ["unified", "portfolio"], "opt.vault": {"absent": True}}, TimeUnit.MS)
    assert when({"session": {"account_mode": "unified"}, "opt": {}})
    assert not when({"session": {"account_mode": "default"}, "opt": {}})
    assert not when({"session": {}, "opt": {}})
    assert not when({"session": {"account_mode": "unified"}, "opt": {"vault": "0x1"}})


def test_the_when_of_a_request_may_filter_its_source():
    when = compile_when({"req.method|lower": "get"}, TimeUnit.MS)
    assert when({"req": {"method": b"GET"}})
