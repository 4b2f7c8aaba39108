"""Templates of requests read backwards."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from declconn.compile.filters import Duration, Time
from declconn.compile.lookup import ABSENT
from declconn.simulator.wire.reading import TemplateReader, as_sources
from declconn.types import TimeUnit

KNOWN = {"symbol": "BTCUSDT", "env": {"rest": "https://x.example/api"}, "opt": {"tier": "pro"}}
IN_PATH = {"client_order_id": "a-7", "side": "buy"}


def read(tree: Any, value: Any) -> list[dict[str, Any]]:
    return [dict(found) for found in TemplateReader(TimeUnit.MS, KNOWN).read(tree, value, {})]


@pytest.mark.parametrize(
    ("tree", "value", "found"),
    [
        ("{amount}", "1.5", {"amount": "1.5"}),
        ("{client_order_id}", 7, {"client_order_id": 7}),
        ("{env.rest}/orders/{exchange_order_id}", "https://x.example/api/orders/9", {"exchange_order_id": "9"}),
        ("{clock.ms}", "1700000000000", {"clock.ms": "1700000000000"}),
        ("{since?}", "1700000000000", {"since": Time(1_700_000_000_000_000_000)}),
        ("{since|s}", 1_700_000_000, {"since": Time(1_700_000_000_000_000_000)}),
        ("{timeout|s}", "60", {"timeout": Duration(60_000_000_000)}),
        ("{exchange_order_ids|join:,}", "1,2", {"exchange_order_ids": ["1", "2"]}),
        ({"a": "{side}", "b": {"c": "{price}"}}, {"a": "buy", "b": {"c": "2"}}, {"side": "buy", "price": "2"}),
        (["{side}", "x"], ["buy", "x"], {"side": "buy"}),
        ({"by": "interval", "of": {"1m": 1, "1h": 60}}, "60", {"interval": "1h"}),
        ({"by": "opt.tier", "of": {"pro": "{price}", "*": "x"}}, "3", {"price": "3"}),
        ("{exchange_order_id??client_order_id}", "7", {"exchange_order_id": "7", "client_order_id": "7"}),
        ("{price??trigger_price}", "7", {"price": "7"}),
        ("{env.rest}/{symbol}/book", "https://x.example/api/BTCUSDT/book", {}),
        ("{env.rest}/{opt.tier}-{client_order_id}/{side}", "https://x.example/api/pro-a-7/buy", IN_PATH),
        ("GTC", "GTC", {}),
        (True, "true", {}),
    ],
)
def test_what_was_written_is_found(tree: Any, value: Any, found: dict[str, Any]) -> None:
    assert found in read(tree, value)


@pytest.mark.parametrize(
    ("tree", "value"),
    [
        ("{symbol}", "ETHUSDT"),
        ("{symbol|lower}", "BTCUSDT"),
        ("GTC", "IOC"),
        ("{amount}", ABSENT),
        ("{symbol?}", ABSENT),
        ({"a": "{side}"}, {"a": "buy", "b": "more"}),
        (["{side}"], ["buy", "sell"]),
        ({"a": "{side}", "b": "{side}"}, {"a": "buy", "b": "sell"}),
        ({"by": "opt.tier", "of": {"pro": "x", "*": "{price}"}}, "3"),
        ("{since}", "soon"),
    ],
)
def test_what_another_template_wrote_is_not(tree: Any, value: Any) -> None:
    assert read(tree, value) == []


def test_what_is_known_is_compared_as_it_would_have_been_written() -> None:
    assert read("{symbol|lower}@trade", "btcusdt@trade") == [{}]


def test_what_is_optional_may_be_absent() -> None:
    assert read({"a": "{side?}", "b": "x"}, {"b": "x"}) == [{}]


def test_numbers_keep_their_digits() -> None:
    assert read("{price}", Decimal("1.50")) == [{"price": Decimal("1.50")}]


def test_dotted_sources_become_maps_for_templates() -> None:
    assert as_sources({"clock.ms": 1, "cred.key": "k", "side": "buy"}) == {
        "clock": {"ms": 1},
        "cred": {"key": "k"},
        "side": "buy",
    }
