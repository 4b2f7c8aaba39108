"""Triggers and their cascades beside a plain model of a market: the same trades in the same order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declconn.records import Trade, TradingRule
from declconn.simulator.engine.fees import FeeSchedule
from declconn.simulator.engine.market import Market
from declconn.simulator.engine.matching_engine import MatchingEngine
from declconn.simulator.engine.orders import NewOrder
from declconn.simulator.engine.refusals import RefusedError
from declconn.testing import ManualClock
from declconn.types import OrderState, OrderType, Side, TimeInForce, Trigger

PAIR = "COINX-USDT"
FIRST_PRICE = 100


@dataclass
class Wish:
    """An order, in whole numbers."""

    side: Side
    left: int
    price: int | None
    time_in_force: TimeInForce = TimeInForce.GTC
    trigger_price: int | None = None
    trigger: Trigger = Trigger.STOP

    @property
    def new_order(self) -> NewOrder:
        return NewOrder(
            trading_pair=PAIR,
            side=self.side,
            amount=Decimal(self.left),
            order_type=OrderType.MARKET if self.price is None else OrderType.LIMIT,
            price=None if self.price is None else Decimal(self.price),
            time_in_force=self.time_in_force,
            trigger_price=None if self.trigger_price is None else Decimal(self.trigger_price),
            trigger=self.trigger,
        )


@dataclass
class Plain:
    """Lists that are searched from one end to the other."""

    last: int = FIRST_PRICE
    book: list[Wish] = field(default_factory=list)
    waiting: list[Wish] = field(default_factory=list)
    due: list[Wish] = field(default_factory=list)
    trades: list[tuple[int, int, Side]] = field(default_factory=list)

    def take(self, wish: Wish) -> None:
        """Raises ``ValueError`` for one that would be triggered at once."""
        if wish.trigger_price is not None:
            if self.is_due(wish, self.last):
                raise ValueError(wish)
            self.waiting.append(wish)
            return
        self.match(wish)
        while self.due:
            self.match(self.due.pop(0))

    def is_due(self, wish: Wish, price: int) -> bool:
        match wish.side, wish.trigger:
            case (Side.BUY, Trigger.STOP) | (Side.SELL, Trigger.TAKE_PROFIT):
                return price >= (wish.trigger_price or 0)
            case _:
                return price <= (wish.trigger_price or 0)

    def match(self, wish: Wish) -> None:
        """Take what is there, best price first and oldest first; let the rest wait if it may."""
        limit = wish.price
        if wish.side is Side.BUY:
            makers = [one for one in self.book if one.side is Side.SELL and (limit is None or one.price <= limit)]
            makers.sort(key=lambda one: one.price)
        else:
            makers = [one for one in self.book if one.side is Side.BUY and (limit is None or one.price >= limit)]
            makers.sort(key=lambda one: -one.price)
        if wish.time_in_force is TimeInForce.FOK and sum(maker.left for maker in makers) < wish.left:
            return
        for maker in makers:
            self.trade(wish, maker)
        if wish.left and wish.price is not None and wish.time_in_force is TimeInForce.GTC:
            self.book.append(wish)

    def trade(self, wish: Wish, maker: Wish) -> None:
        amount = min(wish.left, maker.left)
        if not amount:
            return
        wish.left, maker.left = wish.left - amount, maker.left - amount
        self.trades.append((maker.price, amount, wish.side))
        self.book = [one for one in self.book if one.left]
        self.move(maker.price)

    def move(self, price: int) -> None:
        """On its way from one price to the next, the market passes those who wait."""
        for passed in range(self.last, price, 1 if price > self.last else -1):
            self.wake(passed)
        self.wake(price)
        self.last = price

    def wake(self, price: int) -> None:
        self.due += [wish for wish in self.waiting if self.is_due(wish, price)]
        self.waiting = [wish for wish in self.waiting if not self.is_due(wish, price)]


numbers = st.integers(FIRST_PRICE - 3, FIRST_PRICE + 3)
forces = st.sampled_from([TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK])
ordinary = st.builds(Wish, st.sampled_from(Side), st.integers(1, 3), st.none() | numbers, forces)
triggered = st.builds(
    Wish, st.sampled_from(Side), st.integers(1, 3), st.none() | numbers, forces, numbers, st.sampled_from(Trigger)
)


@settings(max_examples=400, deadline=None)
@given(st.lists(ordinary | triggered, min_size=10, max_size=40))
def test_the_engine_trades_as_the_plain_model_does(wishes: list[Wish]) -> None:
    market = Market(TradingRule("", "COINX", "USDT"))
    engine = MatchingEngine([market], FeeSchedule(), ManualClock())
    for name in Side:  # one buys and one sells, so that nobody meets himself
        engine.open_account(name, {"USDT": Decimal(10**9), "COINX": Decimal(10**9)})
    for side in (Side.SELL, Side.BUY):
        engine.place(side, Wish(side, 1, FIRST_PRICE).new_order)
    trades: list[tuple[int, int, Side]] = []
    engine.listen(
        lambda news: (
            trades.append((int(news.record.price), int(news.record.amount), news.record.side))
            if isinstance(news.record, Trade)
            else None
        )
    )
    plain = Plain()
    for wish in wishes:
        own = replace(wish)
        if own.price is None:
            own.time_in_force = TimeInForce.GTC
        order = own.new_order
        try:
            plain.take(own)
        except ValueError:
            with pytest.raises(RefusedError, match="would trigger at once"):
                engine.place(own.side, order)
            continue
        engine.place(own.side, order)
        assert trades == plain.trades
    assert len(market.triggers.orders()) == len(plain.waiting)
    left = [
        order for side in Side for order in engine.account(side).orders.values() if order.state != OrderState.FILLED
    ]
    assert sum(order.remaining for order in left if order.is_open) == sum(
        one.left for one in plain.book + plain.waiting
    )
