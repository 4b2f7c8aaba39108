"""Order life as a state machine: whatever goes wrong, no order is lost, none is sent twice, all amounts are true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from declconn.account.events import (
    BuyOrderCompletedEvent,
    BuyOrderCreatedEvent,
    MarketOrderFailureEvent,
    OrderCancelledEvent,
    OrderEvent,
    OrderExpiredEvent,
    OrderFilledEvent,
    SellOrderCompletedEvent,
    SellOrderCreatedEvent,
)
from declconn.account.fills_wait import TRADE_FILLS_WAIT_TIMEOUT
from declconn.account.order_store import AccountStore, MemoryStore
from declconn.errors import DeclconnError, UnknownOrderError
from declconn.simulator import FrameFault, RefusedError, RequestFault
from declconn.types import OrderState, OrderType, Side, TimeInForce, Trigger

PAIR = "BTC-USDT"
CREATED = BuyOrderCreatedEvent | SellOrderCreatedEvent
COMPLETED = BuyOrderCompletedEvent | SellOrderCompletedEvent
ENDED = COMPLETED | OrderCancelledEvent | OrderExpiredEvent | MarketOrderFailureEvent
ASKED = ("place_order", "cancel_order", "amend_order", "order_status", "open_orders", "order_trades", "balances", "*")
TOLD = ("order_update", "trade_update", "balance_update", "*")

ROUND = 130
"""Seconds in which the venue is asked for everything at least once."""

LONGEST_SEARCH = 3600
"""Seconds after which an order that never arrived is given up, also where rate limits are tight."""

PROMPT = 3
"""Seconds after which everything is known while nothing goes wrong."""

NAMELESS = """\
spec: 1
extends: kraken
name: nameless
streams:
  user:
    events:
      order: {map: {client_order_id: null}}
      fill: {map: {client_order_id: null}}
