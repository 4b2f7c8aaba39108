"""Whatever happens between a connector and its venue, in the end both tell the same of every order."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declconn.account.events import OrderFilledEvent
from declconn.connector.exchange import Exchange
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.errors import DeclconnError

ONE, HUNDRED = Decimal(1), Decimal(100)
STATES = {"new": "OPEN", "part": "PARTIALLY_FILLED", "done": "FILLED", "gone": "CANCELED"}

TELLS = ["order fill", "fill order", "order", "fill", "", "order fill fill order order"]
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), st.sampled_from(["", "lost", "vanished", "unreachable", "POOR", "TWICE"])),
        st.tuples(st.just("cancel"), st.integers(0, 9), st.sampled_from(["", "lost", "vanished", "ODD"])),
        st.tuples(st.just("fill"), st.integers(0, 9), st.sampled_from(["0.25", "0.5", "1"]), st.sampled_from(TELLS)),
        st.tuples(st.just("end"), st.integers(0, 9), st.booleans()),
        st.tuples(st.just("others")),
        st.tuples(st.just("tells"), st.booleans()),
        st.tuples(st.just("drop")),
        st.tuples(st.just("fails"), st.sampled_from(["GET /order", "GET /orders", "GET /fills", "GET /balances"])),
        st.tuples(st.just("wait"), st.sampled_from([0.5, 2, 6, 35])),
        st.tuples(st.just("restart")),
        st.tuples(st.just("crash")),
    ),
    max_size=25,
)


class History:
    """Lets things happen, and compares in the end."""

    def __init__(self, player: Any, variant: str, faults: dict[str, Any], file: Path) -> None:
        self.player, self.desk, self.faults = player, player.desk, faults
        self.spec, self.file = player.spec(variant), file
        self.events: list[Any] = []
        self.exchange: Exchange = self.connector()

    def connector(self) -> Exchange:
        exchange: Exchange = self.player.connector(self.spec, trading=TradingSettings(store=self.file))
        exchange.add_listener(lambda event: self.events.append(event) if hasattr(event, "order_id") else None)
        return exchange

    async def play(self, actions: list[tuple[Any, ...]]) -> None:
        await self.exchange.start()
        await self.player.settle()
        for name, *words in actions:
            await getattr(self, name)(*words)
            await self.player.settle()

    async def buy(self, fault: str) -> None:
        if fault:
            self.desk.script["POST /order"] = [self.faults.get(fault, fault)]
        self.exchange.buy("BTC-USD", ONE, price=HUNDRED)

    async def cancel(self, number: int, fault: str) -> None:
        orders = list(self.exchange.in_flight_orders)
        if orders:
            if fault:
                self.desk.script["DELETE /order"] = [self.faults.get(fault, fault)]
            self.exchange.cancel("BTC-USD", orders[number % len(orders)])

    async def fill(self, number: int, size: str, tell: str) -> None:
        order = self.open_order(number)
        if order is not None:
            self.desk.fill(order, str(min(Decimal(size), Decimal(order["size"]) - Decimal(order["done"]))), tell=tell)

    async def end(self, number: int, tells: bool) -> None:
        order = self.open_order(number)
        if order is not None:
            before, self.desk.tells = self.desk.tells, self.desk.tells and tells
            self.desk.end(order)
            self.desk.tells = before

    async def others(self) -> None:
        self.desk.put(tag=None, side="sell")

    async def tells(self, tells: bool) -> None:
        self.desk.tells = tells

    async def drop(self) -> None:
        self.desk.user.drop()

    async def fails(self, what: str) -> None:
        self.desk.script[what] = [self.faults["unreachable"]] * 3

    async def wait(self, seconds: float) -> None:
        await self.player.pass_by(seconds, step=min(seconds, 1))

    async def restart(self) -> None:
        await self.exchange.stop()
        await self.exchange.start()

    async def crash(self) -> None:
        """The process is gone, without a word; another one comes."""
        self.exchange.account.store.close()
        before, self.exchange = self.exchange, self.connector()
        await self.exchange.start()
        await before.stop()

    def open_order(self, number: int) -> dict[str, Any] | None:
        orders = [order for order in self.desk.orders.values() if order["state"] in ("new", "part")]
        return orders[number % len(orders)] if orders else None

    async def end_well(self) -> None:
        """Let everything come to rest."""
        self.desk.script.clear()
        await self.player.pass_by(300, step=5)

    def check(self) -> None:
        told = {order["id"]: order for order in self.desk.orders.values()}
        assert set(self.desk.arrived.values()) <= {1}, "an order was sent twice"
        for venues in told.values():
            ours = self.exchange.order_tracker.fetch_order(venues["tag"], venues["id"], "BTC-USD")
            if ours is None:
                assert venues["tag"] is None, "an order of ours was forgotten"
                assert venues["state"] in ("done", "gone"), "an open order of others was not seen"
                continue
            assert ours.state.value == STATES[venues["state"]], ours
            assert ours.executed_amount_base == Decimal(venues["done"]), ours
        for order in self.exchange.in_flight_orders.values():
            assert order.exchange_order_id in told, "an order is open that the venue does not have"
        fills = Counter(event.event_id for event in self.events if isinstance(event, OrderFilledEvent))
        assert set(fills.values()) <= {1}, "a fill was told twice"


def run(tmp_path: Path, make: Callable[[Path, AsyncExitStack], Any], variant: str, faults: Any, actions: Any) -> None:
    async def play() -> None:
        async with AsyncExitStack() as running:
            with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
                history = History(make(Path(folder), running), variant, faults, Path(folder) / "orders.sqlite")
                try:
                    await history.play(actions)
                    await history.end_well()
                    history.check()
                finally:
                    await history.exchange.stop()

    asyncio.run(play())


VARIANTS = {
    "by client id": "",
    "by the venue's id": """\
endpoints:
  order_status: {params: {tag: null, id: "{exchange_order_id}"}}
  find_order: {like: order_status, params: {id: null, tag: "{client_order_id}"}}
""",
    "async cancels": "orders: {cancel: async}\n",
    "no user stream": "streams: {user: null}\n",
}


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(actions=ACTIONS)
def test_no_order_is_lost_none_is_sent_twice_and_amounts_are_the_venues(
    tmp_path: Path, new_player: Any, faults: Any, variant: str, actions: list[tuple[Any, ...]]
) -> None:
    try:
        run(tmp_path, new_player, variant, faults, actions)
    except DeclconnError as error:
        raise AssertionError(f"the user of a connector was disturbed: {error}") from error
