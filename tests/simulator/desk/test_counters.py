"""Where orders are asked about."""

from __future__ import annotations

from decimal import Decimal

import pytest

from declconn.registry import load_spec
from declconn.simulator.desk.counters import Counter, Counters
from declconn.simulator.engine.orders import NewOrder, Order
from declconn.types import OrderState, Side

D = Decimal


def order(trigger_price: str | None, *, is_triggered: bool = False) -> Order:
    price = None if trigger_price is None else D(trigger_price)
    asked = NewOrder(
        trading_pair="BTC-USDT", side=Side.BUY, amount=D(1), price=D(9), client_order_id="7", trigger_price=price
    )
    return Order("1", "ann", asked, D(1), D(9), 5, 5, trigger_price=None if is_triggered else price)


ORDINARY, WAITING, TRIGGERED = order(None), order("10"), order("10", is_triggered=True)


@pytest.mark.parametrize(
    ("counter", "known", "kept"),
    [
        (Counter.EVERY_ORDER, [ORDINARY, WAITING, TRIGGERED], [ORDINARY, WAITING, TRIGGERED]),
        (Counter.TRIGGERED, [ORDINARY, TRIGGERED], [ORDINARY, TRIGGERED]),
        (Counter.WAITING, [WAITING, TRIGGERED], [WAITING]),
    ],
)
def test_a_counter_knows_and_keeps_its_orders(counter: Counter, known: list[Order], kept: list[Order]) -> None:
    every = [ORDINARY, WAITING, TRIGGERED]
    assert [one for one in every if counter.knows(one)] == known
    assert [one for one in every if counter.keeps(one)] == kept


def test_of_an_order_that_waits_no_id_is_told_and_later_nothing_but_the_id() -> None:
    waiting, triggered = Counter.WAITING.tells(WAITING), Counter.WAITING.tells(TRIGGERED)
    assert (waiting.exchange_order_id, waiting.state, waiting.amount) == (None, OrderState.OPEN, 1)
    assert (triggered.client_order_id, triggered.exchange_order_id, triggered.state) == ("7", "1", None)
    assert Counter.TRIGGERED.tells(TRIGGERED) == TRIGGERED.update


@pytest.mark.parametrize("name", ["binance", "kraken"])
def test_most_venues_have_one_counter(name: str) -> None:
    spec = load_spec(name)
    counters = Counters(spec)
    assert not counters.are_two
    assert {counters.of("cancel_order", model) for model in spec.requests("cancel_order")} == {Counter.EVERY_ORDER}


def test_requests_that_no_ordinary_order_needs_go_to_the_counter_of_those_that_wait() -> None:
    spec = load_spec("binance_perpetual")
    counters = Counters(spec)
    assert counters.are_two
    for operation in ("place_order", "cancel_order", "order_status", "open_orders"):
        for model in spec.requests(operation):
            expected = Counter.WAITING if "lgo" in str(model.path) else Counter.TRIGGERED
            assert counters.of(operation, model) is expected
