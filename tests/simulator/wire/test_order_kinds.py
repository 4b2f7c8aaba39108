"""The kinds of orders that a venue tells apart: whatever a spec can write is read as the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from declconn.compile.convert import text
from declconn.compile.endpoint import Endpoint
from declconn.compile.errors import ErrorReader
from declconn.compile.recipe import PLAIN, Recipe, compile_recipe
from declconn.net.transport import Request
from declconn.registry import load_spec
from declconn.simulator.wire.request_reader import RequestReader
from declconn.spec import Spec, models
from declconn.spec.order_terms import Terms, offered
from declconn.spec.order_triggers import of_trigger
from declconn.types import OrderType, Side, TimeInForce, Trigger

SPEC = """
spec: 1
name: played
kind: exchange
example_pair: COINX-USDT
environments: {main: {rest: "https://x.example"}}
endpoints:
  trading_rules: {get: /rules, each: "@", result: {symbol: s, base: b, quote: q}}
  order_book_snapshot: {get: /book, params: {symbol: "{symbol}"}, result: {bids: b, asks: a}}
  place_order: <place>
order_book: {snapshot: rest, rule: none}
orders:
  sides: {BUY: buy, SELL: sell}
  types: <types>
"""
PLACE = '{post: /orders, body: {pair: "{symbol}", side: "{side}", size: "{amount}"}}'
EVERYTHING = """
    LIMIT:
      {kind: limit, price: "{price}", IOC: {tif: ioc}, FOK: {tif: fok},
       STOP: {stop: {at: "{trigger_price}", on: worse}}, TAKE_PROFIT: {stop: {at: "{trigger_price}", on: better}}}
    LIMIT_MAKER: {kind: limit, post: true, price: "{price}"}
    MARKET:
      {kind: market, IOC: {}, STOP: {BUY: {up: "{trigger_price}"}, SELL: {down: "{trigger_price}"}}}
"""
MARKET = {"symbol": "COINXUSDT", "base": "COINX", "quote": "USDT", "market": {"category": "linear", "asset": 3}}
KNOWN = {"env": {"rest": "https://x.example"}, "opt": {"broker": "", "account": "x"}, "session": {"account_id": "5"}}
GIVEN = {"amount": "2", "price": "10", "client_order_id": "7", "trigger_price": "9"}
"""An order's numbers; an order without a trigger has no trigger price."""

Load = Callable[..., Spec]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """A small spec with these types and this request."""

    def load(types: str, place: str = PLACE) -> Spec:
        path = tmp_path / "played.yaml"
        path.write_text(SPEC.replace("<types>", types).replace("<place>", place))
        return load_spec(path)

    return load


def unsigned(spec: Spec, trigger: Trigger | None = None) -> models.Endpoint:
    """The request that places an order with such a trigger."""
    return of_trigger(spec, "place_order", trigger)[0].model_copy(update={"auth": None})


def reader(spec: Spec, trigger: Trigger | None = None) -> RequestReader:
    return RequestReader("place_order", unsigned(spec, trigger), spec, KNOWN, {"COINX-USDT": MARKET})


def written(spec: Spec, terms: Terms, recipe: Recipe = PLAIN, **arguments: Any) -> Request:
    """The request of a connector that places such an order."""
    endpoint = Endpoint(
        "place_order",
        unsigned(spec, terms.trigger),
        recipe=recipe,
        reader=None,
        errors=ErrorReader(spec.errors),
        time_unit=spec.time_unit,
        orders=spec.orders,
    )
    given = {**GIVEN, **arguments}
    if terms.trigger is None:
        del given["trigger_price"]
    words = {"type": terms.order_type, "side": spec.orders.sides[terms.side], "time_in_force": terms.time_in_force}
    if terms.trigger:
        words["trigger"] = terms.trigger
    return endpoint.request({**KNOWN, **MARKET, **words, **given})


def read(of: RequestReader, request: Request) -> Mapping[str, Any]:
    found = of.read(request)
    assert found is not None, f"{request} is nobody's"
    return found[1]


