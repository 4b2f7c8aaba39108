"""Requests recognised and answered, without a server."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from declconn.errors import NotSupportedError
from declconn.registry import load_spec
from declconn.simulator.desk.rest import Rest
from declconn.simulator.markets import random_markets
from declconn.simulator.wire.answers import request_key
from declconn.spec import Spec

NOW = 1_700_000_000_000_000_000
PAIRS = ["BTC-USDT", "ETH-USDT"]


def rest(spec: Spec) -> Rest:
    known = {"env": next(iter(spec.environments.values())), "opt": {}, "const": spec.constants}
    return Rest(spec, random_markets(spec, PAIRS, Random(1)), known, lambda: NOW)


def answer(of: Rest, path: str, method: str = "GET") -> Any:
    body = of.answer(request_key(method, path, b""))
    return None if body is None else json.loads(body)


def edited(toy: Path, old: str, new: str) -> Spec:
    text = toy.read_text()
    assert old in text
    toy.write_text(text.replace(old, new))
    return load_spec(toy)


def test_a_request_is_known_by_its_method_path_and_query_in_any_order() -> None:
    binance = rest(load_spec("binance"))
    assert answer(binance, "/api/v3/depth?limit=1000&symbol=BTCUSDT") is not None
    assert answer(binance, "/api/v3/depth?symbol=BTCUSDT&limit=5") is None
    assert answer(binance, "/api/v3/depth?symbol=DOGEUSDT&limit=1000") is None
    assert answer(binance, "/api/v3/depth?symbol=BTCUSDT&limit=1000", "POST") is None


def test_an_answer_holds_what_the_spec_reads() -> None:
    binance = rest(load_spec("binance"))
    assert answer(binance, "/api/v3/time") == {"serverTime": 1_700_000_000_000}
    assert answer(binance, "/api/v3/ping") == {}
    assert answer(binance, "/api/v3/exchangeInfo")["symbols"][0] == {
        "symbol": "BTCUSDT",
        "baseAsset": "BTC",
        "quoteAsset": "USDT",
        "filters": [
            {"minQty": "0.00001", "filterType": "LOT_SIZE", "maxQty": "10000.00000", "stepSize": "0.00001"},
            {"minNotional": "0.1", "filterType": "MIN_NOTIONAL"},
            {"tickSize": "0.1", "filterType": "PRICE_FILTER"},
        ],
        "status": "TRADING",
        "isSpotTradingAllowed": True,
    }


def test_of_two_operations_with_one_request_the_one_with_more_to_say_answers() -> None:
    assert answer(rest(load_spec("kraken")), "/0/public/Time") == {"result": {"unixtime": 1_700_000_000}}


def test_rows_that_the_spec_finds_by_their_key_stand_in_a_map() -> None:
    kraken = rest(load_spec("kraken"))
    assert answer(kraken, "/0/public/Depth?pair=XBTUSDT&count=500")["result"].keys() == {"XBTUSDT"}
    assert kraken.rules[0].symbol == "XBTUSDT"


@pytest.mark.parametrize(
    ("base", "quote", "symbol"),
    [
        ("base: base", "quote: quote", "BTCUSDT"),
        ("base: split(id, '-')[0]", "quote: split(id, '-')[1]", "BTC-USDT"),
        ("base: split(id, '_')[0]", "quote: split(id, '_')[1]", "BTC_USDT"),
        ("base: upper(split(id, '_')[0])", "quote: upper(split(id, '_')[1])", "BTC_USDT"),
    ],
)
def test_a_symbol_is_spelled_so_that_the_trading_rules_read_it(toy: Path, base: str, quote: str, symbol: str) -> None:
    spec = edited(toy, "base: base, quote: quote", f'"base": {json.dumps(base[6:])}, "quote": {json.dumps(quote[7:])}')
    assert rest(spec).rules[0].symbol == symbol


def test_what_an_order_book_needs_is_refused_with_the_reason(toy: Path) -> None:
    spec = edited(toy, "update_id: seq, bids: bids", "update_id: length(seq), bids: bids")
    with pytest.raises(NotSupportedError, match=r"toy: order_book_snapshot cannot be simulated.*update_id"):
        rest(spec)


def test_what_it_does_not_need_is_left_out_with_the_reason(toy: Path) -> None:
    of_toy = rest(edited(toy, "result: {price: last}", "result: {price: max(last)}"))
    assert of_toy.operations == ["order_book_snapshot", "trading_rules"]
    assert "price" in of_toy.unplayed["last_price"]


def test_ids_count_where_the_rule_says_step(toy: Path) -> None:
    markets = random_markets(edited(toy, "rule: range", "rule: step"), ["BTC-USD"], Random(1))
    diffs = [markets["BTC-USD"].move(0)[0] for _ in range(5)]
    assert all(diff.update_id == diff.first_update_id for diff in diffs)