"""

sides = st.sampled_from(Side)
prices = st.integers(96, 104).map(str)
amounts = st.sampled_from(["0.5", "1", "2"])
forces = st.sampled_from([TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK])
delays = st.sampled_from([0.1, 3.0, 20.0])
Trouble = RequestFault | float | None
"""What becomes of a request, or how late its answer is."""

troubles = st.one_of(st.none(), delays, st.sampled_from(RequestFault))
rounds = st.one_of(st.just(-1), st.integers(0, 12))
"""How often the loop goes round afterwards; -1: until nothing happens any more."""


disturbing = precondition(lambda self: not self.stays_calm)
"""What does not happen in a life that stays calm."""


class OrderLife(RuleBasedStateMachine):
    """Everything that can happen to the orders of an account.

    Attributes:
        ours: the client ids of the orders that were placed with connectors, in order.
        told: what all processes told, one after the other.
        stays_calm: nothing shall go wrong at all, but for answers that come late.
        is_calm: nothing has gone wrong since everything settled last.
    """

    def __init__(self, world: Any, store: Callable[[], AccountStore]) -> None:
        super().__init__()
        self.world, self.store = world, store
        self.ours: list[str] = []
        self.told: list[Any] = []
        self.rules_since_settled = 0
        self.stays_calm = False
        self.is_calm = True

    @initialize(stays_calm=st.booleans())
    def begin(self, stays_calm: bool) -> None:
        self.stays_calm = stays_calm
        self.world.start(store=self.store())

    @property
    def process(self) -> Any:
        return self.world.process

    @property
    def exchange(self) -> Any:
        return self.process.exchange

    @property
    def order_events(self) -> list[Any]:
        """What this process has told of orders."""
        return [event for event in self.process.events if isinstance(event, OrderEvent)]

    @property
    def at_venue(self) -> dict[str, Any]:
        """The orders as the venue has them, by client id."""
        return self.world.engine.account("ann").by_client_id

    @property
    def is_searching(self) -> bool:
        """Of some order it is not known whether the venue has it."""
        return any(order.is_pending_create for order in self.exchange.in_flight_orders.values())

    def go(self, times: int) -> None:
        if times < 0:
            self.process.idle()
        else:
            self.process.step(times)

    # What we do

    @rule(side=sides, amount=amounts, price=prices, maker=st.booleans(), force=forces, trouble=troubles, then=rounds)
    def place_a_limit_order(
        self, side: Side, amount: str, price: str, maker: bool, force: TimeInForce, trouble: Trouble, then: int
    ) -> None:
        kind = OrderType.LIMIT_MAKER if maker else OrderType.LIMIT
        self._place(
            side, Decimal(amount), kind, Decimal(price), trouble, then, time_in_force=self._offered(kind, force)
        )

    @rule(side=sides, amount=amounts, trouble=troubles, then=rounds)
    def place_a_market_order(self, side: Side, amount: str, trouble: Trouble, then: int) -> None:
        self._place(side, Decimal(amount), OrderType.MARKET, None, trouble, then)

    @rule(
        side=sides,
        amount=amounts,
        price=st.none() | prices,
        force=forces,
        trigger_price=prices,
        trigger=st.sampled_from(Trigger),
        trouble=troubles,
        then=rounds,
    )
    def place_an_order_that_waits_for_a_price(
        self,
        side: Side,
        amount: str,
        price: str | None,
        force: TimeInForce,
        trigger_price: str,
        trigger: Trigger,
        trouble: Trouble,
        then: int,
    ) -> None:
        """Or one that the venue refuses, as the price is there already."""
        kind = OrderType.MARKET if price is None else OrderType.LIMIT
        limit = None if price is None else Decimal(price)
        words = {"time_in_force": self._offered(kind, force), "trigger_price": Decimal(trigger_price)}
        self._place(side, Decimal(amount), kind, limit, trouble, then, **words, trigger=trigger)

    def _offered(self, kind: OrderType, force: TimeInForce) -> TimeInForce:
        return force if force in self.exchange.supported_times_in_force(kind) else TimeInForce.GTC

    def _place(
        self,
        side: Side,
        amount: Decimal,
        kind: OrderType,
        price: Decimal | None,
        trouble: Trouble,
        then: int,
        **words: Any,
    ) -> None:
        self._plan(trouble, "place_order")
        place = self.exchange.buy if side is Side.BUY else self.exchange.sell
        self.ours.append(self.process.call(partial(place, PAIR, amount, kind, price, **words)))
        self.go(then)

    def _plan(self, trouble: Trouble, operation: str) -> None:
        if isinstance(trouble, float):
            self.an_answer_is_late(trouble, operation)
        elif trouble is not None and not self.stays_calm:
            self.requests_suffer(trouble, operation, 1)

    @precondition(lambda self: self.exchange.in_flight_orders)
    @rule(data=st.data(), trouble=troubles, then=rounds)
    def cancel_an_order(self, data: st.DataObject, trouble: Trouble, then: int) -> None:
        self._plan(trouble, "cancel_order")
        order_id = data.draw(st.sampled_from(sorted(self.exchange.in_flight_orders)))
        with suppress(UnknownOrderError):  # it may end just before
            self.process.call(self.exchange.cancel, PAIR, order_id)
        self.go(then)

    @rule(then=rounds)
    def cancel_all_orders(self, then: int) -> None:
        self.process.begin(self.exchange.cancel_all())
        self.go(then)

    @precondition(lambda self: "amend_order" in self.exchange.parts.operations and self.exchange.in_flight_orders)
    @rule(
        data=st.data(),
        changes=st.fixed_dictionaries({}, optional={"amount": amounts, "price": prices, "trigger_price": prices}),
        trouble=troubles,
        then=rounds,
    )
    def amend_an_order(self, data: st.DataObject, changes: dict[str, str], trouble: Trouble, then: int) -> None:
        """As far as it has such numbers; the venue may refuse."""
        self._amend(data.draw(st.sampled_from(sorted(self.exchange.in_flight_orders))), changes, trouble, then)

    @precondition(lambda self: "amend_order" in self.exchange.parts.operations)
    @rule(side=sides, away=st.integers(5, 9), amount=amounts, further=st.integers(-1, 1), trouble=troubles, then=rounds)
    def place_an_order_and_amend_it(
        self, side: Side, away: int, amount: str, further: int, trouble: Trouble, then: int
    ) -> None:
        """Where it meets nobody, so that it stays."""
        prices = [100 - distance if side is Side.BUY else 100 + distance for distance in (away, away + further)]
        self._place(side, Decimal(1), OrderType.LIMIT, Decimal(prices[0]), None, -1)
        if self.ours[-1] in self.exchange.in_flight_orders:
            self._amend(self.ours[-1], {"amount": amount, "price": str(prices[1])}, trouble, then)

    def _amend(self, order_id: str, changes: dict[str, str], trouble: Trouble, then: int) -> None:
        self._plan(trouble, "amend_order")
        wanted = {name: Decimal(number) for name, number in changes.items()}
        task = self.process.begin(self.exchange.amend_order(order_id, **wanted))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self.go(then)

    # What others do

    @rule(side=sides, amount=amounts, price=prices)
    def others_trade(self, side: Side, amount: str, price: str) -> None:
        self.world.trade("bob", side, amount, price)

    @rule(side=sides, amount=amounts, price=prices)
    def somebody_trades_by_hand_with_our_account(self, side: Side, amount: str, price: str) -> None:
        with suppress(RefusedError):
            self.world.trade("ann", side, amount, price)

    @rule(side=sides, amount=amounts, price=prices, trigger_price=prices, trigger=st.sampled_from(Trigger))
    def somebody_waits_by_hand_with_our_account(
        self, side: Side, amount: str, price: str, trigger_price: str, trigger: Trigger
    ) -> None:
        with suppress(RefusedError):
            self.world.trade("ann", side, amount, price, trigger_price=Decimal(trigger_price), trigger=trigger)

    @precondition(lambda self: self.world.engine.open_orders("ann"))
    @rule(data=st.data())
    def somebody_cancels_by_hand(self, data: st.DataObject) -> None:
        ids = [order.exchange_order_id for order in self.world.engine.open_orders("ann")]
        self.world.engine.cancel("ann", PAIR, exchange_order_id=data.draw(st.sampled_from(ids)))

    # What goes wrong

    @disturbing
    @rule(fault=st.sampled_from(RequestFault), operation=st.sampled_from(ASKED), times=st.integers(1, 3))
    def requests_suffer(self, fault: RequestFault, operation: str, times: int) -> None:
        self.is_calm = False
        self.world.venue.faults.plan(fault, operation, times=times)

    @rule(seconds=delays, operation=st.sampled_from(ASKED))
    def an_answer_is_late(self, seconds: float, operation: str) -> None:
        self.world.venue.faults.delay(seconds, operation)

    @disturbing
    @rule(fault=st.sampled_from(FrameFault), emit=st.sampled_from(TOLD), times=st.integers(1, 3))
    def frames_suffer(self, fault: FrameFault, emit: str, times: int) -> None:
        self.is_calm = False
        self.world.venue.faults.plan_frame(fault, emit, times=times)

    @disturbing
    @rule(then=rounds)
    def connections_are_lost(self, then: int) -> None:
        self.is_calm = False
        self.world.venue.disconnect()
        self.go(then)

    @disturbing
    @rule(then=rounds)
    def sessions_expire(self, then: int) -> None:
        self.is_calm = False
        self.world.venue.expire_sessions()
        self.go(then)

    @disturbing
    @rule(closed=st.booleans())
    def the_venue_closes_or_opens(self, closed: bool) -> None:
        self.is_calm = False
        self.world.venue.faults.is_closed = closed

    @disturbing
    @rule(side=sides, price=prices, arrives=st.booleans(), then=st.integers(4, 20), seconds=st.sampled_from([30, 200]))
    def the_venue_goes_dark_on_an_order(self, side: Side, price: str, arrives: bool, then: int, seconds: float) -> None:
        """Its answer is lost, no stream tells of it, and nobody can be asked for a while."""
        faults = self.world.venue.faults
        faults.plan_frame(FrameFault.LOST, times=5)
        for operation in ("order_status", "find_order", "open_orders"):
            faults.plan(RequestFault.LOST, operation, times=3)
        trouble = RequestFault.ANSWER_LOST if arrives else RequestFault.LOST
        self._place(side, Decimal(1), OrderType.LIMIT, Decimal(price), trouble, then)
        self.the_venue_closes_or_opens(True)
        self.world.venue.disconnect()
        self.process.pass_by(seconds, 1)
        self.the_venue_closes_or_opens(False)

    @disturbing
    @rule(then=rounds, attempts=st.lists(st.integers(0, 30), max_size=2))
    def the_process_is_killed(self, then: int, attempts: list[int]) -> None:
        """And another one takes over, perhaps after some that are killed while they start."""
        self.go(then)
        self._kill()
        for times in attempts:
            self.world.launch(store=self.store())
            self.process.begin(self.exchange.start())
            self.process.step(times)
            self._kill()
        self._start()

    @disturbing
    @rule()
    def the_connector_is_stopped_and_started(self) -> None:
        self.process.stop()
        self._kill()
        self._start()

    def _kill(self) -> None:
        self.is_calm = False
        self.told += self.order_events
        self.check_events()
        self.world.kill()

    def _start(self) -> None:
        try:
            self.world.launch(store=self.store())
            self.process.run(self.exchange.start())
        except DeclconnError:
            self.world.venue.faults.clear()
            self.process.run(self.exchange.start())

    # Time

    @rule(then=st.integers(1, 12))
    def some_rounds_pass(self, then: int) -> None:
        self.go(then)

    @rule(seconds=st.sampled_from([0.5, 2, 7, 40]))
    def time_passes(self, seconds: float) -> None:
        self.process.pass_by(seconds)

    @precondition(lambda self: self.rules_since_settled > 25)
    @rule()
    def everything_settles(self) -> None:
        """Nothing goes wrong any more, and there is time to find out."""
        self.rules_since_settled = 0
        self.world.venue.faults.clear()
        for _ in range(0, LONGEST_SEARCH, ROUND):
            self.process.pass_by(ROUND, 2)
            if not self.is_searching:
                break
        self.process.pass_by(ROUND, 2)
        self.check_all()
        assert self.world.believed == self.world.balances
        self.is_calm = True

    @precondition(lambda self: self.is_calm)
    @rule()
    def it_is_calm_for_a_moment(self) -> None:
        """Nothing went wrong, so that everything is known soon, unless rate limits hold an order back."""
        self.process.pass_by(PROMPT)
        if not self.is_searching:
            self.check_all(ours_only=True)

    def teardown(self) -> None:
        try:
            self.everything_settles()
            self.told += self.order_events
            self.check_told()
        finally:
            self.world.close()

    # What must hold

    @invariant()
    def no_order_is_lost_or_sent_twice_or_ended_too_early(self) -> None:
        self.rules_since_settled += 1
        tracker, at_venue = self.exchange.order_tracker, self.at_venue
        for order_id in self.ours:
            order = tracker.fetch_order(order_id)
            assert order is not None, f"{order_id} is forgotten"
            assert self.world.engine.asked["ann", order_id] <= 1, f"{order_id} was sent again"
            if order_id in at_venue:
                real = at_venue[order_id]
                assert not (real.is_open and order.is_done), f"{order!r} is open at the venue"
                assert order.executed_amount_base <= real.filled, f"{order!r} has more fills than the venue"

    def check_all(self, *, ours_only: bool = False) -> None:
        """Both sides know the same; an order of others without a client id is known for sure only after a round."""
        self.no_order_is_lost_or_sent_twice_or_ended_too_early()
        exchange, ann = self.exchange, self.world.engine.account("ann")
        tracker = exchange.order_tracker
        for real in ann.open_orders.values():
            if real.asked.client_order_id not in self.ours and (ours_only or self.world.told_id(real) is None):
                continue
            order = tracker.fetch_order(real.asked.client_order_id, real.exchange_order_id, PAIR)
            assert order is not None, f"{real} is not known"
            assert order.client_order_id in exchange.in_flight_orders, f"{order!r} is open at the venue: {real}"
        for order in exchange.in_flight_orders.values():
            real = ann.by_client_id.get(order.client_order_id) or ann.orders.get(order.exchange_order_id)
            assert real is not None, f"{order!r} is unknown to the venue"
            assert real.is_open, f"{order!r} is not open at the venue: {real}"
        for order_id in self.ours:
            self.check_order(tracker.fetch_order(order_id), ann.by_client_id.get(order_id))
        assert totals(self.world.believed) == totals(self.world.balances)
        self.check_events()

    def check_order(self, order: Any, real: Any) -> None:
        if real is None:
            assert order.state is OrderState.FAILED, f"{order!r} never arrived"
            assert order.executed_amount_base == 0
            return
        ends = {OrderState.FILLED, OrderState.CANCELED}
        assert order.exchange_order_id == self.world.told_id(real)
        assert (order.order_type, order.time_in_force) == (real.asked.order_type, real.asked.time_in_force)
        assert order.trigger is (None if real.asked.trigger_price is None else real.asked.trigger)
        if real.is_open:
            assert (order.amount, order.price) == (real.amount, real.price), f"{order!r} is {real}"
        assert order.executed_amount_base == order.filled_by_venue == real.filled, f"{order!r} is {real}"
        assert order.order_fills.keys() == {fill.trade_id for fill in real.fills}
        assert order.executed_amount_quote == real.filled_quote
        assert (order.state if order.is_done else None) == (real.state if real.state in ends else None), f"{real}"
        kept = [fill["trade_id"] for fill in self.process.store.fills(order.client_order_id)]
        assert sorted(kept) == sorted(order.order_fills), "each fill is kept once"

    def check_events(self) -> None:
        """What this process has told: everything once, and each order's events in their order."""
        events = self.order_events
        twice = [event_id for event_id, times in Counter(event.event_id for event in events).items() if times > 1]
        assert twice == [], "told twice"
        lives: dict[str, list[Any]] = {}
        for event in events:
            lives.setdefault(event.order_id, []).append(event)
        for life in lives.values():
            ends = [event for event in life if isinstance(event, ENDED)]
            assert len(ends) <= 1, f"an order ended twice: {ends}"
            created = [number for number, event in enumerate(life) if isinstance(event, CREATED)]
            assert created in ([], [0]), f"an order was created late: {life}"
            assert not created or life[0].order_id in self.at_venue, f"it never was there: {life}"
            if ends and isinstance(ends[0], COMPLETED):
                self.check_completion(life, ends[0])

    def check_completion(self, life: list[Any], end: Any) -> None:
        """Completed comes last, unless the fills could not be had for five seconds."""
        real = self.world.engine.order("ann", PAIR, exchange_order_id=end.exchange_order_id)
        assert end.base_asset_amount == real.filled
        waited = round(
            (self.process.heard_at[end.event_id] - real.updated) / 1e9, 3
        )  # the venue never says a time twice
        if waited < TRADE_FILLS_WAIT_TIMEOUT:
            assert life[-1] is end, f"complete before its last fill: {life}"
            assert end.quote_asset_amount == real.filled_quote

    def check_told(self) -> None:
        """Everything was told, by one process or another; what was told twice had the same id and said the same."""
        by_id: dict[str, Any] = {}
        for event in self.told:
            same = by_id.setdefault(event.event_id, event)
            assert (type(same), same.order_id) == (type(event), event.order_id)
            if isinstance(event, OrderFilledEvent):
                assert (same.amount, same.price, same.trade_fee) == (event.amount, event.price, event.trade_fee)
        tracker = self.exchange.order_tracker
        for order in map(tracker.fetch_order, self.ours):
            of_it = [event for event in by_id.values() if event.order_id == order.client_order_id]
            fills = {event.exchange_trade_id for event in of_it if isinstance(event, OrderFilledEvent)}
            assert fills == order.order_fills.keys(), f"{order!r}: not all fills were told"
            assert order.is_done == any(isinstance(event, ENDED) for event in of_it), f"{order!r}: its end was not told"


