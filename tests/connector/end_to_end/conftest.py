"""Whole connectors against whole venues in one process, on a loop and a clock that are driven by hand."""

from __future__ import annotations

import asyncio
import selectors
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest

from declconn.account.events import AccountEvent, BalanceEvent
from declconn.account.order_store import AccountStore
from declconn.account.sqlite_store import SqliteStore
from declconn.connector.exchange import Exchange
from declconn.connector.trading.trading_settings import TradingSettings
from declconn.records import TradingRule
from declconn.registry import connect, load_spec
from declconn.simulator import FeeSchedule, InProcessVenue, Market, MatchingEngine, NewOrder
from declconn.simulator.desk.counters import Counters
from declconn.simulator.engine.orders import Order
from declconn.simulator.streams.private_session import PrivateSession
from declconn.testing import ManualClock
from declconn.types import OrderType, Side

PAIR = "BTC-USDT"
_spec = cache(load_spec)
T = TypeVar("T")


class _Selector(selectors.SelectSelector):
    """Waits for nothing: when there is nothing to do it says so."""

    idle: Callable[[], None]

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout > 0:
            self.idle()
        return super().select(0)


class HandDrivenLoop(asyncio.SelectorEventLoop):
    """A loop whose time is a clock set by hand; `run_forever` returns as soon as nothing happens without time."""

    def __init__(self, clock: ManualClock) -> None:
        self._hand_clock = clock
        selector = _Selector()
        super().__init__(selector)
        selector.idle = self.stop

    def time(self) -> float:
        return self._hand_clock.monotonic()