def meaning(sources: Mapping[str, Any], spec: Spec) -> Terms:
    side = next(side for side, word in spec.orders.sides.items() if text(word) == sources["side"])
    trigger = sources.get("trigger")
    return Terms(
        OrderType(sources["type"]), side, TimeInForce(sources["time_in_force"]), Trigger(trigger) if trigger else None
    )


def test_every_kind_is_read_as_what_it_was_written_for(load: Load) -> None:
    spec = load(EVERYTHING)
    of = reader(spec)
    for terms in offered(spec.orders):
        sources = read(of, written(spec, terms))
        expected = terms._replace(time_in_force=TimeInForce.GTC) if terms.order_type == "MARKET" else terms
        assert meaning(sources, spec) == expected, "for a market order IOC is a matter of course"
        assert sources.get("trigger_price") == ("9" if terms.trigger else None)


@pytest.mark.parametrize("name", ["binance", "binance_perpetual", "bybit_perpetual", "gate_io", "htx", "kraken", "okx"])
def test_venues_tell_all_their_kinds_apart(name: str) -> None:
    spec = load_spec(name)
    arguments = {"quote_amount": "20", "signed_amount": "2", "position_side": "BOTH", "reduce_only": False}
    for terms in offered(spec.orders):
        assert meaning(read(reader(spec, terms.trigger), written(spec, terms, **arguments)), spec) == terms


