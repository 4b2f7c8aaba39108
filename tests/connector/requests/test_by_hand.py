"""What people may ask an operation for, and what is said when they mistype it."""

from __future__ import annotations

from pathlib import Path

import pytest

from declconn.connector.requests.by_hand import check_names, declared, in_venue_words
from declconn.errors import ConfigurationError, NotSupportedError
from declconn.registry import load_spec

ORDERS = "orders: {sides: {BUY: b, SELL: s}, types: {LIMIT: {price: '{price}'}}, states: {open: OPEN}}\n"


def test_an_operation_that_is_not_declared_is_told_with_what_is_near(toy: Path) -> None:
    spec = load_spec(toy)
    assert [request.method for request in declared(spec, "klines")] == ["GET"]
    with pytest.raises(NotSupportedError, match="toy declares no operation 'kline'; did you mean 'klines'"):
        declared(spec, "kline")


def test_a_market_may_be_named_wherever_there_are_any() -> None:
    check_names("tickers", ["symbol"])
    check_names("place_order", ["symbol", "type", "side"])
    with pytest.raises(ConfigurationError, match="cancel_order takes no argument 'type'; it takes base, client_order"):
        check_names("cancel_order", ["type"])


def test_sides_become_the_venues_words_and_types_ours(toy: Path) -> None:
    toy.write_text(toy.read_text() + ORDERS)
    spec = load_spec(toy)
    assert in_venue_words(spec, {"side": "sell", "type": "limit"}) == {"side": "s", "type": "LIMIT"}
    assert in_venue_words(spec, {"side": "b", "type": "odd"}) == {"side": "b", "type": "odd"}


def test_a_side_that_is_nobodys_word_is_refused(toy: Path) -> None:
    toy.write_text(toy.read_text() + ORDERS)
    with pytest.raises(ConfigurationError, match="side: found 'long', expected BUY or SELL"):
        in_venue_words(load_spec(toy), {"side": "long"})


def test_terms_are_words_of_ours_in_any_case_and_a_trigger_price_alone_is_a_stop(toy: Path) -> None:
    toy.write_text(toy.read_text() + ORDERS)
    spec = load_spec(toy)
    check_names("place_order", ["time_in_force", "trigger", "trigger_price"])
    check_names("cancel_order", ["trigger"])
    assert in_venue_words(spec, {"time_in_force": "ioc"}) == {"time_in_force": "IOC"}
    assert in_venue_words(spec, {"trigger_price": 9}) == {"trigger_price": 9, "trigger": "STOP"}
    assert in_venue_words(spec, {"trigger_price": 9, "trigger": "take_profit"})["trigger"] == "TAKE_PROFIT"
