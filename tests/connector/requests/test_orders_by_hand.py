"""Orders as people write them: which kinds there are, and what the market would say."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from declconn.connector.requests.orders_by_hand import check_terms, order_doubts
from declconn.errors import NotSupportedError
from declconn.records import TradingRule
from declconn.registry import load_spec
from declconn.spec import Spec
from declconn.types import AmountUnit

ORDERS = """\
orders:
  client_order_id: {ID}
  sides: {BUY: b, SELL: s}
  types:
    LIMIT: {price: "{price}", IOC: {tif: ioc}, STOP: {at: "{trigger_price}"}}
    LIMIT_MAKER: {price: "{price}", post: true}
  states: {open: OPEN}
"""
RULE = TradingRule("btcusd", "BTC", "USD", min_price_increment=Decimal("0.01"), min_order_size=Decimal("0.001"))
LIMIT = {"type": "LIMIT", "side": "b", "price": Decimal(90), "amount": Decimal(1)}


@pytest.fixture
def spec(toy: Path) -> Spec:
    return trading(toy)


def trading(toy: Path, client_order_id: str = "prefix: dc-") -> Spec:
    toy.write_text(toy.read_text() + ORDERS.replace("ID", client_order_id))
    return load_spec(toy)


@pytest.mark.parametrize(
    "terms",
    [{}, {"time_in_force": "IOC"}, {"trigger": "STOP"}, {"type": "LIMIT_MAKER"}, {"type": "odd"}, {"side": "x"}],
)
def test_kinds_that_the_venue_has_and_words_that_are_not_ours_pass(spec: Spec, terms: dict[str, str]) -> None:
    check_terms(spec, "place_order", {**LIMIT, **terms})


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"type": "LIMIT_MAKER", "time_in_force": "IOC"}, "LIMIT_MAKER IOC orders are not .*; there are LIMIT_MAKER$"),
        (
            {"time_in_force": "FOK"},
            "LIMIT FOK orders are not offered here; there are LIMIT, LIMIT STOP, LIMIT IOC, LIMIT IOC STOP$",
        ),
        ({"type": "MARKET"}, "MARKET orders are not offered here; there are LIMIT, LIMIT_MAKER$"),
    ],
)
def test_a_kind_that_the_venue_has_not_is_told_with_those_that_it_has(
    spec: Spec, terms: dict[str, str], says: str
) -> None:
    with pytest.raises(NotSupportedError, match=says):
        check_terms(spec, "place_order", {**LIMIT, **terms})
    check_terms(spec, "cancel_order", {**LIMIT, **terms})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, []),
        ({"amount": Decimal("1e-9")}, ["0.000000001 BTC is less than the smallest order, 0.001 BTC"]),
        ({"price": Decimal("90.001")}, ["the price 90.001 is finer than the step 0.01"]),
        ({"trigger_price": Decimal("0.001"), "trigger": "STOP"}, ["the trigger price 0.001 rounds down to 0"]),
        ({"client_order_id": "dc-7"}, []),
        ({"client_order_id": "x" * 33}, ["is not as `orders.client_order_id` says: text, at most 32 characters"]),
        ({"type": "odd", "price": Decimal("90.001")}, []),
    ],
)
def test_what_its_market_would_say_of_an_order(spec: Spec, given: dict[str, Any], says: list[str]) -> None:
    told = list(order_doubts(spec, RULE, {**LIMIT, **given}))
    assert len(told) == len(says)
    assert all(one in doubt for one, doubt in zip(says, told, strict=True))


def test_sizes_that_are_not_in_base_are_not_compared(spec: Spec) -> None:
    rule = TradingRule("btcusd", "BTC", "USD", min_order_size=Decimal(1), amount_unit=AmountUnit.CONTRACTS)
    assert list(order_doubts(spec, rule, {**LIMIT, "amount": Decimal("0.1")})) == []


@pytest.mark.parametrize(
    ("rules", "good", "bad"),
    [
        ("format: uuid, length: 36", "dbb3ce5e-0000-4000-8000-000000000001", "dbb3ce5e"),
        ("format: hex, prefix: 0x, length: 34", "0x" + "0f" * 16, "0x" + "0f" * 15),
        ("format: int, bits: 31", "123", "a"),
        ("format: alnum, prefix: dc", "dcAb1", "dc-1"),
    ],
)
def test_ids_are_held_against_the_specs_form(toy: Path, rules: str, good: str, bad: str) -> None:
    spec = trading(toy, rules)
    assert list(order_doubts(spec, RULE, {"client_order_id": good})) == []
    assert len(list(order_doubts(spec, RULE, {"client_order_id": bad}))) == 1