@pytest.mark.parametrize(
    ("types", "text"),
    [
        ('{LIMIT: {price: "{price}", IOC: {}}}', "LIMIT and LIMIT IOC orders are written alike"),
        ('{LIMIT: {price: "{price}", FOK: {tif: x}, IOC: {tif: x}}}', "LIMIT IOC and LIMIT FOK"),
        ('{LIMIT: {price: "{price}"}, LIMIT_MAKER: {price: "{price}"}}', "LIMIT and LIMIT_MAKER"),
        (
            '{LIMIT: {price: "{price}", STOP: {at: "{trigger_price}"}, TAKE_PROFIT: {at: "{trigger_price}"}}}',
            "LIMIT STOP and LIMIT TAKE_PROFIT",
        ),
    ],
)
def test_two_kinds_that_are_written_alike_are_refused(load: Load, types: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        reader(load(types))


def test_a_request_may_say_the_terms_itself(load: Load) -> None:
    place = """{post: /orders, body: {pair: "{symbol}", side: "{side}", size: "{amount}", tif: "{time_in_force}",
      on: "{trigger?}", at: "{trigger_price?}"}}"""
    spec = load('{LIMIT: {price: "{price}", IOC: {}, FOK: {}, STOP: {}, TAKE_PROFIT: {}}}', place)
    of = reader(spec)
    for terms in offered(spec.orders):
        assert meaning(read(of, written(spec, terms)), spec) == terms


READS = (
    '{post: /orders, body: {pair: "{symbol}", orders: [{b: "{side}", s: "{amount}", t: "{type.t}", u: "{type.u?}"}]}}'
)


def test_a_request_may_read_what_a_type_says_wherever_it_wants(load: Load) -> None:
    types = """
      LIMIT: {t: {limit: {at: "{price}"}}, u: x, more: 1, STOP: {t: {limit: null, stop: "{trigger_price}"}}}
      MARKET: {t: {market: {}}}
"""
    spec = load(types, READS)
    of = reader(spec)
    for terms in offered(spec.orders):
        request = written(spec, terms)
        assert meaning(read(of, request), spec) == terms
        assert request.body is not None
        assert (b'"u":"x"' in request.body, b'"more"' in request.body) == (terms.order_type == "LIMIT",) * 2


def test_what_a_type_says_inside_a_text_is_not_taken_apart(load: Load) -> None:
    place = '{post: /orders, body: {pair: "{symbol}", t: "{side}-{type.t}", s: "{amount}"}}'
    with pytest.raises(ValueError, match=r"'\{side\}-\{type.t\}' reads a field of orders.types inside a text"):
        reader(load("{LIMIT: {t: limit}}", place))


@pytest.mark.parametrize("is_signed", [False, True])
def test_a_market_order_that_is_sent_with_a_price_is_a_limit_order(is_signed: bool) -> None:
    spec = load_spec("hyperliquid_perpetual")
    arguments = {
        "reduce_only": False,
        "nonce": {"ms": 1_700_000_000_000},
        "cred": {"address": "0x" + "1" * 40, "private_key": "0x" + "2" * 64},
        "env": {"rest": "https://x.example", "agent": "a"},
    }
    recipe = compile_recipe("l1_action", spec.auth.recipes["l1_action"], spec.time_unit) if is_signed else PLAIN
    model = spec.requests("place_order")[0].model_copy(update={"auth": "l1_action" if is_signed else None})
    of = RequestReader("place_order", model, spec, KNOWN, {"COINX-USDT": MARKET})
    for terms in offered(spec.orders):
        is_at_once = terms.order_type is OrderType.MARKET and terms.trigger is None
        expected = Terms(OrderType.LIMIT, terms.side, TimeInForce.IOC) if is_at_once else terms
        sources = read(of, written(spec, terms, recipe, **arguments))
        assert meaning(sources, spec) == expected
        assert (sources["price"], sources.get("trigger_price")) == ("10", "9" if terms.trigger else None)


def test_a_type_lies_over_the_requests_own_fields_and_may_take_one_away(load: Load) -> None:
    place = '{post: /orders, body: {pair: "{symbol}", side: "{side}", size: "{amount}", at: "{price?}"}}'
    types = """
      LIMIT: {kind: limit, STOP: {kind: stop, at: "{trigger_price}", limit: "{price}"}}
      MARKET: {kind: market, at: null, BUY: {value: "{quote_amount}", size: null}}
"""
    spec = load(types, place)
    of = reader(spec)
    for terms in offered(spec.orders):
        sources = read(of, written(spec, terms, quote_amount="20"))
        assert meaning(sources, spec) == terms
        assert sources.get("trigger_price") == ("9" if terms.trigger else None)
        assert sources.get("price") == ("10" if terms.order_type == "LIMIT" else None)
        is_counted_in_quote = (terms.order_type, terms.side) == (OrderType.MARKET, Side.BUY)
        assert ("amount" in sources, "quote_amount" in sources) == (not is_counted_in_quote, is_counted_in_quote)


def test_a_trigger_price_alone_tells_an_order_that_waits(load: Load) -> None:
    place = '{post: /orders, body: {pair: "{symbol}", side: "{side}", size: "{amount}", at: "{trigger_price?}"}}'
    spec = load('{LIMIT: {price: "{price}", STOP: {}}}', place)
    of = reader(spec)
    for trigger in (None, Trigger.STOP):
        terms = Terms(OrderType.LIMIT, Side.BUY, TimeInForce.GTC, trigger)
        assert meaning(read(of, written(spec, terms)), spec) == terms


def test_a_request_that_is_only_for_some_places_no_others(load: Load) -> None:
    place = """
    - {post: /orders, when: {trigger: {absent: true}}, body: {pair: "{symbol}", side: "{side}", size: "{amount}"}}
    - {post: /stops, when: {trigger: STOP}, body: {pair: "{symbol}", side: "{side}", size: "{amount}"}}
"""
    spec = load('{LIMIT: {price: "{price}", STOP: {at: "{trigger_price}"}}}', place)
    ordinary, stops = reader(spec), reader(spec, Trigger.STOP)
    fields = b'{"pair":"COINXUSDT","side":"buy","size":"2","price":"10"%s}'
    assert meaning(read(ordinary, Request("POST", "https://x.example/orders", {}, fields % b"")), spec).trigger is None
    stop = Request("POST", "https://x.example/stops", {}, fields % b',"at":"9"')
    assert meaning(read(stops, stop), spec).trigger is Trigger.STOP
    assert stops.read(Request("POST", "https://x.example/stops", {}, fields % b"")) is None
