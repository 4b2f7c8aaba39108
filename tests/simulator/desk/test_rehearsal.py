"""Requests that could not be told from what a connector sends are found before it sends any."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from declconn.registry import load_spec
from declconn.simulator import FeeSchedule, InProcessVenue, Market, MatchingEngine
from declconn.testing import ManualClock

SPEC = """
spec: 1
name: rehearsed
kind: exchange
example_pair: COINX-USDT
credentials: [api_key]
environments: {main: {rest: "https://x.example", ws: "wss://x.example"}}
auth: {clock: local, recipes: {signed: {inject: {headers: {KEY: "{cred.api_key}"}}}}}
endpoints:
  trading_rules: {get: /rules, each: "@", result: {symbol: s, base: b, quote: q}}
  order_book_snapshot: {get: "/{symbol}/book", result: {update_id: n, bids: b, asks: a}}
  place_order:
    {post: /orders, auth: signed, body: {pair: "{symbol}", side: "{side}", size: "{amount}", id: "{client_order_id}"}}
  <operation>
orders:
  sides: {BUY: buy, SELL: sell}
  types: {LIMIT: {kind: limit, price: "{price}"}, MARKET: {kind: market}}
  states: {new: OPEN, part: PARTIALLY_FILLED, done: FILLED, ended: CANCELED}
streams:
  market:
    url: "{env.ws}"
    subscribe: {op: subscribe, args: "{channels}"}
    channels: {book: "book:{symbol}"}
    events: {book: {when: {e: book}, emit: order_book_diff, map: {symbol: s, update_id: n, bids: b, asks: a}}}
order_book: {snapshot: rest, rule: step}
"""

Unplayed = Callable[[str], dict[str, str]]


@pytest.fixture
def unplayed(tmp_path: Path) -> Unplayed:
    """What a venue with this operation leaves out."""

    def make(operation: str) -> dict[str, str]:
        path = tmp_path / "rehearsed.yaml"
        path.write_text(SPEC.replace("<operation>", operation))
        clock = ManualClock()
        market = Market.of("COINX-USDT", tick=Decimal("0.1"), step=Decimal("0.1"))
        engine = MatchingEngine([market], FeeSchedule(), clock)
        return InProcessVenue(load_spec(path), engine, clock=clock, accounts=[]).unplayed

    return make


@pytest.mark.parametrize(
    "operation",
    [
        'cancel_order: {delete: "/orders/{client_order_id}", auth: signed}',
        'cancel_order: {delete: "/{symbol|lower}/orders/{exchange_order_id}", auth: signed}',
        'cancel_order: {delete: "/v1/{base}-{quote}/{client_order_id}/{exchange_order_id}", auth: signed}',
        'cancel_order: {delete: "/orders/{exchange_order_id??client_order_id}", auth: signed}',
        'cancel_all_after: {post: /timer, auth: signed, body: {seconds: "{timeout|s}"}}',
    ],
)
def test_what_is_read_back_is_played(unplayed: Unplayed, operation: str) -> None:
    assert unplayed(operation) == {}


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ('{delete: "/orders/{client_order_id|slice:9:}x", auth: signed}', "nobody would know DELETE https://x"),
        (
            '{delete: "/orders/{client_order_id|slice:1:}", auth: signed}',
            "client_order_id cannot be read back from DEL",
        ),
        (
            '{post: /cancel, auth: signed, body: {by: symbol, of: {"*": {id: "{client_order_id}"}}}}',
            "its body is no map of fields, which is not taken apart",
        ),
    ],
)
def test_what_is_not_read_back_is_left_out_with_the_reason(unplayed: Unplayed, operation: str, reason: str) -> None:
    assert reason in unplayed(f"cancel_order: {operation}")["cancel_order"]


def test_what_cannot_be_answered_in_some_state_is_left_out_too(unplayed: Unplayed) -> None:
    status = """order_status:
    get: "/orders/{client_order_id}"
    auth: signed
    result: {client_order_id: id, state: {path: st, map: {open: OPEN, done: FILLED}}, filled: f}"""
    assert "endpoints.order_status.state: the venue has no word for" in unplayed(status)["order_status"]
