"""A venue's words, as it says them."""

from __future__ import annotations

from pathlib import Path

import pytest

from declconn.registry import load_spec
from declconn.simulator.wire.dialect import speech
from declconn.types import OrderState

SPEC = """
spec: 1
name: spoken
kind: exchange
example_pair: COINX-USDT
environments: {main: {rest: "https://x.example"}}
endpoints:
  trading_rules: {get: /rules, each: "@", result: {symbol: s, base: b, quote: q}}
  order_book_snapshot: {get: /book, params: {symbol: "{symbol}"}, result: {bids: b, asks: a}}
order_book: {snapshot: rest, rule: none}
orders:
  sides: {BUY: buy, SELL: sell}
  types: {LIMIT: {price: "{price}"}}
  states: <states>
"""


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ('{new: OPEN, "canceled*": CANCELED}', {"new": OrderState.OPEN, "canceled": OrderState.CANCELED}),
        ('{"*Canceled": CANCELED, ended: CANCELED}', {"ended": OrderState.CANCELED, "Canceled": OrderState.CANCELED}),
        ('{done: FILLED, "done*": CANCELED}', {"done": OrderState.FILLED}),
        ('{"*": OPEN}', {}),
    ],
)
def test_a_word_with_a_star_is_said_without_it_where_that_means_the_same(
    states: str, said: dict[str, OrderState], tmp_path: Path
) -> None:
    path = tmp_path / "spoken.yaml"
    path.write_text(SPEC.replace("<states>", states))
    words = speech(load_spec(path), {}).states
    assert list(words.items()) == list(said.items()), "exact words go first"
