"""Balances, whatever comes when: orders that were lost, given up, triggered or restored, and answers between."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declconn.account.balances import Balances, Question
from declconn.account.events import OrderFilledEvent
from declconn.account.holds import PerpetualHolds, SpotHolds
from declconn.account.in_flight_order import InFlightOrder
from declconn.account.trade_fee import AddedToCostTradeFee
from declconn.records import BalanceUpdate, OrderUpdate, TradeUpdate
from declconn.testing import ManualClock
from declconn.types import OrderState, OrderType, PositionAction, Side, Trigger

PAIR, ASSET, LEVERAGE = "COINALPHA-HBOT", "HBOT", Decimal(4)
S = OrderState


class _VenuesOrder:
    """An order as the venue has it."""

    def __init__(self, ours: InFlightOrder) -> None:
        self.id, self.price, self.left = ours.client_order_id, ours.price or ours.trigger_price, ours.amount
        self.filled = Decimal(0)
        self.is_waiting, self.closes = ours.trigger is not None, ours.position is PositionAction.CLOSE

    def trigger(self) -> None:
        self.is_waiting = False

    @property
    def worth(self) -> Decimal:
        assert self.price is not None
        return self.left * self.price


class _Venue:
    """The plain model: how much of the quote or the collateral there is, and what locks it."""

    def __init__(self, *, is_spot: bool) -> None:
        self.is_spot = is_spot
        self.total, self.margin = Decimal(10**6), Decimal(0)
        self.orders: dict[str, _VenuesOrder] = {}

    @property
    def available(self) -> Decimal:
        if self.is_spot:
            return self.total - sum(order.worth for order in self.orders.values())
        working = [order for order in self.orders.values() if not order.is_waiting and not order.closes]
        return self.total - self.margin - sum(order.worth / LEVERAGE for order in working)

    def answer(self) -> list[BalanceUpdate]:
        return [BalanceUpdate(ASSET, total=self.total, available=self.available)]

    def fill(self, order: _VenuesOrder, amount: Decimal) -> None:
        assert order.price is not None
        order.is_waiting = False
        order.left, order.filled = order.left - amount, order.filled + amount
        worth = amount * order.price
        if self.is_spot:
            self.total -= worth
        else:
            self.margin += (-worth if order.closes else worth) / LEVERAGE
        if not order.left:
            del self.orders[order.id]


class _History:
    """A venue, what it has told and nobody has heard, and our side of it."""

    def __init__(self, *, is_spot: bool) -> None:
        self.clock, self.venue = ManualClock(), _Venue(is_spot=is_spot)
        self.numbers = count(1)
        self.news: list[Callable[[], None]] = []
        self.orders: dict[str, InFlightOrder] = {}
        self.arrived: set[str] = set()
        self.start()

    def start(self) -> None:
        """A process begins."""
        no_fee = lambda _pair: Decimal(0)  # noqa: E731
        self.balances = Balances(
            lambda: [order for order in self.orders.values() if order.is_open],
            holds=SpotHolds(no_fee) if self.venue.is_spot else PerpetualHolds(no_fee, lambda _pair: ASSET),
            real_time=False,
            clock=self.clock,
            tell=lambda event: None,
            ask=lambda: None,
        )
        self.question: Question | None = None
        self.answer: list[BalanceUpdate] | None = None

    def restart(self) -> None:
        self.orders = {order_id: InFlightOrder.from_json(order.to_json()) for order_id, order in self.orders.items()}
        self.start()
        for order in self.orders.values():
            self.balances.on_order(order)

    def place(self, amount: Decimal, price: Decimal, kind: str, *, arrives: bool) -> None:
        order = InFlightOrder(
            client_order_id=f"o{next(self.numbers)}",
            trading_pair=PAIR,
            order_type=OrderType.MARKET if kind == "stop" else OrderType.LIMIT,
            trade_type=Side.BUY,
            amount=amount,
            price=None if kind == "stop" else price,
            trigger_price=price if kind == "stop" else None,
            trigger=Trigger.STOP if kind == "stop" else None,
            leverage=LEVERAGE,
            position=PositionAction.CLOSE if kind == "close" and not self.venue.is_spot else PositionAction.OPEN,
            creation_timestamp=self.clock.time_ns(),
        )
        self.orders[order.client_order_id] = order
        self.balances.on_order(order)
        if arrives:
            self.arrived.add(order.client_order_id)
            self.venue.orders[order.client_order_id] = _VenuesOrder(order)
            self.say(order.client_order_id, S.OPEN)

    def say(self, order_id: str, state: OrderState, filled: Decimal | None = None) -> None:
        update = OrderUpdate(order_id, state=state, filled=filled, timestamp=self.clock.time_ns())
        self.news.append(lambda: self.hear(update))

    def fill(self, order: _VenuesOrder, share: int) -> None:
        amount = order.left if share > 2 else order.left / 2
        assert order.price is not None
        if order.closes and amount * order.price / LEVERAGE > self.venue.margin:
            return  # there is no such position to close
        trade = TradeUpdate(
            f"t{next(self.numbers)}", order.price, amount, client_order_id=order.id, timestamp=self.clock.time_ns()
        )
        self.venue.fill(order, amount)
        self.news.append(lambda: self.hear_fill(trade))
        self.say(order.id, S.PARTIALLY_FILLED if order.left else S.FILLED, order.filled)

    def cancel(self, order: _VenuesOrder) -> None:
        del self.venue.orders[order.id]
        self.say(order.id, S.CANCELED, order.filled)

    def hear(self, update: OrderUpdate) -> None:
        order = self.orders[update.client_order_id or ""]
        order.update_with_order_update(update)
        self.balances.on_order(order)

    def hear_fill(self, trade: TradeUpdate) -> None:
        order = self.orders[trade.client_order_id or ""]
        order.update_with_trade_update(trade)
        self.balances.on_order(order)
        assert trade.timestamp is not None
        event = OrderFilledEvent(
            event_id=trade.trade_id,
            timestamp=trade.timestamp,
            order_id=order.client_order_id,
            trading_pair=PAIR,
            trade_type=Side.BUY,
            order_type=order.order_type,
            price=trade.price,
            amount=trade.amount,
            quote_amount=trade.price * trade.amount,
            trade_fee=AddedToCostTradeFee(),
            exchange_trade_id=trade.trade_id,
            leverage=order.leverage,
            position=order.position,
        )
        self.balances.on_fill(event)

    def doubt(self, which: int) -> None:
        """The answer about an order was lost."""
        pending = [order for order in self.orders.values() if order.is_pending_create]
        if pending:
            order = pending[which % len(pending)]
            order.fate_unknown = True
            self.balances.on_order(order)

    def give_up(self, which: int | None = None) -> None:
        """An order that never came to the venue is not found there, too often."""
        lost = [o for o in self.orders.values() if o.is_pending_create and o.client_order_id not in self.arrived]
        for order in lost if which is None else lost[which : which + 1]:
            order.is_lost = True
            order.finish(S.FAILED)
            self.balances.on_order(order)

    def ask(self) -> None:
        self.question, self.answer = self.balances.asking(), None

    def look(self) -> None:
        """The venue reads the question."""
        if self.question is not None:
            self.answer = self.venue.answer()

    def be_answered(self) -> None:
        if self.question is not None and self.answer is not None:
            self.balances.replace_all(self.answer, self.question)
            self.question = None

    def poll(self) -> None:
        self.ask()
        self.look()
        self.be_answered()

    def settle(self) -> None:
        """All is told, and then the venue is asked once more."""
        for news in self.news:
            news()
        self.news.clear()
        self.give_up()
        self.clock.advance(1)
        self.poll()

    def do(self, what: str, which: int, amount: Decimal, price: Decimal) -> None:
        self.clock.advance(which % 3)
        on_venue = list(self.venue.orders.values())
        if what in ("limit", "stop", "close"):
            self.place(amount, price, what, arrives=which != 0)
        elif what == "hear" and self.news:
            self.news.pop(which % len(self.news))()
        elif what in ("fill", "cancel", "trigger") and on_venue:
            order = on_venue[which % len(on_venue)]
            {"fill": lambda: self.fill(order, which), "cancel": lambda: self.cancel(order), "trigger": order.trigger}[
                what
            ]()
        elif what in ("doubt", "give_up"):
            getattr(self, what)(which)
        elif what in ("ask", "look", "be_answered", "poll", "restart"):
            getattr(self, what)()


WHAT = [
    *("limit", "limit", "stop", "close", "fill", "cancel", "trigger", "hear", "hear", "doubt", "give_up"),
    *("ask", "look", "be_answered", "poll", "poll", "restart"),
]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(WHAT),
        st.integers(0, 5),
        st.decimals("0.5", "50", places=1),
        st.decimals("1", "900", places=0),
    ),
    min_size=6,
    max_size=60,
)


@pytest.mark.parametrize("is_spot", [True, False], ids=["spot", "perpetual"])
@settings(max_examples=200, deadline=None)
@given(steps=STEPS)
def test_available_never_exceeds_total_and_an_answer_after_all_news_is_the_truth(
    is_spot: bool, steps: list[tuple[Any, ...]]
) -> None:
    history = _History(is_spot=is_spot)
    history.poll()
    for step in steps:
        history.do(*step)
        if history.balances.known:
            assert history.balances.get_available_balance(ASSET) <= history.balances.get_balance(ASSET)
    history.settle()
    assert history.balances.get_balance(ASSET) == history.venue.total
    assert history.balances.get_available_balance(ASSET) == history.venue.available
