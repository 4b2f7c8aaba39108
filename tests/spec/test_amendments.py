"""What a request that amends an order has to be told of what stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from declconn.registry import load_spec
from declconn.spec.amendments import demanded
from declconn.types import Trigger

CHILD = "spec: 1\nextends: kraken\nname: child\nendpoints: {{amend_order: {{body: {body}}}}}\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{}", set()),
        ('{limit_price: "{price}"}', {"price"}),
        ('{order_qty: "{amount}", limit_price: "{price}"}', {"amount", "price"}),
        ('{order_qty: null, limit_price: "{price|text}"}', {"price"}),
        ('{kind: "{type.ordertype}"}', {"price"}),
        ('{limit_price: "{price??trigger_price}"}', {"price", "trigger_price"}),
    ],
)
def test_what_is_written_without_a_question_mark_is_told_though_it_stays(
    body: str, expected: set[str], tmp_path: Path
) -> None:
    path = tmp_path / "child.yaml"
    path.write_text(CHILD.format(body=body))
    assert demanded(load_spec(str(path)), None) == expected


@pytest.mark.parametrize(
    ("name", "trigger", "expected"),
    [
        ("kraken", Trigger.STOP, set()),
        ("binance_perpetual", None, {"amount", "price"}),
        ("binance_perpetual", Trigger.STOP, {"amount", "price"}),
        ("hyperliquid_perpetual", None, {"amount", "price"}),
        ("hyperliquid_perpetual", Trigger.STOP, {"amount", "price", "trigger_price"}),
        ("binance", None, set()),
    ],
)
def test_a_venue_that_wants_the_whole_order_anew_is_told_it(
    name: str, trigger: Trigger | None, expected: set[str]
) -> None:
    assert demanded(load_spec(name), trigger) == expected