class CountingEngine(MatchingEngine):
    """Counts how often it was asked to take an order.

    Attributes:
        asked: by account and client order id.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.asked: Counter[tuple[str, str | None]] = Counter()

    def place(self, account: str, order: NewOrder) -> Order:
        self.asked[account, order.client_order_id] += 1
        return super().place(account, order)


class Process:
    """A process with one connector. It may end in its own time (`stop`) or in the middle of anything (`kill`).

    Attributes:
        exchange: the connector.
        store: as it has it.
        events: those of the account, in order; those of balances are left out.
        heard_at: when each was heard first, by its id; nanoseconds.
    """

    def __init__(self, clock: ManualClock, exchange: Exchange, store: AccountStore) -> None:
        self.exchange, self.store, self._clock = exchange, store, clock
        self.loop = HandDrivenLoop(clock)
        self.events: list[Any] = []
        self.heard_at: dict[str, int] = {}
        exchange.add_listener(self._hear, AccountEvent)

    def _hear(self, event: AccountEvent) -> None:
        if not isinstance(event, BalanceEvent):
            self.events.append(event)
            self.heard_at.setdefault(event.event_id, self._clock.time_ns())

    def forget_events(self) -> None:
        """Begin to hear anew."""
        self.events.clear()
        self.heard_at.clear()

    def idle(self) -> None:
        """Let everything happen that happens without time."""
        self.loop.run_forever()

    def step(self, times: int) -> None:
        """Go round the loop so often, and stop wherever that is."""
        for _ in range(times):
            self.loop.call_soon(self.loop.stop)
            self.loop.run_forever()

    def pass_by(self, seconds: float, step: float = 0.5) -> None:
        """Let time pass."""
        self.idle()
        for _ in range(round(seconds / step)):
            self._clock.advance(step)
            self.idle()

    def begin(self, what: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Let something begin; nothing happens yet."""
        return self.loop.create_task(what)

    def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call something that has to be called inside the loop."""

        async def inside() -> T:
            return function(*arguments)

        return self.loop.run_until_complete(inside())

    def run(self, what: Coroutine[Any, Any, T], within: float = 120.0) -> T:
        """The result of something that may take its time."""
        task = self.begin(what)
        self.idle()
        while not task.done() and within > 0:
            within -= 0.05
            self.pass_by(0.05, 0.05)
        assert task.done(), f"{what} takes too long"
        return task.result()

    def order(
        self,
        side: Side,
        amount: str,
        price: str | None = None,
        order_type: OrderType | None = None,
        **more: Any,
    ) -> Any:
        """Place an order, wait for the answer, and let everything be told."""
        kind = order_type or (OrderType.LIMIT if price else OrderType.MARKET)
        order = self.run(self.exchange.place_order(PAIR, side, Decimal(amount), kind, price and Decimal(price), **more))
        self.idle()
        return order

    def told_of(self, order: Any) -> list[str]:
        """The same of one order."""
        ids = {event.event_id for event in self.events if getattr(event, "order_id", None) == order.client_order_id}
        return [name for name, event in zip(self.told, self.events, strict=True) if event.event_id in ids]

    @property
    def told(self) -> list[str]:
        """The classes of the events, without the word that all have."""
        return [type(event).__name__.removesuffix("Event") for event in self.events]

    def stop(self) -> None:
        """End as it should be."""
        self.run(self.exchange.stop())

    def kill(self) -> None:
        """End right here: nothing of it happens any more, and the operating system lets go of its files."""
        self.store.close()

    def bury(self) -> None:
        """Take a dead process away, so that nothing of it is left in the process that runs the tests."""
        self.loop.run_until_complete(_end_all())
        self.loop.run_until_complete(self.exchange.stop())
        self.store.close()
        self.loop.close()


async def _end_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class World:
    """A venue where `ann` trades with connectors, and `bob` and `cat` by hand.

    Attributes:
        name: the venue's.
        engine: what happens there.
        venue: what it says.
        process: the one that runs now.
    """

    def __init__(self, name: str, folder: Path, **market: Any) -> None:
        self.name, self.clock, self.spec = name, ManualClock(), _spec(name)
        self.is_derivative = self.spec.kind == "derivative"
        self._file, self._seed, self._by_hand = folder / "orders.sqlite", 0, 0
        rule = TradingRule(
            "",
            *PAIR.split("-"),
            min_price_increment=Decimal("0.1"),
            min_base_amount_increment=Decimal("0.001"),
            min_order_size=Decimal("0.001"),
            max_order_size=Decimal(1000),
            min_notional_size=Decimal(1),
            max_leverage=Decimal(50),
            collateral_token="USDT" if self.is_derivative else None,
        )
        fees = FeeSchedule(maker=Decimal("0.001"), taker=Decimal("0.002"))
        place = Market(rule, is_derivative=self.is_derivative, **market)
        self.engine = CountingEngine([place], fees, self.clock)
        for account in ("ann", "bob", "cat"):
            self.engine.open_account(account, {"USDT": Decimal(100_000), "BTC": Decimal(100)})
        self.trade("bob", Side.SELL, "5", "110")
        self.trade("bob", Side.BUY, "5", "90")
        self.venue = InProcessVenue(self.spec, self.engine, clock=self.clock, accounts=["ann"])
        self.process: Process
        self._processes: list[Process] = []

    def trade(self, who: str, side: Side, amount: str, price: str, **words: Any) -> Order:
        """Somebody places a limit order by hand; a venue where ids are texts gives it one."""
        self._by_hand += 1
        wanted = NewOrder(
            trading_pair=PAIR,
            side=side,
            amount=Decimal(amount),
            price=Decimal(price),
            client_order_id=f"web_{self._by_hand}" if self.spec.orders.client_order_id.format == "text" else None,
            **words,
        )
        return self.engine.place(who, wanted)

    def print_at(self, price: str) -> None:
        """Two others trade a little at a price between the best bid and the best ask."""
        self.trade("bob", Side.SELL, "0.1", price)
        self.trade("cat", Side.BUY, "0.1", price)

    def launch(self, *, store: AccountStore | None = None, **settings: Any) -> Process:
        """A process that is about to start its connector; by default it keeps orders in the same file as the last."""
        self._seed += 1
        store = store or SqliteStore(self._file, "ann")
        exchange = connect(
            self.name,
            [PAIR],
            credentials=self.venue.credentials("ann"),
            transport=self.venue.transport,
            clock=self.clock,
            random=Random(self._seed),
            trading=TradingSettings(store=store, **settings),
        )
        self.process = Process(self.clock, exchange, store)
        self._processes.append(self.process)
        return self.process

    def start(self, **settings: Any) -> Process:
        """A process whose connector is ready."""
        process = self.launch(**settings)
        process.run(process.exchange.start())
        process.run(process.exchange.wait_until_ready(60))
        process.idle()
        return process

    def kill(self) -> None:
        """The process is killed, its sockets are closed, and nobody is there until the next one is launched."""
        self.process.kill()
        self.venue.disconnect()

    def close(self) -> None:
        """Leave nothing behind."""
        for process in reversed(self._processes):  # the living one first: the others would take its files
            process.bury()

    def tell_ann(self, frame: str) -> None:
        """Say something on the private stream that no engine has said."""
        for socket in self.venue.transport.sockets:
            if any(isinstance(voice, PrivateSession) for voice in socket.conversation.voices):
                socket.conversation.outbox.put(frame)

    # What is compared

    def order(self, order: Any) -> Order:
        """An order of ours as the venue has it."""
        return self.engine.account("ann").by_client_id[order.client_order_id]

    @property
    def balances(self) -> dict[str, tuple[Decimal, Decimal]]:
        """What the venue says: total and available by token."""
        ann = self.engine.account("ann")
        return {token: (ann.total(token), ann.available(token)) for token in ann.totals}

    @property
    def believed(self) -> dict[str, tuple[Decimal, Decimal]]:
        """What the connector says: total and available by token."""
        exchange = self.process.exchange
        totals = exchange.get_all_balances()
        return {token: (totals[token], exchange.get_available_balance(token)) for token in totals}

    def told_id(self, real: Order) -> str | None:
        """The id that the venue has told of an order: there may be none before it is triggered."""
        return None if real.is_untriggered and Counters(self.spec).are_two else real.exchange_order_id

    def agrees_about(self, order: Any) -> None:
        """The order is what the venue has, with the same fills and fees, and the balances are the venue's."""
        real = self.order(order)
        assert (order.exchange_order_id, order.price, order.amount) == (self.told_id(real), real.price, real.amount)
        assert (order.executed_amount_base, order.executed_amount_quote) == (real.filled, real.filled_quote)
        assert order.order_fills.keys() == {fill.trade_id for fill in real.fills}
        fees: dict[str, Decimal] = {}
        for part in (part for fill in real.fills for part in fill.fee or ()):
            fees[part.token] = fees.get(part.token, Decimal(0)) + part.amount
        assert order.fees_paid == fees
        self.process.pass_by(130)  # a whole round of questions: also where no stream tells what is available
        assert self.believed == self.balances


@pytest.fixture
def make_world(tmp_path: Path) -> Callable[..., World]:
    """Makes a world, which has to be closed."""
    return lambda name, **market: World(name, tmp_path, **market)


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Makes worlds."""
    worlds: list[World] = []

    def make(name: str, **market: Any) -> World:
        worlds.append(World(name, tmp_path, **market))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()


@pytest.fixture(params=["binance", "kraken", "binance_perpetual"])
def world(request: pytest.FixtureRequest, play: Callable[..., World]) -> World:
    """Each of the three venues."""
    return play(request.param)