def totals(balances: dict[str, tuple[Decimal, Decimal]]) -> dict[str, Decimal]:
    """Without what is available, which is an estimate while a venue that does not tell it was not asked."""
    return {token: total for token, (total, _) in balances.items()}


def play_life(make: Callable[..., Any], spec: str, **profile: Any) -> None:
    """Play the machine on a venue; one store in memory outlives all processes of a world, as a disk does."""

    def machine() -> OrderLife:
        disk = MemoryStore()
        return OrderLife(make(spec), lambda: disk)

    run_state_machine_as_test(
        machine, settings=settings(deadline=None, suppress_health_check=list(HealthCheck), **profile)
    )


@pytest.fixture(params=["binance", "kraken", "binance_perpetual", "nameless"])
def spec(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A venue's spec; the last one is of a venue whose stream tells no ids but its own."""
    if request.param != "nameless":
        return str(request.param)
    path = tmp_path / "nameless.yaml"
    path.write_text(NAMELESS)
    return str(path)


def test_order_life(make_world: Any, spec: str) -> None:
    play_life(make_world, spec, max_examples=8, stateful_step_count=30, derandomize=True)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_order_life_at_length(make_world: Any, spec: str) -> None:
    play_life(make_world, spec, max_examples=25, stateful_step_count=50)
