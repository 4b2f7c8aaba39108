"""Ten thousand open orders and a thousand updates in a second, on one connector, for as long as one likes."""

from __future__ import annotations

import asyncio
import gc
import json
import tracemalloc
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from declconn.account.in_flight_order import InFlightOrder
from declconn.account.order_store import MemoryStore
from declconn.account.tracked_orders import KEPT_ORDERS
from declconn.types import OrderType, Side

PAIR = "BTC-USDT"
OPEN_ORDERS = 10_000
PER_SECOND = 1_000
UPDATES_PER_LIFE = 3

SLACK = 200
"""The most bytes that memory may grow by an update: Python resizes dicts whose entries come and go. An order that is
not forgotten takes 2500."""


class Crowd:
    """Orders that come, are filled in two parts, and go; as many come as go.

    Args:
        say: puts a frame on the wire.

    Attributes:
        updates: how many frames were said.
    """

    def __init__(self, process: Any, clock: Any, say: Callable[[str], None]) -> None:
        self._process, self._clock = process, clock
        self._tracker = process.exchange.order_tracker
        self._say = say
        self._ids, self._trades = count(1), count(1)
        self._oldest = count(1)
        self.updates = 0
        for _ in range(OPEN_ORDERS):
            self._come()
            process.idle()

    def seconds(self, times: int) -> None:
        """Let a thousand updates come each second."""
        for _ in range(times):
            for _ in range(PER_SECOND // UPDATES_PER_LIFE):
                self._come()
                self._go(next(self._oldest))
                self._process.idle()
            self._clock.advance(1)
            self._process.idle()
            self._process.forget_events()

    def _come(self) -> None:
        number = next(self._ids)
        order = InFlightOrder(
            client_order_id=f"dc-{number}",
            trading_pair=PAIR,
            order_type=OrderType.LIMIT,
            trade_type=Side.BUY,
            amount=Decimal(2),
            price=Decimal(100),
            creation_timestamp=self._clock.time_ns(),
        )
        self._tracker.start_tracking_order(order)
        self._tell(number, x="NEW", X="NEW", z="0")

    def _go(self, number: int) -> None:
        self._tell(number, x="TRADE", X="PARTIALLY_FILLED", z="1", l="1", L="100", t=next(self._trades))
        self._tell(number, x="TRADE", X="FILLED", z="2", l="1", L="100", t=next(self._trades))

    def _tell(self, number: int, **words: Any) -> None:
        now = self._clock.time_ns() // 10**6
        report = {"e": "executionReport", "E": now, "T": now, "s": "BTCUSDT", "c": f"dc-{number}", "C": "", "i": number}
        report |= {"S": "BUY", "o": "LIMIT", "f": "GTC", "q": "2", "p": "100", "Z": "0", "n": "0.1", "N": "USDT"}
        report |= {"Y": "100", "m": True, "v": 3, "I": 4, **words}
        self._say(json.dumps({"subscriptionId": 0, "event": report}))
        self.updates += 1


@pytest.fixture
def traced() -> Iterator[Callable[[], int]]:
    """Measures the memory that is in use, bytes."""
    tracemalloc.start()

    def measure() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    yield measure
    tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_memory_does_not_grow_with_the_number_of_updates(play: Callable[..., Any], traced: Callable[[], int]) -> None:
    world = play("binance")
    process = world.start(store=MemoryStore())
    process.pass_by(5)  # the venue is asked again two minutes later: it has never heard of these orders
    crowd = Crowd(process, world.clock, world.tell_ann)
    exchange = process.exchange
    crowd.seconds(KEPT_ORDERS * UPDATES_PER_LIFE // PER_SECOND + 1)  # from now on the oldest are forgotten
    assert len(exchange.in_flight_orders) == OPEN_ORDERS
    tasks, before, updates = len(asyncio.all_tasks(process.loop)), traced(), crowd.updates
    crowd.seconds(10)
    growth = traced() - before
    assert len(exchange.in_flight_orders) == OPEN_ORDERS
    assert len(asyncio.all_tasks(process.loop)) == tasks
    assert growth < SLACK * (crowd.updates - updates), f"{growth} bytes more than {before}"
