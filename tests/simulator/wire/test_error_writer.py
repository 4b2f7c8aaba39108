"""Refusals in the words of each venue."""

from __future__ import annotations

import json

import pytest

from declconn.compile.errors import ErrorReader
from declconn.registry import load_spec
from declconn.simulator.wire.error_writer import ErrorWriter
from declconn.spec.models import ERROR_KINDS

NAMES = ["binance", "binance_perpetual", "kraken", "okx", "bybit", "kucoin", "gate_io", "htx"]


def said(name: str, kind: str, operation: str = "cancel_order") -> tuple[int, str, str]:
    """Status, body, and the kind that the spec reads."""
    errors = load_spec(name).errors
    response = ErrorWriter(errors).response(operation, kind, "no")
    document, reader = json.loads(response.body), ErrorReader(errors)
    assert not reader.is_good(response.status, document)
    return response.status, response.body.decode(), reader.error(operation, response.status, document).kind


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_refused_is_read_as_an_error(name: str) -> None:
    kinds = {kind: said(name, kind)[2] for kind in ERROR_KINDS}
    assert all(kinds[kind] == kind for kind in load_spec(name).errors.kinds if kind in ("clock_skew", "authentication"))


def test_a_venue_says_it_with_its_own_code_and_words() -> None:
    assert said("binance", "insufficient_funds") == (
        400,
        '{"msg":"insufficient balance","code":-2010}',
        "insufficient_funds",
    )
    assert said("kraken", "insufficient_funds") == (200, '{"error":["Insufficient funds"]}', "insufficient_funds")


def test_words_that_are_only_a_beginning_are_continued() -> None:
    assert said("kraken", "invalid_order") == (200, '{"error":["EOrder:no"]}', "invalid_order")


def test_a_venue_that_is_closed_says_so_or_that_this_is_too_fast() -> None:
    assert said("kraken", "maintenance")[2] == "maintenance"
    assert said("binance", "maintenance")[2] == "rate_limited"


def test_a_venue_that_has_no_word_for_a_kind_says_the_nearest() -> None:
    assert said("binance", "order_done")[2] == "order_not_found"
    assert said("kraken", "duplicate_order")[2] == "invalid_order"


def test_a_rule_that_holds_for_some_operations_is_not_used_for_others() -> None:
    assert said("kraken", "order_not_found", "cancel_order")[2] == "order_not_found"
    assert said("kraken", "order_not_found", "place_order")[2] == "invalid_order"
